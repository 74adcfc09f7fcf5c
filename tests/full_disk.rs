//! A disk that is full: what was proved is told all the same, what fits is written whole, and what was there is kept.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};

use hubproof_reports::document::Report;
use tempfile::TempDir;

/// A run that is red, and takes half a second.
const RED: [&str; 5] = ["run", "--defect", "any-scheme", "--only", "AUTH,CAT-10"];

/// A command whose files cannot grow beyond some blocks of 512 bytes, as on a disk that is full by then.
fn within(blocks: usize, arguments: &[&str]) -> Output {
    let script = format!("trap \"\" XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_hubproof")])
        .args(arguments);
    command.env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap()
}

fn blocks_of(file: &Path) -> usize {
    let length = usize::try_from(std::fs::metadata(file).unwrap().len()).unwrap();
    length.div_ceil(512)
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn last_line(output: &Output) -> &str {
    text(&output.stderr).lines().last().unwrap()
}

#[test]
fn a_run_tells_its_verdict_and_writes_what_fits() {
    let directory = TempDir::new().unwrap();
    let out = directory.path().to_str().unwrap();
    let arguments = [&RED[..], &["--format", "json,junit,markdown", "--out", out]].concat();
    let whole = within(1_000_000, &arguments);
    assert_eq!(whole.status.code(), Some(1), "{whole:?}");
    let json = directory.path().join("report.json");
    let room = blocks_of(&json) / 2;
    assert!(
        room > blocks_of(&directory.path().join("junit.xml")),
        "JUnit is the smaller one"
    );

    let full = within(room, &arguments);
    assert_eq!(full.status.code(), Some(4), "{full:?}");
    assert!(
        text(&full.stdout).contains("VIOLATED AUTH-03"),
        "the verdict is told: {full:?}"
    );
    let said = last_line(&full);
    assert!(
        said.starts_with(&format!("hubproof: cannot write {}: ", json.display()))
            && said.ends_with("(exit code 4, whatever the verdict)"),
        "{said}"
    );
    let mut names = names(directory.path());
    let previous = names.iter().find(|name| name.starts_with("previous-")).unwrap().clone();
    names.remove(&previous);
    assert_eq!(names, ["junit.xml", "report.md"].map(str::to_owned).into());
    let junit = std::fs::read_to_string(directory.path().join("junit.xml")).unwrap();
    assert!(junit.trim_end().ends_with("</testsuites>"), "it is whole");
    let kept = std::fs::read_to_string(directory.path().join(previous).join("report.json")).unwrap();
    Report::read(&kept).expect("the report of the run before is kept");
}

#[test]
fn where_nothing_fits_the_reports_before_stay_as_they_are() {
    let directory = TempDir::new().unwrap();
    let (out, baseline) = (directory.path().join("out"), directory.path().join("known.toml"));
    let (out, baseline) = (out.to_str().unwrap(), baseline.to_str().unwrap());
    let first = within(1_000_000, &["run", "--only", "CAT-01", "--out", out]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let before = names(Path::new(out));
    let report = std::fs::read(Path::new(out).join("report.json")).unwrap();

    let full = within(0, &[&RED[..], &["--out", out, "--write-baseline", baseline]].concat());
    assert_eq!(full.status.code(), Some(4), "{full:?}");
    assert!(text(&full.stdout).contains("VIOLATED AUTH-03"), "{full:?}");
    let said = last_line(&full);
    for lacking in ["report.json", "junit.xml", "known.toml"] {
        assert!(said.contains(lacking), "{said}");
    }
    assert_eq!(names(Path::new(out)), before);
    assert_eq!(std::fs::read(Path::new(out).join("report.json")).unwrap(), report);
    assert!(!Path::new(baseline).exists(), "no half of a baseline");
}

#[test]
fn a_report_is_rendered_whole_or_not_at_all() {
    let directory = TempDir::new().unwrap();
    let (own, shown) = (directory.path().join("own"), directory.path().join("shown"));
    let (own, shown) = (own.to_str().unwrap(), shown.to_str().unwrap());
    within(1_000_000, &[&RED[..], &["--out", own]].concat());
    let full = within(0, &["report", "render", own, "--format", "html", "--out", shown]);
    assert_eq!(full.status.code(), Some(4), "{full:?}");
    assert_eq!(text(&full.stderr).lines().count(), 1, "{full:?}");
    assert!(names(Path::new(shown)).is_empty(), "{:?}", names(Path::new(shown)));
}

#[test]
#[cfg(target_os = "linux")]
fn a_result_that_standard_output_does_not_take_is_no_success() {
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["explain", "IDM-02"],
        &["completions", "bash"],
        &["man"],
        &["plan", "--only", "CAT-01"],
        &["doctor", "http://127.0.0.1:1"],
        &["vendor", "--list"],
    ] {
        assert_not_taken(Path::new("."), arguments);
    }
}

/// That a command ends with 4 where standard output is full, and says so in a line.
#[cfg(target_os = "linux")]
fn assert_not_taken(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command
        .args(arguments)
        .current_dir(folder)
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{arguments:?}: {output:?}");
    let said = last_line(&output);
    assert!(
        said.starts_with("hubproof: cannot write to standard output: "),
        "{arguments:?}: {said}"
    );
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_written_to_files_too_ends_alike_where_standard_output_does_not_take_it() {
    let folder = TempDir::new().unwrap();
    // Red by itself: what is not there counts for more, as with a report that cannot be written.
    assert_not_taken(folder.path(), &[&RED[..], &["--out", "out"]].concat());
    assert!(folder.path().join("out/report.json").is_file());
    for arguments in [
        &["report", "render", "out"][..],
        &["report", "render", "out", "--format", "html", "--out", "out"],
        &["report", "compare", "out", "out"],
        &["keygen", "--out", "own.key"],
        &[
            "bench",
            "--duration",
            "1s",
            "--warm-up",
            "0s",
            "--rate",
            "10",
            "--out",
            "bench",
        ],
    ] {
        assert_not_taken(folder.path(), arguments);
    }
    for written in ["out/report.html", "own.key", "own.pub", "bench/bench.json"] {
        assert!(folder.path().join(written).is_file(), "{written}");
    }
}

#[test]
fn a_directory_that_cannot_be_written_is_told_before_anything_is_sent() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    // Nobody listens there: a run that got as far as that would end with 3.
    let out = file.join("out");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    let output = command
        .args(["run", "http://127.0.0.1:1", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.starts_with("hubproof: --out: cannot write to ") && said.lines().count() == 1,
        "{said}"
    );
}
