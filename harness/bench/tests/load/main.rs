//! Whole benches against hubs that answer, stand still, err, throttle, and die.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod ending;
mod hub;
mod judged;
mod pacing;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use hubproof_bench::bench::bench;
use hubproof_bench::options::{BenchError, BenchOptions};
use hubproof_bench::verdict::exit;
use hubproof_latency::Kind;
use hubproof_model::bench_record::{BenchBaseline, BenchRecord};
use hubproof_model::failure::Failure;
use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::measurement::{Block, BlockSummary, Measurement, Pacing};
use hubproof_model::profile::Profile;
use hubproof_model::record::{RequirementResult, RunEnd, Target};
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::select::Selection;

use crate::hub::{Answer, Hub, TOOL};

fn options(pacing: Pacing, milliseconds: u64) -> BenchOptions {
    BenchOptions {
        scope: RunOptions::new(Selection::all(), Allow::Read),
        pacing,
        duration: Duration::from_millis(milliseconds),
        warm_up: Duration::ZERO,
        connections: None,
        weights: Vec::new(),
        live: false,
        baseline: None,
    }
}

async fn measured(profile: Profile, options: &BenchOptions, interrupt: &Interrupt) -> Result<BenchRecord, BenchError> {
    let target = Target::of_url(profile.target.url.clone());
    bench(profile, target, options, interrupt, &|_| {}, &|_| {}).await
}

async fn bench_of(hub: &Hub, options: &BenchOptions) -> (BenchRecord, Measurement) {
    let record = measured(hub.profile(), options, &Interrupt::default()).await.unwrap();
    let measurement = record.measurement.clone().unwrap();
    (record, measurement)
}

const CLOSED: Pacing = Pacing::Closed { concurrency: 4 };

/// A tenth of the time the hub stands still: of the calls of a stall the first wait for all of it, and the median of all does not wait.
/// The truth needs no measuring: one call in a hundred was meant for the first tenth of a stall.
#[tokio::test(flavor = "multi_thread")]
async fn a_stall_is_told_in_full() {
    const STALL: Duration = Duration::from_millis(200);
    const EVERY: Duration = Duration::from_secs(2);
    let began = Instant::now();
    let phase = move || Duration::from_nanos((began.elapsed().as_nanos() % EVERY.as_nanos()) as u64);
    // By how much the hub itself stood still for longer than it was to: a busy machine's doing.
    let overslept = Arc::new(AtomicU64::new(0));
    let noted = Arc::clone(&overslept);
    let hub = Hub::new(move |_| {
        let noted = Arc::clone(&noted);
        async move {
            let left = STALL.saturating_sub(phase());
            if !left.is_zero() {
                tokio::time::sleep(left).await;
                let over = phase().saturating_sub(STALL).as_micros() as u64;
                noted.fetch_max(over, Ordering::SeqCst);
            }
            Some(Answer::success())
        }
    })
    .await;
    // Of the hundred calls of a stall most wait for a connection: that must not show in those before them.
    let few_connections = BenchOptions {
        connections: Some(10),
        ..options(Pacing::Open { rate: 500.0 }, 4000)
    };
    // A busy machine lets the hub and the harness wait on top of the stall, and none takes of it: less than the truth is never told, and
    // no more in one of six.
    let mut told = Vec::new();
    for _ in 0..6 {
        overslept.store(0, Ordering::SeqCst);
        let (record, measurement) = bench_of(&hub, &few_connections).await;
        let over = Duration::from_micros(overslept.load(Ordering::SeqCst)).as_secs_f64();
        assert_eq!((record.end, measurement.unsent()), (RunEnd::Complete, 0));
        let response = measurement.response.of_kind(Kind::Success);
        assert_eq!(response.count(), 2000);
        assert!(response.quantile(0.5) < STALL / 10, "{:?}", response.quantile(0.5));
        assert_eq!(measurement.lateness.count(), 2000);
        // No thread sends a call at the very moment at which it was meant to go out.
        assert!(measurement.lateness.max() > Duration::from_micros(1));
        let ticks = measurement.pauses.count();
        assert!((390..=400).contains(&ticks), "{ticks} ticks, a hundred a second");
        assert_eq!(measurement.blocks.len(), 20);
        let of_truth = [(0.99, 0.180), (0.999, 0.198)].map(|(part, truth)| {
            let told = response.quantile(part).as_secs_f64();
            assert!(told >= 0.97 * truth, "{part}: {told} s for {truth} s");
            told / (truth + over)
        });
        told.push(of_truth);
        if of_truth.iter().all(|told| *told <= 1.03) {
            break;
        }
    }
    let is_exact = told.last().is_some_and(|told| told.iter().all(|told| *told <= 1.03));
    assert!(is_exact, "{told:?} of the truth");
    assert_eq!(exit_of(&hub, 0).await, Exit::Proved);
}

/// Whether LAT-02 holds of two seconds of a hub that stands still once for half a second, where a baseline is given.
async fn verdict_beside(baseline: Option<&Measurement>, stands_still: bool) -> (Measurement, Option<Verdict>) {
    const STALL: Duration = Duration::from_millis(500);
    let over: Arc<OnceLock<Instant>> = Arc::default();
    let hub = Hub::new(move |number| {
        let over = Arc::clone(&over);
        async move {
            if stands_still && number >= 300 {
                let over = *over.get_or_init(|| Instant::now() + STALL);
                tokio::time::sleep_until(over.into()).await;
            }
            Some(Answer::success())
        }
    })
    .await;
    let options = BenchOptions {
        baseline: baseline.map(|measurement| BenchBaseline {
            path: "before.json".to_owned(),
            suite_version: String::new(),
            target: Target::of_url(hub.profile().target.url),
            started_at: SystemTime::UNIX_EPOCH,
            contract_revision: String::new(),
            early_end: None,
            left_out: BTreeSet::new(),
            measurement: measurement.clone(),
        }),
        ..options(Pacing::Open { rate: 400.0 }, 2000)
    };
    let (record, measurement) = bench_of(&hub, &options).await;
    let of_baseline = |result: &&RequirementResult| result.id == RequirementId::new(Area::Lat, 2);
    let result = record.results.iter().find(of_baseline);
    (measurement, result.map(|result| result.verdict))
}

/// A busy machine may slow a bench, and no machine speeds one up: what holds in one of three is no slower hub.
#[tokio::test(flavor = "multi_thread")]
async fn one_stall_that_the_baseline_has_not_is_told() {
    let (sound, _) = verdict_beside(None, false).await;
    let (stalled, verdict) = verdict_beside(Some(&sound), true).await;
    assert_eq!(verdict, Some(Verdict::Violated));
    // What the stall held up is in its blocks: no block is empty, and the calls of each are as many.
    let calls = |block: &Block| block.tools.values().map(BlockSummary::calls).sum::<u64>();
    assert_eq!(stalled.blocks.iter().map(calls).collect::<Vec<_>>(), [40; 20]);
    for baseline in [&sound, &stalled] {
        let mut held = false;
        for _ in 0..3 {
            let (_, verdict) = verdict_beside(Some(baseline), false).await;
            held = verdict == Some(Verdict::Held);
            if held {
                break;
            }
        }
        assert!(held);
    }
}

/// How a short bench of this hub ends.
async fn exit_of(hub: &Hub, warm_up: u64) -> Exit {
    let options = BenchOptions {
        warm_up: Duration::from_millis(warm_up),
        ..options(CLOSED, 100)
    };
    exit(&bench_of(hub, &options).await.0, FailOn::Must)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_counted_by_requirement_and_a_few_are_kept() {
    let wrong = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&wrong);
    let hub = Hub::new(move |number| {
        let mut answer = Answer::success();
        // What the pool tries is answered soundly.
        if number >= 20 && number % 3 == 0 {
            answer.body["request_id"] = "".into();
            counting.fetch_add(1, Ordering::SeqCst);
        }
        async { Some(answer) }
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(CLOSED, 300)).await;
    let id = RequirementId::new(Area::Env, 1);
    let wrong = wrong.load(Ordering::SeqCst);
    assert!(wrong > 10, "{wrong}");
    assert_eq!(measurement.wrong.into_iter().collect::<Vec<_>>(), [(id, wrong)]);
    let result = record.results.iter().find(|result| result.id == id).unwrap();
    assert_eq!((result.violation_count, result.violations.len()), (wrong, 1));
    let violation = &result.violations[0];
    assert_eq!((violation.tool.as_deref(), violation.alike), (Some(TOOL), wrong - 1));
    assert_eq!(violation.exchanges[0].call.tool(), Some(TOOL));
    assert_eq!(exit(&record, FailOn::Must), Exit::Violated);
    // A wrong success is as fast or slow as any: only refusals are kept apart.
    let successes = measurement.response.of_kind(Kind::Success).count();
    assert_eq!(successes, measurement.response.count());
}

/// What the pool tries is answered like any other call.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_to_trials_are_counted() {
    let hub = Hub::new(|number| async move {
        let mut answer = Answer::success();
        if number == 0 {
            answer.body["request_id"] = "".into();
        }
        Some(answer)
    })
    .await;
    let (_, measurement) = bench_of(&hub, &options(CLOSED, 100)).await;
    let id = RequirementId::new(Area::Env, 1);
    assert_eq!(measurement.wrong.into_iter().collect::<Vec<_>>(), [(id, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_throttled_calls_are_kept_apart() {
    let hub = Hub::new(|number| async move {
        Some(match number {
            0..20 => Answer::success(),
            number if number % 4 == 0 => Answer::error(429, "RATE_LIMITED"),
            number if number % 4 == 1 => Answer::error(502, "UPSTREAM_ERROR"),
            number if number % 4 == 2 => Answer::error(400, "INVALID_INPUT"),
            _ => Answer::success(),
        })
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(CLOSED, 300)).await;
    let count = |kind| measurement.response.of_kind(kind).count();
    let all = measurement.response.count();
    for kind in [Kind::Throttled, Kind::ServerError, Kind::ClientError] {
        assert!(
            count(kind) > 0 && count(kind) <= all / 4 + 1,
            "{kind:?}: {} of {all}",
            count(kind)
        );
    }
    assert_eq!(hub.executes(), all + bench_trials(&hub));
    // In a closed loop, too, something tells the machine's pauses.
    assert!(
        (20..=30).contains(&measurement.pauses.count()),
        "{:?}",
        measurement.pauses
    );
    let failures = record.failures.all();
    let times: u64 = failures.iter().map(|(_, times)| times).sum();
    assert_eq!(times, all - count(Kind::Success));
    let throttled = Failure::Answered {
        status: 429,
        code: Some("RATE_LIMITED".to_owned()),
    };
    assert!(failures.iter().any(|(failure, _)| **failure == throttled));
    assert!(record.notes.iter().any(|note| note.contains("rate limit was met")));
    // A valid input that was accepted before is refused for no reason (EXE-01).
    let refused = [(RequirementId::new(Area::Exe, 1), count(Kind::ClientError))];
    assert_eq!(measurement.wrong.into_iter().collect::<Vec<_>>(), refused);
}

/// How many executes the pool of this hub takes: the likely input, and seven drawn ones.
fn bench_trials(hub: &Hub) -> u64 {
    let bodies: BTreeSet<_> = hub.bodies().into_iter().collect();
    bodies.len() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_target_that_dies_what_was_measured_is_kept() {
    let hub = Hub::new(|number| async move { (number < 300).then(Answer::success) }).await;
    let (record, measurement) = bench_of(&hub, &options(Pacing::Open { rate: 400.0 }, 60_000)).await;
    let RunEnd::TargetUnusable(why) = &record.end else {
        panic!("{:?}", record.end)
    };
    assert!(why.contains("went away"), "{why}");
    assert!(measurement.response.of_kind(Kind::Success).count() > 200);
    assert!(measurement.response.of_kind(Kind::NoAnswer).count() > 0);
    assert!(
        measurement.measured < Duration::from_secs(20),
        "{:?}",
        measurement.measured
    );
    assert_eq!(exit(&record, FailOn::Must), Exit::Inconclusive);
}

/// A target that takes connections and answers nothing any more, from some call on, is never said to have been measured.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_stops_answering_cannot_be_measured() {
    // A minute is never waited for: what answers nothing for longer than any answer may take is given up.
    let open = Pacing::Open { rate: 50.0 };
    for (hangs, pacing, planned) in [
        (true, CLOSED, 60_000),
        (true, open, 60_000),
        (false, CLOSED, 60_000),
        (true, open, 3_500),
    ] {
        let hub = Hub::new(move |number| async move {
            match number {
                0..40 => Some(Answer::success()),
                _ if hangs => std::future::pending().await,
                _ => Some(Answer::reset()),
            }
        })
        .await;
        let mut profile = hub.profile();
        profile.target.timeout = Duration::from_millis(300);
        let (load, interrupt) = (options(pacing, planned), Interrupt::default());
        let record = measured(profile, &load, &interrupt).await.unwrap();
        let RunEnd::TargetUnusable(why) = &record.end else {
            panic!("{hangs} {pacing:?}: {:?}", record.end)
        };
        assert!(why.contains("it stopped answering after 0."), "{why}");
        let measured = record.measurement.as_ref().map(|load| load.measured);
        assert!(
            measured.is_some_and(|time| time < Duration::from_secs(30)),
            "{measured:?}"
        );
        assert_eq!(exit(&record, FailOn::Must), Exit::Inconclusive);
        // Connections that break are not tried again at once.
        assert!(hub.executes() < 3000, "{}", hub.executes());
    }
}

/// The profile says how long an answer may take, for the last calls as for all.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_answers_are_awaited_as_long_as_all() {
    let hub = Hub::new(|number| async move {
        if number >= 20 {
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        Some(Answer::success())
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(CLOSED, 300)).await;
    assert_eq!(record.end, RunEnd::Complete);
    assert_eq!(measurement.response.of_kind(Kind::NoAnswer).count(), 0);
    let slow = measurement.response.of_kind(Kind::Success).quantile(1.0);
    assert!(slow >= Duration::from_secs(6), "{slow:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_beyond_reach_is_said_and_what_was_not_sent_is_counted() {
    let hub = Hub::new(|_| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some(Answer::success())
    })
    .await;
    let options = BenchOptions {
        connections: Some(2),
        ..options(Pacing::Open { rate: 400.0 }, 500)
    };
    let (record, measurement) = bench_of(&hub, &options).await;
    let unsent = measurement.unsent_of(TOOL);
    assert!(unsent > 50, "{unsent}");
    assert_eq!(
        (measurement.response.count() + unsent, measurement.unsent()),
        (200, unsent)
    );
    let failed = measurement.blocks.iter().filter_map(|block| block.tools.get(TOOL));
    assert_eq!(failed.map(|summary| summary.failed).sum::<u64>(), unsent);
    // Two connections answer 40 a second: what was answered after the time was up is no throughput of it.
    let in_time = measurement.in_time[TOOL];
    assert!((1..=20).contains(&in_time), "{in_time}");
    assert!(measurement.response.of_kind(Kind::Success).count() > in_time);
    assert_eq!(exit(&record, FailOn::Must), Exit::Inconclusive);
    let note = record.notes.iter().find(|note| note.contains("400/s was not reached"));
    assert!(
        note.is_some_and(|note| note.contains("2 connections")),
        "{:?}",
        record.notes
    );
    // Each waited for the ones before it.
    let (response, service) = (measurement.response, measurement.service);
    assert!(response.of_kind(Kind::Success).quantile(0.5) > 5 * service.of_kind(Kind::Success).quantile(0.5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_and_what_was_measured_is_kept() {
    let interrupt = Interrupt::default();
    let stopping = interrupt.clone();
    let hub = Hub::new(move |number| {
        if number == 200 {
            stopping.stop(StopReason::Signal);
        }
        async { Some(Answer::success()) }
    })
    .await;
    let record = measured(hub.profile(), &options(CLOSED, 3_600_000), &interrupt)
        .await
        .unwrap();
    assert!(matches!(record.end, RunEnd::Interrupted(_)));
    let measurement = record.measurement.unwrap();
    assert!(measurement.response.count() >= 100);
    // It ended in the first block.
    let stretches: Vec<_> = record.over_time.iter().map(|own| (own.start, own.length)).collect();
    assert_eq!(stretches, [(Duration::ZERO, measurement.measured)]);
    assert_eq!(measurement.response.count() + bench_trials(&hub), hub.executes());
}

/// What is measured is dated by its own beginning, not by that of discovery and of the trials before it.
#[tokio::test(flavor = "multi_thread")]
async fn the_load_begins_after_the_trials() {
    const TRIAL: Duration = Duration::from_millis(150);
    let hub = Hub::new(|number| async move {
        if number < 2 {
            tokio::time::sleep(TRIAL).await;
        }
        Some(Answer::success())
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(CLOSED, 100)).await;
    let before = measurement.began_at.duration_since(record.started_at).unwrap();
    assert!(before >= TRIAL, "{before:?}");
    assert!(measurement.began_at + measurement.measured <= SystemTime::now());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warm_up_is_not_measured() {
    let hub = Hub::new(|_| async { Some(Answer::success()) }).await;
    let options = BenchOptions {
        warm_up: Duration::from_millis(300),
        ..options(Pacing::Open { rate: 100.0 }, 200)
    };
    let (_, measurement) = bench_of(&hub, &options).await;
    assert_eq!(measurement.response.count(), 20);
    assert_eq!(hub.executes(), 50 + bench_trials(&hub));
}

#[tokio::test(flavor = "multi_thread")]
async fn live_inputs_are_more_than_any_pool_holds() {
    let hub = Hub::new(|_| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Some(Answer::success())
    })
    .await;
    let options = BenchOptions {
        live: true,
        ..options(CLOSED, 500)
    };
    let (_, measurement) = bench_of(&hub, &options).await;
    let distinct: BTreeSet<_> = hub.bodies().into_iter().collect();
    assert!(
        distinct.len() > 20,
        "{} of {}",
        distinct.len(),
        measurement.response.count()
    );
    assert!(measurement.wrong.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_never_succeeds_is_not_measured() {
    let hub = Hub::new(|_| async { Some(Answer::error(404, "CONNECTION_NOT_FOUND")) }).await;
    let record = measured(hub.profile(), &options(CLOSED, 100), &Interrupt::default())
        .await
        .unwrap();
    let RunEnd::TargetUnusable(why) = &record.end else {
        panic!("{:?}", record.end)
    };
    assert!(why.contains("CONNECTION_NOT_FOUND"), "{why}");
    assert!(record.measurement.is_none() && record.left_out.contains_key(TOOL));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profiles_budgets_hold() {
    let hub = Hub::new(|_| async { Some(Answer::success()) }).await;
    let mut profile = hub.profile();
    profile.safety.rate = Some(10.0);
    let too_fast = measured(
        profile.clone(),
        &options(Pacing::Open { rate: 20.0 }, 100),
        &Interrupt::default(),
    )
    .await;
    assert!(matches!(too_fast, Err(BenchError::TooFast { .. })));
    let unbounded = measured(profile.clone(), &options(CLOSED, 100), &Interrupt::default()).await;
    assert!(matches!(unbounded, Err(BenchError::Unbounded { budget: "rate" })));
    profile.safety.max_requests = Some(5);
    let too_many = measured(
        profile,
        &options(Pacing::Open { rate: 10.0 }, 1000),
        &Interrupt::default(),
    )
    .await;
    assert!(matches!(too_many, Err(BenchError::TooMany { planned: 10, .. })));
    assert_eq!(hub.executes(), 0);
    // What discovery took, and the pool will, is not there to send.
    let mut profile = hub.profile();
    profile.safety.max_requests = Some(30);
    let load = options(Pacing::Open { rate: 25.0 }, 1000);
    let too_many = measured(profile, &load, &Interrupt::default()).await;
    assert!(matches!(too_many, Err(BenchError::TooMany { planned: 34.., .. })));
    assert_eq!(hub.executes(), 0, "a mistake is told before the trials");
}
