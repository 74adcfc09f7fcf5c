//! One histogram: nanoseconds in steps of 128 at first, three significant digits, growing with what is recorded.

use std::time::Duration;

use hdrhistogram::Histogram as Hdr;

/// How exact a recorded value is: about one part in a thousand.
const DIGITS: u8 = 3;
/// The shortest that is told apart, in nanoseconds. Steps of one nanosecond would double the memory, and no network is that exact.
const SHORTEST: u64 = 128;
/// The longest that is told apart; what is longer counts as this.
const LONGEST: Duration = Duration::from_secs(3600);

/// Latencies. Values are in nanoseconds, as most tools that read HdrHistogram logs expect of a log whose unit ratio is 1,000,000 to the
/// millisecond.
///
/// It takes 60 KB for latencies of up to a second, and 110 KB for the longest. A step's count ends at four thousand million.
#[derive(Debug, Clone)]
pub struct Histogram {
    counts: Hdr<u32>,
}

/// The same latencies in the same steps, however far either has grown.
impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        let steps = |own: &Self| (own.counts.low(), own.counts.sigfig());
        steps(self) == steps(other) && self.steps().eq(other.steps())
    }
}

impl Default for Histogram {
    fn default() -> Self {
        // The highest is the lowest that the library takes: it grows from there.
        let mut counts = Hdr::new_with_bounds(SHORTEST, 2 * SHORTEST, DIGITS)
            .unwrap_or_else(|_| unreachable!("the bounds are constants"));
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

    /// The latency that the given part of all does not exceed, where so many more are longer than any of these. `None` where it is one of
    /// those.
    #[must_use]
    pub fn quantile_beside(&self, part: f64, beyond: u64) -> Option<Duration> {
        let recorded = self.count();
        let own = (recorded + beyond) as f64 * part / recorded as f64;
        (own <= 1.0 + 1e-9).then(|| self.quantile(own.min(1.0)))
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

    /// How many did not exceed a latency, those in the same step with it.
    #[must_use]
    pub fn count_up_to(&self, latency: Duration) -> u64 {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        match self.is_empty() {
            true => 0,
            false => self.counts.count_between(0, nanoseconds),
        }
    }

    /// Each latency that was recorded, from the shortest, as the longest of its step, with how many there were: for charts.
    pub fn steps(&self) -> impl Iterator<Item = (Duration, u64)> {
        let recorded = self.counts.iter_recorded();
        recorded.map(|step| {
            (
                Duration::from_nanos(step.value_iterated_to()),
                step.count_since_last_iteration(),
            )
        })
    }

    /// The library's own histogram, to be encoded.
    pub(crate) fn counts(&self) -> &Hdr<u32> {
        &self.counts
    }

    /// The same with room for the longest, whatever was recorded.
    pub(crate) fn full_range(&self) -> Hdr<u32> {
        let longest = self.counts.high().max(LONGEST.as_nanos() as u64);
        let mut counts = Hdr::new_with_bounds(self.counts.low(), longest, self.counts.sigfig())
            .unwrap_or_else(|_| unreachable!("a histogram has such bounds"));
        // It has room for all of it: adding cannot fail.
        let _ = counts.add(&self.counts);
        counts
    }
}

impl From<Hdr<u32>> for Histogram {
    fn from(mut counts: Hdr<u32>) -> Self {
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
    fn what_never_ended_is_longer_than_all() {
        let mut histogram = Histogram::default();
        (0..90).for_each(|_| histogram.record(Duration::from_millis(1)));
        let at = |part, beyond| histogram.quantile_beside(part, beyond).map(|own| own.as_millis());
        assert_eq!([at(0.5, 0), at(0.99, 0)], [Some(1), Some(1)]);
        assert_eq!([at(0.5, 10), at(0.9, 10), at(0.91, 10)], [Some(1), Some(1), None]);
        assert_eq!([at(0.5, 90), at(0.5, 91)], [Some(1), None]);
        assert_eq!(Histogram::default().quantile_beside(0.5, 1), None);
    }

    #[test]
    fn what_is_added_is_as_if_recorded_here() {
        let (mut first, mut second, mut both) = (Histogram::default(), Histogram::default(), Histogram::default());
        for nanoseconds in [1, 999, 12_345, 100_000_007] {
            first.record(Duration::from_nanos(nanoseconds));
            both.record(Duration::from_nanos(nanoseconds));
        }
        for seconds in [0, 5, 4000] {
            second.record(Duration::from_secs(seconds));
            both.record(Duration::from_secs(seconds));
        }
        first.add(&second);
        assert_eq!(first, both);
    }

    #[test]
    fn the_room_of_a_histogram_is_no_difference() {
        let (mut short, mut other) = (Histogram::default(), Histogram::default());
        short.record(Duration::from_millis(1));
        let long = Histogram::from(short.full_range());
        assert!(long.counts.high() >= LONGEST.as_nanos() as u64);
        assert_eq!((&short, &long), (&long, &short));
        other.record(Duration::from_millis(2));
        assert!(short != other && long != other);
        short.record(Duration::from_millis(1));
        assert!(short != long);
    }

    #[test]
    fn steps_and_counts_tell_the_same() {
        let mut histogram = Histogram::default();
        for milliseconds in [1, 1, 20, 300] {
            histogram.record(Duration::from_millis(milliseconds));
        }
        let steps: Vec<_> = histogram
            .steps()
            .map(|(latency, count)| (latency.as_millis(), count))
            .collect();
        assert_eq!(steps, [(1, 2), (20, 1), (300, 1)]);
        let up_to = |milliseconds| histogram.count_up_to(Duration::from_millis(milliseconds));
        assert_eq!([0, 1, 19, 20, 300].map(up_to), [0, 2, 2, 3, 4]);
        assert_eq!(Histogram::default().count_up_to(Duration::MAX), 0);
    }

    /// What the counts take: the library tells their number, not their bytes.
    fn bytes(histogram: &Histogram) -> usize {
        histogram.counts.distinct_values() * size_of::<u32>()
    }

    #[test]
    fn memory_is_bounded_and_below_100_kb_up_to_seconds() {
        let mut histogram = Histogram::default();
        for (longest, most) in [
            (Duration::from_millis(1), 20_000),
            (Duration::from_secs(1), 60_000),
            (Duration::from_secs(30), 90_000),
            (Duration::MAX, 110_000),
        ] {
            histogram.record(longest);
            assert!(bytes(&histogram) <= most, "{longest:?}: {} bytes", bytes(&histogram));
        }
        let longest = histogram.max().as_secs_f64() / LONGEST.as_secs_f64();
        assert!((longest - 1.0).abs() < 0.002, "{longest}");
    }
}
