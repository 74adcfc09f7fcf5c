//! What a violation prints is pasted into a shell, and shows the violation again: calls one after the other, and calls at once. Where calls
//! alone would show nothing, no call is printed, and a sentence says why.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The lines of a violation that a run of a defect showed, with what they are to show.
struct Shown {
    violation: Value,
    said: String,
}

/// The first violation of a requirement that the bundled hub shows with a defect.
fn shown(defect: &str, requirement: &str, more: &[&str]) -> Shown {
    let out = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["run", "--defect", defect, "--only", requirement, "--out"])
        .arg(out.path())
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let report: Value = serde_json::from_slice(&std::fs::read(out.path().join("report.json")).unwrap()).unwrap();
    let violation = report["requirements"][0]["violations"][0].clone();
    assert!(violation.is_object(), "{defect}: {said}");
    Shown { violation, said }
}

/// A program that is ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder of our programs, before all others of a shell.
fn path() -> std::ffi::OsString {
    let programs = Path::new(env!("CARGO_BIN_EXE_reference-hub")).parent().unwrap();
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    std::env::join_paths([programs.to_owned()].into_iter().chain(path)).unwrap()
}

/// A hub that a line starts, and what it says of itself.
fn hub(line: &str) -> (Ended, Value) {
    let started = Command::new("sh")
        .args(["-c", &format!("exec {line}")])
        .env("PATH", path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut hub = Ended(started);
    let mut ready = String::new();
    BufReader::new(hub.0.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    (hub, serde_json::from_str(&ready).unwrap())
}

/// What the answers to calls are, pasted into a shell while the hub of the lines is there.
fn pasted(shown: &Shown) -> Vec<(u16, Value)> {
    let reproduce = &shown.violation["reproduce"];
    let line = reproduce["hub"].as_str().unwrap();
    // In the shell's place, not in its background: so its process is known, and can be ended.
    let (line, _) = line.split_once(" &  # ").unwrap();
    let (_hub, ready) = hub(line);
    let keys = ready["keys"].as_object().unwrap().iter();
    let keys =
        keys.filter_map(|(role, key)| Some((format!("HUBPROOF_BUNDLED_{}", role.to_uppercase()), key.as_str()?)));
    let calls = reproduce["calls"].as_array().unwrap().iter();
    let lines: Vec<_> = calls.map(|line| line.as_str().unwrap()).collect();
    // Each answer in a file of its own: those of calls at once would come in pieces.
    let folder = TempDir::new().unwrap();
    let curl = r#"curl() { command curl "$@" >"$(mktemp "$ANSWERS/$(date +%s%N).XXXXXX")"; }"#;
    let script = format!("{curl}\n{}\n", lines.join("\n"));
    let ended = Command::new("bash")
        .args(["-c", &script])
        .env("ANSWERS", folder.path())
        .envs(keys)
        .output()
        .unwrap();
    assert!(ended.status.success(), "{script}\n{ended:?}");
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let answer = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("{script}\n{text}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    };
    files.iter().map(answer).collect()
}

/// The ids of the records that successes made, and that a read shows of them.
fn made(answers: &[(u16, Value)]) -> BTreeSet<String> {
    let data = answers.iter().map(|(_, body)| &body["data"]);
    let records = data.flat_map(|data| std::iter::once(data).chain(data["items"].as_array().into_iter().flatten()));
    let own = records.filter(|record| record["title"].as_str().is_some_and(|title| title.contains("hubproof")));
    own.filter_map(|record| record["id"].as_str().map(str::to_owned))
        .collect()
}

fn statuses(answers: &[(u16, Value)]) -> Vec<u16> {
    answers.iter().map(|(status, _)| *status).collect()
}

#[test]
fn a_call_that_should_be_refused_is_answered_so_again() {
    for (defect, requirement) in [
        ("unknown-tools-invalid", "EXE-03"),
        ("any-scheme", "AUTH-03"),
        ("lengths-unchecked", "EXE-02"),
        ("details-null", "ENV-02"),
    ] {
        let shown = shown(defect, requirement, &["--tools", "itsm.tickets.*", "--cases", "3"]);
        let exchanges = shown.violation["exchanges"].as_array().unwrap();
        let told: Vec<_> = exchanges
            .iter()
            .map(|exchange| exchange["status"].as_u64().unwrap() as u16)
            .collect();
        let answers = pasted(&shown);
        assert!(statuses(&answers).ends_with(&told), "{defect}: {told:?}, {answers:?}");
    }
}

#[test]
fn a_replay_that_acts_again_does_so_with_keys_of_a_new_run() {
    let shown = shown("replays-act-again", "IDM-01", &["--tools", "itsm.tickets.*"]);
    let calls = shown.violation["reproduce"]["calls"].to_string();
    assert!(calls.contains("HUB_RUN=$(date +%s)"), "{calls}");
    let first = pasted(&shown);
    assert!(made(&first).len() > 1, "{first:?}");
}

#[test]
fn calls_at_once_go_out_at_once_again() {
    let shown = shown("duplicates-race", "IDM-02", &["--tools", "itsm.tickets.*"]);
    let calls = shown.violation["reproduce"]["calls"].as_array().unwrap();
    assert!(
        calls.iter().any(|line| line.as_str().unwrap().ends_with(" & wait")),
        "{calls:?}"
    );
    assert!(shown.said.contains(" & wait"), "{}", shown.said);
    // A race may be won by chance.
    let repeated = (0..5).any(|_| made(&pasted(&shown)).len() > 1);
    assert!(repeated, "{calls:?}");
}

#[test]
fn a_run_is_repeated_with_the_key_that_a_flag_named() {
    let (_hub, ready) = hub("reference-hub --listen 127.0.0.1:0 --defect unknown-tools-invalid");
    let folder = TempDir::new().unwrap();
    let url = ready["url"].as_str().unwrap();
    let profile = format!("[target]\nurl = \"{url}\"\n[keys]\nprimary = \"${{PROFILE_KEY}}\"\n");
    std::fs::write(folder.path().join("hub.toml"), profile).unwrap();
    let ended = |line: &str| {
        let output = Command::new("sh")
            .args(["-c", line])
            .env("PATH", path())
            .env("PROFILE_KEY", "hub_sk_of_nobody")
            .env("OTHER_KEY", ready["keys"]["primary"].as_str().unwrap())
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), output)
    };
    let repeated = |out: &str| {
        let report: Value =
            serde_json::from_slice(&std::fs::read(folder.path().join(out).join("report.json")).unwrap()).unwrap();
        report["requirements"][0]["violations"][0]["reproduce"]["run"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let run = "hubproof run --profile hub.toml --only EXE-03 --tools 'itsm.tickets.*' --cases 3 --out first";
    let (code, output) = ended(run);
    assert_eq!(code, Some(3), "the profile's key is none: {output:?}");
    let (code, output) = ended(&format!("{run} --key-env OTHER_KEY"));
    assert_eq!(code, Some(1), "{output:?}");
    let line = repeated("first");
    assert!(line.contains(" --profile hub.toml --key-env OTHER_KEY"), "{line}");
    let (code, output) = ended(&line);
    assert_eq!(code, Some(1), "{line}: {output:?}");
    // The one that the profile names already would make the line longer alone.
    let (code, output) = ended(&format!("PROFILE_KEY=$OTHER_KEY {run} --key-env PROFILE_KEY"));
    assert_eq!(code, Some(1), "{output:?}");
    assert!(!repeated("first").contains("--key-env"));
}

#[test]
fn what_only_a_run_shows_has_no_calls_and_a_reason() {
    for (defect, requirement, why, sentence) in [
        ("retry-after-missing", "RTL-06", "limit", "once a limit is exhausted"),
        (
            "vendor-401-is-the-clients",
            "UPS-03",
            "vendor",
            "while the vendor behind the hub fails",
        ),
        (
            "approved-calls-keep-waiting",
            "APR-03",
            "approver",
            "what an approver sees or decides",
        ),
    ] {
        let shown = shown(defect, requirement, &["--fail-on", "should"]);
        let reproduce = &shown.violation["reproduce"];
        assert_eq!(reproduce["run_alone"], why, "{defect}: {reproduce}");
        assert_eq!(
            (&reproduce["hub"], &reproduce["calls"]),
            (&Value::Null, &Value::Array(Vec::new()))
        );
        let said = shown.said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(sentence), "{said}");
        assert!(!said.contains("curl "), "{said}");
        // And the run does.
        let run = reproduce["run"].as_str().unwrap();
        let words: Vec<_> = run.split(' ').skip(1).collect();
        let folder = TempDir::new().unwrap();
        let again = Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .args(&words)
            .args(["--fail-on", "should"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(again.status.code(), Some(1), "{run}: {again:?}");
    }
}
