//! A target that means ill gets no script to run, and no text to hide.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Test;
use crate::looks::{UNFOLD, assert_narrow};
use crate::stage::{Stage, count_kinds, page_of};

pub(crate) const TESTS: &[Test] = &[("nothing_of_a_target_acts", nothing_of_a_target_acts)];

/// What a script of the target would leave, in each way in which a text could become one.
const ATTACKS: [&str; 8] = [
    "<script>window.hostile=1;alert(1)</script>",
    "</script><script>window.hostile=2</script>",
    "\"><img src=x onerror=\"window.hostile=3\">",
    "' autofocus onfocus='window.hostile=4' x='",
    "</code></pre></details><svg onload=window.hostile=5><style>*{display:none}</style>",
    "javascript:window.hostile=6//",
    "<iframe srcdoc='<script>parent.hostile=7</script>'></iframe><base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "\u{202e}gpj.exe\u{2066}\u{200b}\0\u{1b}[2J\u{9b}31m\r\n\u{ffff}&lt;`<b>",
];

/// Names of members whose texts come from a target or are made of what it said.
const TEXTS: [&str; 24] = [
    "summary",
    "expected",
    "observed",
    "title",
    "statement",
    "why",
    "reason",
    "undecided",
    "source",
    "case",
    "tool",
    "label",
    "url",
    "name",
    "value",
    "json",
    "key",
    "keyword",
    "instance_pointer",
    "schema_pointer",
    "message",
    "meaning",
    "outcome",
    "profile",
];

/// Puts an attack into each text of the report, and into each place where there is room for any value.
fn spoil(value: &mut Value, member: &str, next: &mut usize) {
    let is_text = TEXTS.contains(&member) || ["grants", "run", "hub", "calls", "tried_tools"].contains(&member);
    match value {
        Value::String(text) if is_text => {
            text.push_str(ATTACKS[*next % ATTACKS.len()]);
            *next += 1;
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| spoil(element, member, next)),
        Value::Object(members) if member == "violated_tools" => {
            let spoilt = std::mem::take(members).into_iter();
            *members = spoilt
                .map(|(tool, count)| (format!("{tool}{}", ATTACKS[2]), count))
                .collect();
        }
        Value::Object(_) if member == "json" => {
            let all: Vec<_> = ATTACKS
                .iter()
                .map(|attack| json!({*attack: attack, "long": "x".repeat(3_000)}))
                .collect();
            *value = json!({"data": all, "<script>": null});
        }
        Value::Object(members) => members.iter_mut().for_each(|(name, own)| spoil(own, name, next)),
        _ => {}
    }
}

fn nothing_of_a_target_acts(stage: &Stage) {
    let mut report = stage.report();
    let mut spoilt = 0;
    // The name of the program is read back, that of the target is not.
    for part in [
        "target",
        "end",
        "exit",
        "requirements",
        "tools",
        "left_out",
        "observations",
        "side_effects",
    ] {
        spoil(&mut report[part], part, &mut spoilt);
    }
    assert!(spoilt > 300, "{spoilt}");
    count_kinds(&mut report);
    let directory = TempDir::new().unwrap();
    let page = stage.session();
    let file = page_of(&report, directory.path());
    page.open_file(&file);
    page.eval(UNFOLD);
    page.type_into("#search", "EXE-02");
    page.until("document.getElementById('shown').textContent.startsWith('1 of ')");
    page.eval("const own = document.getElementById('search'); own.value = ''; own.dispatchEvent(new Event('input'))");
    page.eval(
        "for (const element of document.querySelectorAll('main *')) element.dispatchEvent(new MouseEvent('mouseover'))",
    );

    assert!(!page.has_dialogue());
    assert_eq!(page.text("String(window.hostile)"), "undefined");
    let foreign = "return [...document.querySelectorAll('img, iframe, object, embed, base, link, meta[http-equiv=refresh], a[href]')]\
                   .filter((own) => !own.getAttribute('href')?.startsWith('#')).map((own) => own.outerHTML)";
    assert_eq!(page.eval(foreign), json!([]));
    assert_eq!(
        page.eval("return [document.scripts.length, document.querySelectorAll('style').length]"),
        json!([1, 1])
    );
    let handlers = "return [...document.querySelectorAll('*')].flatMap((own) => own.getAttributeNames()).filter((name) => name.startsWith('on'))";
    assert_eq!(page.eval(handlers), json!([]));
    assert_eq!(
        page.eval("return document.body.textContent.match(/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u0000-\\u0009\\u001b\\u0080-\\u009f\\uffff]/g)"),
        Value::Null,
        "what hides is spelled out"
    );
    assert!(
        page.text("document.querySelector('#EXE-02').textContent")
            .contains("<script>window.hostile=1;alert(1)</script>")
    );
    assert_eq!(
        page.eval("return performance.getEntriesByType('resource').length"),
        json!(0)
    );
    assert_eq!(page.requested(), [format!("file://{}", file.display())]);
    assert_eq!(page.console(), Vec::<Value>::new());
    assert_narrow(&page);
}
