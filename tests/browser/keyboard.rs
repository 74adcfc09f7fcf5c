//! The page without a pointer, and for those who have it read out.

use serde_json::{Value, json};

use crate::Test;
use crate::session::{ENTER, TAB};
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[
    ("keys_of_the_report", shortcuts),
    ("tab_reaches_every_entry_and_enter_opens_it", tab_and_enter),
    ("everything_has_a_name_and_a_place", names_and_headings),
];

const FOCUSED_ENTRY: &str = "document.activeElement.closest('summary')?.parentElement.id";

fn shortcuts(stage: &Stage) {
    let page = stage.report_page();
    page.press("/");
    assert_eq!(page.text("document.activeElement.id"), "search");
    page.press("a/jk");
    assert_eq!(
        page.text("document.activeElement.value"),
        "a/jk",
        "a word is typed, not obeyed"
    );
    page.eval(
        "const own = document.activeElement; own.value = 'CAT-'; own.dispatchEvent(new Event('input')); own.blur()",
    );
    let step = |key: &str| {
        page.press(key);
        page.text(FOCUSED_ENTRY)
    };
    let (first, second) = (step("j"), step("j"));
    assert!(
        first.starts_with("CAT-") && second.starts_with("CAT-") && first != second,
        "{first}, {second}"
    );
    assert_eq!(step("k"), first);
    assert_eq!(step("k"), first, "there is none before");
    page.click("#keys");
    page.eval("document.activeElement.blur()");
    for key in ["/", "j", "k"] {
        page.press(key);
        assert_eq!(
            page.text("document.activeElement.tagName"),
            "BODY",
            "{key} is switched off"
        );
    }
}

fn tab_and_enter(stage: &Stage) {
    let page = stage.report_page();
    page.eval("for (const open of document.querySelectorAll('details[open]')) open.open = false");
    let entries = page.eval("return [...document.querySelectorAll('details.requirement')].map((entry) => entry.id)");
    let mut reached = Vec::new();
    page.press(TAB);
    assert_eq!(
        page.text("document.activeElement.className"),
        "skip",
        "the first is the way past the head"
    );
    // One stop an entry, and those around them.
    for _ in 0..entries.as_array().unwrap().len() + 60 {
        page.press(TAB);
        if page.eval("return document.activeElement.matches('details.requirement > summary')") == json!(true) {
            reached.push(Value::from(page.text(FOCUSED_ENTRY)));
        }
    }
    reached.dedup();
    let mut wanted = entries.as_array().unwrap().clone();
    wanted.retain(|entry| !reached.contains(entry));
    assert!(wanted.is_empty(), "not reached: {wanted:?}");
    page.eval("document.querySelector('#EXE-02 > summary').focus()");
    page.press(ENTER);
    page.until("document.getElementById('EXE-02').open");
    page.press(ENTER);
    page.until("!document.getElementById('EXE-02').open");
}

fn names_and_headings(stage: &Stage) {
    let page = stage.report_page();
    let faults = page.eval(include_str!("names_and_headings.js"));
    assert_eq!(faults, json!([]));
}
