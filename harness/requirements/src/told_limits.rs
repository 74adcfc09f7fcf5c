//! What the answers of a run tell of its keys' limits (RTL), and the calls that make sure that some do.

use hubproof_model::call::{Call, Credentials, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::rate_limit::{Moment, RateLimit, header_names};
use hubproof_model::role::Role;
use hubproof_model::surface::Dialect;

use crate::api_answers::api_answers;
use crate::evidence::Evidence;
use crate::judging::{observed, violated};
use crate::site::Site;

/// The contract's tolerance for times, in seconds: `Date` and most Resets have whole ones.
pub(crate) const TOLERANCE: f64 = 1.0;

/// How many calls a series has.
const SERIES: usize = 8;

/// An answer to a call with a valid key, and what it tells of that key's limit.
#[derive(Debug)]
pub(crate) struct ToldLimit<'e> {
    pub(crate) exchange: &'e Exchange,
    pub(crate) role: Role,
    pub(crate) limit: RateLimit,
}

/// What the hub itself told with each answer to a call with a valid key, in the order of sending. Refusals without an envelope are
/// those of a framework or proxy.
pub(crate) fn told_limits<'e>(evidence: &Evidence<'e>) -> Vec<ToldLimit<'e>> {
    let told = api_answers(evidence).filter_map(|(exchange, response)| {
        let is_refused = match Outcome::of(exchange) {
            Outcome::Error(code) => code == ErrorCode::Unauthorized,
            Outcome::Bare(status) => !(200..300).contains(&status),
            Outcome::Success | Outcome::Fault => false,
        };
        let told = ToldLimit::of(exchange, &evidence.surface.dialect)?;
        let is_valid = told.role != Role::Revoked && response.status != 401 && !is_refused;
        is_valid.then_some(told)
    });
    told.collect()
}

/// That the hub tells limits at all.
///
/// # Errors
/// Not exercised, where no answer does: RTL-01 judges that.
pub(crate) fn any_told(told: &[ToldLimit<'_>], dialect: &Dialect) -> Result<(), Finding> {
    if told.iter().any(|told| !told.limit.is_absent()) {
        return Ok(());
    }
    let [limit, ..] = header_names(dialect);
    let why = format!(
        "no answer has `{limit}` or its like (RTL-01); where the hub spells them otherwise, pin them in [dialect]: limit_header, \
         remaining_header, reset_header"
    );
    Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
}

impl<'e> ToldLimit<'e> {
    /// Reads an exchange. `None` where it has no answer, or no key of a role.
    pub(crate) fn of(exchange: &'e Exchange, dialect: &Dialect) -> Option<Self> {
        let response = exchange.response()?;
        match exchange.call.credentials {
            Credentials::Bearer(role) => Some(Self {
                exchange,
                role,
                limit: RateLimit::read(response, dialect),
            }),
            Credentials::Absent | Credentials::Values(_) => None,
        }
    }

    /// When the call was sent, in seconds of the run.
    pub(crate) fn sent(&self) -> f64 {
        self.exchange.sent_after.as_secs_f64()
    }

    /// When the answer had come, in seconds of the run.
    pub(crate) fn answered(&self) -> f64 {
        (self.exchange.sent_after + self.exchange.elapsed).as_secs_f64()
    }

    /// How long the answer took, in seconds.
    pub(crate) fn took(&self) -> f64 {
        self.exchange.elapsed.as_secs_f64()
    }

    /// Whether it answers an execute.
    pub(crate) fn is_execute(&self) -> bool {
        matches!(self.exchange.call.endpoint, Endpoint::Execute { .. })
    }

    /// The headers that are missing, by name.
    pub(crate) fn missing(&self, dialect: &Dialect) -> Vec<String> {
        let limit = &self.limit;
        let is_missing = [
            limit.limit.is_missing(),
            limit.remaining.is_missing(),
            limit.reset.is_missing(),
        ];
        let named = header_names(dialect).into_iter().zip(is_missing);
        named
            .filter_map(|(name, is_missing)| is_missing.then_some(name))
            .collect()
    }

    /// A violation that this answer shows. It is the hub's, whichever tool was called.
    pub(crate) fn violation(&self, summary: impl Into<String>, expected: impl Into<String>, told: &str) -> Violation {
        Violation {
            tool: None,
            observed: format!("{}; {told}", observed(self.exchange)),
            ..violated(self.exchange, summary, expected)
        }
    }

    /// The headers of the answer that tell limits, in whatever spelling, as they came.
    pub(crate) fn headers(&self) -> String {
        let headers = self.exchange.response().map(|response| response.headers.as_slice());
        let is_of_limits = |name: &str| name.contains("ratelimit") || name.contains("rate-limit");
        let told = headers
            .unwrap_or_default()
            .iter()
            .filter(|(name, _)| is_of_limits(name));
        let told: Vec<_> = told.map(|(name, value)| format!("{name}: {value}")).collect();
        match told.as_slice() {
            [] => "no header of rate limits".to_owned(),
            told => told.join(", "),
        }
    }

    /// Whether its call was sent after the other was answered: only then does the order of the two say anything.
    pub(crate) fn is_after(&self, other: &ToldLimit<'_>) -> bool {
        self.exchange.sent_after >= other.exchange.sent_after + other.exchange.elapsed
    }

    /// Reset as seconds on one scale for all answers of the run that tell it in the same way: the earliest and the latest that it can
    /// mean.
    pub(crate) fn reset_span(&self) -> Option<(f64, f64)> {
        match self.limit.reset.value()? {
            Moment::At(moment) => Some((moment, moment)),
            Moment::After(seconds) => Some((self.sent() + seconds, self.answered() + seconds)),
        }
    }

    /// Whether Reset is told as a point in time.
    pub(crate) fn tells_moment(&self) -> bool {
        matches!(self.limit.reset.value(), Some(Moment::At(_)))
    }
}

/// The same call of a read tool several times, one after the other: what changes from one answer to the next is the limit's doing.
/// `None` where there is no tool for it.
pub(crate) fn series(site: &Site<'_>) -> Option<Case> {
    let (tool, control) = site.read_control().ok()?;
    let calls = (1..=SERIES).map(|number| control.clone().labelled(format!("call/{number}")));
    let calls: Vec<Call> = calls.collect();
    let case = Case::new("traffic/series", "the same call, several times", calls);
    Some(case.about(&tool.key).exclusively())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hubproof_model::call::Intent;
    use hubproof_model::exchange::Fault;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, answered, failed, succeeded, telling, unanswered};
    use crate::schemas::Schemas;

    fn execute() -> Call {
        Call::post_execute("a.b.c", json!({"input": {}}), Intent::Read)
    }

    fn with(role: Role) -> Call {
        execute().with_credentials(Credentials::Bearer(role))
    }

    #[test]
    fn answers_to_valid_keys_by_the_hub_itself_tell_limits() {
        let judged = [
            succeeded(execute(), json!({})),
            failed(with(Role::Restricted), 403, "FORBIDDEN"),
            failed(with(Role::Throttled), 429, "RATE_LIMITED"),
            answered(Call::listing(None), 200, json!([])),
        ];
        let left_out = [
            failed(with(Role::Foreign), 401, "UNAUTHORIZED"),
            failed(with(Role::Revoked), 403, "FORBIDDEN"),
            succeeded(execute().with_credentials(Credentials::Absent), json!({})),
            answered(execute(), 429, json!("slow down")),
            answered(execute(), 502, json!("bad gateway")),
            failed(execute(), 413, "INVALID_INPUT"),
            unanswered(execute(), Fault::Broken(String::new())),
        ];
        let hub = Hub::small();
        let told = |exchanges: &[Exchange]| {
            let evidence = Evidence {
                surface: &hub.surface,
                schemas: &Schemas::of(&hub.surface),
                case: None,
                exchanges: exchanges.iter().collect(),
                deeds: &[],
            };
            told_limits(&evidence).len()
        };
        assert_eq!((told(&judged), told(&left_out)), (judged.len(), 0));
    }

    #[test]
    fn a_delta_stands_between_sending_and_answer_and_a_moment_where_it_is() {
        let span = |reset: &str| {
            let exchange = Exchange {
                sent_after: Duration::from_secs(10),
                elapsed: Duration::from_secs(2),
                ..telling(succeeded(execute(), json!({})), ["9", "8", reset])
            };
            let told = ToldLimit {
                exchange: &exchange,
                role: Role::Primary,
                limit: RateLimit::read(exchange.response().unwrap(), &Dialect::default()),
            };
            told.reset_span()
        };
        assert_eq!(span("30"), Some((40.0, 42.0)));
        assert_eq!(span("1792567689"), Some((1_792_567_689.0, 1_792_567_689.0)));
        assert_eq!(span("soon"), None);
    }

    #[test]
    fn a_series_is_the_same_call_by_itself() {
        let series = series(&Hub::small().site()).unwrap();
        assert!(series.exclusive && series.calls().len() == SERIES);
        let bodies: Vec<_> = series.calls().into_iter().map(Call::json).collect();
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
