//! The page of a run of 2,000 tools with 5,000 violations: it stays small, and says of what how much is left out.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

mod large_run;

use hubproof_model::gate::FailOn;
use hubproof_reports::html;

use large_run::{SHAPES, Shape, TOOLS, VIOLATIONS, report};

/// What a mail server, and a browser's search, take with ease.
const MOST_BYTES: usize = 20_000_000;

/// The numbers that stand between two texts.
fn numbers(page: &str, before: &str, after: &str) -> Vec<usize> {
    let rest = page.split(before).skip(1);
    let told = rest.filter_map(|rest| rest.split_once(after).map(|(number, _)| number));
    told.filter_map(|number| number.replace(',', "").parse().ok()).collect()
}

#[test]
fn the_page_stays_small_whatever_the_shape_of_the_violations() {
    for shape in SHAPES {
        let page = html::render(&report(shape), FailOn::Must);
        assert!(page.len() < MOST_BYTES, "{shape:?}: {} bytes", page.len());
    }
}

#[test]
fn no_violation_is_passed_over_in_silence() {
    for shape in [Shape::Spread, Shape::Alike, Shape::Unlike] {
        let page = html::render(&report(shape), FailOn::Must);
        // Each is there with its evidence, named with a word on where its evidence is, or counted.
        let evidence =
            page.matches("<div class=\"violation\">").count() + page.matches("<details class=\"violation\">").count();
        let named = page.matches("<p class=\"violation\">").count();
        let counted: usize = numbers(&page, "… and ", " more like these: see report.json")
            .iter()
            .sum();
        let kinds: usize = numbers(&page, "… and ", " more of further kinds: see report.json")
            .iter()
            .sum();
        assert_eq!(
            evidence + named + counted + kinds,
            VIOLATIONS,
            "{shape:?}: {evidence} {named} {counted} {kinds}"
        );
        assert!(evidence >= 50, "{shape:?}: there is room for some");
        let told = page.matches("(evidence in report.json, case ").count();
        assert_eq!(told, named, "{shape:?}");
    }
}

#[test]
fn what_is_left_out_of_the_table_of_tools_is_counted() {
    for shape in SHAPES {
        let page = html::render(&report(shape), FailOn::Must);
        let table = page.split("<table class=\"matrix\">").nth(1).unwrap();
        let (table, after) = table.split_once("</table>").unwrap();
        let rows = table.matches("<th scope=\"row\">").count();
        let left_out: usize = numbers(after, "… and ", " more tools: see report.json").iter().sum();
        assert_eq!(rows + left_out, TOOLS, "{shape:?}");
    }
}
