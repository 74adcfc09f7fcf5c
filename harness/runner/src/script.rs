//! Plays a case: its steps one after the other, each of which leaves exchanges or a deed.

mod answers;
mod approvals;
mod exhaust;
mod observe;

use std::time::Duration;

use futures::future::join_all;
use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{Case, Deed, Done, Step};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_wire::Session;

use self::approvals::{Approver, Asked, Decided};
use crate::throttle::{Sent, ThrottledSession, told_wait_of};

/// Plays cases on a target.
pub(crate) struct Stage<'a> {
    session: ThrottledSession<'a>,
    profile: &'a Profile,
    decided: Decided,
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

    /// The last answer to a key of this role.
    fn last_answer_to(&self, role: Role) -> Option<&Exchange> {
        let is_of = |exchange: &&Exchange| {
            exchange.call.credentials == Credentials::Bearer(role) && exchange.response().is_some()
        };
        self.exchanges
            .iter()
            .filter(is_of)
            .max_by_key(|exchange| exchange.number)
    }
}

impl<'a> Stage<'a> {
    /// A stage on which nothing was played yet.
    pub(crate) fn new(session: &'a Session, profile: &'a Profile, events: &'a (dyn Fn(Event) + Sync)) -> Self {
        Self {
            session: ThrottledSession::new(session, events),
            profile,
            decided: Decided::default(),
            events,
        }
    }

    /// Plays a case.
    pub(crate) async fn play(&self, case: &Case) -> Played {
        let mut played = Played::default();
        for step in &case.steps {
            match step {
                Step::Call(call) => {
                    let sent = self.call(case, call, &played).await;
                    played.take(sent);
                }
                Step::AtOnce(calls) => {
                    let sent = join_all(calls.iter().map(|call| self.call(case, call, &played))).await;
                    sent.into_iter().for_each(|sent| played.take(sent));
                }
                Step::Observe(observation) => self.observe(case, observation, &mut played).await,
                Step::Exhaust(exhaustion) => self.exhaust(case, exhaustion, &mut played).await,
                Step::AwaitReset(role) => self.await_reset(*role, &mut played).await,
                Step::Decide(decide) => {
                    let asked = self.approver().decide(case, decide, played.exchange(&decide.of)).await;
                    played.note(&decide.label, asked);
                }
                Step::CountEntries(count) => {
                    let asked = self.approver().count(case, count, played.exchange(&count.of)).await;
                    played.note(&count.label, asked);
                }
                Step::ShowEntry(look) => {
                    let asked = self.approver().show(case, look, played.exchange(&look.of)).await;
                    played.note(&look.label, asked);
                }
            }
        }
        played
    }

    fn approver(&self) -> Approver<'_> {
        Approver {
            session: &self.session,
            approvals: &self.profile.approvals,
            settle: self.profile.target.settle,
            events: self.events,
            decided: &self.decided,
        }
    }

    /// Sends a call, with what earlier answers tell in it.
    async fn call(&self, case: &Case, call: &Call, played: &Played) -> Sent {
        match answers::filled(call, &played.exchanges) {
            Ok(filled) => self.session.send(&case.id, &filled).await,
            Err(fault) => Sent::without_retries(self.session.withhold(&case.id, call, fault)),
        }
    }

    async fn await_reset(&self, role: Role, played: &mut Played) {
        let told = played.last_answer_to(role).and_then(told_wait_of);
        let outcome = match told {
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
        played.deeds.push(Deed {
            label: format!("reset of {role}"),
            outcome,
        });
    }

    /// Waits, but no longer than the session goes on.
    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.session.interrupted() => {}
        }
    }
}

/// Windows that take longer than this are not waited for.
const LONGEST_RESET: Duration = Duration::from_secs(120);
