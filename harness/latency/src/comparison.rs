//! Whether one measurement is slower than an earlier one by more than noise.
//!
//! What is compared is a percentile (p50, p90, p99) of each block of both, a block being one of some twenty equal stretches of the measured
//! time. The test is Yuen's: Welch's t-test on trimmed means, here of logarithms, so that it speaks of ratios, and one block in ten at
//! either end (a pause of a machine, say) moves nothing. Two things are added, without which it would cry wolf:
//!
//! - *Blocks that follow each other are alike.* Their lag-1 autocorrelation ρ is estimated, and the variance multiplied by
//!   (1+ρ)/(1−ρ).
//! - *No two runs are alike.* Another day, another neighbour, another layout of memory: what blocks of one run cannot know. Each run is
//!   taken to be off by 3.5 % (one standard deviation), and by 10 % in its tail (p99), whatever its blocks say.
//!
//! A slowdown counts where even its lower confidence bound is above nothing, and where it is no less than 10 % and 1 ms: so much a machine
//! that does something else beside adds to every call, and nobody notices it.
//! `tests/comparison.rs` measures how often equal runs are said to differ, and how often a slowdown is found:
//! `cargo test -p hubproof-latency --test comparison -- --nocapture`.

use std::time::Duration;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// How often equal measurements may be said to differ: at most this part of all comparisons, however many percentiles of however many
/// tools one of them holds.
pub const FALSE_ALARMS: f64 = 0.01;
/// The fewest blocks on either side that tell anything of noise.
pub const FEWEST_BLOCKS: usize = 8;
/// How far a run is off as a whole: one standard deviation of the logarithm.
const DRIFT: f64 = 0.035;
/// The same of its tail.
const DRIFT_OF_TAIL: f64 = 0.1;
/// The latency of what never ended.
pub const NEVER: Duration = Duration::from_secs(3600);
/// The least slowdown worth a word, as a part of what was.
const LEAST_PART: f64 = 0.10;
/// The least slowdown worth a word, as a time.
const LEAST_TIME: Duration = Duration::from_millis(1);
/// The part of the blocks that is trimmed at either end.
const TRIMMED: f64 = 0.1;
/// The most that blocks are taken to be alike: beyond it, their number says nothing.
const MOST_ALIKE: f64 = 0.9;
/// What a latency of zero is taken for.
const SHORTEST: f64 = 1e-9;

/// How a percentile compares with what it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// What it was, typically of a block.
    pub old: Duration,
    /// What it is.
    pub new: Duration,
    /// The lower confidence bound of the ratio of the two.
    pub least_ratio: f64,
}

impl Comparison {
    /// Compares a percentile of the blocks of two measurements, in the order of time. `comparisons` is the number of all that are made of
    /// the same two: the more, the more it takes for one of them to stand out. `None` where either has too few blocks.
    #[must_use]
    pub fn of(old: &[Duration], new: &[Duration], comparisons: usize) -> Option<Self> {
        Self::with_drift(old, new, comparisons, DRIFT)
    }

    /// Compares one of the tail, such as p99, which differs more from run to run.
    #[must_use]
    pub fn of_tail(old: &[Duration], new: &[Duration], comparisons: usize) -> Option<Self> {
        Self::with_drift(old, new, comparisons, DRIFT_OF_TAIL)
    }

    fn with_drift(old: &[Duration], new: &[Duration], comparisons: usize, drift: f64) -> Option<Self> {
        let (old, new) = (Blocks::of(old)?, Blocks::of(new)?);
        let variance = old.variance + new.variance;
        let whole = variance + 2.0 * drift * drift;
        // Welch and Satterthwaite: the drift is given, and has all degrees of freedom.
        let freedom = whole * whole / (old.variance.powi(2) / old.freedom + new.variance.powi(2) / new.freedom);
        let level = 1.0 - FALSE_ALARMS / comparisons.max(1) as f64;
        let bound = StudentsT::new(0.0, 1.0, freedom.clamp(1.0, 1e6))
            .ok()?
            .inverse_cdf(level);
        Some(Self {
            old: Duration::from_secs_f64(old.mean.exp()),
            new: Duration::from_secs_f64(new.mean.exp()),
            least_ratio: (new.mean - old.mean - bound * whole.sqrt()).exp(),
        })
    }

    /// How many times what it was: 1.3 where it takes 30 % longer.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.new.as_secs_f64() / self.old.as_secs_f64().max(SHORTEST)
    }

    /// Whether it is slower by more than noise, and by enough to matter.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        let is_enough = self.ratio() >= 1.0 + LEAST_PART && self.new.saturating_sub(self.old) >= LEAST_TIME;
        is_enough && self.least_ratio > 1.0
    }
}

/// What the blocks of one measurement say of the logarithm of a percentile.
struct Blocks {
    /// The trimmed mean.
    mean: f64,
    /// The square of its standard error.
    variance: f64,
    /// Its degrees of freedom.
    freedom: f64,
}

impl Blocks {
    fn of(blocks: &[Duration]) -> Option<Self> {
        if blocks.len() < FEWEST_BLOCKS {
            return None;
        }
        let logarithms = blocks.iter().map(|block| block.as_secs_f64().max(SHORTEST).ln());
        let logarithms: Vec<_> = logarithms.collect();
        let mut sorted = logarithms.clone();
        sorted.sort_by(f64::total_cmp);
        let cut = (sorted.len() as f64 * TRIMMED) as usize;
        let kept = &sorted[cut..sorted.len() - cut];
        // Winsorised: what is trimmed from the mean counts in the variance as the last that is kept.
        let (low, high) = (kept[0], kept[kept.len() - 1]);
        let winsorised: Vec<_> = logarithms.iter().map(|value| value.clamp(low, high)).collect();
        let alike = autocorrelation(&winsorised);
        let inflation = (1.0 + alike) / (1.0 - alike);
        let left = kept.len() as f64;
        Some(Self {
            mean: mean(kept),
            variance: inflation * squared_deviations(&winsorised) / (left * (left - 1.0)),
            freedom: ((left - 1.0) / inflation).max(1.0),
        })
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squared_deviations(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

/// How alike values are that follow each other: lag 1, from 0 on. Of few values it comes out too low by about (1+3ρ)/n, which is mended.
fn autocorrelation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares = squared_deviations(values);
    if squares <= f64::EPSILON {
        return 0.0;
    }
    let neighbours = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean));
    let raw = neighbours.sum::<f64>() / squares;
    let mended = raw + (1.0 + 3.0 * raw) / values.len() as f64;
    mended.clamp(0.0, MOST_ALIKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks around a latency, the same each time, each off by up to a part of it.
    fn around(microseconds: f64, part: f64) -> Vec<Duration> {
        let offs = [0.3, -0.8, 1.0, -0.2, 0.6, -1.0, 0.1, -0.5, 0.9, -0.4]
            .into_iter()
            .cycle()
            .take(20);
        offs.map(|off| Duration::from_secs_f64(microseconds * 1e-6 * (1.0 + off * part)))
            .collect()
    }

    #[test]
    fn a_clear_slowdown_is_found_and_a_small_one_is_not() {
        let compare = |new: f64| Comparison::of(&around(5000.0, 0.02), &around(new, 0.02), 10).unwrap();
        let found = compare(6500.0);
        assert!(found.is_slower());
        assert!((found.ratio() - 1.3).abs() < 0.005, "{}", found.ratio());
        assert!(
            found.least_ratio > 1.1 && found.least_ratio < 1.3,
            "{}",
            found.least_ratio
        );
        assert!(!compare(5000.0).is_slower());
        assert!(!compare(5450.0).is_slower(), "9 %");
        assert!(!compare(3000.0).is_slower(), "faster");
    }

    #[test]
    fn noise_takes_more_to_exceed() {
        let is_slower = |part: f64| {
            Comparison::of(&around(5000.0, part), &around(6500.0, part), 10)
                .unwrap()
                .is_slower()
        };
        assert!(is_slower(0.05));
        assert!(!is_slower(0.5));
    }

    #[test]
    fn a_tail_takes_more() {
        let (old, new) = (around(5000.0, 0.02), around(6500.0, 0.02));
        assert!(!Comparison::of_tail(&old, &new, 10).unwrap().is_slower());
        assert!(
            Comparison::of_tail(&old, &around(10_000.0, 0.02), 10)
                .unwrap()
                .is_slower()
        );
    }

    #[test]
    fn the_more_is_compared_the_more_it_takes() {
        let least = |comparisons| {
            Comparison::of(&around(5000.0, 0.05), &around(6500.0, 0.05), comparisons)
                .unwrap()
                .least_ratio
        };
        assert!(least(1) > least(10) && least(10) > least(100));
    }

    #[test]
    fn what_nobody_would_notice_is_not_told() {
        let compare = |old, new| {
            Comparison::of(&around(old, 0.01), &around(new, 0.01), 1)
                .unwrap()
                .is_slower()
        };
        assert!(!compare(100.0, 1090.0), "0.99 ms");
        assert!(compare(100.0, 1110.0));
    }

    #[test]
    fn a_single_pause_moves_nothing() {
        let mut paused = around(5000.0, 0.02);
        paused[7] = Duration::from_secs(2);
        assert!(!Comparison::of(&around(5000.0, 0.02), &paused, 1).unwrap().is_slower());
        let mut slower = around(6500.0, 0.02);
        slower[3] = Duration::from_secs(2);
        assert!(Comparison::of(&paused, &slower, 1).unwrap().is_slower());
    }

    #[test]
    fn degenerate_blocks_are_no_trouble() {
        let few = vec![Duration::from_millis(1); FEWEST_BLOCKS - 1];
        let same = vec![Duration::from_millis(1); 20];
        assert_eq!(Comparison::of(&few, &same, 1), None);
        assert_eq!(Comparison::of(&same, &few, 1), None);
        let equal = Comparison::of(&same, &same, 1).unwrap();
        assert!((equal.ratio() - 1.0).abs() < 1e-9 && !equal.is_slower());
        let nothing = vec![Duration::ZERO; 20];
        let twice = vec![Duration::from_millis(2); 20];
        assert!(Comparison::of(&nothing, &twice, 1).unwrap().is_slower());
    }
}
