//! The kill matrix: each planted defect of the reference hub is found by the requirement that it names, each requirement is failed
//! by at least one defect, and the clean hub has no finding. One trial a defect.
//!
//! A defect is proved by the requirement alone, until it is found, which is quick; with `HUBPROOF_WHOLE` set, by a whole run: what a
//! requirement finds must not depend on being alone. `HUBPROOF_SEED` chooses another seed than 1.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::ExitCode;

use hubproof_cli::Bundled;
use hubproof_model::event::Event;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunEnd, Target};
use hubproof_model::safety::Allow;
use hubproof_requirements::areas::REGISTRY;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::{DEFAULT_CASES, DEFAULT_JOBS, RunOptions, new_run};
use hubproof_runner::run::run;
use hubproof_runner::select::{Selection, ToolGlobs};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> = reference_server::defects::all()
        .iter()
        .map(|defect| {
            Trial::test(format!("defect::{}", defect.name), || {
                is_killed(defect.name, defect.requirement)
            })
        })
        .collect();
    trials.push(Trial::test(
        "every_requirement_is_failed_by_a_defect",
        every_requirement_has_a_defect,
    ));
    trials.push(Trial::test(
        "the_clean_hub_has_no_finding",
        the_clean_hub_has_no_finding,
    ));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn is_killed(defect: &str, requirement: &str) -> Result<(), Failed> {
    let named = || Selection::new(&[requirement.to_owned()], &[]).map_err(text);
    let is_found = |event: &Event| match event {
        Event::CaseFinished { violated, .. } => violated.iter().any(|id| id.to_string() == requirement),
        _ => false,
    };
    let defects = [defect.to_owned()];
    let results = match std::env::var_os("HUBPROOF_WHOLE") {
        Some(_) => prove(&defects, Selection::all(), |_| false)?,
        None => prove(&defects, named()?, is_found)?,
    };
    let named = results
        .iter()
        .find(|result| result.id.to_string() == requirement)
        .ok_or("no result")?;
    match named.verdict {
        Verdict::Violated => Ok(()),
        verdict => Err(format!(
            "{requirement} is {verdict:?}: {}",
            named.reason.as_deref().unwrap_or("no reason")
        )
        .into()),
    }
}

fn every_requirement_has_a_defect() -> Result<(), Failed> {
    let killed: BTreeSet<_> = reference_server::defects::all()
        .iter()
        .map(|defect| defect.requirement)
        .collect();
    let ids = REGISTRY.iter().map(|check| check.requirement().id.to_string());
    let without: Vec<_> = ids.filter(|id| !killed.contains(id.as_str())).collect();
    if without.is_empty() {
        Ok(())
    } else {
        Err(format!("without a defect: {}", without.join(", ")).into())
    }
}

fn the_clean_hub_has_no_finding() -> Result<(), Failed> {
    let results = prove(&[], Selection::all(), |_| false)?;
    let findings: Vec<_> = results
        .iter()
        .filter(|result| result.verdict != Verdict::Held)
        .map(|result| {
            format!(
                "{} is {:?}: {}",
                result.id,
                result.verdict,
                result.reason.as_deref().unwrap_or_default()
            )
        })
        .collect();
    if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.join("\n").into())
    }
}

/// Proves the bundled hub with these defects, until an event is enough.
fn prove(
    defects: &[String],
    requirements: Selection,
    is_enough: impl Fn(&Event) -> bool + Sync,
) -> Result<Vec<RequirementResult>, Failed> {
    let seed = std::env::var("HUBPROOF_SEED")
        .ok()
        .map_or(Ok(1), |seed| seed.parse())
        .map_err(text)?;
    let options = RunOptions {
        requirements,
        tools: ToolGlobs::default(),
        allow: Allow::Admin,
        seed,
        cases: DEFAULT_CASES,
        jobs: DEFAULT_JOBS,
        run: new_run(),
        rate: None,
        time_limit: None,
        baseline: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(text)?;
    runtime.block_on(async {
        let hub = Bundled::start(defects).await?;
        let target = Target::of_url(&hub.profile.target.url);
        let interrupt = Interrupt::default();
        let stop_at_enough = |event: Event| {
            if is_enough(&event) {
                interrupt.stop(StopReason::Signal);
            }
        };
        let record = run(hub.profile.clone(), target, &options, &interrupt, &stop_at_enough)
            .await
            .map_err(text)?;
        hub.shutdown().await;
        match record.end {
            RunEnd::Complete => Ok(record.results),
            RunEnd::Interrupted(_) => Ok(record.results),
            end => Err(format!("the run ended early: {end:?}").into()),
        }
    })
}

fn text(fault: impl std::fmt::Display) -> Failed {
    fault.to_string().into()
}
