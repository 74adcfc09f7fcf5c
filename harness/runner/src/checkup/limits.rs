//! Whether a run fits into what is left of the primary key's limit.

use hubproof_model::rate_limit::RateLimit;

use super::verdict::{Check, Group};

/// The verdict, of the last limit that was told and of the calls that a run plans with the key.
pub(super) fn check(told: Option<&RateLimit>, calls: usize) -> Check {
    let what = "primary key";
    let Some(told) = told else {
        return Check::warning(
            Group::Limits,
            what,
            format!("no answer tells a limit; a run makes {calls} calls and more"),
            "give --rate where the hub has one that it does not tell, or pin its headers in [dialect] limit_header",
        );
    };
    let number = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format!("{value:.0}"));
    let seen = format!(
        "{} of {} calls are left, and a run makes {calls} and more",
        number(told.remaining.value()),
        number(told.limit.value())
    );
    match told.remaining.value() {
        Some(left) if left < calls as f64 => {
            let reset = told.seconds_to_reset().filter(|seconds| *seconds > 0.0);
            let reset = reset.map_or_else(String::new, |seconds| format!("; more come in {seconds:.0} s"));
            Check::warning(
                Group::Limits,
                what,
                format!("{seen}{reset}"),
                "a run waits for resets: give a key with a larger limit, or send less by --only, --tools or --cases",
            )
        }
        _ => Check::ok(Group::Limits, what, seen),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::surface::Dialect;

    use super::super::sample::answered;
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn a_run_that_must_wait_is_told_before_it_does() {
        let exchange = answered(
            200,
            &[
                ("x-ratelimit-limit", "100"),
                ("x-ratelimit-remaining", "40"),
                ("x-ratelimit-reset", "7"),
            ],
            "{}",
        );
        let told = RateLimit::read(exchange.response().unwrap(), &Dialect::default());
        assert_eq!(check(Some(&told), 40).verdict, Verdict::Ok);
        let short = check(Some(&told), 41);
        assert_eq!(short.verdict, Verdict::Warning);
        assert!(
            short.seen.contains("40 of 100") && short.seen.ends_with("in 7 s"),
            "{}",
            short.seen
        );
        assert_eq!(check(None, 1).verdict, Verdict::Warning);
    }
}
