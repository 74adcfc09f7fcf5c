//! The most memory that a bench holds, and what ten times the calls add to it.

use super::{Figure, Measure, pair};
use crate::bench::goal::{Goal, Unit};
use crate::bench::own::{Own, Pace};
use crate::bench::scene::{CONNECTIONS, Scene};

const MEGABYTE: f64 = 1e6;

pub(super) struct Memory;

impl Measure for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn figures(&self) -> &'static [Figure] {
        &[
            Figure {
                what: "peak memory of `bench`",
                unit: Unit::Megabytes,
                goal: Goal::AtMost(32.0),
            },
            Figure {
                what: "its growth for ten times the requests",
                unit: Unit::Megabytes,
                goal: Goal::AtMost(2.0),
            },
        ]
    }

    fn most_rounds(&self) -> Option<u32> {
        Some(3)
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        let peak = |factor: u32| {
            let own = Own::new(scene, &scene.hub);
            let benched = own.run(Pace::Closed(CONNECTIONS), scene.extent.memory * factor)?;
            Ok(benched.peak as f64 / MEGABYTE)
        };
        let (short, long) = pair(round, || peak(1), || peak(10))?;
        Ok(vec![long.max(short), long - short])
    }
}
