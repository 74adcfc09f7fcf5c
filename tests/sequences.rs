//! Sequences on the reference hub, with nothing beside them: the clean hub is never accused, defects are found, and what is shown of them
//! is as short as it can be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::Mutex;

use hubproof_cli::Bundled;
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, ViolationRecord};
use hubproof_model::safety::Allow;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::{DEFAULT_CASES, RunOptions};
use hubproof_runner::plan::plan;
use hubproof_runner::run::{Proof, prove_plan};
use hubproof_runner::select::Selection;

/// A bundled hub, discovered.
struct Stage {
    hub: Bundled,
    ground: Ground,
    options: RunOptions,
}

impl Stage {
    async fn new(defect: Option<&str>, only: &[&str], max_effects: Option<u64>) -> Self {
        let defects: Vec<_> = defect.map(str::to_owned).into_iter().collect();
        let hub = Bundled::start(&defects).await.unwrap();
        let only: Vec<_> = only.iter().map(|id| (*id).to_owned()).collect();
        let options = RunOptions::new(Selection::new(&only, &[]).unwrap(), Allow::Admin);
        let mut profile = hub.profile.clone();
        profile.safety.max_effects = max_effects;
        let mut ground = Ground::discover(profile, &options, &|_| {}).await.unwrap();
        ground.survey(&options, &|_| {}).await;
        Self { hub, ground, options }
    }

    /// Proves the hub by the sequences of a seed alone. Gives what was shortened, too.
    async fn prove(&self, seed: u64) -> (Proof, Vec<String>) {
        let options = RunOptions {
            seed,
            ..self.options.clone()
        };
        let checks = options.requirements.checks();
        let mut plan = plan(&checks, &self.ground.site(&options)).unwrap();
        plan.cases.retain(|planned| planned.case.id.starts_with("sequence/"));
        plan.unexercised.clear();
        assert!(plan.cases.len() <= DEFAULT_CASES / 2, "{}", plan.cases.len());
        let shortened = Mutex::new(Vec::new());
        let events = |event: Event| {
            if let Event::Shortening { id, .. } = event {
                shortened.lock().unwrap().push(id.to_string());
            }
        };
        let proof = prove_plan(&self.ground, &checks, &plan, &options, &Interrupt::default(), &events).await;
        (proof, shortened.into_inner().unwrap())
    }
}

fn violated(proof: &Proof) -> BTreeSet<String> {
    let results = proof.results.iter();
    let violated = results.filter(|result| result.verdict == Verdict::Violated);
    violated.map(|result| result.id.to_string()).collect()
}

fn of<'p>(proof: &'p Proof, id: &str) -> &'p RequirementResult {
    proof.results.iter().find(|result| result.id.to_string() == id).unwrap()
}

/// The violation of this summary.
fn violation<'p>(result: &'p RequirementResult, summary: &str) -> &'p ViolationRecord {
    let mut violations = result.violations.iter();
    violations
        .find(|violation| violation.summary.contains(summary))
        .unwrap()
}

/// The rules that sequences can break, the areas of the log aside.
const RULES: [&str; 4] = ["IDM", "DRY", "APR", "EXE-11"];

/// The requirements that held for a clean hub on these seeds; none was violated, and nothing is left.
async fn held_by_the_clean_hub(seeds: RangeInclusive<u64>) -> BTreeSet<String> {
    let stage = Stage::new(None, &RULES, None).await;
    let mut held = BTreeSet::new();
    for seed in seeds {
        let (proof, shortened) = stage.prove(seed).await;
        for result in &proof.results {
            let is_open = matches!(result.verdict, Verdict::Held | Verdict::NotExercised);
            assert!(
                is_open,
                "seed {seed}: {} {:?}: {:#?}",
                result.id, result.reason, result.violations
            );
        }
        assert!(shortened.is_empty(), "{shortened:?}");
        let exercised = proof.results.iter().filter(|result| result.verdict == Verdict::Held);
        held.extend(exercised.map(|result| result.id.to_string()));
        let left: Vec<_> = proof.side_effects.left().collect();
        assert!(
            left.iter().all(|(record, _)| record.tool.contains("refunds")),
            "{left:?}"
        );
    }
    stage.hub.shutdown().await;
    held
}

// A sequence is waiting for the most part: some go on beside each other, each on a hub of its own.
#[tokio::test]
async fn two_hundred_sequences_never_accuse_the_clean_hub() {
    let (first, second, third, fourth) = tokio::join!(
        held_by_the_clean_hub(1..=5),
        held_by_the_clean_hub(6..=10),
        held_by_the_clean_hub(11..=15),
        held_by_the_clean_hub(16..=20),
    );
    let held: BTreeSet<_> = [first, second, third, fourth].into_iter().flatten().collect();
    for id in [
        "IDM-01", "IDM-02", "IDM-03", "IDM-04", "IDM-05", "IDM-07", "IDM-08", "DRY-01", "DRY-03", "DRY-05", "APR-01",
        "APR-02", "APR-03", "APR-04", "APR-05", "APR-06", "APR-07", "APR-08",
    ] {
        assert!(held.contains(id), "{id} was never exercised");
    }
}

/// Defects that show in sequences alone on one of the first seeds.
const DEFECTS: [(&str, &str); 12] = [
    ("approvals-for-any-input", "APR-06"),
    ("approved-replays-race", "APR-03"),
    ("decisions-execute", "APR-03"),
    ("dry-runs-execute-under-load", "DRY-01"),
    ("dry-runs-spend-keys", "IDM-08"),
    ("duplicates-race", "IDM-02"),
    ("equal-inputs-deduplicated", "IDM-04"),
    ("keys-shared-by-workspaces", "IDM-05"),
    ("other-inputs-are-replayed", "IDM-03"),
    ("rejected-calls-execute", "APR-05"),
    ("replays-act-again", "IDM-01"),
    ("waiting-duplicates-race", "APR-04"),
];

/// The defects of these that no sequence of the first seeds found.
async fn missed_by_sequences(defects: &[(&'static str, &str)]) -> Vec<&'static str> {
    let mut missed = Vec::new();
    for (defect, id) in defects {
        let stage = Stage::new(Some(defect), &[id], None).await;
        let mut is_found = false;
        for seed in 1..=3 {
            is_found = is_found || violated(&stage.prove(seed).await.0).contains(*id);
        }
        if !is_found {
            missed.push(*defect);
        }
        stage.hub.shutdown().await;
    }
    missed
}

#[tokio::test]
async fn defects_are_found_by_sequences_alone() {
    let mut groups = DEFECTS.chunks(3).map(missed_by_sequences);
    let mut group = || groups.next().unwrap();
    let (first, second, third, fourth) = tokio::join!(group(), group(), group(), group());
    assert_eq!([first, second, third, fourth].concat(), [""; 0]);
    assert!(groups.next().is_none());
}

#[tokio::test]
async fn a_replay_that_acts_is_shown_by_two_operations() {
    let stage = Stage::new(Some("replays-act-again"), &["IDM-01"], None).await;
    let (proof, shortened) = stage.prove(1).await;
    let violation = violation(of(&proof, "IDM-01"), "a replay acts again");
    let sequence = violation.sequence.as_ref().unwrap();
    assert_eq!(sequence.operations.len(), 2, "{sequence:#?}");
    assert!(
        sequence.settled && sequence.planned > 2 && sequence.tries > 1,
        "{sequence:#?}"
    );
    for (number, line) in sequence.operations.iter().enumerate() {
        assert!(
            line.starts_with(&format!("{}. ", number + 1)) && line.ends_with(" → success"),
            "{line}"
        );
    }
    // The evidence is of the shortest sequence: two calls with one key, and the looks between.
    let keys: Vec<_> = violation
        .exchanges
        .iter()
        .filter_map(|sent| sent.call.idempotency_key())
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    let is_of_try = |exchange: &Exchange| exchange.case.contains("/IDM-01/try-");
    assert!(violation.exchanges.iter().all(is_of_try));
    assert!(violation.case.starts_with("sequence/") && !sequence.first_shown.is_empty());
    assert!((1..=3).contains(&shortened.len()), "{shortened:?}");
    stage.hub.shutdown().await;
}

#[tokio::test]
async fn a_race_is_shown_by_as_few_as_race() {
    let stage = Stage::new(Some("approved-replays-race"), &["APR-03"], None).await;
    let (proof, _) = stage.prove(1).await;
    let violation = violation(of(&proof, "APR-03"), "acts more than once");
    let sequence = violation.sequence.as_ref().unwrap();
    assert_eq!(sequence.operations.len(), 4, "{sequence:#?}");
    assert!(
        sequence.operations[1].starts_with("2. approver approves"),
        "{sequence:#?}"
    );
    let at_once = sequence
        .operations
        .iter()
        .filter(|line| line.contains("(one of 2 at once)"));
    assert_eq!(at_once.count(), 2, "{sequence:#?}");
    stage.hub.shutdown().await;
}

#[tokio::test]
async fn shortening_keeps_to_the_runs_effects() {
    const MOST: u64 = 90;
    let stage = Stage::new(Some("replays-act-again"), &["IDM-01"], Some(MOST)).await;
    let (proof, _) = stage.prove(1).await;
    let sequences = of(&proof, "IDM-01")
        .violations
        .iter()
        .filter_map(|found| found.sequence.as_ref());
    let sequences: Vec<_> = sequences.collect();
    assert!(sequences.iter().any(|sequence| !sequence.settled), "{sequences:#?}");
    let made = proof.side_effects.created.len() as u64;
    // A hub that acts again at replays makes more than it was told to, at most twice.
    assert!(made <= 2 * MOST, "{made}");
    stage.hub.shutdown().await;
}
