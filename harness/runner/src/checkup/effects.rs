//! Which state-changing tools' effects can be seen.

use super::verdict::{Blame, Check, Group};

/// How many tools are named.
const NAMED: usize = 5;

/// The verdicts, of the keys of the tools whose effects show, of those whose effects do not, and of what is wrong in `[effects]`.
pub(super) fn checks(seen: usize, unseen: &[&str], mistakes: &[String]) -> Vec<Check> {
    let what = "writes";
    let mut checks: Vec<_> = mistakes
        .iter()
        .map(|text| {
            let fix = "mend the line in [effects]: `hubproof plan` shows how effects are looked for";
            Check::problem(Blame::Profile, Group::Effects, "a line", text, fix)
        })
        .collect();
    let all = seen + unseen.len();
    checks.push(match (all, unseen.first()) {
        (0, _) => Check::not_tried(Group::Effects, what, "no selected tool changes anything"),
        (_, None) => Check::ok(
            Group::Effects,
            what,
            format!("the effects of all {all} state-changing tools can be seen"),
        ),
        (_, Some(first)) => {
            let more = match unseen.len() {
                0..=NAMED => "",
                _ => ", …",
            };
            let named: Vec<_> = unseen.iter().take(NAMED).copied().collect();
            Check::warning(
                Group::Effects,
                what,
                format!(
                    "the effects of {seen} of {all} state-changing tools can be seen; not of {}{more}",
                    named.join(", ")
                ),
                format!(
                    "say in [effects.\"{first}\"] how it shows (docs/profile.md), where a read tool of the hub shows it"
                ),
            )
        }
    });
    checks
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn tools_that_show_nothing_are_named() {
        let verdict = |seen, unseen: &[&str]| checks(seen, unseen, &[]).remove(0);
        assert_eq!(verdict(0, &[]).verdict, Verdict::NotTried);
        assert_eq!(verdict(3, &[]).verdict, Verdict::Ok);
        let some = verdict(1, &["a", "b", "c", "d", "e", "f"]);
        assert_eq!(some.verdict, Verdict::Warning);
        assert!(
            some.seen
                .ends_with("1 of 7 state-changing tools can be seen; not of a, b, c, d, e, …"),
            "{}",
            some.seen
        );
        let wrong = checks(1, &[], &["no such tool".to_owned()]).remove(0);
        assert_eq!(wrong.verdict, Verdict::Problem(Blame::Profile));
    }
}
