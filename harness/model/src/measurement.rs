//! What a bench measured of a target: all that the LAT requirements are judged from.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use hubproof_latency::{Histogram, Kind, Packed, Recorder, Series};

use crate::requirement::RequirementId;

/// From which part of the calls on a rate counts as reached.
const REACHED: f64 = 0.98;

/// From which delay of a tick on the machine counts as held up: what sleeping overshoots by is less.
const HELD_UP: Duration = Duration::from_millis(1);

/// A measurement: of the time after the warm-up alone.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// How calls were paced.
    pub pacing: Pacing,
    /// How many connections there were to be: of a closed loop, as many as calls in flight.
    pub connections: u32,
    /// Whether inputs were drawn while the target was called, not before.
    pub live: bool,
    /// The seed of all inputs and of their order.
    pub seed: u64,
    /// The tools that were called, each with its weight in the mix; not those that were left out after all, since each of their calls was refused.
    pub mix: BTreeMap<String, u32>,
    /// The wall clock when the load began, the warm-up with it: after discovery, and after the trials of the inputs.
    pub began_at: SystemTime,
    /// How long the target was called before the measuring began.
    pub warm_up: Duration,
    /// How long was to be measured.
    pub planned: Duration,
    /// How long was measured: shorter where the bench was ended early.
    pub measured: Duration,
    /// From the moment at which a call was meant to be sent to the last byte of its answer, by tool and outcome: what a user waits. The time in
    /// which the profile's own rate held it back is not in it.
    /// In a closed loop nobody means to send before the call before is answered, and it equals `service`.
    pub response: Recorder,
    /// From the sending to the last byte, of the calls whose latency is in `response`.
    pub service: Recorder,
    /// The harness's own delay of each call: how long after the moment at which it was meant to be sent the schedule handed it out, and from then,
    /// or from when on a connection was free for it where that was later, to the sending.
    pub lateness: Histogram,
    /// By how much ticks were late that a thread slept for, evenly spread over the measured time; those that it slept through count, each with its
    /// own delay: what the machine that measured did beside, whatever the pacing.
    pub pauses: Histogram,
    /// Wall time less the `duration_ms` that the hub told, of successes, by tool (LAT-03).
    pub overhead: BTreeMap<String, Histogram>,
    /// Equal stretches of the measured time, in their order: what the noise of the measurement is known from (LAT-02).
    pub blocks: Vec<Block>,
    /// Calls that were answered while it was measured, not after, by tool: what the throughput is known from.
    pub in_time: BTreeMap<String, u64>,
    /// Calls that were meant to be sent in the measured time and were not, by tool: for want of a connection, or of a target.
    pub unsent: BTreeMap<String, u64>,
    /// Wrong answers by the requirement that they break; the evidence of each is kept elsewhere.
    pub wrong: BTreeMap<RequirementId, u64>,
}

impl Measurement {
    /// How many calls of a second were answered in the measured time; 0 where nothing was measured.
    pub fn per_second(&self, answered: u64) -> f64 {
        let seconds = self.measured.as_secs_f64();
        if seconds > 0.0 { answered as f64 / seconds } else { 0.0 }
    }

    /// For how long the machine that measured stood still: the part of the ticks that were late by a millisecond or more, of the measured time. A
    /// pause counts by its length less a millisecond, on average: a short one falls between two ticks or counts in full.
    pub fn held_up(&self) -> Duration {
        let all = self.pauses.count();
        let in_time = self.pauses.count_up_to(HELD_UP);
        match all {
            0 => Duration::ZERO,
            all => self.measured.mul_f64((all - in_time) as f64 / all as f64),
        }
    }

    /// By how much the machine that measured delayed this part of the calls, or in a closed loop, where none is late, of the ticks. What it does
    /// to the harness it does to the answers too, and to a hub on the same machine once more.
    pub fn delay(&self, part: f64) -> Duration {
        match self.pacing {
            Pacing::Open { .. } => self.lateness.quantile(part),
            Pacing::Closed { .. } => self.pauses.quantile(part),
        }
    }

    /// Whether an open loop kept to its rate: whether at the end of the measured time no more than 2 % of the calls that were due waited to be
    /// sent. Those that were on their way, at most one for each connection, were sent.
    pub fn is_rate_reached(&self) -> bool {
        let due = self.response.count() + self.unsent();
        let answered: u64 = self.in_time.values().sum();
        let sent = answered + self.response.of_kind(Kind::NoAnswer).count() + u64::from(self.connections);
        match self.pacing {
            Pacing::Closed { .. } => true,
            Pacing::Open { .. } => sent as f64 >= due as f64 * REACHED,
        }
    }

    /// How many calls were not sent.
    pub fn unsent(&self) -> u64 {
        self.unsent.values().sum()
    }

    /// How many calls of a tool were not sent.
    pub fn unsent_of(&self, tool: &str) -> u64 {
        self.unsent.get(tool).copied().unwrap_or_default()
    }
}

/// How calls are paced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pacing {
    /// Closed loop: so many calls in flight, the next as soon as one is answered.
    Closed {
        /// How many.
        concurrency: u32,
    },
    /// Open loop: so many calls a second, whatever is answered.
    Open {
        /// Calls a second.
        rate: f64,
    },
}

impl fmt::Display for Pacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pacing::Closed { concurrency: 1 } => f.write_str("one call in flight"),
            Pacing::Closed { concurrency } => write!(f, "{concurrency} calls in flight"),
            Pacing::Open { rate } => write!(f, "{rate} calls a second"),
        }
    }
}

/// A stretch of the measured time.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Of each tool that was called in it.
    pub tools: BTreeMap<String, BlockSummary>,
}

/// All latencies of the calls that were meant to be sent in a stretch of the measured time: how they went over time. Those of all stretches
/// together are the measurement's.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    /// Where the stretch begins, from the beginning of the measured time.
    pub start: Duration,
    /// How long it is. It is a block, or the part of one that an early end left.
    pub length: Duration,
    /// The response times by tool and outcome.
    pub response: BTreeMap<Series, Packed>,
    /// The harness's own delay.
    pub lateness: Packed,
}

/// The response times of a tool's calls that were meant to be sent in a block. A call that failed is slower than any that did not: where a
/// percentile is one of those, there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockSummary {
    /// How many succeeded.
    pub count: u64,
    /// How many did not: failures, calls without an answer, and calls that were not sent.
    pub failed: u64,
    /// The mean of the successes.
    pub mean: Duration,
    /// The median.
    pub p50: Option<Duration>,
    /// The latency that one in ten exceeds.
    pub p90: Option<Duration>,
    /// The latency that one in a hundred exceeds.
    pub p99: Option<Duration>,
}

impl BlockSummary {
    /// The calls that were meant to be sent.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.count + self.failed
    }
}

#[cfg(test)]
pub(crate) mod samples {
    //! A measurement for tests.

    use super::*;

    /// A second of an open loop of which nothing was measured.
    pub(crate) fn of_nothing() -> Measurement {
        Measurement {
            pacing: Pacing::Open { rate: 50.0 },
            connections: 16,
            live: false,
            seed: 7,
            mix: BTreeMap::new(),
            began_at: SystemTime::UNIX_EPOCH,
            warm_up: Duration::ZERO,
            planned: Duration::from_secs(1),
            measured: Duration::from_secs(1),
            response: Recorder::default(),
            service: Recorder::default(),
            lateness: Histogram::default(),
            pauses: Histogram::default(),
            overhead: BTreeMap::new(),
            blocks: Vec::new(),
            in_time: BTreeMap::new(),
            unsent: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::of_nothing;

    use super::*;

    #[test]
    fn a_call_that_was_not_sent_is_one_tools() {
        let mut measurement = of_nothing();
        measurement.unsent = [("a.get".to_owned(), 2), ("a.list".to_owned(), 1)].into();
        let of = |tool| measurement.unsent_of(tool);
        assert_eq!([of("a.get"), of("a.list"), of("a.find")], [2, 1, 0]);
        assert_eq!(measurement.unsent(), 3);
    }

    #[test]
    fn a_closed_loop_is_delayed_by_what_ticks_were() {
        let mut measurement = of_nothing();
        measurement.lateness.record(Duration::from_millis(3));
        measurement.pauses.record(Duration::from_millis(8));
        assert_eq!(measurement.delay(0.5).as_millis(), 3);
        measurement.pacing = Pacing::Closed { concurrency: 8 };
        assert_eq!(measurement.delay(0.5).as_millis(), 8);
    }

    #[test]
    fn the_machine_was_held_up_for_the_part_of_the_time_whose_ticks_were_late() {
        let mut measurement = of_nothing();
        assert_eq!(measurement.held_up(), Duration::ZERO);
        let mut ticks = |late: &[u64]| {
            let late = late.iter().map(|micros| Duration::from_micros(*micros));
            late.for_each(|late| measurement.pauses.record(late));
            measurement.held_up()
        };
        // A second of a hundred ticks, with a pause of 45 ms that swallowed five.
        assert_eq!(ticks(&[90; 95]), Duration::ZERO);
        assert_eq!(
            ticks(&[45_000, 35_000, 25_000, 15_000, 5_000]),
            Duration::from_millis(50)
        );
    }
}
