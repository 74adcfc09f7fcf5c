//! How loads end, and what calls count for that are given up then.

use std::time::Duration;

use hubproof_latency::Kind;
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::measurement::Pacing;
use hubproof_model::record::RunEnd;
use hubproof_runner::interrupt::{Interrupt, StopReason};

use crate::hub::{Answer, Hub};
use crate::{CLOSED, bench_trials, measured, options};

/// A bench of a hub that answers forty calls and no more, and that the user stops with the call of this number.
async fn stopped_at(stop: u64, pacing: Pacing) -> (Hub, BenchRecord) {
    let interrupt = Interrupt::default();
    let stopping = interrupt.clone();
    let hub = Hub::new(move |number| {
        let stopping = stopping.clone();
        async move {
            if number == stop {
                stopping.stop(StopReason::Signal);
            }
            match number {
                0..40 => Some(Answer::success()),
                _ => std::future::pending().await,
            }
        }
    })
    .await;
    let record = measured(hub.profile(), &options(pacing, 3_600_000), &interrupt).await;
    (hub, record.unwrap())
}

/// How many calls a record says were given up.
fn given_up(record: &BenchRecord) -> u64 {
    let told = |note: &String| {
        let (calls, _) = note.split_once(" calls were due or on their way when the bench was stopped")?;
        calls.parse().ok()
    };
    record.notes.iter().find_map(told).unwrap_or_default()
}

/// hubproof gives them up, and not the hub.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_at_a_signal_counts_nowhere() {
    // As many are on their way as there are connections.
    let (hub, record) = stopped_at(43, CLOSED).await;
    assert!(matches!(record.end, RunEnd::Interrupted(_)));
    assert_eq!(given_up(&record), 4);
    let measurement = record.measurement.unwrap();
    assert_eq!(measurement.response.count() + bench_trials(&hub), 40);
    assert!(record.failures.all().is_empty());
    // In an open loop others are due, and wait for a connection.
    let (hub, record) = stopped_at(55, Pacing::Open { rate: 400.0 }).await;
    let given_up = given_up(&record);
    assert!(given_up >= 16, "{given_up}");
    let measurement = record.measurement.unwrap();
    assert_eq!(
        (
            measurement.response.of_kind(Kind::NoAnswer).count(),
            measurement.unsent()
        ),
        (0, 0)
    );
    assert_eq!(measurement.response.count() + bench_trials(&hub), 40);
    assert!(record.failures.all().is_empty());
}

/// One call that is lost is one call without an answer, the last one as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_last_call_is_no_silence() {
    let hub = Hub::new(|number| async move {
        match number {
            40 => std::future::pending().await,
            _ => Some(Answer::success()),
        }
    })
    .await;
    let mut profile = hub.profile();
    profile.target.timeout = Duration::from_millis(2_200);
    let load = options(Pacing::Closed { concurrency: 1 }, 300);
    let record = measured(profile, &load, &Interrupt::default()).await.unwrap();
    assert_eq!(record.end, RunEnd::Complete);
    let measurement = record.measurement.unwrap();
    assert_eq!(measurement.response.of_kind(Kind::NoAnswer).count(), 1);
}
