//! Sequences on the reference hub, with nothing beside them: the clean hub is never accused, and the defects that they are there for are
//! found.
//!
//! `HUBPROOF_SEQUENCES=1..20` tells which of the defects of idempotency, dry runs and approvals are found on these seeds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use hubproof_cli::Bundled;
use hubproof_model::judgment::Verdict;
use hubproof_model::safety::Allow;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::{DEFAULT_CASES, DEFAULT_JOBS, RunOptions, new_run};
use hubproof_runner::plan::plan;
use hubproof_runner::run::{Proof, prove_plan};
use hubproof_runner::select::{Selection, ToolGlobs};

/// Proves a hub with this defect by the sequences of a seed alone.
async fn prove(defect: Option<&str>, seed: u64) -> (Proof, usize) {
    let defects: Vec<_> = defect.map(str::to_owned).into_iter().collect();
    let hub = Bundled::start(&defects).await.unwrap();
    let options = RunOptions {
        requirements: Selection::all(),
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
    let mut ground = Ground::discover(hub.profile.clone(), &options, &|_| {}).await.unwrap();
    ground.survey(&options, &|_| {}).await;
    let checks = options.requirements.checks();
    let mut plan = plan(&checks, &ground.site(&options)).unwrap();
    plan.cases.retain(|planned| planned.case.id.starts_with("sequence/"));
    let proof = prove_plan(&ground, &checks, &plan, &options, &Interrupt::default(), &|_| {}).await;
    hub.shutdown().await;
    (proof, plan.cases.len())
}

fn found(proof: &Proof) -> BTreeSet<String> {
    let violated = proof
        .results
        .iter()
        .filter(|result| result.verdict == Verdict::Violated);
    violated.map(|result| result.id.to_string()).collect()
}

#[tokio::test]
async fn the_table() {
    let Ok(seeds) = std::env::var("HUBPROOF_SEQUENCES") else {
        return;
    };
    let (first, last) = seeds.split_once("..").unwrap();
    let seeds: Vec<u64> = (first.parse().unwrap()..=last.parse().unwrap()).collect();
    let only = std::env::var("HUBPROOF_DEFECT").ok().filter(|o| !o.is_empty());
    for &seed in &seeds {
        if only.is_some() {
            break;
        }
        let began = std::time::Instant::now();
        let (proof, sequences) = prove(None, seed).await;
        let odd: Vec<_> = proof
            .results
            .iter()
            .filter(|r| r.cases > 0 || r.reason.is_some())
            .filter(|r| r.verdict != Verdict::Held && r.reason.as_deref() != Some("nothing in the run exercised it"))
            .map(|r| {
                format!(
                    "{} {:?} {:?}",
                    r.id,
                    r.verdict,
                    r.violations
                        .first()
                        .map(|v| (&v.case, &v.observed))
                        .map(|v| format!("{v:?}"))
                        .or(r.reason.clone())
                )
            })
            .collect();
        let held: Vec<_> = proof
            .results
            .iter()
            .filter(|r| r.cases > 0)
            .map(|r| format!("{}:{}", r.id, r.cases))
            .collect();
        println!(
            "clean {seed}: {sequences} sequences, {:?}, {odd:#?} {}",
            began.elapsed(),
            held.join(" ")
        );
    }
    for defect in reference_server::defects::all() {
        if !["IDM", "DRY", "APR"]
            .iter()
            .any(|area| defect.requirement.starts_with(area))
        {
            continue;
        }
        if only.as_deref().is_some_and(|only| only != defect.name) {
            continue;
        }
        if only.as_deref() == Some("none") {
            continue;
        }
        let mut line = String::new();
        for &seed in &seeds {
            let (proof, _) = prove(Some(defect.name), seed).await;
            let found = found(&proof);
            let hit = found.contains(defect.requirement);
            line += &format!(
                " {}{}",
                if hit { "+" } else { "-" },
                if found.is_empty() || (hit && found.len() == 1) {
                    String::new()
                } else {
                    format!("{found:?}")
                }
            );
            if only.is_some() {
                for r in &proof.results {
                    for v in &r.violations {
                        println!("{seed} {} {} {}\n   {}", r.id, v.case, v.summary, v.observed);
                    }
                    if r.verdict == Verdict::Inconclusive {
                        println!("{seed} {} {:?}", r.id, r.reason);
                    }
                }
            }
        }
        println!("{} {}:{line}", defect.requirement, defect.name);
    }
}
