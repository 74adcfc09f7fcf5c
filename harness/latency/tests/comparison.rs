//! How often equal measurements are said to differ, and how often a slowdown is found: measured on simulated pairs, which a seed decides.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells its figures"
)]

use std::f64::consts::TAU;
use std::time::Duration;

use hubproof_latency::comparison::{Comparison, FALSE_ALARMS};

const PAIRS: usize = 1000;
const BLOCKS: usize = 20;
/// Tools in a measurement; p50 and p90 are simulated of each.
const TOOLS: usize = 5;
/// Of how many comparisons each counts as one: the others, of p99, stalls and failures, have half of the false alarms.
const COMPARISONS: usize = 2 * 2 * TOOLS;

/// How uneven runs are. All are standard deviations of the logarithm, but `alike`.
#[derive(Clone, Copy)]
struct Noise {
    /// From run to run, of all tools together.
    drift: f64,
    /// From block to block.
    blocks: f64,
    /// How alike blocks are that follow each other (AR(1)).
    alike: f64,
    /// The part of the blocks in which the machine pauses and takes half as long again.
    pauses: f64,
}

/// A quiet machine, a busy one, and one whose blocks follow long waves.
const NOISES: [(&str, Noise); 3] = [
    (
        "quiet",
        Noise {
            drift: 0.01,
            blocks: 0.02,
            alike: 0.2,
            pauses: 0.0,
        },
    ),
    (
        "busy",
        Noise {
            drift: 0.03,
            blocks: 0.04,
            alike: 0.5,
            pauses: 0.05,
        },
    ),
    (
        "waves",
        Noise {
            drift: 0.03,
            blocks: 0.05,
            alike: 0.8,
            pauses: 0.02,
        },
    ),
];

/// SplitMix64: equal on every machine and in every version.
struct Random(u64);

impl Random {
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of the standard normal distribution (Box and Muller).
    fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.part(), self.part());
        (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
    }

    /// A percentile of each block of a tool, in a run that is off by `drift`.
    fn blocks(&mut self, typical: f64, drift: f64, noise: Noise) -> Vec<Duration> {
        let mut state = self.normal();
        let fresh = (1.0 - noise.alike * noise.alike).sqrt();
        let blocks = (0..BLOCKS).map(|_| {
            state = noise.alike * state + fresh * self.normal();
            let pause = if self.part() < noise.pauses { 1.5 } else { 1.0 };
            Duration::from_secs_f64(typical * pause * (drift + noise.blocks * state).exp())
        });
        blocks.collect()
    }

    /// Whether the new one of two runs is said to be slower, whose first tool takes `slowdown` times as long.
    fn is_slower(&mut self, noise: Noise, slowdown: f64) -> bool {
        let (old_drift, new_drift) = (noise.drift * self.normal(), noise.drift * self.normal());
        let mut is_slower = false;
        for tool in 0..TOOLS {
            let factor = if tool == 0 { slowdown } else { 1.0 };
            for typical in [0.005, 0.009] {
                let old = self.blocks(typical, old_drift, noise);
                let new = self.blocks(typical * factor, new_drift, noise);
                is_slower |= Comparison::of(&old, &new, COMPARISONS).unwrap().is_slower();
            }
        }
        is_slower
    }

    /// The part of the pairs that are said to differ.
    fn part_slower(&mut self, noise: Noise, slowdown: f64) -> f64 {
        (0..PAIRS).filter(|_| self.is_slower(noise, slowdown)).count() as f64 / PAIRS as f64
    }
}

#[test]
fn equal_runs_are_seldom_said_to_differ() {
    for (name, noise) in NOISES {
        let alarms = Random(1).part_slower(noise, 1.0);
        println!(
            "{name}: {:.1} % of {PAIRS} equal pairs are said to differ",
            alarms * 100.0
        );
        assert!(alarms <= FALSE_ALARMS, "{name}: {alarms}");
    }
}

#[test]
fn a_tool_that_takes_30_percent_longer_is_found() {
    // Where blocks follow long waves, a measurement as short as one of them cannot tell.
    for ((name, noise), least) in NOISES.into_iter().zip([0.99, 0.95, 0.6]) {
        let found = Random(2).part_slower(noise, 1.3);
        println!("{name}: {:.1} % of {PAIRS} slowdowns by 30 % are found", found * 100.0);
        assert!(found >= least, "{name}: {found}");
    }
}
