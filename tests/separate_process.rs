//! The reference hub as a process of its own, proved with only a URL and one key: read-only, with the same verdicts where that
//! suffices, and the profile line that would exercise the rest.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::reference_hub::Hub;

#[test]
fn a_url_and_one_key_prove_what_reading_can_prove() {
    let hub = Hub::start();
    let before = hub.state();
    let out = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["run", hub.url(), "--key-env", "HUB_KEY", "--fail-on", "should", "--out"])
        .arg(out.path())
        .env("HUB_KEY", hub.key("primary"))
        .output()
        .unwrap();
    assert_eq!(hub.state(), before, "a run that may only read has changed something");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&std::fs::read(out.path().join("report.json")).unwrap()).unwrap();
    let mut held = 0;
    for requirement in report["requirements"].as_array().unwrap() {
        match requirement["verdict"].as_str().unwrap() {
            "held" => held += 1,
            "not_exercised" => assert!(!requirement["reason"].as_str().unwrap().is_empty(), "{requirement}"),
            other => panic!("{} is {other}: {}", requirement["id"], requirement["reason"]),
        }
    }
    assert!(held >= 35, "only {held} requirements held with one key and reading");
    let precedence = report["observations"]["precedence"].as_array().unwrap();
    assert!(precedence.len() > 10, "{precedence:?}");
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains(hub.key("primary")), "the report holds the key");
}

#[test]
fn effects_that_the_hub_contradicts_are_told_and_the_rest_goes_on() {
    let hub = Hub::start();
    let out = TempDir::new().unwrap();
    let profile = out.path().join("hub.toml");
    let effects = "[effects.\"itsm.tickets.create\"]\nmarker = \"/priority\"\nread = { tool = \"itsm.tickets.list\" }";
    let text = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n{effects}\n",
        hub.url()
    );
    std::fs::write(&profile, text).unwrap();
    let hubproof = |command: &str, flags: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .arg(command)
            .arg("--profile")
            .arg(&profile)
            .args(["--allow", "write", "--only", "IDM-11"])
            .args(flags)
            .env("HUB_KEY", hub.key("primary"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("[effects.\"itsm.tickets.create\"] is not used"), "{said}");
        assert!(said.contains("`/priority`"), "{said}");
        output.status.code()
    };
    assert_eq!(hubproof("plan", &[]), Some(0));
    let to = out.path().to_str().unwrap();
    assert_eq!(hubproof("run", &["--out", to, "--require", "IDM-11"]), Some(0));
}
