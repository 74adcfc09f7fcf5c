//! Looks for the smallest input that still shows a violation, live, once all cases have been judged: one step at a time, each sent
//! and judged as the planned case was. A step that shows anything else is none.

mod sequences;

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;

use hubproof_model::call::{Call, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::event::Event;
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::record::Smallest;
use hubproof_requirements::check::Check;
use hubproof_requirements::evidence::Evidence;
use hubproof_requirements::judging::is_throttled;
use hubproof_requirements::routing::routed;
use serde_json::Value;

use crate::ground::Ground;
use crate::interrupt::Interrupt;
use crate::judge::FoldedViolation;
use crate::options::RunOptions;
use crate::plan::Plan;
use crate::script::{Played, Stage};

/// The most requests for the smallest input of one violation: about as many as it takes to shorten a text of 50 characters one by one.
const MOST_REQUESTS_EACH: usize = 150;
/// The most requests for all violations of a requirement, so that one does not use up what the run may spend.
const MOST_REQUESTS_A_REQUIREMENT: usize = 300;
/// The most requests for all of them in a run.
const MOST_REQUESTS: usize = 600;
/// Of how many violations of a requirement the smallest input is looked for.
const MOST_VIOLATIONS: usize = 10;

/// The search for smallest inputs in a run.
pub(crate) struct Shrinking<'a> {
    ground: &'a Ground,
    options: &'a RunOptions,
    interrupt: &'a Interrupt,
    events: &'a (dyn Fn(Event) + Sync),
    stage: Stage<'a>,
    /// Of the run, and of the requirement that it is at.
    requests_left: usize,
    requirement_left: usize,
    /// How many more sequences are shortened.
    sequences_left: usize,
    /// Whether nothing more is sent.
    is_over: bool,
}

impl<'a> Shrinking<'a> {
    /// Nothing has been sent yet.
    pub(crate) fn new(
        ground: &'a Ground,
        options: &'a RunOptions,
        interrupt: &'a Interrupt,
        events: &'a (dyn Fn(Event) + Sync),
    ) -> Self {
        Self {
            ground,
            options,
            interrupt,
            events,
            stage: Stage::new(&ground.session, &ground.profile, events),
            requests_left: MOST_REQUESTS,
            requirement_left: 0,
            sequences_left: sequences::MOST_SEQUENCES,
            is_over: false,
        }
    }

    /// Puts the smallest inputs in the place of those that showed the violations. One search does for all violations of a tool that
    /// concern one assertion, or none. `log` takes in what is sent.
    pub(crate) async fn shrink(
        &mut self,
        check: &dyn Check,
        plan: &Plan,
        violations: impl Iterator<Item = &mut FoldedViolation>,
        log: &mut BTreeMap<u64, Exchange>,
    ) {
        self.requirement_left = MOST_REQUESTS_A_REQUIREMENT.min(self.requests_left);
        let mut done = HashSet::new();
        for folded in violations {
            if self.is_over || done.len() >= MOST_VIOLATIONS {
                return;
            }
            let shown = folded.violation.exchanges.last().and_then(|number| log.get(number));
            let planned = plan.cases.iter().find(|planned| planned.case.id == folded.case);
            let (Some(call), Some(planned)) = (shown.map(|exchange| exchange.call.clone()), planned) else {
                continue;
            };
            let concern = (folded.violation.tool.clone(), concern(&folded.violation));
            if !self.is_harmless(&call) || done.contains(&concern) {
                continue;
            }
            let searched = self.search(check, &planned.case, &call, &mut folded.violation, log);
            if let Some(smallest) = searched.await {
                folded.smallest = Some(smallest);
                done.insert(concern);
            }
        }
    }

    /// The smallest input that shows the violation of a case, with `violation` become that input's. `None` where the check knows of
    /// none, and where nothing could be tried.
    async fn search(
        &mut self,
        check: &dyn Check,
        case: &Case,
        call: &Call,
        violation: &mut Violation,
        log: &mut BTreeMap<u64, Exchange>,
    ) -> Option<Smallest> {
        let site = self.ground.site(self.options);
        let mut candidates = check.smaller(&site, case, &call.label)?.into_iter();
        let mut smallest = Smallest {
            input: input_of(call)?.clone(),
            steps: 0,
            requests: 0,
            settled: true,
            first_shown: violation.exchanges.clone(),
        };
        let mut tried = HashSet::new();
        let mut left = MOST_REQUESTS_EACH;
        while let Some(mut candidate) = candidates.next() {
            let bodies: Vec<_> = candidate.calls().into_iter().filter_map(Call::json).cloned().collect();
            if !self.may_be_sent(&candidate) || !tried.insert(Value::Array(bodies).to_string()) {
                continue;
            }
            let calls = candidate.calls().len();
            self.is_over |= self.interrupt.reason().is_some();
            if self.is_over || calls > left.min(self.requirement_left) {
                smallest.settled = false;
                break;
            }
            if smallest.requests == 0 {
                (self.events)(Event::Shrinking {
                    id: check.requirement().id,
                    tool: violation.tool.clone(),
                });
            }
            candidate.id = format!("{}/smaller-{}", case.id, tried.len());
            let played = self.send(&candidate).await;
            let exchanges: Vec<_> = played.exchanges.iter().collect();
            let goes_on = self.goes_on(&exchanges);
            let again = goes_on
                .then(|| self.shown_again(check, &candidate, exchanges, violation))
                .flatten();
            let reached = played.exchanges.into_iter().chain(played.beside).filter(was_sent);
            let reached: Vec<_> = reached.collect();
            smallest.requests += reached.len() as u64;
            for left in [&mut left, &mut self.requirement_left, &mut self.requests_left] {
                *left = left.saturating_sub(reached.len());
            }
            log.extend(reached.into_iter().map(|exchange| (exchange.number, exchange)));
            if !goes_on {
                smallest.settled = false;
                break;
            }
            let input = candidate.calls().into_iter().find(|sent| sent.label == call.label);
            if let (Some(again), Some(input)) = (again, input.and_then(input_of)) {
                *violation = again;
                smallest.input = input.clone();
                smallest.steps += 1;
                candidates = check
                    .smaller(&site, &candidate, &call.label)
                    .unwrap_or_default()
                    .into_iter();
            }
        }
        (smallest.settled || smallest.requests > 0).then_some(smallest)
    }

    /// Sends a case; what is in flight when the run is stopped is let end.
    async fn send(&self, case: &Case) -> Played {
        let case = routed(case.clone(), &self.ground.profile, &self.ground.surface);
        let mut sending = pin!(self.stage.play(&case));
        tokio::select! {
            biased;
            () = self.interrupt.stopped() => {}
            sent = &mut sending => return sent,
        }
        self.ground.session.interrupt();
        (self.events)(Event::Interrupted);
        sending.await
    }

    /// Whether there is any use in further steps from here. A target that keeps throttling, and a run that may send no more, end
    /// every search; a broken connection ends this one.
    fn goes_on(&mut self, exchanges: &[&Exchange]) -> bool {
        self.is_over |= exchanges
            .iter()
            .any(|exchange| !was_sent(exchange) || is_throttled(exchange));
        !self.is_over && exchanges.iter().all(|exchange| exchange.result.is_ok())
    }

    /// The violation that the exchanges of a smaller case show, if it is the same.
    fn shown_again(
        &self,
        check: &dyn Check,
        case: &Case,
        exchanges: Vec<&Exchange>,
        violation: &Violation,
    ) -> Option<Violation> {
        let found = check.judge(&Evidence {
            surface: &self.ground.surface,
            schemas: &self.ground.schemas,
            case: Some(case),
            exchanges,
            deeds: &[],
        });
        found.into_iter().find_map(|finding| match finding {
            Finding::Violated(again) if is_same(&again, violation) => Some(again),
            _ => None,
        })
    }

    /// Whether a case may be sent, over and over: with nothing in it that a hub, sound or not, takes for the real execute of a
    /// state-changing tool, since each step would leave something behind.
    fn may_be_sent(&self, case: &Case) -> bool {
        case.required_allow() <= self.options.allow && case.calls().into_iter().all(|call| self.is_harmless(call))
    }

    fn is_harmless(&self, call: &Call) -> bool {
        match &call.endpoint {
            Endpoint::Execute { tool } => {
                let tool = self.ground.surface.tool(tool);
                call.is_dry_run() || tool.is_some_and(|tool| !tool.risk().is_state_changing())
            }
            Endpoint::Listing { .. } | Endpoint::Definition { .. } => true,
            Endpoint::Approvals | Endpoint::Outside => false,
        }
    }
}

fn input_of(call: &Call) -> Option<&Value> {
    call.json()?.get("input")
}

/// Whether the request left, whatever came of it.
fn was_sent(exchange: &Exchange) -> bool {
    !matches!(
        exchange.result,
        Err(Fault::Interrupted | Fault::BudgetSpent(_) | Fault::EffectsSpent(_))
    )
}

/// Which assertion a violation concerns, wherever an input meets it.
fn concern(violation: &Violation) -> Option<(String, String)> {
    let assertion = violation.assertion.as_ref()?;
    Some((assertion.keyword.clone(), assertion.schema_pointer.clone()))
}

/// Whether two violations are one, but for the input: what is observed counts, since a crash beside an unknown code is another
/// fault under the same heading.
fn is_same(one: &Violation, other: &Violation) -> bool {
    one.tool == other.tool
        && one.summary == other.summary
        && one.observed == other.observed
        && concern(one) == concern(other)
}
