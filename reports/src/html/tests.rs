//! What holds for the page of every report.

use super::*;
use crate::canned;

#[test]
fn the_policy_lets_the_script_run() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(SCRIPT));
    assert_eq!(hash, SCRIPT_HASH, "set SCRIPT_HASH to the former");
}

#[test]
fn every_report_is_a_page_that_says_what_came_of_it() {
    for report in canned::all_reports() {
        let page = render(&report, FailOn::Must);
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
        for requirement in &report.requirements {
            assert!(
                page.contains(&format!("id=\"{}\"", requirement.id)),
                "{}",
                requirement.id
            );
        }
    }
}

#[test]
fn nothing_of_a_target_acts() {
    for report in canned::all_reports() {
        let page = render(&report, FailOn::Should);
        assert!(!page.contains(canned::HOSTILE) && !page.contains("<b>"), "markup");
        let hidden = page
            .chars()
            .find(|character| crate::printable::is_hidden(*character) && *character != '\n');
        assert_eq!(hidden, None);
    }
}

#[test]
fn the_page_asks_nothing_of_any_server() {
    let page = render(&canned::report(&canned::complete()), FailOn::Must);
    for loader in [
        " src=",
        "@import",
        "url(",
        "<link",
        "<iframe",
        "<img",
        "fetch(",
        "XMLHttpRequest",
    ] {
        assert!(!page.contains(loader), "{loader}");
    }
}
