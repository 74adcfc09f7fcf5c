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
    let (left, all) = (told.remaining.value(), told.limit.value());
    let run = format!("a run makes {calls} and more");
    let seen = match (left, all) {
        (Some(left), Some(all)) => format!("{left:.0} of {all:.0} calls are left, and {run}"),
        (Some(left), None) => format!("{left:.0} calls are left, and {run}"),
        (None, Some(all)) => format!("{all:.0} calls are the limit, no answer tells how many are left, and {run}"),
        (None, None) => format!("answers tell of a limit, but neither how much it is nor what is left; {run}"),
    };
    // What is left is at most the limit.
    match left.or(all) {
        None => Check::warning(
            Group::Limits,
            what,
            seen,
            "give --rate where the hub has one that it does not tell, or pin its headers in [dialect] limit_header",
        ),
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
        Some(_) => Check::ok(Group::Limits, what, seen),
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

    #[test]
    fn what_is_not_told_is_not_said() {
        for (headers, calls, verdict, seen) in [
            (
                &[("x-ratelimit-limit", "100")][..],
                100,
                Verdict::Ok,
                "100 calls are the limit, no answer tells how many are left, and a run makes 100 and more",
            ),
            (
                &[("x-ratelimit-remaining", "7")],
                8,
                Verdict::Warning,
                "7 calls are left, and a run makes 8 and more",
            ),
            (
                &[("x-ratelimit-reset", "7")],
                8,
                Verdict::Warning,
                "answers tell of a limit, but neither how much it is nor what is left; a run makes 8 and more",
            ),
        ] {
            let exchange = answered(200, headers, "{}");
            let told = RateLimit::read(exchange.response().unwrap(), &Dialect::default());
            let check = check(Some(&told), calls);
            assert_eq!((check.verdict, check.seen.as_str()), (verdict, seen));
        }
    }
}
