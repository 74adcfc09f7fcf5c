//! Equal results: the same calls of each tool at the run's connector and at another one of the domain, and what their results have that
//! differs. A tool's name and schemas are the same whichever connector serves it, so that clients rely on one form of its results.
//!
//! A tool that changes state acts on a record that the run makes for it, of the same input on both connections, so that what it gives, and
//! what reads show of the record, is comparable in full. What a read gives by itself rests on what each account holds: of it the types are
//! compared. Both as far as the tool's output schema declares them: what it leaves open is each vendor's own.

mod declared;
mod difference;

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::call::Call;
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::{ComparedTool, Comparison};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::profile::Profile;
use hubproof_model::surface::{Surface, Tool};
use serde_json::{Value, json};

use self::declared::Declared;
use self::difference::{Compared, Rest, Written, compared};
use crate::effects::scene::Scene;
use crate::effects::seen::data;
use crate::judging::{is_throttled, observed};
use crate::observing::records;
use crate::routing::connections_of;
use crate::site::{MARKERS_BEGINNING, Site};
use crate::traffic::with_member;

/// How the ids of the cases begin; tool, place among the two, and connector follow.
pub(super) const PREFIX: &str = "equal-results/";
/// The label of the call whose results are compared.
const CALL: &str = "call";
/// The label of the read that shows its record.
const SEEN: &str = "seen";
/// Of a tool, the most differences that are told.
const MOST_TOLD: usize = 8;

/// Two cases for each tool that the run's connector and another one of the domain implement, one on a connection of each.
pub(super) fn plan(site: &Site<'_>) -> Vec<Case> {
    let tools = site.executable_tools().filter(|tool| !site.is_gated(&tool.key));
    tools.flat_map(|tool| cases(site, tool).unwrap_or_default()).collect()
}

fn cases(site: &Site<'_>, tool: &Tool) -> Option<Vec<Case>> {
    let own = site.profile.connections.named.get(&tool.domain)?;
    let connector = connector_of(site.profile, own)?;
    let mut others = tool.connectors.iter().filter(|other| *other != connector);
    let (other, connection) = others.find_map(|other| {
        let connection = connections_of(other, site.profile, site.surface).remove(&tool.domain)?;
        Some((other, connection))
    })?;
    let on = |place: usize, connector: &str, connection: &str| {
        let id = format!("{PREFIX}{}/{place}/{connector}", tool.key);
        let title = format!("a call whose results {connector} gives like another connector");
        let mut case = case(site, tool, id, title)?;
        for call in case.calls_mut() {
            *call = with_member(call, "connection_id", json!(connection)).labelled(call.label.clone());
        }
        Some(case)
    };
    Some(vec![on(0, connector, own)?, on(1, other, &connection)?])
}

/// A case of the tool on no connection yet. `None` where its results would tell of what others own.
fn case(site: &Site<'_>, tool: &Tool, id: String, title: String) -> Option<Case> {
    if !tool.risk().is_state_changing() {
        let call = site.control(tool)?.labelled(CALL);
        return Some(Case::new(id, title, vec![call]).about(&tool.key));
    }
    // One name, and so one marker, for both.
    let scene = Scene::of(site, tool, &format!("{PREFIX}{}", tool.key)).ok()?;
    if scene.is_shared() {
        return None;
    }
    let mut steps = scene.set_up();
    steps.push(Step::call(scene.call(CALL, |body| body)));
    steps.push(scene.shows(SEEN, 1));
    Some(scene.case(id, title, steps))
}

/// What the two cases about one tool have in common, if the case of this id is one of such: they are of no use apart.
pub(super) fn pair_of(id: &str) -> Option<&str> {
    of_case(id)?;
    id.rsplitn(3, '/').nth(2)
}

/// The connector that a connection is of.
fn connector_of<'p>(profile: &'p Profile, connection: &String) -> Option<&'p String> {
    let mut by_connector = profile.connections.by_connector.iter();
    let own = by_connector.find(|(_, connections)| connections.contains(connection));
    own.map(|(connector, _)| connector)
}

/// What the two connectors gave, tool by tool.
pub(super) fn read(exchanges: &[&Exchange], surface: &Surface) -> Vec<ComparedTool> {
    let mut by_tool: BTreeMap<&str, [Side<'_>; 2]> = BTreeMap::new();
    for exchange in exchanges {
        let Some((tool, place, connector)) = of_case(&exchange.case) else {
            continue;
        };
        let side = &mut by_tool.entry(tool).or_default()[place];
        side.connector = connector;
        side.exchanges.push(exchange);
    }
    let compared = |(tool, sides): (&str, [Side<'_>; 2])| ComparedTool {
        tool: tool.to_owned(),
        connectors: sides.each_ref().map(|side| side.connector.to_owned()),
        comparison: compare(tool, &sides, surface).unwrap_or_else(Comparison::Unknown),
    };
    by_tool.into_iter().map(compared).collect()
}

/// Tool, place and connector of a case's id.
fn of_case(id: &str) -> Option<(&str, usize, &str)> {
    let (rest, connector) = id.strip_prefix(PREFIX)?.rsplit_once('/')?;
    let (tool, place) = rest.rsplit_once('/')?;
    let place = place.parse().ok().filter(|place| *place < 2)?;
    Some((tool, place, connector))
}

/// What was exchanged on the connection of one of the two.
#[derive(Default)]
struct Side<'e> {
    connector: &'e str,
    exchanges: Vec<&'e Exchange>,
}

impl<'e> Side<'e> {
    /// The call whose results are compared.
    fn call(&self) -> Result<&'e Exchange, String> {
        let mut labelled = self.exchanges.iter().filter(|exchange| exchange.call.label == CALL);
        // What was throttled was sent again.
        let call = labelled.rfind(|exchange| !is_throttled(exchange));
        call.copied()
            .ok_or_else(|| format!("no call was answered at {}", self.connector))
    }

    /// The record of the call as the last page that has it shows it, with what is declared of it.
    fn record(&self, surface: &'e Surface) -> Option<(&'e Value, Option<Declared<'e>>)> {
        let inputs = self.exchanges.iter().filter_map(|exchange| input_of(&exchange.call));
        let markers: BTreeSet<_> = inputs.flat_map(markers).collect();
        let holds = |record: &&Value| {
            let text = record.to_string();
            markers.iter().any(|marker| text.contains(marker.as_str()))
        };
        let mut seen = self.exchanges.iter().filter(|exchange| exchange.call.label == SEEN);
        let (record, page) = seen.by_ref().rev().find_map(|page| {
            let data = data(page);
            let in_listing = records(data).into_iter().find(holds);
            Some((in_listing.or_else(|| Some(data).filter(holds))?, page))
        })?;
        let schema = page
            .call
            .tool()
            .and_then(|tool| surface.tool(tool)?.output_schema.as_ref());
        Some((
            record,
            schema.and_then(|schema| Declared::of(schema).locate(record, data(page))),
        ))
    }

    /// Whether the reads that look for the record were answered.
    fn was_read(&self) -> bool {
        let mut seen = self.exchanges.iter().filter(|exchange| exchange.call.label == SEEN);
        let last = seen.rfind(|exchange| !is_throttled(exchange));
        last.is_some_and(|last| Outcome::of(last) == Outcome::Success)
    }
}

/// The run's markers in an input.
fn markers(input: &Value) -> Vec<String> {
    let text = input.to_string();
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let own = words.filter(|word| word.starts_with(MARKERS_BEGINNING));
    own.map(str::to_owned).collect()
}

fn input_of(call: &Call) -> Option<&Value> {
    call.json()?.get("input")
}

/// What comes of comparing the two.
///
/// # Errors
/// Why they cannot be compared.
fn compare(tool: &str, sides: &[Side<'_>; 2], surface: &Surface) -> Result<Comparison, String> {
    let [own, other] = sides;
    let calls = [own.call()?, other.call()?];
    let outcomes = calls.map(Outcome::of);
    if let Some(refusing) = [0, 1].into_iter().find(|place| outcomes[*place] != Outcome::Success) {
        let (refused, connector) = (calls[refusing], sides[refusing].connector);
        // The vendor may fail, and may not hold what the call is about; the hub's own refusal of the same call is a difference.
        let is_the_hubs = [ErrorCode::InvalidInput, ErrorCode::ToolNotFound]
            .iter()
            .any(|code| outcomes[refusing].is(code));
        return match outcomes[1 - refusing] == Outcome::Success && is_the_hubs {
            true => Ok(Comparison::Different(vec![format!(
                "at {connector} the call is answered with {}",
                outcomes[refusing]
            )])),
            false => Err(format!("at {connector} the call was answered: {}", observed(refused))),
        };
    }
    let schema = surface.tool(tool).and_then(|tool| tool.output_schema.as_ref());
    let schema = schema.ok_or("its definition declares no output to compare by")?;
    let inputs = calls.map(|call| input_of(&call.call).unwrap_or(&Value::Null));
    let written = Written::of(inputs);
    // A call that has a read of its own acted on a record that the run made.
    let rest = match own.exchanges.iter().any(|exchange| exchange.call.label == SEEN) {
        true => Rest::IsThere,
        false => Rest::MayDiffer,
    };
    let of_calls = compared(calls.map(data), &Declared::of(schema), &written, rest);
    let Compared {
        differences: mut found,
        mut open,
    } = of_calls;
    if rest == Rest::IsThere {
        let read_back = read_back(sides, surface, &written);
        found.extend(
            read_back
                .differences
                .into_iter()
                .map(|difference| format!("read back: {difference}")),
        );
        open.extend(read_back.open);
    }
    found.dedup();
    let more = found.len().saturating_sub(MOST_TOLD);
    found.truncate(MOST_TOLD);
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    match (found.is_empty(), open.is_empty()) {
        (true, true) => Ok(Comparison::Equal),
        (true, false) => Err(open.join("; ")),
        (false, _) => Ok(Comparison::Different(found)),
    }
}

/// What comes of comparing the record of the two calls, as reads show it.
fn read_back(sides: &[Side<'_>; 2], surface: &Surface, written: &Written) -> Compared {
    let records = sides.each_ref().map(|side| side.record(surface));
    match records {
        [Some((one, Some(declared))), Some((other, _))] => compared([one, other], &declared, written, Rest::IsThere),
        // Both have it, and nothing is said of it; or neither has, as of what was removed.
        [Some(_), Some(_)] | [None, None] => Compared::default(),
        [one, _] => {
            let (has, lacks) = if one.is_some() { (0, 1) } else { (1, 0) };
            let mut found = Compared::default();
            match sides[lacks].was_read() {
                true => found
                    .differences
                    .push(format!("the record shows at {} alone", sides[has].connector)),
                false => found
                    .open
                    .push(format!("the record was not read at {}", sides[lacks].connector)),
            }
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Allow;

    use super::*;
    use crate::acting_hub::acting_hub;
    use crate::exchanges::{Hub, failed, succeeded};

    /// A hub whose tickets two connectors implement, of which the run's is `ours`.
    fn hub() -> Hub {
        let mut hub = acting_hub();
        for tool in hub.surface.tools.iter_mut().filter(|tool| tool.domain == "itsm") {
            tool.connectors = vec!["ours".to_owned(), "theirs".to_owned()];
            let text = json!({"type": "string"});
            let record = json!({"properties": {"id": text, "holds": text, "late": {"type": "boolean"}}});
            tool.output_schema = Some(json!({"properties": {
                "id": text,
                "given": {"type": "object"},
                "items": {"type": "array", "items": record},
            }}));
        }
        let connections = &mut hub.profile.connections;
        for (connector, connection) in [("ours", "conn_ours"), ("theirs", "conn_theirs")] {
            let own = vec![connection.to_owned()];
            connections.by_connector.insert(connector.to_owned(), own);
        }
        connections.named.insert("itsm".to_owned(), "conn_ours".to_owned());
        hub
    }

    /// What is read where each call is answered so.
    fn read_of(hub: &Hub, answer: impl Fn(&str, &Call) -> Exchange) -> Vec<ComparedTool> {
        let mut exchanges = Vec::new();
        for case in plan(&hub.site()) {
            for call in case.calls() {
                let connection = call.json().unwrap()["connection_id"].as_str().unwrap();
                let mut exchange = answer(connection, call);
                exchange.case.clone_from(&case.id);
                exchanges.push(exchange);
            }
        }
        read(&exchanges.iter().collect::<Vec<_>>(), &hub.surface)
    }

    /// The answer of a hub that gives what was written, with an id of the connection's own.
    fn sound(connection: &str, call: &Call) -> Exchange {
        let input = call.json().unwrap()["input"].clone();
        let data = match call.label.as_str() {
            SEEN => json!({"items": [{"id": connection, "holds": input.to_string()}]}),
            _ => json!({"id": connection, "given": input}),
        };
        succeeded(call.clone(), data)
    }

    fn comparison_of<'c>(compared: &'c [ComparedTool], tool: &str) -> &'c Comparison {
        let of_tool = compared.iter().find(|compared| compared.tool == tool);
        &of_tool
            .unwrap_or_else(|| panic!("{tool} is not among {compared:?}"))
            .comparison
    }

    #[test]
    fn the_same_calls_go_to_a_connection_of_each_connector() {
        let hub = hub();
        let cases = plan(&hub.site());
        let create = |place: usize| {
            let id = format!("{PREFIX}itsm.tickets.create/{place}/{}", ["ours", "theirs"][place]);
            let case = cases.iter().find(|case| case.id == id);
            let case = case.unwrap_or_else(|| panic!("no {id}"));
            assert_eq!(pair_of(&case.id), Some("equal-results/itsm.tickets.create"));
            let calls = case.calls().into_iter();
            let bodies = calls.map(|call| call.json().unwrap().clone());
            bodies.collect::<Vec<_>>()
        };
        let [ours, theirs] = [0, 1].map(create);
        assert!(ours.iter().all(|body| body["connection_id"] == "conn_ours"));
        assert!(theirs.iter().all(|body| body["connection_id"] == "conn_theirs"));
        assert!(
            ours.iter()
                .zip(&theirs)
                .all(|(one, other)| one["input"] == other["input"])
        );
        let reading = hub.allowing(Allow::Read);
        assert!(plan(&reading.site()).iter().all(|case| case.steps.len() == 1));
    }

    #[test]
    fn without_another_connectors_connection_nothing_is_compared() {
        let mut alone = hub();
        alone.profile.connections.by_connector.remove("theirs");
        assert!(plan(&alone.site()).is_empty());
        let mut of_a_hub = hub();
        of_a_hub.profile.connections.named.clear();
        assert!(plan(&of_a_hub.site()).is_empty());
    }

    #[test]
    fn a_hub_that_gives_the_same_is_equal_but_for_ids() {
        let compared = read_of(&hub(), sound);
        assert!(!compared.is_empty());
        for own in compared {
            assert_eq!(own.comparison, Comparison::Equal, "{}", own.tool);
            assert_eq!(own.connectors, ["ours", "theirs"]);
        }
    }

    #[test]
    fn another_result_or_record_is_different() {
        let tool = "itsm.tickets.create";
        let answered = read_of(&hub(), |connection, call| match connection {
            "conn_theirs" if call.label == CALL => succeeded(call.clone(), json!({"id": "1"})),
            _ => sound(connection, call),
        });
        let Comparison::Different(differences) = comparison_of(&answered, tool) else {
            panic!("{answered:?}")
        };
        assert_eq!(differences, &["`/given` is in one of the results alone"]);
        let shown = read_of(&hub(), |connection, call| match connection {
            "conn_theirs" if call.label == SEEN => {
                let mut seen = sound(connection, call).json().unwrap()["data"].clone();
                seen["items"][0]["late"] = json!(true);
                succeeded(call.clone(), seen)
            }
            _ => sound(connection, call),
        });
        let Comparison::Different(differences) = comparison_of(&shown, tool) else {
            panic!("{shown:?}")
        };
        assert_eq!(differences, &["read back: `/late` is in one of the results alone"]);
    }

    #[test]
    fn a_record_that_shows_at_one_connector_alone_is_a_difference_unless_it_could_not_be_read() {
        let tool = "itsm.tickets.create";
        let unseen = |seen: fn(&Call) -> Exchange| {
            read_of(&hub(), move |connection, call| match connection {
                "conn_theirs" if call.label == SEEN => seen(call),
                _ => sound(connection, call),
            })
        };
        let missing = unseen(|call| succeeded(call.clone(), json!({"items": []})));
        assert_eq!(
            comparison_of(&missing, tool),
            &Comparison::Different(vec!["read back: the record shows at ours alone".to_owned()])
        );
        let unread = unseen(|call| failed(call.clone(), 502, "UPSTREAM_ERROR"));
        assert_eq!(
            comparison_of(&unread, tool),
            &Comparison::Unknown("the record was not read at theirs".to_owned())
        );
    }

    #[test]
    fn the_record_is_looked_for_on_all_pages() {
        let mut hub = hub();
        let tool = "itsm.tickets.create";
        let page = |record: Value| json!({"items": [record]});
        let own = |case: &Case, late: &Value| {
            let mut exchanges = Vec::new();
            for call in case.calls() {
                let input = call.json().unwrap()["input"].to_string();
                let holding = json!({"id": "1", "holds": input, "late": late});
                match call.label.as_str() {
                    SEEN => {
                        exchanges.push(succeeded(call.clone(), page(holding)));
                        exchanges.push(succeeded(call.clone(), page(json!({"id": "2"}))));
                    }
                    _ => exchanges.push(succeeded(call.clone(), json!({"id": "1"}))),
                }
            }
            for exchange in &mut exchanges {
                exchange.case.clone_from(&case.id);
            }
            exchanges
        };
        hub.surface.tools.retain(|own| own.key.starts_with("itsm.tickets."));
        let cases = plan(&hub.site());
        let of_tool = |place: usize| {
            let begins = format!("{PREFIX}{tool}/{place}/");
            cases.iter().find(|case| case.id.starts_with(&begins)).unwrap()
        };
        let mut exchanges = own(of_tool(0), &json!(true));
        exchanges.extend(own(of_tool(1), &Value::Null));
        assert_eq!(
            comparison_of(&read(&exchanges.iter().collect::<Vec<_>>(), &hub.surface), tool),
            &Comparison::Equal
        );
        exchanges.truncate(exchanges.len() / 2);
        exchanges.extend(own(of_tool(1), &json!("x")));
        assert_eq!(
            comparison_of(&read(&exchanges.iter().collect::<Vec<_>>(), &hub.surface), tool),
            &Comparison::Different(vec!["read back: `/late` is a boolean and a string".to_owned()])
        );
    }

    #[test]
    fn a_tool_whose_output_is_not_declared_cannot_be_compared() {
        let mut hub = hub();
        for tool in &mut hub.surface.tools {
            tool.output_schema = None;
        }
        let compared = read_of(&hub, sound);
        let Comparison::Unknown(why) = comparison_of(&compared, "itsm.tickets.create") else {
            panic!("{compared:?}")
        };
        assert!(why.contains("declares no output"), "{why}");
    }

    #[test]
    fn a_refusal_of_the_hubs_is_a_difference_and_a_vendors_failure_is_none() {
        let of = |code: &'static str| {
            read_of(&hub(), move |connection, call| match connection {
                "conn_theirs" if call.label == CALL => failed(call.clone(), 400, code),
                _ => sound(connection, call),
            })
        };
        let tool = "itsm.tickets.create";
        assert_eq!(
            comparison_of(&of("INVALID_INPUT"), tool),
            &Comparison::Different(vec!["at theirs the call is answered with INVALID_INPUT".to_owned()])
        );
        let failed = of("UPSTREAM_ERROR");
        let Comparison::Unknown(why) = comparison_of(&failed, tool) else {
            panic!("{failed:?}")
        };
        assert!(why.starts_with("at theirs the call was answered: "), "{why}");
    }
}
