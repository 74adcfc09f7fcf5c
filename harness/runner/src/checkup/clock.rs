//! How far the hub's clock is from this machine's.

use std::time::SystemTime;

use hubproof_model::exchange::Exchange;
use hubproof_model::rate_limit::{date, since_1970};

use super::verdict::{Check, Group};

/// Differences below this mislead nobody, in seconds: `Date` tells whole seconds, and answers take their time.
const SMALL: f64 = 5.0;

/// The verdict, of a call that was answered at a time of this machine's clock.
pub(super) fn check(exchange: &Exchange, answered: SystemTime) -> Check {
    let what = "difference";
    let hub = exchange.response().and_then(date);
    let (Some(hub), Some(answered)) = (hub, since_1970(answered)) else {
        return Check::not_tried(Group::Clock, what, "the answer has no `Date`")
            .unless("send `Date` with every answer (RFC 9110 §6.6.1): limits told as points in time are read by it");
    };
    // `Date` was that second, begun between sending and answer.
    let sent = answered - exchange.elapsed.as_secs_f64();
    let ahead = hub + 0.5 - (sent + answered) / 2.0;
    if ahead.abs() <= SMALL {
        return Check::ok(Group::Clock, what, "the hub's `Date` agrees with this machine's clock");
    }
    let way = if ahead > 0.0 { "ahead of" } else { "behind" };
    Check::warning(
        Group::Clock,
        what,
        format!("the hub's `Date` is {:.0} s {way} this machine's clock", ahead.abs()),
        "set both clocks by NTP; a run reads limits by the hub's own `Date`, so that its verdicts stand",
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::super::sample::answered;
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn only_a_difference_that_misleads_is_told() {
        let exchange = answered(200, &[("date", "Wed, 21 Oct 2026 07:28:00 GMT")], "{}");
        let at = |seconds: f64| UNIX_EPOCH + Duration::from_secs_f64(1_792_567_680.0 + seconds);
        assert_eq!(check(&exchange, at(0.9)).verdict, Verdict::Ok);
        assert_eq!(check(&exchange, at(-3.0)).verdict, Verdict::Ok);
        let late = check(&exchange, at(90.5));
        assert!(late.seen.contains("90 s behind"), "{}", late.seen);
        assert_eq!(check(&answered(200, &[], ""), at(0.0)).verdict, Verdict::NotTried);
    }
}
