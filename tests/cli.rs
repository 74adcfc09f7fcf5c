//! The command line as a user meets it: exit codes, messages, and the reports that are left behind.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const KEY: &str = "hub_sk_test_0123456789";

fn hubproof(out: &Path, arguments: &[&str]) -> Output {
    command(out, arguments).env_remove("HUB_KEY").output().unwrap()
}

/// With a primary key.
fn keyed(out: &Path, arguments: &[&str]) -> Output {
    let arguments = [arguments, &["--key-env", "HUB_KEY"]].concat();
    command(out, &arguments).env("HUB_KEY", KEY).output().unwrap()
}

fn command(out: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).env("NO_COLOR", "1");
    if arguments.first() == Some(&"run") {
        command.arg("--out").arg(out);
    }
    command
}

/// Runs with arguments, and gives the exit code and what was said on standard error.
fn complaint(arguments: &[&str]) -> (i32, String) {
    let out = TempDir::new().unwrap();
    let output = hubproof(out.path(), arguments);
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn report(out: &TempDir) -> Value {
    serde_json::from_slice(&std::fs::read(out.path().join("report.json")).unwrap()).unwrap()
}

/// A server that gives every request this answer, on a free port; it ends with the process.
fn answering(answer: &'static str) -> String {
    serving(move |_| answer.to_owned())
}

/// A server whose answers are made from the requests.
fn serving(mut answer: impl FnMut(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or(0);
            let _ = stream.write_all(answer(&String::from_utf8_lossy(&request[..read])).as_bytes());
        }
    });
    url
}

/// An answer of JSON, after which the connection closes.
fn json_answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

const THROTTLED: &str =
    r#"{"success":false,"error":{"code":"RATE_LIMITED","message":"slow down","details":{}},"request_id":"r"}"#;

#[test]
fn an_unknown_requirement_is_a_usage_error_with_a_suggestion() {
    let (code, said) = complaint(&["run", "--only", "AUHT-01"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("did you mean `AUTH-01`?"), "{said}");
}

#[test]
fn a_glob_that_matches_no_tool_is_a_usage_error() {
    let (code, said) = complaint(&["run", "--only", "AUTH-01", "--tools", "no.such.*"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("`no.such.*` matches none of the hub's"), "{said}");
}

#[test]
fn a_defect_that_only_a_bench_finds_is_not_proved_sound() {
    let (code, said) = complaint(&["run", "--defect", "stands-still"]);
    assert_eq!(code, 2);
    assert!(said.contains("hubproof bench --defect stands-still"), "{said}");
}

#[test]
fn an_unknown_defect_is_a_usage_error() {
    let (code, said) = complaint(&["run", "--defect", "no-such-defect"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("no-such-defect"), "{said}");
}

#[test]
fn a_wrong_flag_is_a_usage_error_with_a_suggestion() {
    let (code, said) = complaint(&["run", "--sede", "3"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("--seed"), "{said}");
}

#[test]
fn no_inputs_at_all_are_a_usage_error() {
    for command in ["run", "plan", "certify"] {
        let (code, said) = complaint(&[command, "--cases", "0"]);
        assert_eq!(code, 2, "{command}: {said}");
        assert!(said.contains("give a whole number from 1 on"), "{command}: {said}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_to_is_a_usage_error_before_anything_is_sent() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = hubproof(&file, &["run", "--only", "AUTH-01"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--out") && output.stdout.is_empty(), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_that_nobody_can_read_changes_no_exit_code() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["run", "--only", "NONE"])
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_missing_key_variable_is_a_usage_error() {
    let (code, said) = complaint(&["run", "http://127.0.0.1:9", "--key-env", "HUB_KEY"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("HUB_KEY is not set"), "{said}");
}

#[test]
fn a_typo_in_the_profile_is_shown_at_its_place() {
    let folder = TempDir::new().unwrap();
    let profile = folder.path().join("hub.toml");
    std::fs::write(&profile, "[target]\nurl = \"http://127.0.0.1:9\"\ntimeuot = \"3s\"\n").unwrap();
    let (code, said) = complaint(&["run", "--profile", profile.to_str().unwrap()]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("timeuot") && said.contains("timeout") && said.contains(":3:1"),
        "{said}"
    );
}

#[test]
fn a_profile_that_names_an_unknown_tool_is_a_usage_error() {
    let hub = r#"{"tools":[{"key":"itsm.tickets.list","risk_level":"read"}]}"#;
    let url = serving(move |_| json_answer("200 OK", "", hub));
    let folder = TempDir::new().unwrap();
    let profile = folder.path().join("hub.toml");
    let text = format!("[target]\nurl = \"{url}\"\n[inputs.\"itsm.ticket.list\"]\nexamples = [{{}}]\n");
    std::fs::write(&profile, text).unwrap();
    let (code, said) = complaint(&["run", "--profile", profile.to_str().unwrap()]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("did you mean `itsm.tickets.list`?"), "{said}");
}

#[test]
fn an_unusable_target_ends_with_3_and_a_valid_report() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let page = answering(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 15\r\n\r\n<html>hi</html>",
    );
    let nothing = answering("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    for url in [refused, page, nothing] {
        let out = TempDir::new().unwrap();
        let output = hubproof(out.path(), &["run", &url]);
        assert_eq!(output.status.code(), Some(3), "{url}: {output:?}");
        let report = report(&out);
        let requirements = report["requirements"].as_array().unwrap();
        assert!(!requirements.is_empty());
        assert!(
            requirements
                .iter()
                .all(|requirement| requirement["verdict"] == "not_exercised")
        );
    }
}

#[test]
fn a_port_without_tls_is_told_as_such() {
    let url = answering("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let url = url.replace("http://", "https://");
    let out = TempDir::new().unwrap();
    let output = keyed(out.path(), &["run", &url]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("what listens there does not speak TLS: is it http:// in place of https://?"),
        "{said}"
    );
}

#[test]
fn a_listing_without_end_is_told_as_such() {
    let mut page = 0;
    let url = serving(move |_| {
        page += 1;
        let tool = format!(r#"{{"key":"itsm.tickets.list{page}","risk_level":"read"}}"#);
        json_answer("200 OK", "", &format!(r#"{{"tools":[{tool}],"next_cursor":"{page}"}}"#))
    });
    let out = TempDir::new().unwrap();
    let output = keyed(out.path(), &["run", &url, "--only", "CAT-01"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("lists on and on"), "{said}");
    assert_eq!(report(&out)["summary"]["requests"], 1000);
}

#[test]
fn a_listing_that_begins_anew_is_read_once_and_violates_cat_01() {
    let mut page = 0;
    let url = serving(move |_| {
        page += 1;
        let tool = r#"{"key":"itsm.tickets.list","risk_level":"read"}"#;
        json_answer("200 OK", "", &format!(r#"{{"tools":[{tool}],"next_cursor":"{page}"}}"#))
    });
    let out = TempDir::new().unwrap();
    let output = keyed(out.path(), &["run", &url, "--only", "CAT-01"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_listing_that_is_throttled_once_is_asked_for_again() {
    let mut asked = 0;
    let url = serving(move |_| {
        asked += 1;
        match asked {
            1 => json_answer("429 Too Many Requests", "retry-after: 0\r\n", THROTTLED),
            _ => json_answer(
                "200 OK",
                "",
                r#"{"tools":[{"key":"itsm.tickets.list","risk_level":"read"}]}"#,
            ),
        }
    });
    let out = TempDir::new().unwrap();
    let output = keyed(out.path(), &["run", &url, "--only", "CAT-01"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_time_limit_ends_a_run_that_waits_for_a_throttling_target() {
    let definition = r#"{"key":"itsm.tickets.list","risk_level":"read","input_schema":{"type":"object"}}"#;
    let url = serving(move |request| {
        if request.starts_with("GET /tools ") {
            json_answer("200 OK", "", &format!("[{definition}]"))
        } else if request.starts_with("GET /tools/itsm.tickets.list ") {
            json_answer("200 OK", "", definition)
        } else {
            json_answer("429 Too Many Requests", "retry-after: 60\r\n", THROTTLED)
        }
    });
    let out = TempDir::new().unwrap();
    let began = std::time::Instant::now();
    let output = keyed(out.path(), &["run", &url, "--only", "EXE", "--time-limit", "1s"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    assert_eq!(report(&out)["end"]["kind"], "time_limit");
}

#[test]
fn a_forgotten_key_is_told_as_such_where_the_hub_lists_its_tools_to_anyone() {
    let out = TempDir::new().unwrap();
    let url = serving(move |_| {
        json_answer(
            "200 OK",
            "",
            r#"{"tools":[{"key":"itsm.tickets.list","risk_level":"read"}]}"#,
        )
    });
    let output = hubproof(out.path(), &["run", &url]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("--key-env"), "{said}");
}

#[test]
fn a_wrong_key_is_told_as_such() {
    let out = TempDir::new().unwrap();
    let refusal = r#"{"success":false,"error":{"code":"UNAUTHORIZED","message":"no","details":{}},"request_id":"r"}"#;
    let url = serving(move |_| json_answer("401 Unauthorized", "", refusal));
    let output = keyed(out.path(), &["run", &url]);
    assert_eq!(output.status.code(), Some(3));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("HUB_KEY"), "{said}");
    assert!(!said.contains(KEY), "{said}");
}

#[test]
fn what_is_required_and_not_exercised_ends_with_5() {
    let out = TempDir::new().unwrap();
    let output = hubproof(out.path(), &["run", "--only", "AUTH-01", "--require", "ENV-01"]);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
}

#[test]
fn a_run_of_a_requirement_writes_both_reports() {
    let out = TempDir::new().unwrap();
    let output = hubproof(out.path(), &["run", "--only", "AUTH-01"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = report(&out);
    assert_eq!(report["observations"]["precedence"], serde_json::json!([]));
    assert_eq!(report["requirements"][0]["id"], "AUTH-01");
    assert_eq!(report["requirements"][0]["verdict"], "held");
    let junit = std::fs::read_to_string(out.path().join("junit.xml")).unwrap();
    assert!(junit.contains("AUTH-01"), "{junit}");
}

#[test]
fn a_run_records_how_long_answers_took() {
    let out = TempDir::new().unwrap();
    let ran = hubproof(out.path(), &["run", "--only", "EXE-01,IDM-01", "--format", "json,hlog"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let report = report(&out);
    let service = report["latency"]["service"].as_array().unwrap();
    let counted = |of: &dyn Fn(&Value) -> bool| {
        service
            .iter()
            .filter(|row| of(row))
            .filter_map(|row| row["count"].as_u64())
            .sum::<u64>()
    };
    assert_eq!(counted(&|_| true), report["summary"]["requests"].as_u64().unwrap());
    for (place, outcome) in [("listing", "success"), ("execute", "success"), ("execute", "replay")] {
        assert!(
            counted(&|row| row["place"] == place && row["outcome"] == outcome) > 0,
            "{place} {outcome}"
        );
    }
    assert!(!report["latency"]["overhead"].as_array().unwrap().is_empty());
    let log = std::fs::read_to_string(out.path().join("latency.hlog")).unwrap();
    assert_eq!(log.matches("\nTag=service/").count(), service.len());
    assert!(log.contains("Tag=service/replay/"), "{log}");
}

#[test]
fn what_only_a_bench_measures_is_no_requirement_of_a_run() {
    let out = TempDir::new().unwrap();
    let refused = hubproof(out.path(), &["run", "--only", "LAT-01"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        said.contains("LAT-01 is measured by `hubproof bench`, not by a run"),
        "{said}"
    );
}

#[test]
fn the_same_seed_plans_the_same_run() {
    let out = TempDir::new().unwrap();
    let plan = || {
        let plan = String::from_utf8(hubproof(out.path(), &["plan", "--seed", "7", "--only", "EXE"]).stdout).unwrap();
        plan.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let first = plan();
    assert!(first.len() > 10);
    assert_eq!(first, plan());
}

#[test]
fn the_list_is_the_registry() {
    let out = TempDir::new().unwrap();
    let listed: Value = serde_json::from_slice(&hubproof(out.path(), &["list", "--json"]).stdout).unwrap();
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let registry = hubproof_requirements::areas::requirements().map(|requirement| requirement.id.to_string());
    assert_eq!(ids, registry.collect::<Vec<_>>());
}

#[test]
fn a_violated_should_fails_only_where_it_gates() {
    let out = TempDir::new().unwrap();
    let run = |extra: &[&str]| {
        let arguments = [&["run", "--only", "AUTH-04", "--defect", "no-challenge"], extra].concat();
        hubproof(out.path(), &arguments)
    };
    let warned = run(&[]);
    assert_eq!(warned.status.code(), Some(0), "{warned:?}");
    assert!(
        String::from_utf8_lossy(&warned.stdout).contains("AUTH-04"),
        "{warned:?}"
    );
    assert_eq!(report(&out)["requirements"][0]["verdict"], "violated");
    assert_eq!(run(&["--fail-on", "should"]).status.code(), Some(1));
}

#[test]
fn what_a_violation_prints_repeats_it() {
    let out = TempDir::new().unwrap();
    hubproof(
        out.path(),
        &["run", "--only", "EXE-03", "--defect", "unknown-tools-invalid"],
    );
    let violation = report(&out)["requirements"][0]["violations"][0].clone();
    let line = violation["reproduce"]["run"].as_str().unwrap();
    let words: Vec<_> = line.split(' ').skip(1).collect();
    let again = hubproof(out.path(), &words);
    assert_eq!(again.status.code(), Some(1), "{line}: {again:?}");
    assert_eq!(
        report(&out)["requirements"][0]["violations"][0]["summary"],
        violation["summary"]
    );
}

#[test]
fn a_violation_is_shown_with_the_smallest_input_that_shows_it() {
    let out = TempDir::new().unwrap();
    let tool = "calendar.events.create";
    let arguments = [
        "run",
        "--only",
        "EXE-02",
        "--tools",
        tool,
        "--defect",
        "bounds-unchecked",
    ];
    let output = hubproof(out.path(), &arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    let pointer = "/properties/duration_minutes/maximum";
    let report = report(&out);
    let violations = report["requirements"][0]["violations"].as_array().unwrap();
    let found = violations
        .iter()
        .find(|found| found["assertion"]["schema_pointer"] == pointer && found["smallest"].is_object())
        .unwrap();
    assert_eq!(found["assertion"]["keyword"], "maximum");
    assert_eq!(found["assertion"]["instance_pointer"], "/duration_minutes");
    // The schema asks for a title, a start and a multiple of 5.
    let input = serde_json::json!({"title": "a", "start": {"date_time": ""}, "duration_minutes": 1445});
    assert_eq!(found["smallest"]["input"]["json"], input);
    assert_eq!(found["smallest"]["settled"], true);
    let sent = found["exchanges"][1]["request_body"]["json"].clone();
    assert_eq!(sent, serde_json::json!({"input": input, "dry_run": true}));
    // The control beside it differs by the fault alone.
    let mut control = found["exchanges"][0]["request_body"]["json"].clone();
    control["input"]["duration_minutes"] = 1445.into();
    assert_eq!(control, sent);
    assert!(
        said.contains(&format!("maximum at \"/duration_minutes\" (schema \"{pointer}\")")),
        "{said}"
    );
    assert!(said.contains(&format!("input      {input}")), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_the_signal_of_supervisors_end_the_run_in_order() {
    for signal in ["-INT", "-TERM"] {
        a_signal_ends_the_run_in_order(signal);
    }
}

#[cfg(unix)]
fn a_signal_ends_the_run_in_order(signal: &str) {
    let out = TempDir::new().unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .args(["run", "--rate", "150/s", "--out"])
        .arg(out.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(
        said.any(|line| line.contains("sending")),
        "the run says when it sends cases"
    );
    let interrupted = Command::new("kill")
        .args([signal, &run.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(report(&out)["end"]["kind"], "interrupted");
}
