//! What is observed of the bundled hub where the contract promises nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use hubproof_cli::Bundled;
use hubproof_model::observations::Observations;
use hubproof_model::record::RunEnd;
use hubproof_model::safety::Allow;
use hubproof_requirements::observations;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::{Plan, PlannedCase, plan_run};
use hubproof_runner::run::{Proof, prove_plan};
use hubproof_runner::select::Selection;

fn options(allow: Allow) -> RunOptions {
    RunOptions {
        cases: 1,
        jobs: 8,
        ..RunOptions::new(Selection::all(), allow)
    }
}

/// The bundled hub with a run's options, surveyed.
async fn ground(bundled: &Bundled, options: &RunOptions) -> Ground {
    let mut ground = Ground::discover(bundled.profile.clone(), options, &|_| {})
        .await
        .unwrap();
    ground.survey(options, &|_| {}).await;
    ground
}

/// What a run of the cases of observations alone comes to, and how many calls they have.
async fn observed(allow: Allow) -> (Proof, usize) {
    let bundled = Bundled::start(&[]).await.unwrap();
    let options = options(allow);
    let ground = ground(&bundled, &options).await;
    let planned = |case| PlannedCase {
        case,
        requirements: Vec::new(),
    };
    let plan = Plan {
        cases: observations::plan(&ground.site(&options))
            .into_iter()
            .map(planned)
            .collect(),
        unexercised: Vec::new(),
    };
    let calls = plan.cases.iter().map(|planned| planned.case.calls().len()).sum();
    let proof = prove_plan(&ground, &[], &plan, &options, &Interrupt::default(), &|_| {}).await;
    bundled.shutdown().await;
    (proof, calls)
}

fn lines(observations: &Observations) -> String {
    let mut lines = String::new();
    for seen in &observations.precedence {
        let flaws = format!("{} + {}", seen.first.name(), seen.second.name());
        lines.push_str(&format!("{flaws:40} {}\n", seen.outcome));
    }
    for seen in &observations.undecided {
        let replayed = match seen.replayed {
            None => "",
            Some(true) => ", replayed",
            Some(false) => ", by itself",
        };
        lines.push_str(&format!("{:40} {}{replayed}\n", seen.question.name(), seen.outcome));
    }
    lines
}

#[tokio::test]
async fn what_the_bundled_hub_answers_where_nothing_is_promised() {
    let (proof, calls) = observed(Allow::Admin).await;
    assert_eq!(proof.end, RunEnd::Complete);
    assert!(proof.results.is_empty());
    assert!(calls <= 45, "{calls} calls are too many for what nothing judges");
    assert_eq!(proof.side_effects.left().count(), 0, "{:?}", proof.side_effects);
    insta::assert_snapshot!(lines(&proof.observations));
}

#[tokio::test]
async fn a_run_that_only_reads_makes_nothing_for_it() {
    let (proof, _) = observed(Allow::Read).await;
    assert_eq!(proof.side_effects, Default::default());
    assert!(proof.observations.precedence.len() > 15, "{:?}", proof.observations);
}

#[tokio::test]
async fn it_is_left_out_where_requirements_are() {
    let bundled = Bundled::start(&[]).await.unwrap();
    let options = options(Allow::Read);
    let ground = ground(&bundled, &options).await;
    let is_observed = |only: &[&str]| {
        let only: Vec<_> = only.iter().map(|id| (*id).to_owned()).collect();
        let plan = plan_run(&Selection::new(&only, &[]).unwrap(), &ground.site(&options)).unwrap();
        plan.cases.iter().any(|planned| planned.requirements.is_empty())
    };
    assert!(is_observed(&[]) && !is_observed(&["AUTH"]));
    bundled.shutdown().await;
}
