//! Latency profiles: how long vendors take, where the hub is told to let them take time. Each call is slowed in a way that can be
//! repeated: what a bench measures of the hub can be compared with the truth.

use std::time::Duration;

use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

mod slowed;
mod text;

pub(crate) use slowed::Slowed;
pub use slowed::UnknownTools;
pub use text::{InvalidLatency, LatencyRule};

/// The longest that a random draw takes: the tail of a log-normal has no end.
pub const LONGEST_DRAW: Duration = Duration::from_secs(60);

/// How long a vendor takes beyond what it needs by itself. Written `fixed:5ms`, `log-normal:5ms,0.5`, `stall:200ms/2s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Latency {
    /// So long for every call.
    Fixed(Duration),
    /// Drawn for each call: half of the calls take longer than the median.
    LogNormal {
        /// The time that half of the calls take at most.
        median: Duration,
        /// The standard deviation of the time's natural logarithm, 0 or more.
        sigma: f64,
    },
    /// The vendor stands still now and then: a call that arrives meanwhile waits for the end. The first stall begins one period
    /// after the hub's start, and each next one a period later.
    Stall {
        /// How long it stands still.
        lasting: Duration,
        /// From the beginning of one stall to that of the next.
        every: Duration,
    },
}

impl Latency {
    /// How long a call takes that arrives so long after the hub's start.
    #[must_use]
    pub fn delay(&self, arrived: Duration, draws: &mut Draws) -> Duration {
        match self {
            Self::Fixed(delay) => *delay,
            Self::LogNormal { median, sigma } => draws.log_normal(*median, *sigma),
            Self::Stall { lasting, every } => rest_of_stall(arrived, *lasting, *every),
        }
    }
}

/// How long a call takes under several latencies: they add up, but stalls that overlap pass at the same time.
#[must_use]
pub fn total(latencies: &[Latency], arrived: Duration, draws: &mut Draws) -> Duration {
    let (mut standing_still, mut working) = (Duration::ZERO, Duration::ZERO);
    for latency in latencies {
        let delay = latency.delay(arrived, draws);
        match latency {
            Latency::Stall { .. } => standing_still = standing_still.max(delay),
            Latency::Fixed(_) | Latency::LogNormal { .. } => working = working.saturating_add(delay),
        }
    }
    standing_still.saturating_add(working)
}

/// How long a stall goes on that a call has arrived in so long after the beginning; nothing where it has arrived in none.
pub(crate) fn rest_of_stall(arrived: Duration, lasting: Duration, every: Duration) -> Duration {
    // Before the first period is over, nothing has stalled yet.
    match arrived.as_nanos().checked_rem(every.as_nanos()) {
        Some(phase) if arrived >= every => {
            let left = lasting.as_nanos().saturating_sub(phase);
            Duration::from_nanos(u64::try_from(left).unwrap_or(u64::MAX))
        }
        _ => Duration::ZERO,
    }
}

/// The random numbers of one tool's calls, in the order in which the calls arrive: the same for the same seed, in every hub.
#[derive(Debug, Clone)]
pub struct Draws(Pcg64Mcg);

impl Draws {
    /// Those of a tool's calls.
    #[must_use]
    pub fn of_tool(seed: u64, tool: &str) -> Self {
        // FNV-1a: the standard library's hashers promise no stable values.
        let of_name = tool.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(Pcg64Mcg::seed_from_u64(seed ^ of_name))
    }

    fn log_normal(&mut self, median: Duration, sigma: f64) -> Duration {
        let normal: f64 = StandardNormal.sample(&mut self.0);
        let seconds = median.as_secs_f64() * (sigma * normal).exp();
        Duration::try_from_secs_f64(seconds).map_or(LONGEST_DRAW, |delay| delay.min(LONGEST_DRAW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_call_in_a_stall_waits_for_its_end_and_no_other_does() {
        let stall = Latency::Stall {
            lasting: ms(200),
            every: ms(2000),
        };
        let mut draws = Draws::of_tool(1, "itsm.tickets.get");
        let cases = [
            (0, 0),
            (150, 0),
            (1999, 0),
            (2000, 200),
            (2050, 150),
            (2199, 1),
            (2200, 0),
            (3999, 0),
            (4001, 199),
        ];
        for (arrived, waits) in cases {
            assert_eq!(stall.delay(ms(arrived), &mut draws), ms(waits), "at {arrived} ms");
        }
    }

    #[test]
    fn latencies_add_up_and_overlapping_stalls_do_not() {
        let stall = |lasting, every| Latency::Stall {
            lasting: ms(lasting),
            every: ms(every),
        };
        let all = [
            Latency::Fixed(ms(5)),
            stall(200, 1000),
            stall(300, 2000),
            Latency::Fixed(ms(7)),
        ];
        let mut draws = Draws::of_tool(1, "itsm.tickets.get");
        assert_eq!(total(&all, ms(1100), &mut draws), ms(100 + 12));
        assert_eq!(total(&all, ms(2100), &mut draws), ms(200 + 12));
    }

    #[test]
    fn draws_have_the_median_and_the_spread_that_were_asked_for() {
        let asked = Latency::LogNormal {
            median: ms(5),
            sigma: 0.5,
        };
        let mut draws = Draws::of_tool(1, "itsm.tickets.get");
        let mut drawn: Vec<f64> = (0..20_000)
            .map(|_| asked.delay(Duration::ZERO, &mut draws).as_secs_f64() * 1e3)
            .collect();
        drawn.sort_by(f64::total_cmp);
        // The quantiles of exp(N(ln 5, 0.5)); four standard errors of the 20,000 draws are less than the tolerance.
        for (quantile, truth, tolerance) in [(0.5, 5.0, 0.02), (0.9, 9.490, 0.03), (0.99, 16.001, 0.06)] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
            let found = drawn[(quantile * 20_000.0) as usize];
            assert!(
                (found / truth - 1.0).abs() < tolerance,
                "p{quantile}: {found} for {truth}"
            );
        }
    }

    #[test]
    fn draws_are_those_of_the_seed_and_the_tool_and_have_an_end() {
        let five = |seed, tool| {
            let mut draws = Draws::of_tool(seed, tool);
            [(); 5].map(|()| draws.log_normal(ms(5), 1.0))
        };
        assert_eq!(five(1, "crm.deals.get"), five(1, "crm.deals.get"));
        assert_ne!(five(1, "crm.deals.get"), five(2, "crm.deals.get"));
        assert_ne!(five(1, "crm.deals.get"), five(1, "crm.deals.list"));
        let mut draws = Draws::of_tool(1, "crm.deals.get");
        let longest = (0..100).map(|_| draws.log_normal(Duration::from_secs(50), 5.0)).max();
        assert_eq!(longest, Some(LONGEST_DRAW));
    }
}
