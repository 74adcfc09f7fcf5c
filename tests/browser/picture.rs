//! Pictures of the pages, for people to look at: README's, and those that `HUBPROOF_PICTURES` asks for.

use std::path::PathBuf;

use crate::Test;
use crate::looks::UNFOLD;
use crate::session::Session;
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[("pictures_of_the_report", of_the_report)];

/// Leaves a picture of what can be seen, if pictures are asked for.
pub(crate) fn leave(page: &Session<'_>, name: &str) {
    let Some(directory) = std::env::var_os("HUBPROOF_PICTURES").map(PathBuf::from) else {
        return;
    };
    // What has come into view is drawn in the frame after.
    page.awaited("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join(name).with_extension("png"), page.picture()).unwrap();
}

fn of_the_report(stage: &Stage) {
    let page = stage.report_page();
    page.developer("Emulation.setScrollbarsHidden", &serde_json::json!({"hidden": true}));
    // README's, as `docs/report.png` is made.
    page.emulate(1280, 800, "light");
    leave(&page, "report");
    for (scheme, width) in [("light", 1280), ("dark", 1280), ("light", 375), ("dark", 375)] {
        page.eval(UNFOLD);
        for (place, selector) in [
            ("top", "h1"),
            ("violation", "#EXE-02"),
            ("tools", "#matrix"),
            ("latency", "#latency"),
        ] {
            page.emulate(width, 900, scheme);
            page.eval(&format!("document.querySelector('{selector}').scrollIntoView()"));
            leave(&page, &format!("report-{scheme}-{width}-{place}"));
        }
    }
}
