//! An open loop on a hub that stands still for a part of each period: what it tells against the truth.

use super::{Figure, Measure};
use crate::bench::goal::{Goal, Unit};
use crate::bench::own::{Own, Pace};
use crate::bench::scene::Scene;
use crate::bench::servers::Hub;

/// Calls a second.
const RATE: f64 = 1000.0;

pub(super) struct Stalled;

impl Measure for Stalled {
    fn name(&self) -> &'static str {
        "stall"
    }

    fn figures(&self) -> &'static [Figure] {
        &[
            Figure {
                what: "stall of a tenth of the time at 1,000/s: p99 ÷ truth",
                unit: Unit::Times,
                goal: Goal::Near(0.02),
            },
            Figure {
                what: "the same: p99.9 ÷ truth",
                unit: Unit::Times,
                goal: Goal::Near(0.02),
            },
            Figure {
                what: "the same: p50 of response less p50 of service",
                unit: Unit::Microseconds,
                goal: Goal::AtMost(100.0),
            },
        ]
    }

    fn most_rounds(&self) -> Option<u32> {
        Some(3)
    }

    fn measure(&self, scene: &Scene, _: u32) -> Result<Vec<f64>, String> {
        let (stall, periods) = scene.extent.stall;
        // A hub of its own: it stands still for everybody.
        let hub = Hub::start(&scene.binaries, Some(&stall.argument()))?;
        let told = Own::new(scene, &hub)
            .run(Pace::Open(RATE), stall.period * periods)?
            .report;
        let (response, service) = (told.response()?, told.service()?);
        let against_truth = |part: f64, seen: f64| seen / (stall.wait_at(part, RATE).as_secs_f64() * 1000.0);
        Ok(vec![
            against_truth(0.99, response.p99),
            against_truth(0.999, response.p999),
            (response.p50 - service.p50) * 1000.0,
        ])
    }
}
