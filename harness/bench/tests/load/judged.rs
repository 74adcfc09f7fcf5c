//! What the answers of a load are taken for: each is judged like in a run, and a quick answer that says nothing is no success.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_bench::options::BenchOptions;
use hubproof_bench::verdict::exit;
use hubproof_latency::Kind;
use hubproof_model::bench_record::BenchRecord;
use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::measurement::{Measurement, Pacing};
use hubproof_model::profile::Profile;
use hubproof_model::record::RequirementResult;
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::select::Selection;
use serde_json::Value;

use crate::hub::{Answer, Hub, KEY, TOOL};
use crate::{CLOSED, bench_of, measured, options};

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

/// What a warm-up takes counts in no time and as no failure, and a wrong answer is wrong all the same.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_warm_up_are_checked() {
    let hub = Hub::new(|number| async move {
        let mut answer = Answer::success();
        match number {
            // After the trials, and before the measuring.
            10..14 => answer.body["request_id"] = "".into(),
            14..18 => answer = Answer::error(502, "UPSTREAM_ERROR"),
            _ => {}
        }
        Some(answer)
    })
    .await;
    let options = BenchOptions {
        warm_up: Duration::from_millis(300),
        ..options(Pacing::Open { rate: 100.0 }, 200)
    };
    let (record, measurement) = bench_of(&hub, &options).await;
    assert_eq!(measurement.wrong, broken(Area::Env, 1, 4));
    let id = RequirementId::new(Area::Env, 1);
    let result = record.results.iter().find(|result| result.id == id).unwrap();
    assert_eq!((result.violation_count, result.violations[0].exchanges.len()), (4, 1));
    assert_eq!(
        (measurement.response.count(), count(&measurement, Kind::Success)),
        (20, 20)
    );
    assert_eq!(measurement.overhead[TOOL].count(), 20);
    assert!(record.failures.all().is_empty());
}

/// What a bench of a tool of this risk says of its objective, where all executes are answered like this.
async fn objective_of(risk: &'static str, answer: fn() -> Answer) -> (BenchRecord, RequirementResult) {
    let hub = Hub::of_risk(risk, move |_| async move { Some(answer()) }).await;
    let mut profile = hub.profile();
    let slo = Profile::parse(
        "[target]\nurl = \"https://hub.example\"\n[slo.write]\np50 = \"1s\"\nerror_rate = \"1%\"",
        &|_| None,
    );
    profile.slo = slo.unwrap().slo;
    let load = BenchOptions {
        scope: RunOptions::new(Selection::all(), Allow::Write),
        ..options(Pacing::Open { rate: 200.0 }, 300)
    };
    let record = measured(profile, &load, &Interrupt::default()).await.unwrap();
    let id = RequirementId::new(Area::Lat, 1);
    let result = record.results.iter().find(|result| result.id == id).unwrap().clone();
    (record, result)
}

/// Nobody tries the input of a write: that all its calls are refused tells nothing of the hub.
#[tokio::test(flavor = "multi_thread")]
async fn writes_that_are_all_refused_miss_no_objective() {
    let (record, objective) = objective_of("write", || Answer::error(404, "NOT_FOUND")).await;
    assert_eq!(objective.verdict, Verdict::Inconclusive, "{objective:?}");
    let why = &record.left_out[TOOL].why;
    assert!(
        why.contains("none of its calls succeeded, and all 60 were refused"),
        "{why}"
    );
    assert!(objective.reason.unwrap().contains(why));
    assert!(record.notes.iter().any(|note| note.contains(why)));
    assert_eq!(exit(&record, FailOn::Must), Exit::Inconclusive);
    // Errors of the hub's own are its own.
    let (record, objective) = objective_of("write", || Answer::error(500, "INTERNAL_ERROR")).await;
    assert_eq!(objective.verdict, Verdict::Violated, "{objective:?}");
    assert!(record.left_out.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn overhead_is_the_time_that_the_hub_does_not_tell() {
    let hub = Hub::new(|_| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut answer = Answer::success();
        answer.body["duration_ms"] = 15.into();
        Some(answer)
    })
    .await;
    let (_, measurement) = bench_of(&hub, &options(Pacing::Open { rate: 50.0 }, 400)).await;
    let service = measurement.service.of_kind(Kind::Success);
    let overhead = &measurement.overhead[TOOL];
    assert_eq!((service.count(), overhead.count()), (20, 20));
    let told = service.quantile(0.5).saturating_sub(overhead.quantile(0.5));
    assert!(
        told.abs_diff(Duration::from_millis(15)) < Duration::from_millis(1),
        "{told:?}"
    );
}
