//! After any run, an interrupted one too and one against a broken hub, the hub holds nothing with the run's marker that the report does
//! not list.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use hubproof_cli::Bundled;
use hubproof_model::call::{Call, Credentials, Endpoint};
use hubproof_model::event::Event;
use hubproof_model::record::{RunEnd, RunRecord, Target};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::side_effects::Fate;
use hubproof_requirements::site::run_marker;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::run;
use hubproof_runner::select::Selection;
use hubproof_wire::{Session, SessionOptions};

/// Runs until so many cases have finished, if a number is given, and compares what the hub holds with what the report lists.
async fn nothing_unlisted_is_left(defect: Option<&str>, only: &[&str], stop_after: Option<usize>) {
    let defects: Vec<_> = defect.map(str::to_owned).into_iter().collect();
    let hub = Bundled::start(&defects).await.unwrap();
    let only: Vec<_> = only.iter().map(|id| (*id).to_owned()).collect();
    let options = RunOptions::new(Selection::new(&only, &[]).unwrap(), Allow::Admin);
    let (interrupt, finished) = (Interrupt::default(), AtomicUsize::new(0));
    let count = |event: Event| {
        if matches!(event, Event::CaseFinished { .. })
            && Some(finished.fetch_add(1, Ordering::Relaxed) + 1) == stop_after
        {
            interrupt.stop(StopReason::Signal);
        }
    };
    let target = Target::of_url(&hub.profile.target.url);
    let record = run(hub.profile.clone(), target, &options, &interrupt, &count)
        .await
        .unwrap();
    match stop_after {
        Some(_) => assert!(matches!(record.end, RunEnd::Interrupted(_)), "{:?}", record.end),
        None => assert!(matches!(record.end, RunEnd::Complete), "{:?}", record.end),
    }
    assert!(
        !record.side_effects.created.is_empty(),
        "the run made nothing: the test shows nothing"
    );
    assert_records_are_listed(&hub, &record);
    assert_no_call_waits(&hub, &record).await;
    hub.shutdown().await;
}

/// Each record with the run's marker is listed as left, and what is listed as removed is gone.
fn assert_records_are_listed(hub: &Bundled, record: &RunRecord) {
    let marker = run_marker(&record.run);
    let left: BTreeSet<_> = record
        .side_effects
        .left()
        .filter_map(|(left, _)| left.id.clone())
        .collect();
    let held = hub.records();
    let mut held = held.iter().filter(|(_, _, held)| held.to_string().contains(&marker));
    let unlisted: Vec<_> = held
        .by_ref()
        .filter(|(_, _, held)| !left.contains(held["id"].as_str().unwrap_or_default()))
        .collect();
    assert!(unlisted.is_empty(), "not in the report: {unlisted:#?}");
}

/// No entry of the run waits for an approver.
async fn assert_no_call_waits(hub: &Bundled, record: &RunRecord) {
    let session = Session::new(&hub.profile, SessionOptions::default()).unwrap();
    let list = Call::get(Endpoint::Approvals, "/approvals?status=pending");
    let list = list.with_credentials(Credentials::Bearer(Role::Approver));
    let listed = session.send("list", &list).await;
    let body = listed.json().unwrap();
    let entries = body["approvals"].as_array().unwrap();
    let own: Vec<_> = entries
        .iter()
        .filter(|entry| entry.to_string().contains(&record.run))
        .collect();
    assert!(own.is_empty(), "waiting still: {own:#?}");
    let waiting = &record.side_effects.waiting;
    let is_whole = matches!(record.end, RunEnd::Complete);
    assert!(
        !waiting.is_empty() || !is_whole,
        "no call waited: the test shows nothing"
    );
    assert!(waiting.iter().all(|entry| entry.fate == Fate::Removed), "{waiting:#?}");
}

#[tokio::test]
async fn a_whole_run_lists_what_it_leaves() {
    nothing_unlisted_is_left(None, &[], None).await;
}

#[tokio::test]
async fn an_interrupted_run_lists_what_it_leaves() {
    for cases in [40, 170, 400, 900] {
        nothing_unlisted_is_left(None, &["IDM", "DRY", "APR", "EXE"], Some(cases)).await;
    }
}

#[tokio::test]
async fn a_run_against_a_broken_hub_lists_what_it_leaves() {
    for defect in ["duplicates-race", "dry-runs-execute-under-load"] {
        nothing_unlisted_is_left(Some(defect), &["IDM", "DRY", "APR"], None).await;
    }
}
