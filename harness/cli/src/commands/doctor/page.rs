//! A check-up on a page of the terminal.

use hubproof_model::safety::Allow;
use hubproof_reports::figures::counted;
use hubproof_reports::terminal::page::Page;
use hubproof_reports::terminal::style::Style;
use hubproof_runner::checkup::{Check, Group, Verdict};

/// How many grants are shown: a page is to be read.
const GRANTS: usize = 6;

/// All checks by group, and what they come to.
pub(super) fn render(url: &str, allow: Allow, checks: &[Check], colour: bool, width: usize) -> String {
    let mut page = Page::new(colour, width);
    page.prose(
        0,
        Style::Bold,
        &format!("{url}, as a run with --allow {allow} would meet it"),
    );
    for group in checks.chunk_by(|one, next| one.group == next.group) {
        page.gap();
        if let Some(first) = group.first() {
            page.prose(0, Style::Bold, first.group.name());
        }
        for check in group.iter().take(most_of(group)) {
            write(&mut page, check);
        }
        if group.len() > most_of(group) {
            let more = group.len() - most_of(group);
            page.prose(2, Style::Faint, &format!("… and {more} more (see --json)"));
        }
    }
    page.gap();
    closing(&mut page, checks);
    page.finish()
}

fn most_of(group: &[Check]) -> usize {
    match group.first() {
        Some(first) if first.group == Group::More => GRANTS,
        _ => group.len(),
    }
}

fn write(page: &mut Page, check: &Check) {
    let text = format!("{}: {}", check.what, check.seen);
    let head = check.verdict.name();
    let remedy = match check.group {
        // Nothing is broken, and none of it was tried: the heading says so.
        Group::More => {
            page.headed(2, Style::Plain, "-", Style::Plain, &text);
            "by:"
        }
        _ => {
            page.headed(2, style(check.verdict), head, Style::Plain, &text);
            "fix:"
        }
    };
    if let Some(fix) = &check.fix {
        page.headed(4, Style::Faint, remedy, Style::Plain, fix);
    }
}

const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Ok => Style::Good,
        Verdict::Warning => Style::Warning,
        Verdict::Problem(_) => Style::Bad,
        Verdict::NotTried => Style::Faint,
    }
}

fn closing(page: &mut Page, checks: &[Check]) {
    let count = |is_so: fn(&Verdict) -> bool| checks.iter().filter(|check| is_so(&check.verdict)).count();
    let problems = count(|verdict| matches!(verdict, Verdict::Problem(_)));
    let warnings = count(|verdict| matches!(verdict, Verdict::Warning));
    let (problems_told, warnings_told) = (counted(problems as u64, "problem"), counted(warnings as u64, "warning"));
    let (style, text) = match (problems, warnings) {
        (0, 0) => (Style::Good, "a run can go ahead".to_owned()),
        (0, _) => (Style::Warning, format!("a run can go ahead, with {warnings_told}")),
        (_, 0) => (Style::Bad, format!("a run would not go well: {problems_told}")),
        _ => (
            Style::Bad,
            format!("a run would not go well: {problems_told}, {warnings_told}"),
        ),
    };
    page.prose(0, style, &text);
}

#[cfg(test)]
mod tests {
    use hubproof_runner::checkup::Blame;

    use super::*;

    fn check(group: Group, verdict: Verdict, fix: Option<&str>) -> Check {
        Check {
            group,
            what: "primary key".to_owned(),
            verdict,
            seen: "what was seen of it, at some length so that it must be broken".to_owned(),
            fix: fix.map(str::to_owned),
        }
    }

    #[test]
    fn a_check_up_is_shown_by_group_with_what_to_do() {
        let mut checks = vec![
            check(Group::Hub, Verdict::Ok, None),
            check(Group::Keys, Verdict::Problem(Blame::Target), Some("give a key")),
            check(Group::Keys, Verdict::Warning, Some("wait")),
            check(Group::Limits, Verdict::NotTried, None),
        ];
        checks.extend((0..8).map(|_| check(Group::More, Verdict::NotTried, Some("--allow write"))));
        insta::assert_snapshot!(render("http://hub.test", Allow::Read, &checks, false, 60));
        assert!(render("http://hub.test", Allow::Read, &checks, true, 60).contains('\u{1b}'));
    }
}
