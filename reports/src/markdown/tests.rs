//! The report as Markdown: what it says, that nothing of a target acts in it, and that it fits into a comment.

use super::*;
use crate::canned;
use crate::document::violation::Violation;
use crate::printable::is_hidden;

fn rendered(report: &Report) -> String {
    render(report, FailOn::Must)
}

#[test]
fn the_report_of_a_run() {
    insta::assert_snapshot!(rendered(&canned::report(&canned::complete())));
}

#[test]
fn known_failures_have_a_table_of_their_own() {
    insta::assert_snapshot!("baseline", rendered(&canned::report(&canned::with_baseline())));
}

#[test]
fn a_run_that_ended_early_says_so_first() {
    insta::assert_snapshot!("unusable", rendered(&canned::report(&canned::unusable())));
}

/// What is outside of code, line by line.
fn outside_of_code(page: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let ticks: String = line.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(own) if line == own => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => outside.push_str(&format!("{}\n", without_spans(line))),
        }
    }
    assert_eq!(fence, None, "a fence is left open");
    outside
}

fn without_spans(line: &str) -> String {
    let mut rest = line;
    let mut outside = String::new();
    while let Some(at) = rest.find('`') {
        outside.push_str(&rest[..at]);
        let ticks = rest[at..].chars().take_while(|character| *character == '`').count();
        let inner = &rest[at + ticks..];
        // A fence closes with a run of its own length alone.
        let mut from = 0;
        let end = loop {
            let found = inner[from..]
                .find('`')
                .unwrap_or_else(|| panic!("an open span: {line}"))
                + from;
            let run = inner[found..].chars().take_while(|character| *character == '`').count();
            if run == ticks {
                break found;
            }
            from = found + run;
        };
        rest = &inner[end + ticks..];
    }
    outside + rest
}

/// Without the code that is written as HTML, in which nothing but words and character references stands.
fn without_html_code(text: &str) -> String {
    let mut parts = text.split("<code>");
    let mut outside = parts.next().unwrap().to_owned();
    for part in parts {
        let (inner, after) = part.split_once("</code>").unwrap();
        assert!(
            !inner.contains(|own: char| own.is_ascii_punctuation() && !"&#;".contains(own)),
            "{inner}"
        );
        outside.push_str(after);
    }
    outside
}

#[test]
fn nothing_of_a_target_acts() {
    for mut report in canned::all_reports() {
        let ill = "@owner #1 [x](http://evil.example) <img src=x> | ` `` ```\n# h\n</details>";
        report.target.url = ill.to_owned();
        for requirement in &mut report.requirements {
            requirement.reason = requirement.reason.as_ref().map(|_| ill.to_owned());
            for violation in &mut requirement.violations {
                violation.summary = format!("{ill}{}", violation.summary);
                violation.observed = ill.to_owned();
                violation.tool = violation.tool.as_ref().map(|_| ill.to_owned());
                violation.reproduce.run = ill.to_owned();
            }
        }
        let page = rendered(&report);
        assert!(!page.contains(|character| is_hidden(character) && character != '\n'));
        let outside = without_html_code(&outside_of_code(&page));
        for sign in ["@", "http", "](", "<img", "#1", "owner/", "\\"] {
            assert!(!outside.contains(sign), "{sign}: {outside}");
        }
        let folds = |tag: &str| outside.matches(tag).count();
        assert_eq!(folds("<details>"), folds("</details>"));
        let columns = |line: &&str| line.starts_with('|') && line.matches('|').count() != 5;
        let table = page.lines().skip_while(|line| !line.starts_with("| requirement"));
        let torn: Vec<_> = table.take_while(|line| line.starts_with('|')).filter(columns).collect();
        assert!(torn.is_empty(), "{torn:?}");
    }
}

#[test]
fn whatever_is_broken_fits_into_a_comment() {
    let mut report = canned::report(&canned::complete());
    let any = report.requirements[1].clone();
    let ill = canned::HOSTILE.repeat(200);
    for number in 0..300 {
        let violation = |index: u64| Violation {
            summary: format!("{index}{}", "x@`|".repeat(500)),
            observed: ill.clone(),
            expected: ill.clone(),
            ..any.violations[0].clone()
        };
        let mut more = any.clone();
        more.title = format!("{number} {ill}");
        more.violations = (0..30).map(violation).collect();
        report.requirements.push(more);
    }
    report.target.url.clone_from(&ill);
    report.exit.meaning.clone_from(&ill);
    let page = rendered(&report);
    assert!(page.len() <= MOST, "{}", page.len());
    assert!(page.contains("more is in `report.json`") && page.contains("Figures"));
}
