//! Takes back what a run made: the records that answers told, and those that show the run's marker, are removed in reverse.

mod told;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::stream;
use hubproof_model::approval::Driver;
use hubproof_model::call::{Call, Credentials, ExecuteBody, Intent};
use hubproof_model::case::{ApprovalVerdict, Case, Decide, Observation, Step, Until};
use hubproof_model::effect::{Creates, Effect, ID, MARKER, fill};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::side_effects::{CreatedRecord, Fate, SideEffects, WaitingEntry};
use hubproof_requirements::judging::observed;
use hubproof_requirements::observing::{count, records};
use hubproof_requirements::routing::routed;
use hubproof_requirements::site::{run_idempotency_key, run_marker};
use serde_json::{Value, json};

use self::told::{changed, connection_of, gated, markers, places, removed_by_the_run, told};
use self::unknown::unknown;
use crate::ground::Ground;
use crate::options::RunOptions;
use crate::script::{Played, Stage};

/// How many reads are in flight at once.
const AT_ONCE: usize = 8;
/// How often the removal of a record is tried.
const TRIES: usize = 2;

/// Where a record is: the tool that made it, whose key did, and behind which connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    tool: String,
    role: Role,
    connection: Option<String>,
}

/// A record that is to be removed.
struct Found {
    place: Place,
    id: Option<Value>,
    case: Option<String>,
    /// Whether it is the run's beyond doubt: it shows the run's marker, or was made without one by a call whose answer can be no other's.
    is_own: bool,
}

impl Found {
    /// Whether both are the same record: two keys of one workspace see the same.
    fn is(&self, other: &Found) -> bool {
        let place = |found: &Found| (found.place.tool.clone(), found.place.connection.clone());
        place(self) == place(other) && self.id == other.id
    }
}

/// What a sweep showed.
#[derive(Default)]
struct Swept {
    found: Vec<Found>,
    /// The markers that were seen.
    markers: BTreeSet<String>,
    /// The places that could not be looked at, and why.
    unread: BTreeMap<Place, String>,
}

/// Removes what the exchanges of a run made. `log` takes in what is sent.
pub(crate) async fn clean_up(
    ground: &Ground,
    options: &RunOptions,
    log: &mut BTreeMap<u64, Exchange>,
    events: &(dyn Fn(Event) + Sync),
) -> SideEffects {
    let changed = changed(ground, log);
    let mut found = told(ground, log);
    let places = places(ground, log);
    if places.is_empty() && gated(log).is_empty() {
        return SideEffects {
            changed,
            unknown: unknown(ground, log, &Swept::default()),
            ..SideEffects::default()
        };
    }
    ground.session.begin_cleanup();
    let cleanup = Cleanup {
        ground,
        allow: options.allow,
        stage: Stage::for_cleanup(&ground.session, &ground.profile, events),
        is_lost: AtomicBool::new(false),
    };
    let gone = removed_by_the_run(ground, log);
    let before = cleanup.sweep(&places, log).await;
    for shown in before.found {
        match found.iter_mut().find(|known| known.is(&shown)) {
            Some(known) => known.is_own = true,
            None => found.push(shown),
        }
    }
    events(Event::CleaningUp { records: found.len() });
    // What was made last may rest on what was made before it.
    let mut fates = Vec::new();
    for record in found.iter().rev() {
        fates.push(match &record.id {
            Some(id) if gone.contains(&(record.place.tool.clone(), id.to_string())) => Fate::Removed,
            _ if !record.is_own => {
                Fate::Left("nothing shows that it is the run's own: the answer may be a replay".to_owned())
            }
            _ => cleanup.remove(record, log).await,
        });
    }
    fates.reverse();
    let mut after = cleanup.sweep(&places, log).await;
    let shown = std::mem::take(&mut after.found);
    let (left, late): (Vec<_>, Vec<_>) = shown
        .into_iter()
        .partition(|shown| found.iter().any(|known| known.is(shown)));
    for record in late {
        // It shows only now: what was sent last, on a slow hub.
        fates.push(cleanup.remove(&record, log).await);
        found.push(record);
    }
    let mut created = Vec::new();
    for (record, fate) in found.into_iter().zip(fates) {
        let still_shows = left.iter().any(|shown| shown.is(&record));
        let fate = match fate {
            Fate::Removed if still_shows => Fate::Left("it was removed, but still shows".to_owned()),
            fate => fate,
        };
        created.push(CreatedRecord {
            id: record.id.as_ref().map(plain),
            tool: record.place.tool,
            role: record.place.role,
            connection: record.place.connection,
            case: record.case,
            fate,
        });
    }
    // Last: removals that need approval may have left entries of their own.
    let waiting = cleanup.withdraw(gated(log), log).await;
    after.markers.extend(before.markers);
    SideEffects {
        created,
        waiting,
        changed,
        unknown: unknown(ground, log, &after),
    }
}

struct Cleanup<'a> {
    ground: &'a Ground,
    allow: Allow,
    stage: Stage<'a>,
    /// Whether a removal got no answer, however often it was tried: the others would wait in vain as long.
    is_lost: AtomicBool,
}

impl Cleanup<'_> {
    /// The records with the run's marker at these places.
    async fn sweep(&self, places: &BTreeSet<Place>, log: &mut BTreeMap<u64, Exchange>) -> Swept {
        let swept: Vec<_> = stream::iter(places.iter().map(|place| self.look(place)))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut sweep = Swept::default();
        let run_marker = run_marker(&self.ground.run);
        for (place, played) in places.iter().zip(swept) {
            let reads: Vec<_> = played.exchanges.iter().collect();
            if let (Err(why), false) = (
                count(&reads, &run_marker),
                reads.iter().any(|read| shows_no_place(read)),
            ) {
                sweep.unread.insert(place.clone(), why);
            }
            // A listing may show what other tools made, too.
            let calls = log
                .values()
                .filter(|exchange| exchange.call.tool() == Some(&place.tool));
            let own: BTreeSet<_> = calls.flat_map(|exchange| markers(exchange, &run_marker)).collect();
            let data = played.exchanges.iter().filter_map(|read| read.json()?.get("data"));
            // Where no call told, the read does.
            let served = played.exchanges.iter().find_map(|read| connection_of(read.json()));
            let place = Place {
                connection: place.connection.clone().or(served),
                ..place.clone()
            };
            let id_at = self.id_in_records(&place);
            for record in data.flat_map(records) {
                let text = record.to_string();
                let shown: Vec<_> = own.iter().filter(|marker| text.contains(*marker)).cloned().collect();
                if shown.is_empty() {
                    continue;
                }
                sweep.markers.extend(shown);
                sweep.found.push(Found {
                    place: place.clone(),
                    id: id_at.as_ref().and_then(|at| record.pointer(at)).cloned(),
                    case: None,
                    is_own: true,
                });
            }
            keep(played, log);
        }
        sweep
    }

    async fn look(&self, place: &Place) -> Played {
        let effect = self.ground.effects.of_tool(&place.tool);
        let reader = effect.and_then(|effect| self.ground.surface.tool(&effect.read().tool));
        let (Some(effect), Some(reader)) = (effect, reader) else {
            return Played::default();
        };
        let input = fill(&effect.read().input, MARKER, &json!(run_marker(&self.ground.run)));
        let body = ExecuteBody {
            connection_id: place.connection.clone(),
            ..ExecuteBody::new(input)
        };
        let read = Call::execute(reader, body)
            .with_credentials(Credentials::Bearer(place.role))
            .labelled("sweep");
        let observation = Observation {
            read,
            pages: effect.read().pages.clone(),
            holding: None,
            until: Until::Once,
        };
        let step = Step::Observe(Box::new(observation));
        let case = Case::of_steps("cleanup/sweep", "looks for what the run made", vec![step]);
        self.play(case).await
    }

    /// Plays a case where those of the run were.
    async fn play(&self, case: Case) -> Played {
        let case = routed(case, &self.ground.profile, &self.ground.surface);
        self.stage.play(&case).await
    }

    /// Where the id of a record stands in a listing: under the name that it has in the answer to its making.
    fn id_in_records(&self, place: &Place) -> Option<String> {
        match self.ground.effects.of_tool(&place.tool) {
            Some(Effect::Creates(Creates { id: Some(id), .. })) => Some(format!("/{}", id.rsplit('/').next()?)),
            _ => None,
        }
    }

    /// Removes a record.
    async fn remove(&self, record: &Found, log: &mut BTreeMap<u64, Exchange>) -> Fate {
        let call = match self.removal(record) {
            Ok(call) => call,
            Err(why) => return Fate::Left(why),
        };
        if self.is_lost.load(Ordering::Relaxed) {
            return Fate::Left("not tried: the hub did not answer the removal before it".to_owned());
        }
        let mut why = String::new();
        let mut is_lost = true;
        for _ in 0..TRIES {
            let played = self.play(self.removal_case(record, call.clone())).await;
            let last = played
                .exchanges
                .last()
                .map(|exchange| (Outcome::of(exchange), observed(exchange)));
            let failed = played.deeds.iter().find_map(|deed| deed.outcome.clone().err());
            keep(played, log);
            match last {
                Some((Outcome::Success, _)) => return Fate::Removed,
                Some((outcome, seen)) => {
                    is_lost &= outcome == Outcome::Fault;
                    why = failed.unwrap_or_else(|| format!("its removal failed: {seen}"));
                }
                None => is_lost = false,
            }
        }
        self.is_lost.fetch_or(is_lost, Ordering::Relaxed);
        Fate::Left(why)
    }

    /// The call that removes a record.
    fn removal(&self, record: &Found) -> Result<Call, String> {
        let Some(Effect::Creates(creates)) = self.ground.effects.of_tool(&record.place.tool) else {
            return Err("nothing tells how it shows".to_owned());
        };
        let id = record.id.as_ref().ok_or("no answer told its id")?;
        let tool = &record.place.tool;
        let undo = creates.undo.as_ref();
        let undo = undo.ok_or_else(|| format!("nothing tells how to remove it: see [effects.\"{tool}\"] undo"))?;
        let remover = self.ground.surface.tool(&undo.tool);
        let remover = remover.ok_or_else(|| format!("the hub has no tool {}", undo.tool))?;
        let approvals = &self.ground.profile.approvals;
        let decides = approvals.driver.as_ref().is_some_and(Driver::lists_entries);
        if approvals.gated.contains(&undo.tool) && !decides {
            // A person's time is for what proves something.
            let why = "needs approval, which the run asks no person for";
            return Err(format!("{} removes it, and {why}", undo.tool));
        }
        let needs = remover.risk().required_allow();
        if !undo.pinned && self.allow < needs {
            return Err(format!(
                "{} may remove it, with `--allow {needs}` or [effects.\"{tool}\"] undo",
                undo.tool
            ));
        }
        let body = ExecuteBody {
            connection_id: record.place.connection.clone(),
            idempotency_key: Some(self.undo_key(record, id)),
            ..ExecuteBody::new(fill(&undo.input, ID, id))
        };
        let call = Call::execute(remover, body)
            .with_credentials(Credentials::Bearer(record.place.role))
            .labelled("undo");
        // What the profile names as the undo of a call is allowed wherever the call is.
        Ok(if undo.pinned {
            call.with_intent(Intent::Execute(self.allow))
        } else {
            call
        })
    }

    /// An idempotency key of the removal's own: other accounts give the same ids.
    fn undo_key(&self, record: &Found, id: &Value) -> String {
        let place = record.place.connection.as_deref().unwrap_or_default();
        format!("{}undo-{place}-{}", run_idempotency_key(&self.ground.run), plain(id))
    }

    /// Rejects the run's entries that wait still, where anything was gated.
    async fn withdraw(&self, gated: Vec<Exchange>, log: &mut BTreeMap<u64, Exchange>) -> Vec<WaitingEntry> {
        if gated.is_empty() {
            return Vec::new();
        }
        let run = &self.ground.run;
        let (marker, key) = (run_marker(run), run_idempotency_key(run));
        let is_own = |entry: &Value| {
            let text = entry.to_string();
            text.contains(&marker) || text.contains(&key)
        };
        let gated: Vec<_> = gated.iter().collect();
        let (waiting, sent) = self.stage.withdraw(&gated, &is_own).await;
        log.extend(sent.into_iter().map(|exchange| (exchange.number, exchange)));
        waiting
    }

    /// The case that removes a record: with an approval, where the removal needs one. Its id is its own: the entry that was decided in
    /// a case is remembered under the case's id.
    fn removal_case(&self, record: &Found, call: Call) -> Case {
        let tool = call.tool().unwrap_or_default().to_owned();
        let is_gated = self.ground.profile.approvals.gated.contains(&tool);
        let mut steps = vec![Step::call(call.clone())];
        if is_gated {
            steps.push(Step::Decide(Decide {
                label: "approve".to_owned(),
                verdict: ApprovalVerdict::Approve,
                of: "undo".to_owned(),
            }));
            steps.push(Step::call(call.labelled("undo once approved")));
        }
        let place = &record.place;
        let connection = place.connection.as_deref().unwrap_or("default");
        let of = record.id.as_ref().map(plain).unwrap_or_default();
        let id = format!("cleanup/remove/{}/{}/{connection}/{of}", place.tool, place.role);
        Case::of_steps(id, "removes what the run made", steps)
    }
}

/// Whether a read was refused since there is no such place for its key: nothing can have been put there.
fn shows_no_place(read: &Exchange) -> bool {
    let outcome = Outcome::of(read);
    outcome.is(&ErrorCode::ConnectionNotFound) || outcome.is(&ErrorCode::Unauthorized)
}

fn keep(played: Played, log: &mut BTreeMap<u64, Exchange>) {
    let sent = played.exchanges.into_iter().chain(played.beside);
    log.extend(sent.map(|exchange| (exchange.number, exchange)));
}

fn plain(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}
