//! The recipes for CI servers do what they say, as far as it shows without the servers.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs what the action runs, with these inputs and with the files that GitHub gives a step.
fn action(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new("bash");
    command
        .arg(root().join("ci/github-action.sh"))
        .current_dir(folder)
        .env("HUBPROOF", env!("CARGO_BIN_EXE_hubproof"))
        .env("INPUT_OUT", folder.join("out"))
        .env("INPUT_ARGUMENTS", arguments)
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("GITHUB_OUTPUT", folder.join("outputs"));
    command.output().unwrap()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_default()
}

#[test]
fn the_action_fails_the_step_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let ended = action(folder.path(), "--defect any-scheme\n--only AUTH\n  --tools itsm.*");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let log = String::from_utf8(ended.stdout).unwrap();
    assert!(log.lines().any(|line| line.starts_with("::error ")), "{log}");
    assert!(read(folder.path(), "summary.md").contains("AUTH-"), "the job's page");
    assert_eq!(read(folder.path(), "outputs"), "exit-code=1\n");
    for file in ["report.json", "report.html", "report.sarif", "junit.xml"] {
        assert!(folder.path().join("out").join(file).is_file(), "{file}");
    }
}

#[test]
fn without_a_target_the_step_fails() {
    let folder = tempfile::tempdir().unwrap();
    let ended = action(folder.path(), "--only CAT-01");
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    let log = String::from_utf8(ended.stdout).unwrap();
    assert!(log.starts_with("::error ") && log.contains("url or profile"), "{log}");
    assert_eq!(read(folder.path(), "outputs"), "exit-code=2\n");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_mistake_ends_the_step_without_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let ended = action(folder.path(), "--defect any-scheme --only NOSUCH");
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert_eq!(read(folder.path(), "outputs"), "exit-code=2\n");
}

#[test]
fn the_action_gives_its_script_every_input() {
    let inputs = |file: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let parts = text.split("INPUT_").skip(1);
        let name = |part: &str| {
            part.chars()
                .take_while(|own| own.is_ascii_uppercase())
                .collect::<String>()
        };
        parts.map(name).filter(|name| !name.is_empty()).collect()
    };
    assert_eq!(inputs("action.yml"), inputs("ci/github-action.sh"));
}
