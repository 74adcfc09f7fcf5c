//! The truth of a stall: what an exact open loop sees of a hub that stops answering for a part of each period.

use std::time::Duration;

/// A stall of `length` in every `period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stall {
    /// How long nothing is answered.
    pub(super) length: Duration,
    /// From the start of one stall to the start of the next.
    pub(super) period: Duration,
}

impl Stall {
    /// As `reference-hub --latency` takes it.
    pub(super) fn argument(self) -> String {
        format!("stall:{}ms/{}ms", self.length.as_millis(), self.period.as_millis())
    }

    /// The wait that the given part of calls does not exceed, where they are meant to be sent at this rate over whole periods: a
    /// call that is meant to be sent in a stall waits for its end. The nearest rank, as HdrHistogram counts; what the hub takes by
    /// itself comes on top, and is a hundredth of a hundredth of it.
    pub(super) fn wait_at(self, part: f64, rate: f64) -> Duration {
        let calls = (self.period.as_secs_f64() * rate).round().max(1.0) as u64;
        let meant = |call: u64| Duration::from_secs_f64(call as f64 / rate);
        let mut waits: Vec<_> = (0..calls).map(|call| self.length.saturating_sub(meant(call))).collect();
        waits.sort_unstable();
        let rank = (part * calls as f64).ceil().clamp(1.0, calls as f64) as usize;
        waits[rank - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Stall = Stall {
        length: Duration::from_secs(1),
        period: Duration::from_secs(10),
    };

    #[test]
    fn of_a_tenth_that_waits_evenly_one_in_a_hundred_waits_nine_tenths() {
        let milliseconds = |part| LONG.wait_at(part, 1000.0).as_millis();
        assert_eq!(milliseconds(0.5), 0);
        assert_eq!(milliseconds(0.9), 0);
        assert_eq!(milliseconds(0.95), 500);
        assert_eq!(milliseconds(0.99), 900);
        assert_eq!(milliseconds(0.999), 990);
        assert_eq!(milliseconds(1.0), 1000);
    }

    #[test]
    fn the_hub_is_told_in_milliseconds() {
        assert_eq!(LONG.argument(), "stall:1000ms/10000ms");
    }
}
