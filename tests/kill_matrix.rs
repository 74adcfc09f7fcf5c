//! The kill matrix: each planted defect of the reference hub is found by the requirement that it names, each requirement is failed
//! by at least one defect, and the clean hub has no finding. One trial a defect and seed.
//!
//! The defects of area LAT are left out: a measurement proves them, not a run, so they are proved by the tests of `hubproof bench`. So are those
//! that no requirement is about: the tests of `hubproof certify` prove them.
//!
//! A defect is proved by the requirement alone, until it is found, which is quick; with `HUBPROOF_WHOLE` set, by a whole run: what a
//! requirement finds must not depend on being alone. Seed 1 is tried; with `HUBPROOF_SEEDS` the seeds 1 to that, and with
//! `HUBPROOF_CLEAN_SEEDS` as many for the clean hub. `cargo xtask kill-matrix` goes through all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use hubproof_cli::Bundled;
use hubproof_model::event::Event;
use hubproof_model::judgment::Verdict;
use hubproof_model::profile::Profile;
use hubproof_model::record::{RequirementResult, RunEnd, Target};
use hubproof_model::requirement::RequirementId;
use hubproof_model::safety::Allow;
use hubproof_requirements::areas::{REGISTRY, is_measured};
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::run;
use hubproof_runner::select::Selection;
use libtest_mimic::{Arguments, Failed, Trial};
use reference_server::defects::{self, Defect};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        Trial::test(
            "every_requirement_is_failed_by_a_defect",
            every_requirement_has_a_defect,
        ),
        Trial::test("the_named_kills_are_those_of_the_snapshot", the_named_kills_are_known),
    ];
    trials.push(Trial::test(
        "a_hub_that_never_answers_is_accused_by_a_time_out_no_longer_than_the_limit",
        never_answering_is_found,
    ));
    for seed in 1..=number("HUBPROOF_CLEAN_SEEDS", 1) {
        let name = of_seed("the_clean_hub_has_no_finding", seed);
        trials.push(Trial::test(name, move || the_clean_hub_has_no_finding(seed)));
    }
    for seed in 1..=number("HUBPROOF_SEEDS", 1) {
        for defect in defects::all().iter().filter(|defect| is_exercised(defect)) {
            let name = of_seed(&format!("defect::{}", defect.name), seed);
            trials.push(Trial::test(name, move || is_killed(defect, seed)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn number(variable: &str, default: u64) -> u64 {
    let text = std::env::var(variable);
    text.map_or(default, |text| text.parse().expect("a number of seeds"))
}

/// The name of a trial. Seed 1 goes unsaid: names are stable.
fn of_seed(name: &str, seed: u64) -> String {
    match seed {
        1 => name.to_owned(),
        seed => format!("{name}::seed_{seed}"),
    }
}

/// Whether the defect breaks a requirement that cases exercise.
fn is_exercised(defect: &Defect) -> bool {
    let requirement = defect.requirement.parse::<RequirementId>();
    requirement.is_ok_and(|id| !is_measured(id))
}

fn is_killed(defect: &Defect, seed: u64) -> Result<(), Failed> {
    let requirement = defect.requirement;
    let named = || Selection::new(&[requirement.to_owned()], &[]).map_err(text);
    let is_found = |event: &Event| match event {
        Event::CaseFinished { violated, .. } => violated.iter().any(|id| id.to_string() == requirement),
        _ => false,
    };
    let planted = [defect.name.to_owned()];
    let results = match std::env::var_os("HUBPROOF_WHOLE") {
        Some(_) => prove(&planted, Selection::all(), seed, |_| false)?,
        None => prove(&planted, named()?, seed, is_found)?,
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

/// A profile whose time-out is its limit, as both are by default.
fn never_answering_is_found() -> Result<(), Failed> {
    let planted = ["vendors-awaited-without-end".to_owned()];
    let impatient = |profile: &mut Profile| {
        profile.target.timeout = Duration::from_secs(2);
        for upstream in &mut profile.upstream {
            upstream.limit = profile.target.timeout;
        }
    };
    let stalled = Selection::new(&["UPS-04".to_owned()], &[]).map_err(text)?;
    let results = prove_as(&planted, impatient, stalled, 1, |_| false)?;
    let of_stalls = |result: &RequirementResult| match result.verdict {
        Verdict::Violated => Ok(()),
        verdict => Err(format!("UPS-04 is {verdict:?}").into()),
    };
    let mut own = results.iter().filter(|result| result.id.to_string() == "UPS-04");
    own.next().map_or_else(|| Err("no result".into()), of_stalls)
}

/// Which requirement kills which defect is part of what the suite promises: a change of it is seen in review.
fn the_named_kills_are_known() -> Result<(), Failed> {
    let mut kills: Vec<_> = defects::all()
        .iter()
        .filter(|defect| is_exercised(defect))
        .map(|defect| format!("{:<9}{}", defect.requirement, defect.name))
        .collect();
    kills.sort();
    std::panic::catch_unwind(|| insta::assert_snapshot!("named_kills", kills.join("\n"))).map_err(|_| {
        "the named kills differ from tests/snapshots/kill_matrix__named_kills.snap: cargo insta review".into()
    })
}

fn every_requirement_has_a_defect() -> Result<(), Failed> {
    let killed: BTreeSet<_> = defects::all().iter().map(|defect| defect.requirement).collect();
    let ids = REGISTRY.iter().map(|check| check.requirement().id.to_string());
    let without: Vec<_> = ids.filter(|id| !killed.contains(id.as_str())).collect();
    if without.is_empty() {
        Ok(())
    } else {
        Err(format!("without a defect: {}", without.join(", ")).into())
    }
}

fn the_clean_hub_has_no_finding(seed: u64) -> Result<(), Failed> {
    let results = prove(&[], Selection::all(), seed, |_| false)?;
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
    seed: u64,
    is_enough: impl Fn(&Event) -> bool + Sync,
) -> Result<Vec<RequirementResult>, Failed> {
    prove_as(defects, |_| {}, requirements, seed, is_enough)
}

/// The same by a profile that is changed before.
fn prove_as(
    defects: &[String],
    change: impl Fn(&mut Profile),
    requirements: Selection,
    seed: u64,
    is_enough: impl Fn(&Event) -> bool + Sync,
) -> Result<Vec<RequirementResult>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(text)?;
    runtime.block_on(async {
        let hub = Bundled::start(defects).await?;
        let mut profile = hub.profile.clone();
        change(&mut profile);
        let options = RunOptions {
            seed,
            vendors: hub.played.clone(),
            ..RunOptions::new(requirements, Allow::Admin)
        };
        let target = Target::of_url(&hub.profile.target.url);
        let interrupt = Interrupt::default();
        let stop_at_enough = |event: Event| {
            if is_enough(&event) {
                interrupt.stop(StopReason::Signal);
            }
        };
        let record = run(profile, target, &options, &interrupt, &stop_at_enough)
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
