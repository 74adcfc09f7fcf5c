//! The requirements as libtest-mimic trials: one each, with the tools inside it, named after the requirement's file.
//!
//! Whether a trial is ignored is decided while listing, since one that ignores itself while it runs would count as passed.

use std::sync::{Arc, Mutex, PoisonError};

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::printable::log_line;
use hubproof_model::record::RequirementResult;
use hubproof_requirements::areas::{FILES, REGISTRY};
use hubproof_requirements::check::Check;
use hubproof_requirements::site::Site;
use libtest_mimic::{Failed, Trial};
use tokio::runtime::Handle;

use crate::ground::Ground;
use crate::interrupt::Interrupt;
use crate::options::RunOptions;
use crate::plan::plan;
use crate::run::prove_plan;

/// One trial for each requirement of the registry, such as `auth::auth_01_missing_authorization`. A violated requirement fails
/// its trial if `fail_on` says that it gates, else it prints what was found and passes; an inconclusive one fails; one that the
/// ground cannot exercise is listed as ignored. Trials whose name is not wanted are left out.
pub fn trials(
    ground: &Arc<Ground>,
    options: &RunOptions,
    runtime: &Handle,
    fail_on: FailOn,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Vec<Trial> {
    // One after the other: a trial may need the hub for itself, and takes back all that the run has made so far.
    let turn = Arc::new(Mutex::new(()));
    let named = REGISTRY
        .iter()
        .zip(FILES)
        .map(|(check, (area, file))| (check, format!("{area}::{file}")));
    named
        .filter(|(_, name)| is_wanted(name))
        .map(|(check, name)| {
            // Trials plan alike cases: under one marker, the later one would be taken for a replay of the earlier.
            let part = check.requirement().id.to_string();
            let site = Site {
                part: &part,
                ..ground.site(options)
            };
            let planned = plan(&[*check], &site);
            let ignored = planned.as_ref().is_ok_and(|plan| plan.cases.is_empty());
            let (ground, options, runtime) = (Arc::clone(ground), options.clone(), runtime.clone());
            let turn = Arc::clone(&turn);
            let trial = Trial::test(name, move || {
                let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                let plan = planned.map_err(|fault| Failed::from(fault.to_string()))?;
                let (checks, interrupt) = ([*check], Interrupt::default());
                let proof = runtime.block_on(prove_plan(&ground, &checks, &plan, &options, &interrupt, &|_| {}));
                proof
                    .results
                    .iter()
                    .try_for_each(|result| pass_or_fail(*check, result, fail_on))
            });
            trial.with_ignored_flag(ignored)
        })
        .collect()
}

fn pass_or_fail(check: &dyn Check, result: &RequirementResult, fail_on: FailOn) -> Result<(), Failed> {
    match result.verdict {
        Verdict::Held => Ok(()),
        Verdict::Violated if !fail_on.gates(result.level) => {
            tell(&describe(check, result));
            Ok(())
        }
        Verdict::Violated | Verdict::Inconclusive | Verdict::NotExercised => Err(describe(check, result).into()),
    }
}

#[allow(
    clippy::print_stderr,
    reason = "a trial's own output is how a passing test tells of a violated SHOULD"
)]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// What came of it, in lines of which nothing acts on the terminal: they quote the target.
fn describe(check: &dyn Check, result: &RequirementResult) -> String {
    let source = check.requirement().source;
    let mut lines = vec![format!(
        "{} ({}, {source}): {}",
        result.id, result.level, result.statement
    )];
    match (&result.verdict, &result.reason) {
        (Verdict::Inconclusive, Some(reason)) => lines.push(format!("  inconclusive: {reason}")),
        (Verdict::NotExercised, Some(reason)) => lines.push(format!("  not exercised: {reason}")),
        _ => {}
    }
    for violation in result.violations.iter().take(5) {
        let tool = violation.tool.as_ref().map(|tool| format!("{tool}: "));
        lines.push(format!("  {}{}", tool.unwrap_or_default(), violation.summary));
        let smallest = violation.smallest.iter();
        lines.extend(smallest.map(|smallest| format!("    input: {}", smallest.input)));
        let sequence = violation.sequence.iter().flat_map(|sequence| &sequence.operations);
        lines.extend(sequence.map(|line| format!("    {line}")));
        lines.push(format!("    expected: {}", violation.expected));
        lines.push(format!("    observed: {}", violation.observed));
    }
    let lines: Vec<_> = lines.iter().map(|line| log_line(line)).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use hubproof_model::record::{Smallest, ViolationRecord};
    use hubproof_model::repetition::Repetition;
    use serde_json::json;

    use super::*;
    use crate::judge::Findings;

    #[test]
    fn a_violation_is_described_with_its_smallest_input() {
        let check = REGISTRY[0];
        let mut result = Findings::default().result(check.requirement(), &Default::default());
        result.violations = vec![ViolationRecord {
            case: "1".to_owned(),
            tool: Some("itsm.tickets.create".to_owned()),
            known: None,
            summary: "`maxLength` is not enforced".to_owned(),
            expected: "INVALID_INPUT".to_owned(),
            observed: "success\u{1b}[2J\n::error::x".to_owned(),
            assertion: None,
            exchanges: Vec::new(),
            repetition: Repetition::Rounds(Vec::new()),
            alike: 0,
            smallest: Some(Smallest {
                input: json!({"title": "aaaaaa"}),
                steps: 2,
                requests: 9,
                settled: true,
                first_shown: Vec::new(),
            }),
            sequence: None,
        }];
        let text = describe(check, &result);
        assert!(text.ends_with(r"observed: success\u{1b}[2J\n::error::x"), "{text}");
        let lines =
            "  itsm.tickets.create: `maxLength` is not enforced\n    input: {\"title\":\"aaaaaa\"}\n    expected: ";
        assert!(text.contains(lines), "{text}");
    }
}
