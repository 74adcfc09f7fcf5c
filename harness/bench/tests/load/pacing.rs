//! When calls go out, and what is said where that was not when they were meant to.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hubproof_bench::options::BenchOptions;
use hubproof_bench::verdict::exit;
use hubproof_latency::Kind;
use hubproof_model::gate::FailOn;
use hubproof_model::measurement::Pacing;
use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::Interrupt;

use crate::hub::{Answer, Hub};
use crate::{bench_of, measured, options};

/// What is due at once after a stall goes out no faster than the profile allows: forty calls are due here, and ten may go out together.
#[tokio::test(flavor = "multi_thread")]
async fn the_profiles_rate_holds_after_a_stall() {
    const STALLED: u64 = 30;
    const STALL: Duration = Duration::from_millis(400);
    let arrived: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let noting = Arc::clone(&arrived);
    let hub = Hub::new(move |number| {
        noting.lock().unwrap().push(Instant::now());
        async move {
            if number == STALLED {
                tokio::time::sleep(STALL).await;
            }
            Some(Answer::success())
        }
    })
    .await;
    let mut profile = hub.profile();
    profile.safety.rate = Some(100.0);
    let load = BenchOptions {
        connections: Some(1),
        ..options(Pacing::Open { rate: 100.0 }, 1000)
    };
    let record = measured(profile, &load, &Interrupt::default()).await.unwrap();
    let measurement = record.measurement.unwrap();
    assert_eq!(measurement.response.count(), 100);
    let arrived = arrived.lock().unwrap();
    let after_stall = &arrived[STALLED as usize + 1..];
    // Ten at once and one each 10 ms: the 31st no sooner than 200 ms after the first, but for what the machine delays that one by.
    let together = after_stall
        .windows(31)
        .filter(|calls| calls[30] - calls[0] < Duration::from_millis(150));
    assert_eq!(together.count(), 0);
    // The time is up after a second; what was due goes on being sent, 300 ms later than it was meant to be.
    assert!(after_stall[after_stall.len() - 1] - after_stall[0] > Duration::from_millis(500));
    // That is the profile's doing, not the hub's: those before the stall and those after it, more than half of all, did not wait for the hub.
    let response = measurement.response.of_kind(Kind::Success);
    assert!(
        response.max() >= STALL - Duration::from_millis(20),
        "{:?}",
        response.max()
    );
    assert!(
        response.quantile(0.5) < Duration::from_millis(60),
        "{:?}",
        response.quantile(0.5)
    );
    assert!(measurement.lateness.quantile(0.5) < Duration::from_millis(60));
    let told = record
        .notes
        .iter()
        .find(|note| note.contains("`safety.rate` held back"));
    assert!(
        told.is_some_and(|note| note.contains("for up to 0.")),
        "{:?}",
        record.notes
    );
}

/// What is on its way when the time is up was sent, however long it takes.
#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_do_not_make_a_rate_unreached() {
    let hub = Hub::new(|_| async {
        tokio::time::sleep(Duration::from_millis(60)).await;
        Some(Answer::success())
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(Pacing::Open { rate: 100.0 }, 500)).await;
    let in_time: u64 = measurement.in_time.values().sum();
    assert!(
        in_time < 49,
        "{in_time} of 50: more than 2 % are answered after the end"
    );
    assert!(
        !record.notes.iter().any(|note| note.contains("not reached")),
        "{:?}",
        record.notes
    );
    assert_eq!(exit(&record, FailOn::Must), Exit::Proved);
}
