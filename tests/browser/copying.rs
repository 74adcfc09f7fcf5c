//! The lines that show a violation again: copied exactly, and of use in a shell.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::Test;
use crate::session::Session;
use crate::stage::Stage;

pub(crate) const TESTS: &[Test] = &[
    ("a_button_copies_its_line", a_button_copies_its_line),
    ("a_line_is_selected_where_nothing_may_be_copied", selected_instead),
    ("a_copied_line_shows_the_violation", a_copied_line_shows_the_violation),
];

/// Lets the page write to the clipboard, and the test read it.
fn allow_clipboard(page: &Session<'_>) {
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    page.developer("Browser.grantPermissions", &permissions);
    page.developer("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
}

/// Clicks the buttons of a requirement's first violation, and gives what was on the clipboard after each.
fn copied(page: &Session<'_>, id: &str) -> Vec<String> {
    allow_clipboard(page);
    let buttons = format!("document.querySelector('#{id} .violation').querySelectorAll('button.copy')");
    let count = page.eval(&format!("return {buttons}.length")).as_u64().unwrap();
    let one = |index: u64| {
        page.awaited("navigator.clipboard.writeText('')");
        // What is told goes away by itself: it is kept as it comes.
        page.eval(&format!(
            "window.told = []; const own = document.getElementById('told'); own.textContent = '';
             new MutationObserver(() => window.told.push(own.textContent)).observe(own, {{ childList: true }});
             document.getElementById('wanted')?.removeAttribute('id'); {buttons}[{index}].id = 'wanted'"
        ));
        page.click("#wanted");
        page.until("window.told.includes('Copied')");
        page.awaited("navigator.clipboard.readText()")
            .as_str()
            .unwrap()
            .to_owned()
    };
    (0..count).map(one).collect()
}

/// The lines that show a violation again.
fn lines_of(violation: &Value) -> Vec<&str> {
    let reproduce = &violation["reproduce"];
    let one = [&reproduce["run"], &reproduce["hub"]];
    let all = one.into_iter().chain(reproduce["calls"].as_array().unwrap());
    all.filter_map(Value::as_str).collect()
}

/// The violation of a requirement whose lines these are.
fn violation_of<'r>(report: &'r Value, id: &str, lines: &[String]) -> &'r Value {
    let own = report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["id"] == id)
        .unwrap();
    let mut violations = own["violations"].as_array().unwrap().iter();
    violations
        .find(|violation| lines_of(violation) == lines)
        .unwrap_or_else(|| panic!("{id}: {lines:?}"))
}

fn a_button_copies_its_line(stage: &Stage) {
    let page = stage.report_page();
    for id in ["AUTH-03", "EXE-02", "IDM-02"] {
        let lines = copied(&page, id);
        assert!(lines.len() >= 3, "{id}: {lines:?}");
        violation_of(&stage.report(), id, &lines);
    }
}

fn selected_instead(stage: &Stage) {
    let page = stage.report_page();
    page.eval("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false");
    page.click("#EXE-02 button.copy");
    page.until("getSelection().toString()");
    let selected = page.text("getSelection().toString()");
    assert!(selected.starts_with("hubproof run "), "{selected}");
    assert_eq!(
        selected,
        page.text("document.querySelector('#EXE-02 .command code').textContent")
    );
}

/// A program that is ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn a_copied_line_shows_the_violation(stage: &Stage) {
    let page = stage.report_page();
    let lines = copied(&page, "EXE-02");
    let report = stage.report();
    let violation = violation_of(&report, "EXE-02", &lines);
    let status = violation["exchanges"].as_array().unwrap().last().unwrap()["status"]
        .as_u64()
        .unwrap();
    assert_ne!(status, 400, "{violation}");
    let [_, hub_line, .., call] = lines.as_slice() else {
        panic!("{lines:?}")
    };

    // In the shell's place, not in its background: so its process is known, and can be ended.
    let (hub, _) = hub_line.split_once(" &  # ").unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_reference-hub")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let started = Command::new("sh")
        .args(["-c", &format!("exec {hub}")])
        .env("PATH", path.unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut hub = Ended(started);
    let mut output = BufReader::new(hub.0.stdout.take().unwrap());
    let mut ready = String::new();
    output.read_line(&mut ready).unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    let keys = ready["keys"].as_object().unwrap().iter();
    let keys =
        keys.filter_map(|(role, key)| Some((format!("HUBPROOF_BUNDLED_{}", role.to_uppercase()), key.as_str()?)));

    let answered = Command::new("sh").args(["-c", call]).envs(keys).output().unwrap();
    let answered = String::from_utf8(answered.stdout).unwrap();
    // What the schema rejects is answered otherwise than by 400, here too.
    assert!(
        answered.starts_with(&format!("HTTP/1.1 {status} ")),
        "{call}\n{answered}"
    );
}
