//! Equal results: the same calls of each tool at the run's connector and at another one of the domain, and what their results have that
//! differs. A tool's name and schemas are the same whichever connector serves it, so that clients rely on one form of its results.
//!
//! A tool that changes state acts on a record that the run makes for it, of the same input on both connections, so that what it gives, and
//! what reads show of the record, is comparable in full. What a read gives by itself rests on what each account holds: of it the types are
//! compared. Both as far as the tool's output schema declares them: what it leaves open is each vendor's own.

mod declared;
mod difference;
mod side;

use std::collections::BTreeMap;

use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::observations::{ComparedTool, Comparison};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::profile::Profile;
use hubproof_model::surface::{Surface, Tool};
use serde_json::{Value, json};

use self::declared::Declared;
use self::difference::{Compared, Rest, Written, compared};
use self::side::{Shown, Side, input_of};
use crate::effects::scene::Scene;
use crate::effects::seen::data;
use crate::judging::observed;
use crate::routing::connections_of;
use crate::site::Site;
use crate::traffic::with_member;

/// How the ids of the cases begin; tool, place among the two, and connector follow.
pub(super) const PREFIX: &str = "equal-results/";
/// The label of the call whose results are compared.
const CALL: &str = "call";
/// The label of the reads that show its record among others.
const SEEN: &str = "seen";
/// The label of the read that asks for its record alone.
const RECORD: &str = "record";
/// Of a tool, the most differences that are told.
const MOST_TOLD: usize = 8;

/// Two cases for each tool that the run's connector and another one of the domain implement, one on a connection of each.
pub(super) fn plan(site: &Site<'_>) -> Vec<Case> {
    let tools = site.executable_tools();
    tools.flat_map(|tool| cases(site, tool).unwrap_or_default()).collect()
}

/// The tools of a connector's run for which there are no such cases, and why.
pub(super) fn uncompared(site: &Site<'_>) -> BTreeMap<String, String> {
    let is_of_connector = !site.profile.connections.named.is_empty();
    let tools = site.executable_tools().filter(|_| is_of_connector);
    let why = |tool: &Tool| Some((tool.key.clone(), cases(site, tool).err()?));
    tools.filter_map(why).collect()
}

/// The cases of a tool.
///
/// # Errors
/// Why there are none, in words.
fn cases(site: &Site<'_>, tool: &Tool) -> Result<Vec<Case>, String> {
    let [own, other] = connections(site, tool)?;
    let on = |place: usize, Connected { connector, connection }: Connected| {
        let id = format!("{PREFIX}{}/{place}/{connector}", tool.key);
        let title = format!("a call whose results {connector} gives like another connector");
        let mut case = case(site, tool, id, title)?;
        for call in case.calls_mut() {
            *call = with_member(call, "connection_id", json!(connection)).labelled(call.label.clone());
        }
        Ok::<_, String>(case)
    };
    Ok(vec![on(0, own)?, on(1, other)?])
}

/// A connector with a connection of it.
struct Connected {
    connector: String,
    connection: String,
}

/// The run's connector and another one that has the tool, with a connection of each.
///
/// # Errors
/// Why there is none, in words.
fn connections(site: &Site<'_>, tool: &Tool) -> Result<[Connected; 2], String> {
    let (profile, domain) = (site.profile, &tool.domain);
    let own = profile.connections.named.get(domain);
    let own = own.ok_or_else(|| format!("the profile names no connection of the run's connector in {domain}"))?;
    let connector = connector_of(profile, own);
    let connector = connector.ok_or_else(|| format!("the profile does not say of which connector {own} is"))?;
    let others: Vec<_> = tool.connectors.iter().filter(|other| *other != connector).collect();
    if others.is_empty() {
        return Err("no other connector has it".to_owned());
    }
    let connected = |connector: &String, connection: String| Connected {
        connector: connector.clone(),
        connection,
    };
    let other = others.iter().find_map(|other| {
        let connection = connections_of(other, profile, site.surface).remove(domain)?;
        Some(connected(other, connection))
    });
    let other = other.ok_or_else(|| unconnected(profile, &others, domain))?;
    Ok([connected(connector, own.clone()), other])
}

/// Why there is no connection of any of these connectors to compare with.
fn unconnected(profile: &Profile, others: &[&String], domain: &str) -> String {
    let own = others
        .iter()
        .filter_map(|other| profile.connections.by_connector.get(*other))
        .flatten();
    let mut unplayed = own.filter_map(|id| Some((id, profile.connections.unplayed.get(id)?)));
    match unplayed.next() {
        Some((id, why)) => format!("nobody plays the vendor of {id}: {why}"),
        None => {
            let others: Vec<_> = others.iter().map(|other| other.as_str()).collect();
            format!("the profile names no connection of {} in {domain}", others.join(" or "))
        }
    }
}

/// A case of the tool on no connection yet.
///
/// # Errors
/// Why its results could not be compared, in words.
fn case(site: &Site<'_>, tool: &Tool, id: String, title: String) -> Result<Case, String> {
    if site.is_gated(&tool.key) {
        return Err("a person must approve it".to_owned());
    }
    if !tool.risk().is_state_changing() {
        let call = site.control(tool).ok_or("no input can be made for it")?;
        return Ok(Case::new(id, title, vec![call.labelled(CALL)]).about(&tool.key));
    }
    // One name, and so one marker, for both.
    let scene = Scene::of(site, tool, &format!("{PREFIX}{}", tool.key))?;
    if scene.is_shared() {
        return Err("what it does shows in what others own".to_owned());
    }
    let mut steps = scene.set_up();
    steps.push(Step::call(scene.call(CALL, |body| body)));
    let label = if scene.has_own_record() { RECORD } else { SEEN };
    steps.push(scene.shows(label, 1));
    Ok(scene.case(id, title, steps))
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
    let rest = if own.looks_for_record() {
        Rest::IsThere
    } else {
        Rest::MayDiffer
    };
    let of_calls = compared(calls.map(data), &Declared::of(schema), &written, rest);
    let of_calls = of_calls.or_open("its output declares nothing to compare by that both results have");
    let Compared {
        differences: mut found,
        mut open,
        ..
    } = of_calls;
    if rest == Rest::IsThere {
        let read_back = read_back(sides, surface, &written);
        let differences = read_back.differences.into_iter();
        found.extend(differences.map(|difference| format!("read back: {difference}")));
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
    let shown = sides.each_ref().map(|side| side.shown(surface));
    let [own, other] = sides.each_ref().map(|side| side.connector);
    let of_both = match shown {
        [Shown::Record(one, Some(declared)), Shown::Record(other, _)] => {
            compared([one, other], &declared, written, Rest::IsThere)
        }
        [Shown::Record(..), Shown::Record(..)] => Compared::default(),
        // As of what was removed.
        [Shown::Gone, Shown::Gone] => return Compared::default(),
        [Shown::Unread, _] => Compared::open(format!("the record was not read at {own}")),
        [_, Shown::Unread] => Compared::open(format!("the record was not read at {other}")),
        [Shown::Absent, Shown::Absent] => Compared::open(format!("the record shows neither at {own} nor at {other}")),
        [Shown::Record(..), _] => Compared::different(format!("the record shows at {own} alone")),
        [_, Shown::Record(..)] => Compared::different(format!("the record shows at {other} alone")),
        [Shown::Absent, _] => Compared::open(format!("the record did not show at {own} before the call")),
        [_, Shown::Absent] => Compared::open(format!("the record did not show at {other} before the call")),
    };
    of_both.or_open("of the record nothing is declared to compare by that both reads have")
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Body, Call};
    use hubproof_model::safety::Allow;

    use super::*;
    use crate::acting_hub::acting_hub;
    use crate::exchanges::{Hub, failed, missing, succeeded};

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
        let why = |hub: &Hub, tool: &str| uncompared(&hub.site()).get(tool).cloned().unwrap_or_default();
        let tool = "itsm.tickets.list";
        assert_eq!(why(&hub(), tool), "");
        let mut alone = hub();
        alone.profile.connections.by_connector.remove("theirs");
        assert!(plan(&alone.site()).is_empty());
        assert_eq!(why(&alone, tool), "the profile names no connection of theirs in itsm");
        let mut unplayed = hub();
        let reasons = &mut unplayed.profile.connections.unplayed;
        reasons.insert("conn_theirs".to_owned(), "its address is in use".to_owned());
        assert!(plan(&unplayed.site()).is_empty());
        assert_eq!(
            why(&unplayed, tool),
            "nobody plays the vendor of conn_theirs: its address is in use"
        );
        let mut only = hub();
        for tool in &mut only.surface.tools {
            tool.connectors.truncate(1);
        }
        assert_eq!(why(&only, tool), "no other connector has it");
        let mut of_a_hub = hub();
        of_a_hub.profile.connections.named.clear();
        assert!(plan(&of_a_hub.site()).is_empty() && uncompared(&of_a_hub.site()).is_empty());
    }

    #[test]
    fn a_tool_that_a_person_must_approve_is_told_with_that() {
        let mut hub = hub();
        let gated = "itsm.tickets.delete";
        hub.profile.approvals.gated.push(gated.to_owned());
        let mut told = uncompared(&hub.site());
        told.retain(|tool, _| tool.starts_with("itsm."));
        assert_eq!(told, [(gated.to_owned(), "a person must approve it".to_owned())].into());
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
                        let mut next = call.clone();
                        if let Body::Json(body) = &mut next.body {
                            body["input"]["offset"] = json!(1);
                        }
                        exchanges.push(succeeded(next, page(json!({"id": "2"}))));
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

    /// What is read where the last calls of each case are sent in two rounds, and those of each round are answered so.
    fn read_in_rounds(answer: impl Fn(&str, &Call, usize) -> Exchange) -> Vec<ComparedTool> {
        let hub = hub();
        let mut exchanges = Vec::new();
        for case in plan(&hub.site()) {
            let connection = if case.id.contains("/0/") {
                "conn_ours"
            } else {
                "conn_theirs"
            };
            for call in case.calls() {
                let rounds = if [SEEN, RECORD].contains(&call.label.as_str()) {
                    2
                } else {
                    1
                };
                exchanges.extend((0..rounds).map(|round| Exchange {
                    case: case.id.clone(),
                    ..answer(connection, call, round)
                }));
            }
        }
        read(&exchanges.iter().collect::<Vec<_>>(), &hub.surface)
    }

    #[test]
    fn what_a_connector_still_shows_a_round_before_the_last_is_no_difference() {
        let removed = read_in_rounds(|connection, call, round| match (connection, call.label.as_str()) {
            (_, RECORD) if round == 1 || connection == "conn_ours" => missing(call.clone()),
            _ => sound(connection, call),
        });
        assert_eq!(comparison_of(&removed, "itsm.tickets.delete"), &Comparison::Equal);
        let came_late = read_in_rounds(|connection, call, round| match (connection, call.label.as_str()) {
            ("conn_theirs", SEEN) if round == 0 => succeeded(call.clone(), json!({"items": []})),
            _ => sound(connection, call),
        });
        assert_eq!(comparison_of(&came_late, "itsm.tickets.create"), &Comparison::Equal);
        let left = read_in_rounds(|connection, call, round| match (connection, call.label.as_str()) {
            ("conn_theirs", SEEN) if round == 1 => succeeded(call.clone(), json!({"items": []})),
            _ => sound(connection, call),
        });
        assert_eq!(
            comparison_of(&left, "itsm.tickets.create"),
            &Comparison::Different(vec!["read back: the record shows at ours alone".to_owned()])
        );
    }

    #[test]
    fn a_record_that_shows_nowhere_is_equal_only_where_it_was_there_and_is_gone() {
        let of = |tool: &str, labels: &[&str], answer: fn(Call) -> Exchange| {
            let compared = read_of(&hub(), |connection, call| match labels.contains(&call.label.as_str()) {
                true => answer(call.clone()),
                false => sound(connection, call),
            });
            comparison_of(&compared, tool).clone()
        };
        let unknown = |why: &str| Comparison::Unknown(why.to_owned());
        let empty = |call: Call| succeeded(call, json!({"items": []}));
        let failing = |call: Call| failed(call, 502, "UPSTREAM_ERROR");
        let (create, delete) = ("itsm.tickets.create", "itsm.tickets.delete");
        let nowhere = unknown("the record shows neither at ours nor at theirs");
        let unread = unknown("the record was not read at ours");
        assert_eq!(of(create, &[SEEN], empty), nowhere);
        assert_eq!(of(create, &[SEEN], failing), unread);
        assert_eq!(of(delete, &[RECORD], missing), Comparison::Equal);
        assert_eq!(of(delete, &[RECORD], failing), unread);
        assert_eq!(of(delete, &["before", "before, again", RECORD], missing), nowhere);
    }

    #[test]
    fn a_record_that_is_read_by_itself_is_compared_without_a_marker() {
        let compared = read_of(&hub(), |connection, call| match call.label.as_str() {
            RECORD => succeeded(
                call.clone(),
                json!({"id": if connection == "conn_ours" { json!("1") } else { json!(2) }}),
            ),
            _ => sound(connection, call),
        });
        assert_eq!(
            comparison_of(&compared, "itsm.tickets.update"),
            &Comparison::Different(vec!["read back: `/id` is a string and a number".to_owned()])
        );
    }

    #[test]
    fn what_declares_nothing_that_both_have_is_not_equal() {
        let undeclared = |key: &str, schema: Value| {
            let mut hub = hub();
            for tool in hub.surface.tools.iter_mut().filter(|tool| tool.key == key) {
                tool.output_schema = Some(schema.clone());
            }
            comparison_of(&read_of(&hub, sound), "itsm.tickets.create").clone()
        };
        let why = "its output declares nothing to compare by that both results have";
        for schema in [
            json!({}),
            json!(true),
            json!({"type": "object"}),
            json!({"$ref": "#whole", "$defs": {"whole": {"$anchor": "whole", "properties": {"id": {"type": "string"}}}}}),
            json!({"additionalProperties": {"type": "string"}}),
            json!({"patternProperties": {"^i": {"type": "string"}}}),
            json!({"properties": {"absent": {"type": "string"}}}),
        ] {
            assert_eq!(
                undeclared("itsm.tickets.create", schema),
                Comparison::Unknown(why.to_owned())
            );
        }
        let why = "of the record nothing is declared to compare by that both reads have";
        for schema in [
            json!({}),
            json!({"properties": {"items": {"type": "array", "items": {"type": "object"}}}}),
        ] {
            assert_eq!(
                undeclared("itsm.tickets.list", schema),
                Comparison::Unknown(why.to_owned())
            );
        }
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
