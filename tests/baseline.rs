//! Known failures from end to end: what a baseline excuses, when it is stale, and how one is written.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const TOOL: &str = "calendar.events.create";

/// A folder with a baseline and the reports of runs.
struct Folder(TempDir);

/// How a run ended.
struct Ended {
    code: i32,
    printed: String,
    said: String,
}

impl Folder {
    /// With this baseline.
    fn with(baseline: &str) -> Self {
        let folder = Self::new();
        std::fs::write(folder.known(), baseline).unwrap();
        folder
    }

    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn known(&self) -> PathBuf {
        self.0.path().join("known.toml")
    }

    fn baseline(&self) -> String {
        std::fs::read_to_string(self.known()).unwrap()
    }

    /// A run in the folder.
    fn run(&self, arguments: &[&str]) -> Ended {
        let output = Command::new(env!("CARGO_BIN_EXE_hubproof"))
            .current_dir(self.0.path())
            .args(["run", "--out", "out"])
            .args(arguments)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        Ended {
            code: output.status.code().unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.0.path().join("out/report.json")).unwrap()).unwrap()
    }

    fn junit(&self) -> String {
        std::fs::read_to_string(self.0.path().join("out/junit.xml")).unwrap()
    }
}

/// An entry that expires in a thousand years.
fn entry(requirement: &str, tool: Option<&str>) -> String {
    let tool = tool.map(|tool| format!("tool = \"{tool}\"\n")).unwrap_or_default();
    format!(
        "[[known]]\nrequirement = \"{requirement}\"\n{tool}reason = \"mended in June\"\nowner = \"team calendar\"\n\
         expires = 3027-01-31\n"
    )
}

/// A run of a hub with a failure on one tool, and with a baseline.
const BOUNDS: [&str; 8] = [
    "--tools",
    TOOL,
    "--only",
    "EXE-02,AUTH-04",
    "--defect",
    "bounds-unchecked",
    "--baseline",
    "known.toml",
];

#[test]
fn a_known_failure_does_not_fail_the_run_and_stays_in_every_report() {
    let folder = Folder::with(&entry("EXE-02", Some("calendar.*")));
    let ended = folder.run(&BOUNDS);
    assert_eq!(ended.code, 0, "{}{}", ended.printed, ended.said);
    assert!(ended.printed.contains("KNOWN EXE-02"), "{}", ended.printed);
    assert!(
        ended
            .printed
            .contains("mended in June (team calendar, until 3027-01-31)"),
        "{}",
        ended.printed
    );
    let report = folder.report();
    let requirement = &report["requirements"].as_array().unwrap()[1];
    assert_eq!(
        (&requirement["id"], &requirement["verdict"]),
        (&"EXE-02".into(), &"violated".into())
    );
    assert_eq!(requirement["known_count"], requirement["violation_count"]);
    let known = &requirement["violations"][0]["known"];
    assert_eq!(
        (&known["owner"], &known["expires"]),
        (&"team calendar".into(), &"3027-01-31".into())
    );
    assert_eq!(report["baseline"]["entries"][0]["standing"], "matched");
    let junit = folder.junit();
    assert!(
        junit.contains("<skipped message=\"known: mended in June (team calendar, until 3027-01-31)\""),
        "{junit}"
    );
}

#[test]
fn a_failure_that_is_not_known_fails_the_run() {
    let folder = Folder::with(&entry("EXE-02", None));
    let other = folder.run(&[&BOUNDS[..], &["--defect", "no-challenge", "--fail-on", "should"]].concat());
    assert_eq!(other.code, 1, "{}", other.printed);
    assert!(
        other.printed.contains("VIOLATED AUTH-04") && other.printed.contains("KNOWN EXE-02"),
        "{}",
        other.printed
    );
    // As long as it does not gate, it is a warning.
    let warned = folder.run(&[&BOUNDS[..], &["--defect", "no-challenge"]].concat());
    assert_eq!(warned.code, 0, "{}", warned.printed);
}

#[test]
fn a_violation_on_another_tool_fails_the_run() {
    let folder = Folder::with(&entry("EXE-02", Some("calendar.events.list")));
    let tools = ["--tools", "calendar.events.list"];
    let ended = folder.run(&[&BOUNDS[..], &tools].concat());
    assert_eq!(ended.code, 1, "{}", ended.printed);
    let report = folder.report();
    let violations = report["requirements"][1]["violations"].as_array().unwrap();
    let known = violations
        .iter()
        .filter(|violation| violation["known"].is_object())
        .map(|violation| violation["tool"].as_str().unwrap());
    assert!(known.clone().count() > 0 && known.clone().all(|tool| tool == "calendar.events.list"));
    // What is not known is shown first.
    assert_eq!(
        (&violations[0]["tool"], &violations[0]["known"]),
        (&TOOL.into(), &Value::Null)
    );
}

#[test]
fn what_holds_again_makes_the_baseline_stale() {
    let folder = Folder::with(&(entry("EXE-02", None) + &entry("AUTH-04", None)));
    let ended = folder.run(&["--only", "AUTH-04", "--baseline", "known.toml"]);
    assert_eq!(ended.code, 6, "{}", ended.printed);
    assert!(
        ended.printed.contains("STALE AUTH-04: holds now: delete the entry")
            && ended
                .printed
                .contains("not judged EXE-02: the requirement was not selected")
            && ended
                .printed
                .contains("the baseline is stale, delete or mend: AUTH-04 (exit code 6)"),
        "{}",
        ended.printed
    );
    assert_eq!(folder.report()["summary"]["stale"], 1);
    assert!(folder.junit().contains("type=\"stale\""), "{}", folder.junit());
}

#[test]
fn a_requirement_that_is_judged_over_the_whole_run_is_judged_by_tool_all_the_same() {
    let folder = Folder::with(&(entry("ENV-01", Some("calendar.*")) + &entry("ENV-01", Some("itsm.*"))));
    let run = ["--only", "ENV-01", "--tools", TOOL, "--baseline", "known.toml"];
    let ended = folder.run(&run);
    assert_eq!(ended.code, 0, "{}", ended.printed);
    let run = ["--only", "ENV-01", "--tools", "calendar.*", "--baseline", "known.toml"];
    let ended = folder.run(&run);
    assert_eq!(ended.code, 6, "{}", ended.printed);
    let report = folder.report();
    let standings = report["baseline"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["standing"]);
    assert_eq!(standings.collect::<Vec<_>>(), ["holds", "silent"]);
}

#[test]
fn a_glob_that_matches_no_tool_makes_the_baseline_stale() {
    let folder = Folder::with(&(entry("EXE-02", Some("calendar.*")) + &entry("EXE-02", Some("calender.*"))));
    let ended = folder.run(&BOUNDS);
    assert_eq!(ended.code, 6, "{}", ended.printed);
    assert_eq!(folder.report()["baseline"]["entries"][1]["standing"], "no_tool");
}

#[test]
fn what_tools_leaves_out_is_not_judged() {
    let folder = Folder::with(&entry("AUTH-04", Some("itsm.*")));
    let ended = folder.run(&["--only", "AUTH-04", "--tools", TOOL, "--baseline", "known.toml"]);
    assert_eq!(ended.code, 0, "{}", ended.printed);
    assert!(
        ended
            .printed
            .contains("not judged AUTH-04 on itsm.*: --tools left out itsm."),
        "{}",
        ended.printed
    );
}

#[test]
fn an_expired_entry_excuses_nothing_and_is_stale_where_nothing_is_left_to_excuse() {
    let folder = Folder::with(&entry("EXE-02", None).replace("3027", "2020"));
    let violated = folder.run(&BOUNDS);
    assert_eq!(violated.code, 1, "{}", violated.printed);
    assert!(
        violated.printed.contains("STALE EXE-02: expired on 2020-01-31"),
        "{}",
        violated.printed
    );
    let held = folder.run(&["--only", "EXE-02", "--tools", TOOL, "--baseline", "known.toml"]);
    assert_eq!(held.code, 6, "{}", held.printed);
}

#[test]
fn a_mistake_in_the_baseline_is_shown_at_its_place_before_anything_is_sent() {
    let sound = entry("EXE-02", Some("calendar.*"));
    for (right, wrong, place, message) in [
        (
            "EXE-02",
            "EXE-20",
            ":2:15",
            "`EXE-20` is no requirement; did you mean `EXE-0",
        ),
        (
            "owner",
            "ownr",
            ":5:1",
            "unknown key `ownr` in [known]; did you mean `owner`?",
        ),
        ("[[known]]", "[[knwon]]", ":1:3", "did you mean `known`?"),
        (
            "3027-01-31",
            "\"3027-01-31\"",
            ":6:11",
            "expected a date such as 2027-01-31, found a string",
        ),
        ("calendar.*", "calendar.[", ":3:8", "is not a glob"),
        ("3027-01-31", "3027-02-30", ":6:", "not valid TOML"),
    ] {
        let folder = Folder::with(&sound.replace(right, wrong));
        let ended = folder.run(&BOUNDS);
        assert_eq!(ended.code, 2, "{wrong}: {}", ended.said);
        assert!(
            ended.said.contains(place) && ended.said.contains(message),
            "{wrong}: {}",
            ended.said
        );
        assert!(ended.printed.is_empty() && !folder.0.path().join("out").exists());
    }
}

#[test]
fn a_baseline_that_cannot_be_read_is_a_usage_error() {
    let folder = Folder::new();
    let missing = folder.run(&BOUNDS);
    assert_eq!(missing.code, 2, "{}", missing.said);
    assert!(
        missing.said.contains("--baseline: cannot read known.toml"),
        "{}",
        missing.said
    );
    std::fs::create_dir(folder.known()).unwrap();
    assert_eq!(folder.run(&BOUNDS).code, 2);
}

#[test]
fn a_profile_in_the_place_of_a_baseline_shows_no_key() {
    let folder = Folder::with("[keys]\nprimary = \"hub_sk_secret\"\n[target\n");
    let ended = folder.run(&BOUNDS);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(!ended.said.contains("hub_sk_secret"), "{}", ended.said);
}

#[test]
fn a_written_baseline_excuses_the_run_that_it_was_written_of() {
    let folder = Folder::new();
    let run = [
        "--tools",
        TOOL,
        "--only",
        "EXE-02,AUTH-04",
        "--defect",
        "bounds-unchecked",
        "--defect",
        "no-challenge",
    ];
    let run = [&run[..], &["--fail-on", "should"]].concat();
    let written = folder.run(&[&run[..], &["--write-baseline", "known.toml"]].concat());
    assert_eq!(written.code, 1, "{}", written.printed);
    assert!(written.printed.contains("  known.toml\n"), "{}", written.printed);
    let text = folder.baseline();
    assert!(
        text.contains(&format!(
            "requirement = \"EXE-02\"\ntool = \"{TOOL}\"\nreason = \"TODO: say why\""
        )),
        "{text}"
    );
    let excused = folder.run(&[&run[..], &["--baseline", "known.toml"]].concat());
    assert_eq!(excused.code, 0, "{}", excused.printed);
    assert!(
        excused.said.contains("no reason or owner is given yet (TODO)"),
        "{}",
        excused.said
    );

    // A file that the run has not read stays as it is, and nothing is sent.
    let again = folder.run(&[&run[..], &["--write-baseline", "known.toml"]].concat());
    assert_eq!(again.code, 2, "{}", again.said);
    assert!(again.said.contains("known.toml is there already"), "{}", again.said);
    assert!(again.printed.is_empty());
    assert_eq!(folder.baseline(), text);
}

#[test]
fn a_baseline_that_is_brought_up_to_date_keeps_what_people_wrote() {
    let held = entry("AUTH-04", Some("calendar.*"));
    let [not_selected, matching] = [entry("ENV-01", None), entry("EXE-02", Some("calendar.*"))];
    let folder = Folder::with(&(not_selected.clone() + &held + &matching));
    let bounds = |more: &[&str]| folder.run(&[&BOUNDS[..], &["--tools", "calendar.*"], more].concat());
    let ended = bounds(&["--write-baseline", "./known.toml"]);
    assert_eq!(ended.code, 6, "{}", ended.printed);
    let text = folder.baseline();
    assert!(text.ends_with(&format!("\n\n{not_selected}\n{matching}")), "{text}");
    let ended = bounds(&[]);
    assert_eq!(ended.code, 0, "{}", ended.printed);
}

#[test]
fn a_run_that_did_not_come_to_its_end_writes_no_baseline() {
    let folder = Folder::new();
    // Nothing listens on a port that was just given up.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let ended = folder.run(&[&format!("http://127.0.0.1:{port}"), "--write-baseline", "known.toml"]);
    assert_eq!(ended.code, 3, "{}", ended.printed);
    assert!(ended.said.contains("nothing is written"), "{}", ended.said);
    assert!(!folder.known().exists());
}

#[test]
fn a_baseline_that_cannot_be_written_is_a_usage_error_before_anything_is_sent() {
    let folder = Folder::new();
    let ended = folder.run(&["--write-baseline", "no/such/folder.toml"]);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(ended.said.contains("cannot write no/such/folder.toml") && ended.printed.is_empty());
}
