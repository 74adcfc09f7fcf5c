//! Reports of earlier runs: rendered again from `report.json` alone, and never mixed with those of another run.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A run that is red, and takes half a second.
const RED: [&str; 5] = ["run", "--defect", "any-scheme", "--only", "AUTH,CAT-10"];

fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).env("NO_COLOR", "1").env("COLUMNS", "90");
    command
}

/// Starts a run into a directory, and says nothing of it.
fn start(arguments: &[&str], out: &Path) -> Child {
    let mut command = command(arguments);
    command
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// The red run into a directory, in all formats.
fn run_into(out: &Path) -> String {
    let output = command(&RED)
        .args([
            "--format",
            "json,html,junit,ctrf,tap,markdown,sarif,github,har,hlog,terminal",
            "--out",
        ])
        .arg(out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn render(report: &Path, flags: &[&str]) -> Output {
    let arguments = ["report".as_ref(), "render".as_ref(), report.as_os_str()];
    command(&arguments).args(flags).output().unwrap()
}

/// What is printed where a report can be rendered.
fn rendered(report: &Path, flags: &[&str]) -> String {
    let output = render(report, flags);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said where it cannot: a line, with exit code 2.
fn refused(report: &Path, flags: &[&str]) -> String {
    let output = render(report, flags);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The directories to which earlier reports were moved.
fn previous(directory: &Path) -> Vec<PathBuf> {
    let moved = names(directory)
        .into_iter()
        .filter(|name| name.starts_with("previous-"));
    moved.map(|name| directory.join(name)).collect()
}

#[test]
fn every_format_is_rendered_as_the_run_wrote_it() {
    let out = TempDir::new().unwrap();
    let printed = run_into(out.path());
    for (format, file) in [
        ("json", "report.json"),
        ("html", "report.html"),
        ("junit", "junit.xml"),
        ("ctrf", "ctrf-report.json"),
        ("tap", "report.tap"),
        ("markdown", "report.md"),
        ("sarif", "report.sarif"),
        ("github", "annotations.txt"),
        ("har", "report.har"),
        ("hlog", "latency.hlog"),
        ("terminal", "report.txt"),
    ] {
        let written = read(out.path().join(file));
        let to = TempDir::new().unwrap();
        let to_name = to.path().display().to_string();
        let said = rendered(out.path(), &["--format", format, "--out", &to_name]);
        assert_eq!(said, format!("{}\n", to.path().join(file).display()));
        assert_eq!(read(to.path().join(file)), written, "{format}");
        if format != "terminal" {
            let file = out.path().join("report.json");
            assert_eq!(rendered(&file, &["--format", format]), written, "{format}");
        }
    }
    let shown = rendered(out.path(), &[]);
    // The annotations stand last: what reads them reads the output.
    let annotations = read(out.path().join("annotations.txt"));
    let printed = printed.strip_suffix(&annotations).unwrap();
    let paths = printed.strip_prefix(&shown).unwrap();
    assert!(paths.lines().all(|line| line.starts_with("  ")), "{paths}");
    assert!(
        shown.ends_with("not proved: a gating requirement is violated (exit code 1)\n"),
        "{shown}"
    );
    assert!(rendered(out.path(), &["-v"]).len() > shown.len());
    assert_eq!(rendered(out.path(), &["-q"]).lines().count(), 2);
}

#[test]
fn another_gate_shows_in_what_is_rendered() {
    let out = TempDir::new().unwrap();
    let flags = ["run", "--defect", "no-challenge", "--only", "AUTH-04", "--out"];
    let output = command(&flags).arg(out.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(rendered(out.path(), &[]).contains("WARNING"));
    let strict = rendered(out.path(), &["--fail-on", "should"]);
    assert!(strict.contains("VIOLATED") && strict.contains("(1 gates)"), "{strict}");
    assert!(
        strict.contains("gated by --fail-on must, the run ended so: proved"),
        "{strict}"
    );
    let failures = |flags: &[&str]| {
        let flags = [flags, &["--format", "junit"]].concat();
        rendered(out.path(), &flags).matches("<failure").count()
    };
    assert_eq!((failures(&[]), failures(&["--fail-on", "should"])), (0, 1));
}

#[test]
fn what_cannot_be_rendered_is_told_in_a_line() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("report.json");
    assert!(refused(directory.path(), &[]).contains("holds no report.json: give the directory"));
    assert!(refused(&file, &[]).contains("give the directory that a run wrote its reports to"));
    run_into(directory.path());
    let whole = read(&file);
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let said = refused(directory.path(), &[]);
    assert!(said.contains("report.json: it is cut off at line"), "{said}");
    std::fs::write(&file, whole.replacen("\"held\": ", "\"held\": 1", 1)).unwrap();
    let said = refused(&file, &[]);
    assert!(said.contains("it contradicts itself: at summary.by_verdict"), "{said}");
    std::fs::write(&file, whole.replacen("\"seed\": 1", "\"seed\": \"one\"", 1)).unwrap();
    let said = refused(&file, &[]);
    assert!(said.contains("it is damaged: at seed: invalid type"), "{said}");
    for (is, edited, told) in [
        (
            "\"code\": 1,",
            "\"code\": 3,",
            "at exit.code: it is 3, and the rest of the report comes to 1",
        ),
        ("\"code\": 1,", "\"code\": 130,", "at exit.code: it is 130"),
        (
            "\"not proved: ",
            "\"proved: ",
            "at exit.meaning: it is not what 1 means here",
        ),
        (
            "hubproof run --seed 1 ",
            "hubproof run --seed 2 ",
            "reproduce: the lines are not those",
        ),
    ] {
        let text = whole.replacen(is, edited, 1);
        assert_ne!(text, whole, "{is}");
        std::fs::write(&file, text).unwrap();
        let said = refused(&file, &[]);
        assert!(
            said.contains("it contradicts itself: at ") && said.contains(told),
            "{said}"
        );
    }
}

#[test]
fn what_is_rendered_goes_beside_its_own_report_alone() {
    let (own, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    run_into(own.path());
    run_into(other.path());
    let render_to = |directory: &TempDir| {
        let directory = directory.path().display().to_string();
        render(own.path(), &["--format", "junit", "--out", &directory])
    };
    std::fs::remove_file(own.path().join("junit.xml")).unwrap();
    assert!(render_to(&own).status.success());
    assert!(own.path().join("junit.xml").exists());
    let before = read(other.path().join("junit.xml"));
    let output = render_to(&other);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("were not made from this report.json"), "{said}");
    assert_eq!(read(other.path().join("junit.xml")), before);
    let fresh = TempDir::new().unwrap();
    assert!(render_to(&fresh).status.success() && render_to(&fresh).status.success());
    assert_eq!(
        names(fresh.path()),
        ["junit.xml", "report.json"].map(str::to_owned).into()
    );
    assert!(refused(own.path(), &["--format", "junit,hlog"]).contains("give --out DIR, or one format"));
    let file = own.path().join("junit.xml").display().to_string();
    assert!(refused(own.path(), &["--out", &file]).contains("--out: cannot write to"));
}

#[test]
fn the_reports_of_an_earlier_run_are_kept_as_a_whole() {
    let out = TempDir::new().unwrap();
    run_into(out.path());
    let first = names(out.path());
    let run = |directory: &Path| {
        let report: Value = serde_json::from_str(&read(directory.join("report.json"))).unwrap();
        report["run"].as_str().unwrap().to_owned()
    };
    let earlier = run(out.path());
    // A target that never answers: until the run ends, what was there stays there.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut second = start(&["run", &url, "--time-limit", "2s", "--format", "json"], out.path());
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(700) {
        assert_eq!(run(out.path()), earlier);
        std::thread::sleep(Duration::from_millis(50));
    }
    second.wait().unwrap();
    assert_ne!(run(out.path()), earlier);
    let [kept] = previous(out.path()).try_into().unwrap();
    assert_eq!((names(&kept), run(&kept)), (first, earlier));
    assert_eq!(
        names(out.path()).len(),
        2,
        "no other format is left beside the new report"
    );
    assert!(!rendered(&kept, &[]).is_empty());
}

#[test]
fn two_runs_at_once_into_one_directory_never_mix() {
    let out = TempDir::new().unwrap();
    let seeds = ["11", "12", "13"];
    let runs = seeds.map(|seed| start(&["run", "--only", "AUTH-01", "--seed", seed], out.path()));
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let mut sets = previous(out.path());
    sets.push(out.path().to_owned());
    let seen: BTreeSet<_> = sets
        .iter()
        .map(|set| {
            let report: Value = serde_json::from_str(&read(set.join("report.json"))).unwrap();
            let seed = report["seed"].to_string();
            let junit = read(set.join("junit.xml"));
            assert!(
                junit.contains(&format!("name=\"hubproof.seed\" value=\"{seed}\"")),
                "{seed}: {junit}"
            );
            seed
        })
        .collect();
    assert_eq!(seen, seeds.map(str::to_owned).into());
}
