//! What a reader looks for is found, and a link shows what it names whatever is filtered or folded.

use serde_json::{Value, json};

use crate::Test;
use crate::session::Session;
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[
    ("search_shows_what_it_finds", search),
    ("verdicts_and_areas_filter", verdicts_and_areas),
    ("a_link_reveals_a_filtered_entry", links_reveal),
];

/// The entries that can be seen, of a standing and an area, if they are named.
fn seen(page: &Session<'_>, narrowed: &str) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('details.requirement{narrowed}')]\
         .filter((entry) => entry.checkVisibility()).map((entry) => entry.id)"
    );
    let ids = page.eval(&script);
    ids.as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

fn shown(page: &Session<'_>) -> String {
    page.text("document.getElementById('shown').textContent")
}

fn search(stage: &Stage) {
    let page = stage.report_page();
    let all = seen(&page, "");
    assert_eq!(all.len(), stage.report()["requirements"].as_array().unwrap().len());
    assert_eq!(shown(&page), "");
    page.type_into("#search", "exe-02");
    assert_eq!(seen(&page, ""), ["EXE-02"]);
    assert_eq!(shown(&page), format!("1 of {} shown", all.len()));
    page.eval("document.getElementById('search').select()");
    page.type_into("#search", " tickets.ASSIGN rejects");
    assert_eq!(
        seen(&page, ""),
        ["EXE-02"],
        "words of its statement, and the key of a tool"
    );
    page.eval("document.getElementById('search').select()");
    page.type_into("#search", "nothing has this word");
    assert_eq!(seen(&page, ""), Vec::<String>::new());
    assert_eq!(shown(&page), format!("0 of {} shown", all.len()));
    assert_eq!(
        page.eval("return [...document.querySelectorAll('.group')].some((own) => own.checkVisibility())"),
        json!(false)
    );
}

fn verdicts_and_areas(stage: &Stage) {
    let page = stage.report_page();
    let all = seen(&page, "");
    let held = seen(&page, "[data-standing=held]");
    assert!(!held.is_empty() && held.len() < all.len());
    page.click("input[value=held]");
    assert_eq!(seen(&page, "").len(), all.len() - held.len());
    assert_eq!(seen(&page, "[data-standing=held]"), Vec::<String>::new());
    page.click("input[value=held]");
    page.type_into("#area", "EXE");
    let mut of_area = seen(&page, "");
    of_area.sort();
    assert_eq!(of_area, ["EXE-01", "EXE-02"]);
    assert_eq!(shown(&page), format!("2 of {} shown", all.len()));
}

fn links_reveal(stage: &Stage) {
    let page = stage.report_page();
    page.type_into("#search", "EXE-02");
    assert_eq!(seen(&page, ""), ["EXE-02"]);
    // Held, so folded, and filtered by now.
    page.eval("location.hash = '#CAT-01'");
    page.until("document.getElementById('CAT-01').open");
    assert!(seen(&page, "").contains(&"CAT-01".to_owned()));
    assert_eq!(page.text("document.getElementById('search').value"), "");
    // Below the bar that stays at the top.
    let is_in_view = "(() => { const { top } = document.getElementById(location.hash.slice(1)).getBoundingClientRect(); \
                      return top >= document.querySelector('nav').offsetHeight && top < innerHeight / 2 })()";
    page.until(is_in_view);

    page.open("about:blank");
    page.open(&format!("file://{}#CAT-13", stage.report_html().display()));
    page.until("document.getElementById('CAT-13').open");
    page.until(is_in_view);
    page.open("about:blank");
    page.open(&format!("file://{}#%E0%A4%A", stage.report_html().display()));
    page.type_into("#search", "EXE-02");
    assert_eq!(seen(&page, ""), ["EXE-02"], "a link that is none breaks nothing");
    assert_eq!(page.console(), Vec::<Value>::new());
}
