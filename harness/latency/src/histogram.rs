//! One histogram: nanoseconds, three significant digits, growing with what is recorded.

use std::time::Duration;

use hdrhistogram::Histogram as Hdr;

/// How exact a recorded value is: about one part in a thousand.
const DIGITS: u8 = 3;
/// The longest that is told apart; what is longer counts as this.
const LONGEST: Duration = Duration::from_secs(3600);

/// Latencies. Values are in nanoseconds, as most tools that read HdrHistogram logs expect of a log whose unit ratio is 1,000,000 to the
/// millisecond.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Hdr<u64>,
}

impl Default for Histogram {
    fn default() -> Self {
        // 1 and 2 are the lowest bounds that the library takes: it grows from there.
        let mut counts =
            Hdr::new_with_bounds(1, 2, DIGITS).unwrap_or_else(|_| unreachable!("the bounds are constants"));
        counts.auto(true);
        Self { counts }
    }
}

impl Histogram {
    /// Takes in one latency.
    pub fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.min(LONGEST).as_nanos()).unwrap_or(u64::MAX);
        // It grows up to the longest: recording cannot fail. `saturating_record` would not let it grow.
        let _ = self.counts.record(nanoseconds.max(1));
    }

    /// Takes in all of another one, without loss.
    pub fn add(&mut self, other: &Histogram) {
        // It grows by itself: adding cannot fail.
        let _ = self.counts.add(&other.counts);
    }

    /// The latency that the given part of all does not exceed: `0.99` is p99. Zero where nothing was recorded.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Duration {
        Duration::from_nanos(self.counts.value_at_quantile(part))
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Duration {
        Duration::from_nanos(self.counts.mean() as u64)
    }

    /// The shortest; zero where nothing was recorded.
    #[must_use]
    pub fn min(&self) -> Duration {
        Duration::from_nanos(self.counts.min())
    }

    /// The longest; zero where nothing was recorded.
    #[must_use]
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.counts.max())
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Forgets what was recorded.
    pub fn reset(&mut self) {
        self.counts.reset();
    }

    /// The library's own histogram: for logs, and for charts.
    #[must_use]
    pub fn counts(&self) -> &Hdr<u64> {
        &self.counts
    }
}

impl From<Hdr<u64>> for Histogram {
    fn from(mut counts: Hdr<u64>) -> Self {
        counts.auto(true);
        Self { counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_to_three_digits() {
        let mut histogram = Histogram::default();
        for milliseconds in 1..=1000 {
            histogram.record(Duration::from_millis(milliseconds));
        }
        for (part, milliseconds) in [(0.5, 500.0), (0.99, 990.0), (0.999, 999.0), (1.0, 1000.0)] {
            let seen = histogram.quantile(part).as_secs_f64() * 1000.0;
            assert!((seen / milliseconds - 1.0).abs() < 0.002, "{part}: {seen} ms");
        }
        assert_eq!(histogram.count(), 1000);
    }

    #[test]
    fn what_is_added_is_as_if_recorded_here() {
        let (mut first, mut second, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for nanoseconds in [1, 999, 12_345, 1_000_000_007] {
            first.record(Duration::from_nanos(nanoseconds));
            both.record(Duration::from_nanos(nanoseconds));
        }
        for seconds in [0, 5, 4000] {
            second.record(Duration::from_secs(seconds));
            both.record(Duration::from_secs(seconds));
        }
        first.add(&second);
        assert_eq!(first.counts(), both.counts());
    }
}
