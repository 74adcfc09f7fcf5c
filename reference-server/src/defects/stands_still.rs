//! Stands still for 200 ms in every 2 s, as a process does whose memory is collected: the calls that arrive meanwhile all wait.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Defect;
use crate::flow::Flow;
use crate::latency::rest_of_stall;
use crate::limits;

pub(super) const DEFECT: Defect = Defect {
    name: "stands-still",
    requirement: "LAT-01",
    summary: "Stands still for 200 ms in every 2 s, from its first call on: the calls that arrive meanwhile all wait.",
    plant,
};

const LASTING: Duration = Duration::from_millis(200);
const EVERY: Duration = Duration::from_secs(2);

fn plant(flow: &mut Flow) {
    let first = OnceLock::new();
    flow.take = Box::new(move |hub, key, now| {
        let running = first.get_or_init(Instant::now).elapsed();
        Box::pin(async move {
            sleep(rest_of_stall(running, LASTING, EVERY)).await;
            limits::take(hub, key, now).await
        })
    });
}
