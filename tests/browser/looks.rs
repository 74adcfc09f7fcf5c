//! Legible in both colour schemes, and as narrow as a telephone.

use serde_json::json;

use crate::Test;
use crate::session::Session;
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[
    ("texts_stand_out_in_light_and_dark", contrast),
    ("a_narrow_page_is_not_wider_than_its_window", narrow),
];

/// Everything that is folded, shown.
pub(crate) const UNFOLD: &str = "for (const folded of document.querySelectorAll('details')) folded.open = true";

/// Fails where a text of the page is faint.
#[track_caller]
pub(crate) fn assert_legible(page: &Session<'_>) {
    for scheme in ["light", "dark"] {
        page.emulate(1280, 900, scheme);
        assert_eq!(page.eval(include_str!("contrast.js")), json!([]), "{scheme}");
    }
}

/// Fails where a page of 375 pixels is wider, and names what sticks out.
#[track_caller]
pub(crate) fn assert_narrow(page: &Session<'_>) {
    page.emulate(375, 800, "light");
    let wide = page.eval(
        "if (document.scrollingElement.scrollWidth <= innerWidth) return [];
         return [document.scrollingElement.scrollWidth, ...[...document.querySelectorAll('body *')]
           .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth)
           .slice(0, 8).map((element) => element.outerHTML.slice(0, 150))]",
    );
    assert_eq!(wide, json!([]));
}

fn contrast(stage: &Stage) {
    let page = stage.report_page();
    page.eval(UNFOLD);
    // Of each kind of badge and message there is one.
    page.eval(
        "const one = document.querySelector('.badge');
         for (const standing of ['broken', 'warning', 'known', 'inconclusive', 'held', 'not-exercised']) {
           for (const place of [document.querySelector('main'), document.querySelector('.filters')]) {
             const other = one.cloneNode(true);
             other.className = `badge ${standing}`;
             other.firstChild.replaceWith('x');
             place.append(other);
           }
         }
         document.getElementById('told').textContent = 'Copied'",
    );
    assert_legible(&page);
}

fn narrow(stage: &Stage) {
    let page = stage.report_page();
    assert_narrow(&page);
    page.eval(UNFOLD);
    assert_narrow(&page);
}
