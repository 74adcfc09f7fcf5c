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
            Figure {
                what: "peak memory of `bench` with every read tool of the hub in the mix",
                unit: Unit::Megabytes,
                goal: Goal::Told,
            },
        ]
    }

    fn most_rounds(&self) -> Option<u32> {
        Some(3)
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        let peak = |own: Own<'_>, factor: u32| {
            let benched = own.run(Pace::Closed(CONNECTIONS), scene.extent.memory * factor)?;
            Ok(benched.peak as f64 / MEGABYTE)
        };
        let one_tool = || Own::new(scene, &scene.hub);
        let (short, long) = pair(round, || peak(one_tool(), 1), || peak(one_tool(), 10))?;
        Ok(vec![long.max(short), long - short, peak(one_tool().every_tool(), 1)?])
    }
}
