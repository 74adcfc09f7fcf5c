//! How the answers of a run went over its time.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_latency::Kind;

use crate::exchange::Exchange;
use crate::latency::kind_of;

/// Shorter runs have slices of a part of them, longer ones of a second.
const SHORT_RUN: Duration = Duration::from_secs(20);
const SLICES: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);

/// A run in slices of equal length: a second each, or a twentieth of a run that is shorter than twenty seconds. Slices in which nothing
/// was sent are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunTimeline {
    /// How long a slice is.
    pub length: Duration,
    /// The slices, from the first.
    pub slices: Vec<Slice>,
}

/// The requests that were sent in a slice, whenever they were answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Its beginning: time since the run began.
    pub from: Duration,
    /// How many were sent.
    pub requests: u64,
    /// How many of them the hub or the vendor failed (5xx), or had no whole answer. A run asks for refusals: they are no errors.
    pub errors: u64,
    /// The median of the times from sending to the last byte, or to the fault.
    pub p50: Duration,
    /// What one in a hundred of these exceeds.
    pub p99: Duration,
    /// The longest of these.
    pub max: Duration,
}

impl RunTimeline {
    /// The timeline of a run's exchanges.
    pub fn of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>) -> Self {
        let sent: Vec<_> = exchanges
            .into_iter()
            .filter_map(|exchange| Some((exchange, kind_of(exchange)?)))
            .collect();
        let ends = sent.iter().map(|(exchange, _)| exchange.sent_after + exchange.elapsed);
        let Some(whole) = ends.max() else {
            return Self::default();
        };
        let length = match whole < SHORT_RUN {
            // Above none, though a clock may stand still.
            true => (whole / SLICES).max(Duration::from_micros(1)),
            false => SECOND,
        };
        let mut slices: BTreeMap<u32, (Vec<Duration>, u64)> = BTreeMap::new();
        for (exchange, kind) in sent {
            let number = exchange.sent_after.as_nanos() / length.as_nanos();
            let last = if length == SECOND { u32::MAX } else { SLICES - 1 };
            let number = u32::try_from(number).unwrap_or(last).min(last);
            let (times, errors) = slices.entry(number).or_default();
            times.push(exchange.elapsed);
            *errors += u64::from(matches!(kind, Kind::ServerError | Kind::NoAnswer));
        }
        let slice = |(number, (mut times, errors)): (u32, (Vec<Duration>, u64))| {
            times.sort_unstable();
            Slice {
                from: length * number,
                requests: times.len() as u64,
                errors,
                p50: quantile(&times, 50),
                p99: quantile(&times, 99),
                max: quantile(&times, 100),
            }
        };
        Self {
            length,
            slices: slices.into_iter().map(slice).collect(),
        }
    }
}

/// What so many of a hundred do not exceed, of sorted times.
fn quantile(times: &[Duration], percent: usize) -> Duration {
    let rank = (times.len() * percent).div_ceil(100);
    times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::exchange::{Fault, Response, SentRequest};

    fn exchange(sent: u64, elapsed: u64, result: Result<Response, Fault>) -> Exchange {
        let call = Call::listing(None);
        Exchange {
            number: sent,
            case: String::new(),
            request: SentRequest {
                method: call.method.clone(),
                url: String::new(),
                headers: Vec::new(),
            },
            call,
            result,
            sent_after: Duration::from_millis(sent),
            elapsed: Duration::from_millis(elapsed),
        }
    }

    fn answered(sent: u64, elapsed: u64, status: u16) -> Exchange {
        exchange(sent, elapsed, Ok(Response::new(status, Vec::new(), Vec::new())))
    }

    #[test]
    fn a_long_run_has_slices_of_a_second() {
        let mut exchanges: Vec<_> = (1..=200).map(|time| answered(4000 + time, time, 200)).collect();
        exchanges.push(answered(900, 200, 500));
        exchanges.push(answered(999, 1, 404));
        exchanges.push(exchange(30_000, 10, Err(Fault::Broken(String::new()))));
        exchanges.push(exchange(31_000, 0, Err(Fault::Interrupted)));
        let timeline = RunTimeline::of(&exchanges);
        assert_eq!(timeline.length, SECOND);
        let seen: Vec<_> = timeline
            .slices
            .iter()
            .map(|slice| {
                let times = [slice.p50, slice.p99, slice.max].map(|time| time.as_millis());
                (slice.from.as_secs(), slice.requests, slice.errors, times)
            })
            .collect();
        assert_eq!(
            seen,
            [
                (0, 2, 1, [1, 200, 200]),
                (4, 200, 0, [100, 198, 200]),
                (30, 1, 1, [10, 10, 10]),
            ]
        );
    }

    #[test]
    fn a_short_run_has_twenty_slices() {
        let exchanges: Vec<_> = (0..=2000).map(|sent| answered(sent, 0, 200)).collect();
        let timeline = RunTimeline::of(&exchanges);
        assert_eq!(
            (timeline.length, timeline.slices.len()),
            (Duration::from_millis(100), 20)
        );
        let requests: Vec<_> = timeline.slices.iter().map(|slice| slice.requests).collect();
        assert!(requests[..19].iter().all(|requests| *requests == 100) && requests[19] == 101);
    }

    #[test]
    fn what_was_not_sent_makes_no_timeline() {
        assert_eq!(
            RunTimeline::of(&[exchange(1, 0, Err(Fault::Interrupted))]),
            RunTimeline::default()
        );
        let at_once = RunTimeline::of(&[answered(0, 0, 200)]);
        assert_eq!(at_once.slices.len(), 1);
    }
}
