//! What makes the exchanges of a violation again, told from the script of the case that showed it.

mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hubproof_model::call::Call;
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::record::ViolationRecord;
use hubproof_model::repetition::{Repetition, RunAlone};
use hubproof_requirements::judging::is_throttled;

use self::told::Told;
use crate::plan::Plan;

/// The scripts of a run, and what was sent by them.
pub(crate) struct Scripts<'a> {
    cases: HashMap<&'a str, &'a Case>,
    log: &'a BTreeMap<u64, Exchange>,
    /// The numbers of the exchanges of each case, as they were sent.
    sent: HashMap<&'a str, Vec<u64>>,
    told: Told,
}

impl<'a> Scripts<'a> {
    pub(crate) fn new(plan: &'a Plan, log: &'a BTreeMap<u64, Exchange>) -> Self {
        let mut sent: HashMap<&str, Vec<u64>> = HashMap::new();
        for (number, exchange) in log {
            sent.entry(exchange.case.as_str()).or_default().push(*number);
        }
        let cases = plan.cases.iter().map(|planned| &planned.case);
        Self {
            cases: cases.map(|case| (case.id.as_str(), case)).collect(),
            log,
            sent,
            told: Told::of(log),
        }
    }

    /// What makes the exchanges of a violation again.
    pub(crate) fn repetition(&self, violation: &ViolationRecord) -> Repetition {
        if violation.sequence.is_some() {
            return Repetition::Run(RunAlone::Sequence);
        }
        let shown = &violation.exchanges;
        if let Some(why) = shown.iter().find_map(|exchange| self.beyond_calls(violation, exchange)) {
            return Repetition::Run(why);
        }
        let calls = self.calls(violation);
        let holds_answer = |exchange: &&Exchange| {
            let case = self.script(violation, exchange);
            let planned = case.and_then(|case| case.calls().into_iter().find(|call| call.label == exchange.call.label));
            // What no script says may name one all the same: an observation, the removal of a record, a decision.
            planned.is_some_and(holds_answer) || self.told.is_named_by(exchange)
        };
        match calls.iter().any(holds_answer) {
            true => Repetition::Run(RunAlone::Answer),
            false => Repetition::Rounds(self.rounds(violation, calls)),
        }
    }

    /// The script that an exchange of a violation is of. Smaller inputs were sent by that of the planned case; what is judged over the whole
    /// run has exchanges of any.
    fn script(&self, violation: &ViolationRecord, exchange: &Exchange) -> Option<&'a Case> {
        let own = self.cases.get(violation.case.as_str());
        own.or_else(|| self.cases.get(exchange.case.as_str())).copied()
    }

    /// Why calls are not all that led to an exchange.
    fn beyond_calls(&self, violation: &ViolationRecord, exchange: &Exchange) -> Option<RunAlone> {
        let of_step = |step: &Step| match step {
            Step::Vendor(_) => Some(RunAlone::Vendor),
            Step::Decide(_) | Step::CountEntries(_) | Step::ShowEntry(_) => Some(RunAlone::Approver),
            Step::Exhaust(_) | Step::AwaitReset(_) | Step::AfterReset(_) => Some(RunAlone::Limit),
            Step::Call(_) | Step::Once(_) | Step::AtOnce(_) | Step::Observe(_) => None,
        };
        let why = self.script(violation, exchange)?.steps.iter().find_map(of_step)?;
        // What is judged over the whole run looks at answers one by one: most were answered so by themselves.
        let is_of_script = match why {
            RunAlone::Limit => is_throttled(exchange),
            RunAlone::Approver => false,
            _ => true,
        };
        (is_of_script || self.cases.contains_key(violation.case.as_str())).then_some(why)
    }

    /// The exchanges that show the violation, what was executed before them in their case, and what went out at once with them.
    fn calls(&self, violation: &ViolationRecord) -> Vec<&'a Exchange> {
        let shown = &violation.exchanges;
        let mut numbers: BTreeSet<u64> = shown.iter().map(|exchange| exchange.number).collect();
        let last = numbers.last().copied().unwrap_or_default();
        let together: BTreeSet<Turn<'_>> = shown
            .iter()
            .filter_map(|exchange| self.turn(violation, exchange))
            .collect();
        let is_of_case = self.cases.contains_key(violation.case.as_str());
        let cases: BTreeSet<&str> = shown.iter().map(|exchange| exchange.case.as_str()).collect();
        let sent = cases.iter().filter_map(|case| self.sent.get(case)).flatten();
        for exchange in sent.filter_map(|number| self.log.get(number)) {
            let is_before = is_of_case && exchange.number < last && exchange.call.is_real_execute();
            let turn = self.turn(violation, exchange);
            let is_beside = turn.is_some_and(|turn| together.contains(&turn));
            if (is_before || is_beside) && !is_throttled(exchange) {
                numbers.insert(exchange.number);
            }
        }
        numbers.iter().filter_map(|number| self.log.get(number)).collect()
    }

    /// The calls at once that an exchange is one of.
    fn turn<'e>(&self, violation: &ViolationRecord, exchange: &'e Exchange) -> Option<Turn<'e>> {
        let has_it = |step: &Step| {
            let calls = step.calls();
            matches!(step, Step::AtOnce(_) | Step::Once(_))
                && calls.iter().any(|call| call.label == exchange.call.label)
        };
        let step = self.script(violation, exchange)?.steps.iter().position(has_it)?;
        Some((exchange.case.as_str(), step))
    }

    fn rounds(&self, violation: &ViolationRecord, calls: Vec<&Exchange>) -> Vec<Vec<Exchange>> {
        let mut rounds: Vec<(Option<Turn<'_>>, Vec<Exchange>)> = Vec::new();
        for exchange in calls {
            let turn = self.turn(violation, exchange);
            match rounds.last_mut() {
                Some((own, round)) if turn.is_some() && *own == turn => round.push(exchange.clone()),
                _ => rounds.push((turn, vec![exchange.clone()])),
            }
        }
        rounds.into_iter().map(|(_, round)| round).collect()
    }
}

/// A case, as its exchanges name it, and the step of its script.
type Turn<'e> = (&'e str, usize);

fn holds_answer(call: &Call) -> bool {
    call.json().is_some_and(|body| body.to_string().contains("<answer:"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Intent;
    use hubproof_model::case::{Decide, answer_placeholder};
    use hubproof_model::exchange::{Fault, Response, SentRequest};
    use hubproof_model::record::ShortestSequence;
    use hubproof_model::safety::Allow;
    use serde_json::json;

    use super::*;
    use crate::plan::PlannedCase;

    fn executing(label: &str) -> Call {
        Call::post_execute("a.b.create", json!({"input": {}}), Intent::Execute(Allow::Write)).labelled(label)
    }

    fn reading(label: &str) -> Call {
        Call::post_execute("a.b.list", json!({"input": {}}), Intent::Read).labelled(label)
    }

    fn exchange(number: u64, call: Call) -> Exchange {
        Exchange {
            number,
            case: "X-1/1".to_owned(),
            call,
            request: SentRequest {
                method: String::new(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Err(Fault::Interrupted),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        }
    }

    /// What makes the exchanges of these numbers again, of a case of these steps whose calls were all sent.
    fn repetition(steps: Vec<Step>, shown: &[u64], sequence: Option<ShortestSequence>) -> Repetition {
        let case = Case::of_steps("X-1/1", "", steps);
        let calls = case.calls().into_iter().cloned();
        let log: BTreeMap<u64, Exchange> = (1..).zip(calls).map(|(at, call)| (at, exchange(at, call))).collect();
        let exchanges = shown.iter().map(|number| log[number].clone()).collect();
        let violation = ViolationRecord {
            sequence,
            ..violation_of(&case.id, exchanges)
        };
        let plan = Plan {
            cases: vec![PlannedCase {
                case,
                requirements: Vec::new(),
            }],
            unexercised: Vec::new(),
        };
        Scripts::new(&plan, &log).repetition(&violation)
    }

    fn violation_of(case: &str, exchanges: Vec<Exchange>) -> ViolationRecord {
        ViolationRecord {
            case: case.to_owned(),
            tool: None,
            known: None,
            summary: String::new(),
            expected: String::new(),
            observed: String::new(),
            assertion: None,
            exchanges,
            repetition: Repetition::Rounds(Vec::new()),
            alike: 0,
            smallest: None,
            sequence: None,
        }
    }

    fn numbers(repetition: &Repetition) -> Vec<Vec<u64>> {
        let Repetition::Rounds(rounds) = repetition else {
            panic!("{repetition:?}")
        };
        let of_round = |round: &Vec<Exchange>| round.iter().map(|exchange| exchange.number).collect();
        rounds.iter().map(of_round).collect()
    }

    #[test]
    fn calls_at_once_are_a_round_with_all_that_went_out_beside_them() {
        let race = vec![executing("race 1"), executing("race 2"), executing("race 3")];
        let steps = vec![
            Step::call(executing("first")),
            Step::call(reading("control")),
            Step::AtOnce(race),
            Step::call(reading("after")),
        ];
        assert_eq!(
            numbers(&repetition(steps.clone(), &[3, 6], None)),
            [vec![1], vec![3, 4, 5], vec![6]]
        );
        // What comes later is no part of it.
        assert_eq!(numbers(&repetition(steps, &[1], None)), [vec![1]]);
    }

    #[test]
    fn a_call_that_names_what_an_earlier_one_made_is_a_run() {
        let answered = |number, call: Call, body: serde_json::Value| Exchange {
            result: Ok(Response::new(200, Vec::new(), body.to_string().into_bytes())),
            ..exchange(number, call)
        };
        let removing = |id: &str| {
            let body = json!({"input": {"id": id}});
            Call::post_execute("a.b.delete", body, Intent::Execute(Allow::Destructive)).labelled("remove")
        };
        let updating = Call::post_execute(
            "a.b.update",
            json!({"input": {"id": "INC7"}}),
            Intent::Execute(Allow::Write),
        );
        let log: BTreeMap<u64, Exchange> = [
            answered(1, executing("first"), json!({"success": true, "data": {"id": "INC42"}})),
            answered(
                2,
                updating,
                json!({"success": true, "data": {"id": "INC7", "state": "INC8"}}),
            ),
            answered(
                3,
                reading("read"),
                json!({"success": true, "data": {"items": [{"id": "INC9"}]}}),
            ),
            exchange(4, removing("INC42")),
            exchange(5, removing("INC7")),
            exchange(6, removing("INC8")),
            exchange(7, removing("INC9")),
        ]
        .into_iter()
        .map(|exchange| (exchange.number, exchange))
        .collect();
        let told = Told::of(&log);
        let named: Vec<_> = log.values().filter(|own| told.is_named_by(own)).collect();
        assert_eq!(named.iter().map(|own| own.number).collect::<Vec<_>>(), [4]);
        let plan = Plan {
            cases: Vec::new(),
            unexercised: Vec::new(),
        };
        let of =
            |number: u64| Scripts::new(&plan, &log).repetition(&violation_of("cleanup", vec![log[&number].clone()]));
        assert!(matches!(of(4), Repetition::Run(RunAlone::Answer)));
        assert_eq!(numbers(&of(5)), [vec![5]]);
    }

    #[test]
    fn an_entry_in_approvals_is_what_a_call_made() {
        let gated = json!({"success": false, "error": {"code": "APPROVAL_REQUIRED", "message": "", "details": {"approval_id": "apr_1"}}});
        let mut deciding = exchange(
            2,
            Call::get(hubproof_model::call::Endpoint::Approvals, "/approvals/apr_1/approve"),
        );
        deciding.request.url = "http://h/approvals/apr_1/approve".to_owned();
        let asking = Exchange {
            result: Ok(Response::new(202, Vec::new(), gated.to_string().into_bytes())),
            ..exchange(1, reading("asked"))
        };
        let log = [(1, asking), (2, deciding)].into();
        assert!(Told::of(&log).is_named_by(&log[&2]));
        assert!(!Told::of(&log).is_named_by(&log[&1]));
    }

    #[test]
    fn what_is_more_than_calls_is_a_run() {
        let decide = Step::Decide(Decide {
            label: "decide".to_owned(),
            verdict: hubproof_model::case::ApprovalVerdict::Approve,
            of: "first".to_owned(),
        });
        let mut later = executing("later");
        later.body =
            hubproof_model::call::Body::Json(json!({"input": {"id": answer_placeholder("first", "/data/id")}}));
        for (step, why) in [
            (decide, RunAlone::Approver),
            (Step::AwaitReset(hubproof_model::role::Role::Primary), RunAlone::Limit),
            (Step::call(later), RunAlone::Answer),
        ] {
            let steps = vec![Step::call(executing("first")), step, Step::call(reading("after"))];
            let last = steps.iter().map(|step| step.calls().len() as u64).sum();
            let told = repetition(steps, &[last], None);
            assert!(matches!(told, Repetition::Run(own) if own == why), "{told:?}");
        }
        let sequence = ShortestSequence {
            operations: Vec::new(),
            planned: 2,
            tries: 0,
            settled: true,
            first_shown: Vec::new(),
        };
        let told = repetition(vec![Step::call(reading("first"))], &[1], Some(sequence));
        assert!(matches!(told, Repetition::Run(RunAlone::Sequence)), "{told:?}");
    }
}
