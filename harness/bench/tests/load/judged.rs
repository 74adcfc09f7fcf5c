//! What the answers of a load are taken for: each is judged like in a run, and a quick answer that says nothing is no success.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use hubproof_latency::Kind;
use hubproof_model::measurement::{Measurement, Pacing};
use hubproof_model::requirement::{Area, RequirementId};
use serde_json::Value;

use crate::hub::{Answer, Hub, KEY};
use crate::{CLOSED, bench_of, options};

/// A short load on a hub that answers all trials with success, and every third call of the load like this.
async fn every_third(answer: impl Fn() -> Answer + Send + Sync + 'static) -> Measurement {
    let hub = Hub::new(move |number| {
        let answer = match number {
            0..20 => Answer::success(),
            number if number % 3 == 0 => answer(),
            _ => Answer::success(),
        };
        async { Some(answer) }
    })
    .await;
    let (_, measurement) = bench_of(&hub, &options(CLOSED, 300)).await;
    assert!(measurement.response.count() > 30, "{}", measurement.response.count());
    measurement
}

fn count(measurement: &Measurement, kind: Kind) -> u64 {
    measurement.response.of_kind(kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_answer_can_break_is_counted() {
    let refused = || Answer::error(400, "INVALID_INPUT");
    let measurement = every_third(refused).await;
    let times = count(&measurement, Kind::ClientError);
    assert_eq!(measurement.wrong, broken(Area::Exe, 1, times));
    let gated = || Answer::error(403, "APPROVAL_REQUIRED");
    let measurement = every_third(gated).await;
    let times = count(&measurement, Kind::ClientError);
    assert_eq!(measurement.wrong, broken(Area::Apr, 10, times));
}

/// In a success with nothing else to find fault with.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_back_is_found_wherever_it_stands() {
    let in_header = || Answer {
        header: format!("x-debug: Bearer {KEY}\r\n"),
        ..Answer::success()
    };
    let in_data = || {
        let mut answer = Answer::success();
        answer.body["data"]["tickets"] = KEY.into();
        answer
    };
    let percent_encoded = || {
        let mut answer = Answer::success();
        answer.body["data"]["tickets"] = KEY.replace('_', "%5F").into();
        answer
    };
    let found = [
        every_third(in_header).await,
        every_third(in_data).await,
        every_third(percent_encoded).await,
    ];
    for measurement in found {
        let all = measurement.response.count();
        let times = measurement.wrong.values().sum::<u64>();
        assert!((all / 4..=all / 2).contains(&times), "{times} of {all}");
        assert_eq!(measurement.wrong, broken(Area::Auth, 10, times));
    }
}

fn broken(area: Area, number: u8, times: u64) -> BTreeMap<RequirementId, u64> {
    assert!(times > 0);
    BTreeMap::from([(RequirementId::new(area, number), times)])
}

/// A gateway's redirect and its page are quicker than any hub.
#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_is_no_success() {
    for answer in [(302, Value::Null), (200, Value::Null), (200, "<html>".into())] {
        let told = answer.clone();
        let measurement = every_third(move || Answer::of(told.0, told.1.clone())).await;
        let (failed, all) = (count(&measurement, Kind::ServerError), measurement.response.count());
        assert!((all / 4..=all / 2).contains(&failed), "{answer:?}: {failed} of {all}");
        assert_eq!(count(&measurement, Kind::Success), all - failed);
    }
}

/// A limit that is met while inputs are tried says nothing of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_is_throttled_is_tried_again() {
    let hub = Hub::new(|number| async move {
        Some(match number {
            0 => Answer {
                header: "x-ratelimit-remaining: 0\r\n".to_owned(),
                ..Answer::error(429, "RATE_LIMITED")
            },
            _ => Answer::success(),
        })
    })
    .await;
    let (record, measurement) = bench_of(&hub, &options(CLOSED, 100)).await;
    assert!(record.left_out.is_empty(), "{:?}", record.left_out);
    assert_eq!(count(&measurement, Kind::Success), measurement.response.count());
}

/// What is due at once after a stall goes out no faster than the profile allows: one call each 10 ms here, where twenty are due.
#[tokio::test(flavor = "multi_thread")]
async fn the_profiles_rate_holds_after_a_stall() {
    const STALLED: u64 = 30;
    let (began, last) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let noting = Arc::clone(&last);
    let hub = Hub::new(move |number| {
        let noting = Arc::clone(&noting);
        async move {
            if number == STALLED {
                tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            }
            noting.store(began.elapsed().as_millis() as u64, Ordering::SeqCst);
            Some(Answer::success())
        }
    })
    .await;
    let mut profile = hub.profile();
    profile.safety.rate = Some(100.0);
    let load = crate::BenchOptions {
        connections: Some(1),
        ..options(Pacing::Open { rate: 100.0 }, 600)
    };
    let record = crate::measured(profile, &load, &crate::Interrupt::default())
        .await
        .unwrap();
    let measurement = record.measurement.unwrap();
    assert_eq!(measurement.response.count(), 60);
    // The time is up after 0.6 s; what was due goes on being sent, and 40 calls take 0.4 s.
    let waited = measurement.response.of_kind(Kind::Success).max();
    assert!(waited >= std::time::Duration::from_millis(380), "{waited:?}");
    let last_wait = measurement.response.of_kind(Kind::Success).quantile(0.75);
    assert!(last_wait >= std::time::Duration::from_millis(300), "{last_wait:?}");
}
