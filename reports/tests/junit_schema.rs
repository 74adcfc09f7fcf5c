//! The JUnit reports of the snapshots, held against Jenkins' schema by Python's `xmlschema` (PyPI).
//!
//! Ignored where that package is missing, and failed there with `HUBPROOF_REQUIRE_XMLSCHEMA=1`. `HUBPROOF_PYTHON` names another interpreter.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

const READER: &str = r#"
import sys
import xmlschema

schema = xmlschema.XMLSchema(sys.argv[1])
for path in sys.argv[2:]:
    for fault in schema.iter_errors(path):
        print(f"{path}: {fault.path}: {fault.reason}")
"#;

fn main() -> ExitCode {
    let is_required = std::env::var("HUBPROOF_REQUIRE_XMLSCHEMA").is_ok_and(|value| value == "1");
    let is_there = python(&["-c", "import xmlschema"]).is_ok();
    let name = match is_there {
        true => "junit_reports_keep_jenkins_schema",
        false => "junit_reports_keep_jenkins_schema [not installed: pip install xmlschema]",
    };
    let trial = Trial::test(name, || junit_reports_keep_jenkins_schema().map_err(Failed::from));
    let trial = trial.with_ignored_flag(!is_there && !is_required);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn junit_reports_keep_jenkins_schema() -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let schema = own("../fixtures/report-schemas/junit-10.xsd");
    let validate = |xml: &str| {
        let path = directory.path().join("junit.xml");
        std::fs::write(&path, xml).map_err(|fault| fault.to_string())?;
        python(&["-c", READER, &shown(&schema), &shown(&path)])
    };
    let mut reports = 0;
    for report in snapshots() {
        reports += 1;
        let faults = validate(&report)?;
        if !faults.is_empty() {
            return Err(format!("{faults}\n{report}"));
        }
        if validate(&report.replacen("<testsuites", "<testsuites ill=\"\"", 1))?.is_empty() {
            return Err("the schema says nothing".to_owned());
        }
    }
    match reports {
        0 => Err("there are no snapshots".to_owned()),
        _ => Ok(()),
    }
}

/// The reports of the snapshots.
fn snapshots() -> Vec<String> {
    let files = std::fs::read_dir(own("src/snapshots")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let paths = paths.filter(|path| shown(path).contains("__junit__tests__"));
    paths
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let (_, xml) = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap();
            without_total(xml)
        })
        .collect()
}

/// Without the number of all skipped cases: the schema has it for a suite alone, and readers know it for both.
fn without_total(xml: &str) -> String {
    let (before, rest) = xml.split_once(" skipped=\"").unwrap();
    assert!(
        before.contains("<testsuites ") && !before.contains("<testsuite "),
        "{before}"
    );
    let (_, after) = rest.split_once('"').unwrap();
    format!("{before}{after}")
}

fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What the interpreter prints.
fn python(arguments: &[&str]) -> Result<String, String> {
    let interpreter = std::env::var("HUBPROOF_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&interpreter).args(arguments).output();
    let output = output.map_err(|fault| format!("{interpreter}: {fault}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
