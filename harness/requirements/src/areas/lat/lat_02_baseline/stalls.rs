//! For how long calls were held up in both measurements: the slow ones as a part of all.

use std::time::Duration;

use hubproof_latency::comparison::FALSE_ALARMS;
use hubproof_latency::share::Share;
use hubproof_latency::stall::{HeldUp, slow_from};
use hubproof_latency::{Histogram, Kind, Place};
use hubproof_model::judgment::Violation;
use hubproof_model::measurement::{Measurement, Pacing};

use super::Pair;
use crate::measured::{milliseconds, percent};

/// A stall, or why nobody can tell whether the hub stood still.
pub(super) type Stalled = Result<Violation, String>;

/// Where calls of a tool were held up for longer.
pub(super) fn of_tool(tool: &str, pair: Pair<'_>) -> Option<Stalled> {
    let limit = limit(pair.old, tool)?;
    let held_up = |limit: Duration| {
        let [old, new] = [pair.old, pair.new].map(|measurement| slow(measurement, tool, limit));
        let is_chance = !new.has_grown(old, 1.0, FALSE_ALARMS / pair.others as f64);
        let held_up = [(pair.old, old), (pair.new, new)].map(|(measurement, slow)| HeldUp {
            part: slow.rate(),
            measured: measurement.measured,
        });
        (!is_chance).then_some(held_up)
    };
    let slow = format!("longer than {}", milliseconds(limit));
    stalled(Some(tool), &slow, pair, |delay| held_up(limit + delay))
}

/// Where calls of all tools together were. In a closed loop few calls wait, since the others are not sent: what counts is how long they wait.
pub(super) fn of_all(pair: Pair<'_>) -> Option<Stalled> {
    let limits = pair.tools().filter_map(|tool| Some((tool, limit(pair.old, tool)?)));
    let limits: Vec<_> = limits.collect();
    let held_up = |delay: Duration| {
        let limits: Vec<_> = limits.iter().map(|(tool, limit)| (*tool, *limit + delay)).collect();
        let held_up = [pair.old, pair.new].map(|measurement| HeldUp {
            part: match measurement.pacing {
                Pacing::Open { .. } => part_of_calls(measurement, &limits),
                Pacing::Closed { concurrency } => part_of_time(measurement, &limits, concurrency),
            },
            measured: measurement.measured,
        });
        Some(held_up)
    };
    stalled(None, "more than twice their tool's p99", pair, held_up)
}

/// Where calls were held up for longer than before. It is the hub's doing where it shows in the calls that took longer by what the machine
/// delayed all calls by, and where the machine did not stand still for as long; `held_up` tells for how long calls that took longer than the
/// limit and such a delay were, before and now.
fn stalled(
    tool: Option<&str>,
    slow: &str,
    pair: Pair<'_>,
    held_up: impl Fn(Duration) -> Option<[HeldUp; 2]>,
) -> Option<Stalled> {
    let is_longer = |[then, now]: [HeldUp; 2]| now.is_longer_than(then, pair.others);
    let [then, now] = held_up(Duration::ZERO).filter(|seen| is_longer(*seen))?;
    let seen = violation(tool, then, now, slow);
    let of_hub = held_up(pair.delay()).map(|[then, now]| [then, now.without(pair.new.held_up())]);
    Some(match of_hub.is_some_and(is_longer) {
        true => Ok(seen),
        false => Err(format!(
            "calls of {} were held up for {}, but the machine that measured stood still for {} itself, and delayed hubproof by {} (p99); \
             measure again",
            tool.unwrap_or("all tools"),
            seen.observed,
            milliseconds(pair.new.held_up()),
            milliseconds(pair.delay())
        )),
    })
}

/// From which latency on a call of the tool is slow; `None` where none of its calls succeeded.
fn limit(old: &Measurement, tool: &str) -> Option<Duration> {
    let successes = successes(old, tool);
    (!successes.is_empty()).then(|| slow_from(successes.quantile(0.99)))
}

fn all(measurement: &Measurement, tool: &str) -> Histogram {
    let place = Place::Execute(tool.to_owned());
    measurement.response.of_place(&place, &Kind::ALL)
}

fn successes(measurement: &Measurement, tool: &str) -> Histogram {
    let place = Place::Execute(tool.to_owned());
    measurement.response.of_place(&place, &[Kind::Success, Kind::Replay])
}

/// The calls that took longer, or were not sent.
fn slow(measurement: &Measurement, tool: &str, limit: Duration) -> Share {
    let (all, unsent) = (all(measurement, tool), measurement.unsent_of(tool));
    Share {
        part: all.count() - all.count_up_to(limit) + unsent,
        all: all.count() + unsent,
    }
}

fn part_of_calls(measurement: &Measurement, limits: &[(&str, Duration)]) -> f64 {
    let shares = limits.iter().map(|(tool, limit)| slow(measurement, tool, *limit));
    let sum = shares.fold(Share::default(), |sum, share| Share {
        part: sum.part + share.part,
        all: sum.all + share.all,
    });
    sum.rate()
}

/// The part of the time of all connections in which they waited for slow calls.
fn part_of_time(measurement: &Measurement, limits: &[(&str, Duration)], concurrency: u32) -> f64 {
    let waited = limits.iter().map(|(tool, limit)| {
        let all = all(measurement, tool);
        let slow = all.steps().filter(|(latency, _)| latency > limit);
        slow.map(|(latency, calls)| latency.as_secs_f64() * calls as f64)
            .sum::<f64>()
    });
    let whole = measurement.measured.as_secs_f64() * f64::from(concurrency);
    if whole > 0.0 { waited.sum::<f64>() / whole } else { 0.0 }
}

fn violation(tool: Option<&str>, then: HeldUp, now: HeldUp, slow: &str) -> Violation {
    let told = |held: HeldUp| {
        format!(
            "{} of {} ({})",
            milliseconds(held.time()),
            milliseconds(held.measured),
            percent(held.part)
        )
    };
    Violation {
        tool: tool.map(str::to_owned),
        summary: "calls are held up for longer than in the baseline, beyond noise".to_owned(),
        expected: format!("about {}, as in the baseline, in which calls take {slow}", told(then)),
        observed: told(now),
        exchanges: Vec::new(),
        assertion: None,
    }
}
