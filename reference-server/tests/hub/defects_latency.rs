//! What makes hubs slow, or lets them lie about it, on a clock that stands still until something waits for it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::{LocalBoxFuture, join_all};
use reference_server::{Hub, InProcessHub, defects};
use tokio::time::{Instant, sleep_until};

use crate::latency::{GET, LIST, timed};

/// A defect's name, and what is true where the hub goes wrong.
type Row = (&'static str, for<'a> fn(&'a InProcessHub) -> LocalBoxFuture<'a, bool>);

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// How long a tool takes, and how long it says that it took.
async fn took_and_told(hub: &InProcessHub, tool: &str) -> (Duration, Duration) {
    let (took, body) = timed(hub, tool).await;
    (took, ms(body["duration_ms"].as_u64().unwrap()))
}

const ROWS: &[Row] = &[
    ("one-tool-slow", |hub| {
        Box::pin(async {
            let (slow, other) = (took_and_told(hub, LIST).await, took_and_told(hub, GET).await);
            (slow, other) == ((ms(60), ms(60)), (ms(0), ms(0)))
        })
    }),
    ("one-call-at-a-time", |hub| {
        Box::pin(async {
            let alone = timed(hub, GET).await.0;
            let together = join_all([timed(hub, GET), timed(hub, LIST), timed(hub, GET)]).await;
            let longest = together.iter().map(|(took, _)| *took).max();
            (alone, longest) == (ms(4), Some(ms(12)))
        })
    }),
    ("stands-still", |hub| {
        Box::pin(async {
            let began = Instant::now();
            let first = timed(hub, GET).await.0;
            sleep_until(began + ms(2050)).await;
            let together = join_all([timed(hub, GET), timed(hub, LIST)]).await;
            let after = timed(hub, GET).await.0;
            first == ms(0) && together.iter().all(|(took, _)| *took == ms(150)) && after == ms(0)
        })
    }),
    ("audit-awaited", |hub| {
        Box::pin(async { (timed(hub, GET).await.0, timed(hub, LIST).await.0) == (ms(3), ms(3)) })
    }),
    ("listings-slower", |hub| {
        Box::pin(async { (timed(hub, GET).await.0, timed(hub, LIST).await.0) == (ms(0), ms(5)) })
    }),
    ("duration-zero", |hub| {
        Box::pin(async { took_and_told(hub, GET).await == (ms(20), ms(0)) })
    }),
    ("duration-inflated", |hub| {
        Box::pin(async { took_and_told(hub, GET).await == (ms(0), ms(50)) })
    }),
    ("overhead-untold", |hub| {
        Box::pin(async { took_and_told(hub, GET).await == (ms(25), ms(0)) })
    }),
];

#[tokio::test(start_paused = true)]
async fn each_shows_where_it_is_and_a_sound_hub_shows_none() {
    let sound = || Hub::builder();
    for (defect, goes_wrong) in ROWS {
        let broken = sound().defect(defect).unwrap().in_process().unwrap();
        assert!(goes_wrong(&broken).await, "{defect} does not show");
        let sound = sound().in_process().unwrap();
        assert!(!goes_wrong(&sound).await, "a sound hub seems to have {defect}");
    }
}

#[test]
fn every_defect_of_latency_is_proved_here() {
    let proved: BTreeSet<_> = ROWS.iter().map(|(defect, _)| *defect).collect();
    let of_area = defects::all()
        .iter()
        .filter(|defect| defect.requirement.starts_with("LAT-"));
    assert_eq!(proved, of_area.map(|defect| defect.name).collect());
}
