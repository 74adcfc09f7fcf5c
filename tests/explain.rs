//! `hubproof explain` as a user meets it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

use serde_json::Value;

fn explain(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command
        .arg("explain")
        .args(arguments)
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = explain(arguments);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn ids_and_areas_are_explained_each_once_in_the_contracts_order() {
    let rows = rows(&["--json", "idm-02", "AUTH-04,IDM-02", "lat"]);
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["AUTH-04", "IDM-02", "LAT-01", "LAT-02", "LAT-03"]);
    assert_eq!(rows[0]["defects"][0]["name"], "no-challenge");
    let broken = &rows[0]["examples"]["violated"];
    assert_eq!(broken["defect"], "no-challenge");
    assert!(broken["exchange"]["answer"].as_str().unwrap().starts_with("HTTP 401"));
    assert!(rows[4]["examples"].is_null());
}

#[test]
fn text_that_no_terminal_reads_has_no_colours() {
    let output = explain(&["EXE-02"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("EXE-02 ") && !text.contains('\u{1b}'), "{text}");
    for heading in [
        "How it is probed",
        "How hubs break it",
        "How it is mended",
        "An exchange that holds",
    ] {
        assert!(text.contains(heading), "{heading}");
    }
}

#[test]
fn an_id_that_is_not_there_is_told_with_its_nearest() {
    for (given, meant) in [("AUHT-04", "AUTH-04"), ("LTA-01", "LAT-01"), ("idn", "IDM")] {
        let output = explain(&[given]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("did you mean `{meant}`?")), "{said}");
    }
}
