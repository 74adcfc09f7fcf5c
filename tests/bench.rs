//! `hubproof bench` as a user meets it: exit codes, messages, and the files that are left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod reference_hub;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use hubproof_latency::Histogram;
use hubproof_latency::interval_log::IntervalLog;
use serde_json::Value;
use tempfile::TempDir;

use crate::reference_hub::Hub;

const KEY: &str = "hub_sk_test_0123456789";
/// A load that is over in a moment.
const SHORT: [&str; 6] = ["--duration", "400ms", "--warm-up", "100ms", "--rate", "200"];

fn bench(out: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.arg("bench").args(arguments).arg("--out").arg(out);
    command.env("NO_COLOR", "1").env("HUB_KEY", KEY).output().unwrap()
}

fn short(out: &Path, arguments: &[&str]) -> Output {
    bench(out, &[&SHORT, arguments].concat())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn said(output: &Output) -> String {
    let text = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8(text).unwrap()
}

fn stored(out: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(out.join("bench.json")).unwrap()).unwrap()
}

#[test]
fn loads_that_are_none_are_mistakes() {
    let out = TempDir::new().unwrap();
    for (arguments, named) in [
        (&["--duration", "0s"][..], "--duration"),
        (&["--rate", "0"], "--rate"),
        (&["--rate", "1e-20"], "--rate"),
        (&["--rate", "1e30"], "--rate"),
        (&["--rate", "-5"], "--rate"),
        (&["--concurrency", "0"], "--concurrency"),
        (&["--concurrency", "2", "--rate", "5"], "--rate"),
        (&["--connections", "2"], "--rate"),
        (&["--weight", "itsm.*"], "--weight"),
        (&["--weight", "nothing.*=2"], "nothing.*"),
        (&["--tools", "nothing.*"], "nothing.*"),
        (&["--compare", "there-is-none.json"], "there-is-none.json"),
    ] {
        let output = bench(out.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(named), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn the_bundled_hub_is_measured_and_both_files_are_left() {
    let out = TempDir::new().unwrap();
    let output = short(out.path(), &["--tools", "itsm.*,crm.*", "--format", "json,hlog"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let text = said(&output);
    assert!(
        text.contains("response") && text.contains("itsm.tickets.list"),
        "{text}"
    );
    let log = std::fs::read_to_string(out.path().join("bench.hlog")).unwrap();
    assert!(log.contains("Tag=response/success/itsm.tickets.list"), "{log}");
    let stored = stored(out.path());
    the_log_adds_up(&log, &stored["measurement"]);
    assert_eq!(stored["format"], "hubproof-bench");
    assert_eq!(stored["measurement"]["unsent"], 0);
    assert_eq!(stored["measurement"]["wrong"], serde_json::json!([]));
    // No state-changing tool without --allow, though the hub is the bundled one.
    assert!(!text.contains("itsm.tickets.create"), "{text}");
}

/// Tools that read logs add up the intervals of a tag: then they have what `bench.json` holds of the whole time, and of when in it as well.
fn the_log_adds_up(log: &str, measurement: &Value) {
    let log = IntervalLog::read(log).unwrap();
    let mut sums: BTreeMap<&str, (usize, Histogram)> = BTreeMap::new();
    for interval in &log.intervals {
        let (intervals, sum) = sums.entry(&interval.tag).or_default();
        *intervals += 1;
        sum.add(&interval.histogram);
    }
    let row = |measured: &str, row: &Value| {
        let outcome = row["outcome"].as_str().map(|outcome| format!("/{outcome}"));
        let tool = row["tool"].as_str().map(|tool| format!("/{tool}"));
        let tag = format!("{measured}{}{}", outcome.unwrap_or_default(), tool.unwrap_or_default());
        (tag, Histogram::decode(row["hdr"].as_str().unwrap()).unwrap())
    };
    let mut stored = ["lateness", "pauses"]
        .map(|measured| row(measured, &measurement[measured]))
        .to_vec();
    for measured in ["response", "service", "overhead"] {
        let rows = measurement[measured].as_array().unwrap();
        stored.extend(rows.iter().map(|own| row(measured, own)));
    }
    assert_eq!(sums.len(), stored.len());
    for (tag, whole) in &stored {
        let (intervals, sum) = &sums[tag.as_str()];
        assert_eq!(sum, whole, "{tag}");
        let goes_over_time = tag == "lateness" || tag.starts_with("response/");
        assert_eq!(*intervals > 1, goes_over_time, "{tag}: {intervals} intervals");
    }
}

#[test]
fn wrong_answers_end_it_red_and_name_the_requirement() {
    let out = TempDir::new().unwrap();
    let output = short(
        out.path(),
        &["--tools", "itsm.tickets.*", "--defect", "raw-vendor-data"],
    );
    assert_eq!(code(&output), 1, "{}", said(&output));
    assert!(said(&output).contains("ENV-09"), "{}", said(&output));
    let wrong = &stored(out.path())["measurement"]["wrong"];
    assert!(wrong.to_string().contains("ENV-09"), "{wrong}");
}

#[test]
fn state_changing_tools_are_called_by_allow_alone_and_are_said_to_leave_records() {
    let out = TempDir::new().unwrap();
    let output = short(out.path(), &["--tools", "itsm.tickets.create", "--allow", "write"]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("is not removed"), "{}", said(&output));
    let refused = short(out.path(), &["--tools", "itsm.tickets.create"]);
    assert_eq!(code(&refused), 3, "{}", said(&refused));
}

#[test]
fn a_hub_that_nobody_serves_cannot_be_measured() {
    let out = TempDir::new().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = short(out.path(), &[&format!("http://{address}"), "--key-env", "HUB_KEY"]);
    assert_eq!(code(&output), 3, "{}", said(&output));
}

/// More connections than the system lets a process have are this machine's limit: the hub is not blamed for those that were never opened.
#[cfg(unix)]
#[test]
fn connections_that_this_machine_does_not_give_are_no_failures_of_the_hub() {
    let (out, hub) = (TempDir::new().unwrap(), Hub::start());
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 100; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_hubproof")]);
    command.args(["bench", hub.url(), "--key-env", "HUB_KEY", "--concurrency", "200"]);
    command.args([
        "--duration",
        "400ms",
        "--warm-up",
        "100ms",
        "--tools",
        "itsm.tickets.list",
        "--out",
    ]);
    let output = command
        .arg(out.path())
        .env("HUB_KEY", hub.key("primary"))
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("of 200 connections"), "{}", said(&output));
    let measurement = &stored(out.path())["measurement"];
    assert!(measurement["successes"].as_u64() > Some(0), "{measurement}");
    assert_eq!(measurement["successes"], measurement["calls"]);
}

/// A profile of the hub with these objectives.
fn profile(directory: &TempDir, hub: &Hub, objectives: &str) -> String {
    let path = directory.path().join("hub.toml");
    let text = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"{}\"\n[slo.read]\n{objectives}\n",
        hub.url(),
        hub.key("primary")
    );
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn objectives_gate() {
    let hub = Hub::start_with(&["--latency", "fixed:20ms"]);
    let out = TempDir::new().unwrap();
    for (objectives, expected) in [
        ("p50 = \"20s\"\nerror_rate = 0.05", 0),
        ("p50 = \"5ms\"", 1),
        ("error_rate = 0.01", 3),
    ] {
        let profile = profile(&out, &hub, objectives);
        let output = short(out.path(), &["--profile", &profile, "--tools", "itsm.tickets.list"]);
        assert_eq!(code(&output), expected, "{objectives}: {}", said(&output));
        assert!(said(&output).contains("LAT-01"), "{}", said(&output));
    }
}

#[test]
fn a_bench_is_compared_with_one_of_the_same_load_alone() {
    let (out, then) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let tools = ["--tools", "itsm.tickets.list"];
    assert_eq!(code(&short(then.path(), &tools)), 0);
    let stored = then.path().join("bench.json").display().to_string();
    let output = short(out.path(), &[&tools[..], &["--compare", &stored]].concat());
    assert!(said(&output).contains("LAT-02"), "{}", said(&output));
    let other_mix = short(out.path(), &["--tools", "itsm.*", "--compare", &stored]);
    assert_eq!(code(&other_mix), 2, "{}", said(&other_mix));
    let mut other_load = SHORT;
    other_load[5] = "100";
    let other_load = bench(out.path(), &[&other_load, &tools[..], &["--compare", &stored]].concat());
    assert_eq!(code(&other_load), 2, "{}", said(&other_load));
    for other in [&["--connections", "3"][..], &["--live"], &["--seed", "77"]] {
        let output = short(out.path(), &[&tools[..], other, &["--compare", &stored]].concat());
        assert_eq!(code(&output), 2, "{other:?}: {}", said(&output));
        assert!(said(&output).contains(other[0]), "{other:?}: {}", said(&output));
    }
    std::fs::write(out.path().join("report.json"), "{\"format\": \"other\"}").unwrap();
    let other = out.path().join("report.json").display().to_string();
    let other = short(out.path(), &[&tools[..], &["--compare", &other]].concat());
    assert_eq!(code(&other), 2, "{}", said(&other));
}

/// What broke since the baseline was measured is no mistake of whoever compares.
#[test]
fn a_tool_of_the_baseline_that_serves_no_more_is_told_in_the_report() {
    let hub = Hub::start();
    let out = TempDir::new().unwrap();
    let (before, after) = (out.path().join("before"), out.path().join("after"));
    let tools = ["--tools", "identity.users.get,itsm.tickets.list"];
    let profile = |input: &str| {
        let path = profile(&out, &hub, "p50 = \"20s\"");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{input}")).unwrap();
        path
    };
    let first = profile("");
    let output = short(&before, &[&["--profile", &first][..], &tools].concat());
    assert_eq!(code(&output), 0, "{}", said(&output));
    let broken = profile("[inputs.\"identity.users.get\"]\nexamples = [{ user_id = \"nobody\" }]\n");
    let baseline = before.join("bench.json").display().to_string();
    let comparing = [&["--profile", &broken, "--compare", &baseline][..], &tools].concat();
    let output = short(&after, &comparing);
    assert_ne!(code(&output), 2, "{}", said(&output));
    let stored = stored(&after);
    assert_eq!(stored["left_out"][0]["tool"], "identity.users.get");
    let requirements = stored["requirements"].as_array().unwrap();
    let compared = requirements.iter().find(|own| own["id"] == "LAT-02").unwrap();
    assert_eq!(compared["verdict"], "inconclusive");
    let why = compared.to_string();
    assert!(
        why.contains("identity.users.get is in the baseline, and could not be measured"),
        "{why}"
    );
    // Other tools are another load.
    let output = short(
        &after,
        &[
            "--profile",
            &first,
            "--compare",
            &baseline,
            "--tools",
            "identity.users.get",
        ],
    );
    assert_eq!(code(&output), 2, "{}", said(&output));
    assert!(
        said(&output).contains("the weight of itsm.tickets.list"),
        "{}",
        said(&output)
    );
}

#[test]
fn half_a_bench_is_no_baseline_and_another_version_is_told() {
    let out = TempDir::new().unwrap();
    let tools = ["--tools", "itsm.tickets.list"];
    assert_eq!(code(&short(out.path(), &tools)), 0);
    let whole = stored(out.path());
    let compare = |change: fn(&mut Value)| {
        let mut baseline = whole.clone();
        change(&mut baseline);
        let path = out.path().join("baseline.json");
        std::fs::write(&path, baseline.to_string()).unwrap();
        let path = path.display().to_string();
        short(
            &out.path().join("after"),
            &[&["--compare", &path, "--quiet"][..], &tools].concat(),
        )
    };
    for (change, told) in [
        (
            (|own| own["measurement"]["unsent_by_tool"] = serde_json::json!([{"tool": "a", "calls": 7}]))
                as fn(&mut Value),
            "7 of its calls were not sent",
        ),
        (
            |own| own["end"] = serde_json::json!({"kind": "interrupted", "message": "stopped by a signal"}),
            "it ended early (stopped by a signal)",
        ),
        (
            |own| own["measurement"]["in_time"] = serde_json::json!([]),
            "it did not reach its rate",
        ),
    ] {
        let output = compare(change);
        assert_eq!(code(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(told), "{}", said(&output));
    }
    let output = compare(|own| own["tool"]["version"] = "0.0.1".into());
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(
        said(&output).contains("measured with hubproof 0.0.1"),
        "{}",
        said(&output)
    );
}

#[test]
fn objectives_that_nothing_was_called_for_are_told() {
    let hub = Hub::start();
    let out = TempDir::new().unwrap();
    let profile = profile(&out, &hub, "p50 = \"20s\"\n[slo.write]\np50 = \"1ms\"");
    let arguments = [
        "--profile",
        &profile,
        "--tools",
        "itsm.tickets.list,crm.deals.get",
        "--weight",
        "crm.deals.get=0",
    ];
    let output = short(out.path(), &arguments);
    assert_eq!(code(&output), 0, "{}", said(&output));
    let stored = stored(out.path());
    assert_eq!(stored["left_out"][0]["why"], "its weight is 0");
    let told = stored["requirements"].to_string();
    assert!(told.contains("[slo.write] was held against no tool"), "{told}");
    assert_eq!(stored["left_out"][0]["by_choice"], true);
}

#[test]
fn a_rate_that_is_not_reached_was_not_measured() {
    let hub = Hub::start_with(&["--latency", "fixed:50ms"]);
    let out = TempDir::new().unwrap();
    // No objective is met where most calls are not sent.
    let profile = profile(&out, &hub, "p50 = \"20s\"");
    let text = std::fs::read_to_string(&profile).unwrap();
    let without = text.split("[slo.read]").next().unwrap();
    std::fs::write(&profile, without).unwrap();
    let arguments = [
        "--profile",
        &profile,
        "--tools",
        "itsm.tickets.list",
        "--rate",
        "2000",
        "--connections",
        "2",
        "--duration",
        "300ms",
        "--warm-up",
        "0s",
        "--quiet",
    ];
    let output = bench(out.path(), &arguments);
    assert_eq!(code(&output), 3, "{}", said(&output));
    assert!(said(&output).contains("the rate was not reached"), "{}", said(&output));
    let notes = stored(out.path())["notes"].to_string();
    assert!(notes.contains("the rate of 2000/s was not reached"), "{notes}");
}
