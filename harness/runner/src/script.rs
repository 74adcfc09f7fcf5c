//! Plays a case: its steps one after the other, each of which leaves exchanges or a deed.

mod answers;
mod approvals;
mod exhaust;
mod observe;
mod sightings;

use std::borrow::Cow;
use std::time::Duration;

use futures::future::join_all;
use hubproof_model::call::{Call, Credentials, Intent};
use hubproof_model::case::{Case, Deed, Done, Once, Step, call_to_decide};
use hubproof_model::event::Event;
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_model::side_effects::WaitingEntry;
use hubproof_requirements::judging::{is_served, is_throttled};
use hubproof_wire::Session;
use serde_json::Value;

use self::approvals::{Approver, Asked, Known};
use self::sightings::Sightings;
use crate::throttle::{Sent, ThrottledSession};
use crate::vendors::{PlayedVendors, Stretches};

/// The longest that a decision may take while a run takes back what it made.
const LONGEST_CLEANUP_DECISION: Duration = Duration::from_secs(5);

/// Plays cases on a target.
pub(crate) struct Stage<'a> {
    session: ThrottledSession<'a>,
    profile: &'a Profile,
    approvals: Known,
    /// The longest that a decision may take.
    wait: Duration,
    vendors: PlayedVendors,
    sightings: Sightings,
    events: &'a (dyn Fn(Event) + Sync),
}

/// What a case left.
#[derive(Debug, Clone, Default)]
pub(crate) struct Played {
    /// What its judges see: one exchange a call, in the order of the calls.
    pub(crate) exchanges: Vec<Exchange>,
    /// What came of the steps that are no calls.
    pub(crate) deeds: Vec<Deed>,
    /// What else was sent: throttled answers, earlier rounds of an observation, an approver's requests.
    pub(crate) beside: Vec<Exchange>,
}

impl Played {
    fn take(&mut self, sent: Sent) {
        self.exchanges.push(sent.exchange);
        self.beside.extend(sent.throttled);
    }

    /// What came of a step that an approver took.
    fn note(&mut self, label: &str, (outcome, sent): Asked<Done>) {
        self.beside.extend(sent);
        self.deeds.push(Deed {
            label: label.to_owned(),
            outcome,
        });
    }

    /// The exchange of the call of this label.
    fn exchange(&self, label: &str) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.call.label == label)
    }

    /// The answers to a key of this role, the latest first.
    fn answers_to(&self, role: Role) -> Vec<&Exchange> {
        let is_of = |exchange: &&Exchange| {
            exchange.call.credentials == Credentials::Bearer(role) && exchange.response().is_some()
        };
        let mut answers: Vec<_> = self.exchanges.iter().filter(is_of).collect();
        answers.sort_by_key(|exchange| std::cmp::Reverse(exchange.number));
        answers
    }
}

impl<'a> Stage<'a> {
    /// A stage on which nothing was played yet.
    pub(crate) fn new(session: &'a Session, profile: &'a Profile, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            session: ThrottledSession::new(session, &profile.dialect, events),
            profile,
            approvals: Known::default(),
            wait: profile.approvals.wait,
            vendors: PlayedVendors::default(),
            sightings: Sightings::default(),
            events,
        }
    }

    /// The same with these vendors behind it.
    pub(crate) fn before(self, vendors: &PlayedVendors) -> Self {
        Self {
            vendors: vendors.clone(),
            ..self
        }
    }

    /// The same for taking back what a run made: nobody is to wait long for a program that hangs.
    pub(crate) fn for_cleanup(session: &'a Session, profile: &'a Profile, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            wait: profile.approvals.wait.min(LONGEST_CLEANUP_DECISION),
            ..Self::new(session, profile, events)
        }
    }

    /// Plays a case.
    pub(crate) async fn play(&self, case: &Case) -> Played {
        let mut played = Played::default();
        let _turns = self.vendors.turns(case).await;
        let mut stretches = Stretches::default();
        for step in &case.steps {
            match step {
                Step::Call(call) => {
                    let sent = self.call(case, call, &played).await;
                    played.take(sent);
                }
                Step::Once(calls) => {
                    let sent = join_all(calls.iter().map(|once| self.once(case, once, &played))).await;
                    played.exchanges.extend(sent);
                }
                Step::AtOnce(calls) => {
                    let sent = join_all(calls.iter().map(|call| self.call(case, call, &played))).await;
                    sent.into_iter().for_each(|sent| played.take(sent));
                }
                Step::Observe(observation) => self.observe(case, observation, &mut played).await,
                Step::Exhaust(exhaustion) => self.exhaust(case, exhaustion, &mut played).await,
                Step::AwaitReset(role) => self.await_reset(case, *role, &mut played).await,
                Step::AfterReset(call) => self.after_reset(case, call, &mut played).await,
                Step::Decide(decide) => {
                    let asked = self
                        .approver()
                        .decide(case, decide, call_to_decide(&played.exchanges, &decide.of))
                        .await;
                    played.note(&decide.label, asked);
                }
                Step::CountEntries(count) => {
                    let asked = self
                        .approver()
                        .count(case, count, call_to_decide(&played.exchanges, &count.of))
                        .await;
                    played.note(&count.label, asked);
                }
                Step::ShowEntry(look) => {
                    let asked = self
                        .approver()
                        .show(case, look, call_to_decide(&played.exchanges, &look.of))
                        .await;
                    played.note(&look.label, asked);
                }
                Step::Vendor(step) => {
                    // What comes next must not be of the stretch before.
                    played.deeds.extend(stretches.end().await.map(|deed| self.masked(deed)));
                    stretches.begin(step, self.vendors.begin(step, case.tool.as_deref()).await);
                }
            }
        }
        played.deeds.extend(stretches.end().await.map(|deed| self.masked(deed)));
        played
    }

    /// A deed without the secrets of the profile: a program may know them, too.
    fn masked(&self, deed: Deed) -> Deed {
        Deed {
            outcome: deed.outcome.map_err(|why| self.session.masked(&why)),
            ..deed
        }
    }

    /// Rejects the entries in Approvals that are the run's own and wait still.
    pub(crate) async fn withdraw(
        &self,
        gated: &[&Exchange],
        is_own: &dyn Fn(&Value) -> bool,
    ) -> (Vec<WaitingEntry>, Vec<Exchange>) {
        let case = Case::of_steps(
            "cleanup/withdraw",
            "rejects what nobody is to decide any more",
            Vec::new(),
        );
        self.approver().withdraw(&case, gated, is_own).await
    }

    fn approver(&self) -> Approver<'_> {
        Approver {
            session: &self.session,
            approvals: &self.profile.approvals,
            settle: self.profile.target.settle,
            wait: self.wait,
            events: self.events,
            known: &self.approvals,
        }
    }

    /// Sends a call, with what earlier answers tell in it.
    async fn call(&self, case: &Case, call: &Call, played: &Played) -> Sent {
        match ready(call, &played.exchanges) {
            Ok(filled) => self.session.send(&case.id, &filled).await,
            Err(fault) => Sent::without_retries(self.session.withhold(&case.id, call, fault)),
        }
    }

    /// Sends a call that is not sent again.
    async fn once(&self, case: &Case, once: &Once, played: &Played) -> Exchange {
        let call = served_like(&once.call, &once.like, played);
        match ready(&call, &played.exchanges) {
            Ok(filled) => self.session.send_once(&case.id, &filled).await,
            Err(fault) => self.session.withhold(&case.id, &call, fault),
        }
    }

    async fn await_reset(&self, case: &Case, role: Role, played: &mut Played) {
        let label = format!("reset of {role}");
        // What was not exhausted needs no reset.
        if let Some(why) = not_exhausted(case, played) {
            let outcome = Err(why);
            played.deeds.push(Deed { label, outcome });
            return;
        }
        let answers = played.answers_to(role);
        let outcome = match answers.iter().find_map(|answer| self.session.until_reset(answer)) {
            None => Err(format!("no answer to the {role} key tells when its limit is reset")),
            Some(wait) if wait > LONGEST_RESET => Err(format!(
                "the {role} key's limit is reset in {} s only: name a key with a shorter window",
                wait.as_secs()
            )),
            Some(wait) => {
                (self.events)(Event::AwaitingReset { wait });
                self.pause(wait).await;
                Ok(Done::Waited)
            }
        };
        played.deeds.push(Deed { label, outcome });
    }

    /// Sends a call once the limit of its key is reset, and again after the tolerance of times, should it be throttled.
    async fn after_reset(&self, case: &Case, call: &Call, played: &mut Played) {
        let Credentials::Bearer(role) = call.credentials else {
            played.take(self.call(case, call, played).await);
            return;
        };
        self.await_reset(case, role, played).await;
        if played.deeds.last().is_some_and(|deed| deed.outcome.is_err()) {
            return;
        }
        let sent = self.call(case, call, played).await;
        let is_early = is_throttled(&sent.exchange);
        played.take(sent);
        if is_early {
            self.pause(TOLERANCE).await;
            let later = call.clone().labelled(format!("{}/later", call.label));
            played.take(self.call(case, &later, played).await);
        }
    }

    /// Waits, but no longer than the session goes on.
    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.session.interrupted() => {}
        }
    }
}

/// The call as it may go out after these.
///
/// # Errors
/// What the earlier answers do not tell; or that the budget of real executes kept an earlier call back: what a sound hub would refuse after it,
/// such as its replay, it would execute in its place.
fn ready<'c>(call: &'c Call, earlier: &[Exchange]) -> Result<Cow<'c, Call>, Fault> {
    let spent = earlier.iter().find_map(|exchange| match &exchange.result {
        Err(Fault::EffectsSpent(most)) => Some(*most),
        _ => None,
    });
    match spent {
        Some(most) if call.intent != Intent::Read => Err(Fault::EffectsSpent(most)),
        _ => answers::filled(call, earlier),
    }
}

/// Why none of the case's limits was exhausted, where that was tried.
fn not_exhausted(case: &Case, played: &Played) -> Option<String> {
    let labels = case.steps.iter().filter_map(|step| match step {
        Step::Exhaust(exhaustion) => Some(&exhaustion.label),
        _ => None,
    });
    let deeds: Vec<_> = labels
        .filter_map(|label| played.deeds.iter().find(|deed| deed.label == *label))
        .collect();
    match deeds.iter().any(|deed| deed.outcome.is_ok()) {
        true => None,
        false => deeds.iter().find_map(|deed| deed.outcome.clone().err()),
    }
}

/// The first of the calls of these labels that was served, with the key and label of `call`; else `call`.
fn served_like(call: &Call, labels: &[String], played: &Played) -> Call {
    let mut earlier = labels.iter().filter_map(|label| played.exchange(label));
    match earlier.find(|exchange| is_served(exchange)) {
        Some(served) => Call {
            label: call.label.clone(),
            credentials: call.credentials.clone(),
            ..served.call.clone()
        },
        None => call.clone(),
    }
}

/// Windows that take longer than this are not waited for.
const LONGEST_RESET: Duration = Duration::from_secs(120);
/// The contract's tolerance for times.
const TOLERANCE: Duration = Duration::from_secs(1);
