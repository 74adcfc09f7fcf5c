//! Shards of which one was stopped, or never found its target: what the others showed is put together, and green it is not.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use hubproof_model::judgment::Verdict;
use hubproof_reports::document::Report;
use hubproof_reports::document::end::EndKind;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::reference_hub::Hub;

const ONLY: &str = "AUTH,ENV";

/// A shard of a run against a hub, whose files go to a directory of its name.
fn shard(url: &str, key: &str, out: &Path, shard: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command
        .args([
            "run",
            url,
            "--key-env",
            "HUB_KEY",
            "--only",
            ONLY,
            "--shard",
            shard,
            "--out",
        ])
        .arg(out.join(&shard[..1]))
        .env("HUB_KEY", key)
        .env("NO_COLOR", "1");
    command
}

fn merge(out: &Path, of: u32) -> (Output, Report) {
    let merged = out.join("merged");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(["report", "merge", "--out"]).arg(&merged);
    command.args((1..=of).map(|index| out.join(index.to_string())));
    let output = command.env("NO_COLOR", "1").output().unwrap();
    let text = std::fs::read(merged.join("report.json")).expect("a report of all");
    (output, Report::read(text).unwrap())
}

fn count(report: &Report, verdict: Verdict) -> usize {
    let own = report.requirements.iter();
    own.filter(|own| own.verdict == verdict).count()
}

#[test]
fn a_shard_whose_target_was_gone_leaves_open_what_the_others_hold() {
    let hub = Hub::start();
    let out = TempDir::new().unwrap();
    let (url, key) = (hub.url().to_owned(), hub.key("primary").to_owned());
    for index in ["2/3", "3/3"] {
        let output = shard(&url, &key, out.path(), index).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    drop(hub);
    let output = shard(&url, &key, out.path(), "1/3").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");

    let (output, report) = merge(out.path(), 3);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(report.end.kind, EndKind::TargetUnusable);
    let why = report.end.message.as_deref().unwrap();
    assert!(
        why.starts_with("shard 1/3: ") && why.contains("cannot be reached"),
        "{why}"
    );
    assert!(!report.tools.is_empty(), "those that the others found");
    assert_eq!(count(&report, Verdict::Held), 0, "a third of the cases was never sent");
    assert!(count(&report, Verdict::Inconclusive) > 10);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("shard 1/3 sent none of its cases"), "{said}");
}

#[test]
fn a_shard_that_was_stopped_says_so_of_the_whole() {
    let hub = Hub::start();
    let out = TempDir::new().unwrap();
    let output = shard(hub.url(), hub.key("primary"), out.path(), "1/2")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // Slow enough to be stopped while it sends.
    let mut stopped = shard(hub.url(), hub.key("primary"), out.path(), "2/2")
        .args(["--rate", "40"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(stopped.stderr.take().unwrap()).lines();
    for line in lines {
        if line.unwrap().starts_with("hubproof: sending ") {
            kill_process(Pid::from_child(&stopped), Signal::INT).unwrap();
        }
    }
    assert_eq!(stopped.wait().unwrap().code(), Some(130));

    let (output, report) = merge(out.path(), 2);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(report.end.kind, EndKind::Interrupted);
    assert!(report.end.message.as_deref().unwrap().starts_with("shard 2/2: "));
    assert!(
        count(&report, Verdict::Inconclusive) > 0,
        "what was not sent is not held"
    );
}
