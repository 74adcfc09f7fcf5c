//! The page opens from a file, and asks for nothing else.

use serde_json::json;

use crate::Test;
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[("the_report_asks_for_nothing_but_itself", asks_for_nothing_but_itself)];

fn asks_for_nothing_but_itself(stage: &Stage) {
    let page = stage.report_page();
    page.eval("for (const folded of document.querySelectorAll('details')) folded.open = true");
    page.type_into("#search", "EXE-02");
    page.click("#EXE-02 button.copy");
    page.until("document.getElementById('told').textContent");
    assert!(page.text("document.title").starts_with("hubproof: http://127.0.0.1:"));
    assert_eq!(
        page.text("document.querySelector('h1 [aria-hidden]').textContent"),
        "✗ "
    );
    assert_eq!(
        page.eval("return performance.getEntriesByType('resource').length"),
        json!(0)
    );
    assert_eq!(page.requested(), [format!("file://{}", stage.report_html().display())]);
    assert_eq!(page.console(), Vec::<serde_json::Value>::new());
}
