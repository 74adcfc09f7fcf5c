//! What the answers of a run told of each key's limit, over its time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hubproof_latency::Kind;

use crate::call::{Credentials, Endpoint};
use crate::exchange::Exchange;
use crate::latency::kind_of;
use crate::rate_limit::RateLimit;
use crate::role::Role;
use crate::surface::Dialect;

/// The most samples that are kept of a role.
pub const MOST_SAMPLES: usize = 200;

/// Samples of each role whose answers told of a limit, in the order of the answers, at most [`MOST_SAMPLES`] of each.
///
/// Where there are more, the first, the last, the first of those with the least and with the most left stay; then every throttled one
/// that there is room for; then as many others as there is room for. What there is no room for goes evenly.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunQuota {
    /// By the role of the key.
    pub roles: BTreeMap<Role, Vec<QuotaSample>>,
}

/// What an answer told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuotaSample {
    /// When the answer had come: time since the run began.
    pub after: Duration,
    /// How many calls a window takes, if it told so.
    pub limit: Option<f64>,
    /// How many of them were left, if it told so.
    pub remaining: Option<f64>,
    /// Whether the call was refused for the limit.
    pub throttled: bool,
}

impl QuotaSample {
    fn tells(&self) -> bool {
        self.limit.is_some() || self.remaining.is_some()
    }
}

impl RunQuota {
    /// What a run's exchanges told.
    pub fn of<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>, dialect: &Dialect) -> Self {
        let mut roles: BTreeMap<Role, Vec<QuotaSample>> = BTreeMap::new();
        for exchange in exchanges {
            if let Some((role, sample)) = sample(exchange, dialect) {
                roles.entry(role).or_default().push(sample);
            }
        }
        roles.retain(|_, samples| samples.iter().any(QuotaSample::tells));
        for samples in roles.values_mut() {
            *samples = thinned(std::mem::take(samples));
        }
        Self { roles }
    }
}

/// What an answer told, where it told something or is about the limit.
fn sample(exchange: &Exchange, dialect: &Dialect) -> Option<(Role, QuotaSample)> {
    let Credentials::Bearer(role) = exchange.call.credentials else {
        return None;
    };
    let answer = exchange
        .response()
        .filter(|_| exchange.call.endpoint != Endpoint::Approvals)?;
    let told = RateLimit::read(answer, dialect);
    let sample = QuotaSample {
        after: exchange.sent_after + exchange.elapsed,
        limit: told.limit.value(),
        remaining: told.remaining.value(),
        throttled: kind_of(exchange) == Some(Kind::Throttled),
    };
    (sample.tells() || sample.throttled).then_some((role, sample))
}

/// The samples in the order of time, as many as are kept of a role.
#[must_use]
pub fn thinned(mut samples: Vec<QuotaSample>) -> Vec<QuotaSample> {
    samples.sort_by_key(|sample| sample.after);
    if samples.len() <= MOST_SAMPLES {
        return samples;
    }
    let remaining = |index: &usize| samples[*index].remaining.unwrap_or_default();
    let told = || (0..samples.len()).filter(|index| samples[*index].remaining.is_some());
    let least = told().min_by(|a, b| remaining(a).total_cmp(&remaining(b)));
    // Of equal ones `max_by` gives the last.
    let most = told().rev().max_by(|a, b| remaining(a).total_cmp(&remaining(b)));
    let mut kept: BTreeSet<usize> = [0, samples.len() - 1].into();
    kept.extend(least.into_iter().chain(most));
    for throttled in [true, false] {
        let open = (0..samples.len()).filter(|index| samples[*index].throttled == throttled && !kept.contains(index));
        let chosen = evenly(&open.collect::<Vec<_>>(), MOST_SAMPLES - kept.len());
        kept.extend(chosen);
    }
    kept.into_iter().map(|index| samples[index]).collect()
}

/// So many of all, evenly.
fn evenly(all: &[usize], room: usize) -> Vec<usize> {
    match all.len() <= room {
        true => all.to_vec(),
        false => (0..room).map(|number| all[number * all.len() / room]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Call, Intent};
    use crate::exchange::{Fault, Response, SentRequest};

    fn exchange(role: Role, at: u64, result: Result<Response, Fault>) -> Exchange {
        let call = Call::post_execute("a.b.c", serde_json::json!({}), Intent::Read);
        Exchange {
            number: at,
            case: String::new(),
            request: SentRequest {
                method: call.method.clone(),
                url: String::new(),
                headers: Vec::new(),
            },
            call: call.with_credentials(Credentials::Bearer(role)),
            result,
            sent_after: Duration::from_millis(at),
            elapsed: Duration::from_millis(5),
        }
    }

    fn told(role: Role, at: u64, status: u16, remaining: &str) -> Exchange {
        let headers = [("x-ratelimit-limit", "600"), ("x-ratelimit-remaining", remaining)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        exchange(role, at, Ok(Response::new(status, headers.into(), Vec::new())))
    }

    fn samples(exchanges: &[Exchange], role: Role) -> Vec<QuotaSample> {
        let mut quota = RunQuota::of(exchanges, &Dialect::default());
        quota.roles.remove(&role).unwrap_or_default()
    }

    #[test]
    fn each_role_has_its_samples_in_the_order_of_the_answers() {
        let bare = |status| Ok(Response::new(status, Vec::new(), Vec::new()));
        let mut slow = told(Role::Primary, 1, 200, "9");
        slow.elapsed = Duration::from_secs(1);
        let mut anonymous = told(Role::Primary, 4, 401, "7");
        anonymous.call.credentials = Credentials::Absent;
        let exchanges = [
            slow,
            told(Role::Primary, 2, 200, "8"),
            told(Role::Throttled, 3, 429, "0"),
            anonymous,
            exchange(Role::Throttled, 5, bare(429)),
            exchange(Role::Throttled, 6, bare(200)),
            exchange(Role::Foreign, 7, bare(429)),
            exchange(Role::Primary, 8, Err(Fault::Interrupted)),
        ];
        let seen: Vec<_> = samples(&exchanges, Role::Primary)
            .iter()
            .map(|sample| (sample.after.as_millis(), sample.remaining))
            .collect();
        assert_eq!(seen, [(7, Some(8.0)), (1001, Some(9.0))]);
        let throttled = samples(&exchanges, Role::Throttled);
        assert!(throttled.len() == 2 && throttled.iter().all(|sample| sample.throttled));
        assert_eq!((throttled[0].limit, throttled[1].limit), (Some(600.0), None));
        // Answers that tell nothing make no timeline.
        assert!(samples(&exchanges, Role::Foreign).is_empty());
    }

    #[test]
    fn thinning_keeps_the_ends_the_extremes_and_the_throttled() {
        let of = |at: u64| match at {
            1234 => told(Role::Primary, at, 200, "1000"),
            2345 => told(Role::Primary, at, 200, "-3"),
            at if at % 100 == 7 => told(Role::Primary, at, 429, "0"),
            at => told(Role::Primary, at, 200, &(600 - at % 600).to_string()),
        };
        let exchanges: Vec<_> = (0..5000).map(of).collect();
        let kept = samples(&exchanges, Role::Primary);
        assert_eq!(kept.len(), MOST_SAMPLES);
        assert_eq!(kept.iter().filter(|sample| sample.throttled).count(), 50);
        let has = |at: u64| kept.iter().any(|sample| sample.after == Duration::from_millis(at + 5));
        assert!([0, 1234, 2345, 4999].into_iter().all(has));
        assert!(kept.is_sorted_by_key(|sample| sample.after));
        let longest = kept.windows(2).map(|pair| pair[1].after - pair[0].after).max();
        assert!(longest.is_some_and(|longest| longest < Duration::from_millis(5000 / 146 + 10)));
    }

    #[test]
    fn too_many_throttled_ones_are_thinned_too() {
        let exchanges: Vec<_> = (0..1000).map(|at| told(Role::Throttled, at, 429, "0")).collect();
        assert_eq!(samples(&exchanges, Role::Throttled).len(), MOST_SAMPLES);
    }
}
