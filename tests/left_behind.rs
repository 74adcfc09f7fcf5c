//! After any run, an interrupted one too and one against a broken hub, the hub holds nothing with the run's marker that the report does
//! not list.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hubproof_cli::Bundled;
use hubproof_model::call::{Call, Credentials, Endpoint};
use hubproof_model::event::Event;
use hubproof_model::profile::Profile;
use hubproof_model::record::{RunEnd, RunRecord, Target};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::side_effects::{Fate, WaitingEntry};
use hubproof_requirements::site::run_marker;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::run;
use hubproof_runner::select::{Selection, ToolGlobs};
use hubproof_wire::{Session, SessionOptions};
use serde_json::{Value, json};
use tokio::io::copy;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A run of the bundled hub, after which the hub still stands.
struct Ran {
    hub: Bundled,
    record: RunRecord,
}

/// Runs with a changed profile until so many cases have finished, if a number is given.
async fn prove(
    defect: Option<&str>,
    only: &[&str],
    tools: &[&str],
    stop_after: Option<usize>,
    change: impl FnOnce(&mut Profile),
) -> Ran {
    prove_and_tell(defect, only, tools, stop_after, change, |_| {}).await
}

/// The same; tells `finished` how many cases have.
async fn prove_and_tell(
    defect: Option<&str>,
    only: &[&str],
    tools: &[&str],
    stop_after: Option<usize>,
    change: impl FnOnce(&mut Profile),
    finished: impl Fn(usize) + Sync,
) -> Ran {
    let defects: Vec<_> = defect.map(str::to_owned).into_iter().collect();
    let hub = Bundled::start(&defects).await.unwrap();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let options = RunOptions {
        tools: ToolGlobs {
            only: owned(tools),
            ..ToolGlobs::default()
        },
        vendors: hub.played.clone(),
        ..RunOptions::new(Selection::new(&owned(only), &[]).unwrap(), Allow::Admin)
    };
    let (interrupt, cases) = (Interrupt::default(), AtomicUsize::new(0));
    let count = |event: Event| {
        if matches!(event, Event::CaseFinished { .. }) {
            let so_many = cases.fetch_add(1, Ordering::Relaxed) + 1;
            finished(so_many);
            if Some(so_many) == stop_after {
                interrupt.stop(StopReason::Signal);
            }
        }
    };
    let target = Target::of_url(&hub.profile.target.url);
    let mut profile = hub.profile.clone();
    change(&mut profile);
    let record = run(profile, target, &options, &interrupt, &count).await.unwrap();
    match stop_after {
        Some(_) => assert!(matches!(record.end, RunEnd::Interrupted(_)), "{:?}", record.end),
        None => assert!(matches!(record.end, RunEnd::Complete), "{:?}", record.end),
    }
    assert!(
        !record.side_effects.created.is_empty(),
        "the run made nothing: the test shows nothing"
    );
    Ran { hub, record }
}

/// Runs, and compares what the hub holds with what the report lists.
async fn nothing_unlisted_is_left(defect: Option<&str>, only: &[&str], stop_after: Option<usize>) {
    let Ran { hub, record } = prove(defect, only, &[], stop_after, |_| {}).await;
    assert_records_are_listed(&hub, &record);
    // Every call was answered, and every place could be looked at.
    assert_eq!(record.side_effects.unknown, []);
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
    let own = pending(hub, record).await;
    assert!(own.is_empty(), "waiting still: {own:#?}");
    let waiting = &record.side_effects.waiting;
    let is_whole = matches!(record.end, RunEnd::Complete);
    assert!(
        !waiting.is_empty() || !is_whole,
        "no call waited: the test shows nothing"
    );
    assert!(waiting.iter().all(|entry| entry.fate == Fate::Removed), "{waiting:#?}");
}

/// The run's entries that wait for an approver.
async fn pending(hub: &Bundled, record: &RunRecord) -> Vec<Value> {
    let session = Session::new(&hub.profile, SessionOptions::default()).unwrap();
    let list = Call::get(Endpoint::Approvals, "/approvals?status=pending");
    let list = list.with_credentials(Credentials::Bearer(Role::Approver));
    let listed = session.send("list", &list).await;
    let entries = listed.json().unwrap()["approvals"].as_array().unwrap();
    let own = entries.iter().filter(|entry| entry.to_string().contains(&record.run));
    own.cloned().collect()
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
    let found = |defect| nothing_unlisted_is_left(Some(defect), &["IDM", "DRY", "APR"], None);
    tokio::join!(found("duplicates-race"), found("dry-runs-execute-under-load"));
}

#[tokio::test]
async fn what_another_tool_made_is_not_removed_as_this_ones() {
    // A listing that shows channels, too, with the run's marker in them.
    let Ran { hub, record } = prove(None, &["IDM-01"], &["communication.*"], None, |profile| {
        let sends = profile.effects.get_mut("communication.messages.send").unwrap();
        let read = sends.read_mut();
        (read.tool, read.input) = ("communication.channels.list".to_owned(), json!({}));
    })
    .await;
    let created = &record.side_effects.created;
    let is_channel = |id: &str| id.starts_with('C');
    let ids = |tool: &str| {
        let own = created.iter().filter(move |record| record.tool == tool);
        own.filter_map(|record| record.id.as_deref()).collect::<Vec<_>>()
    };
    assert!(ids("communication.channels.create").iter().any(|id| is_channel(id)));
    let messages = ids("communication.messages.send");
    assert!(
        !messages.is_empty() && !messages.iter().any(|id| is_channel(id)),
        "{messages:?}"
    );
    hub.shutdown().await;
}

#[tokio::test]
async fn an_id_that_may_be_anothers_is_not_removed() {
    // Under a key that another tool's call had, the first tool's data come back.
    let Ran { hub, record } = prove(Some("other-tools-are-replayed"), &["IDM-06"], &[], None, |_| {}).await;
    let left = record.side_effects.left();
    let doubtful = left.filter(|(_, why)| why.contains("may be a replay"));
    assert!(doubtful.count() > 0, "{:#?}", record.side_effects);
    assert_records_are_listed(&hub, &record);
    hub.shutdown().await;
}

#[tokio::test]
async fn calls_that_nobody_can_withdraw_are_listed() {
    let Ran { hub, record } = prove(None, &["APR"], &[], None, |profile| profile.approvals.driver = None).await;
    let waiting = &record.side_effects.waiting;
    let is_left = |entry: &WaitingEntry| matches!(&entry.fate, Fate::Left(why) if why.contains("name a driver"));
    assert!(!waiting.is_empty() && waiting.iter().all(is_left), "{waiting:#?}");
    let listed: BTreeSet<_> = waiting.iter().map(|entry| entry.id.clone()).collect();
    for entry in pending(&hub, &record).await {
        assert!(
            listed.contains(entry["id"].as_str().unwrap()),
            "not in the report: {entry}"
        );
    }
    hub.shutdown().await;
}

/// Stands before a hub, and passes its answers on until it is told to be silent: requests still come through. Its own URL.
fn proxy(url: &str, silent: watch::Receiver<bool>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    let hub = url.split('/').nth(2).unwrap().to_owned();
    let own = url.replace(&hub, &listener.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (hub, mut silent) = (hub.clone(), silent.clone());
            tokio::spawn(async move {
                let (mut requests, mut to_client) = client.into_split();
                let (mut answers, mut to_hub) = TcpStream::connect(&hub).await.unwrap().into_split();
                let pass_on = async {
                    let is_silent = tokio::select! {
                        _ = copy(&mut answers, &mut to_client) => false,
                        _ = silent.wait_for(|is_silent| *is_silent) => true,
                    };
                    if is_silent {
                        std::future::pending::<()>().await;
                    }
                };
                tokio::join!(copy(&mut requests, &mut to_hub), pass_on)
            });
        }
    });
    own
}

#[tokio::test]
async fn what_a_hub_that_falls_silent_may_hold_is_listed() {
    let (silence, silent) = watch::channel(false);
    let change = |profile: &mut Profile| {
        profile.target.url = proxy(&profile.target.url, silent);
        profile.target.timeout = Duration::from_millis(700);
    };
    // Some cases go on when no answer comes any more: their calls are executed, and nobody hears of it.
    let finished = |cases: usize| {
        if cases == 10 {
            silence.send(true).unwrap();
        }
    };
    let Ran { hub, record } = prove_and_tell(None, &["IDM-01"], &[], Some(20), change, finished).await;
    let (marker, effects) = (run_marker(&record.run), &record.side_effects);
    let listed: BTreeSet<_> = effects.left().filter_map(|(left, _)| left.id.clone()).collect();
    // The tool's resource is the collection's name, or the connection is called after the tool's domain.
    let may_be_of = |connection: &str, kind: &str| {
        let mut tools = effects.unknown.iter().map(|unknown| unknown.tool.split('.'));
        tools.any(|mut words| words.next() == connection.split('_').nth(1) || words.next() == Some(kind))
    };
    let held = hub.records();
    let own = held.iter().filter(|(_, _, held)| held.to_string().contains(&marker));
    let (known, unknown): (Vec<_>, Vec<_>) =
        own.partition(|(_, _, held)| listed.contains(held["id"].as_str().unwrap_or_default()));
    assert!(
        !unknown.is_empty(),
        "every answer came: the test shows nothing of those that did not ({} came)",
        known.len()
    );
    for (connection, kind, held) in unknown {
        assert!(
            may_be_of(connection, kind),
            "not in the report: {connection} {kind} {held}"
        );
    }
    hub.shutdown().await;
}
