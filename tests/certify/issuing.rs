//! What is issued, and what is refused with which words.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::stage::{CERTIFICATE, CORE, hubproof, issued};

#[test]
fn what_is_not_shown_is_refused_by_name_and_leaves_no_certificate() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    // Of the run before: it must not stay beside the report of this one.
    fs::write(folder.path().join("out").join(CERTIFICATE), "of the run before").unwrap();
    fs::copy(issued().join("own.key"), folder.path().join("own.key")).unwrap();
    let refused = hubproof(
        folder.path(),
        &[&CORE[..], &["--out", "out", "--defect", "any-scheme"]].concat(),
    );
    assert_eq!(refused.code, 7, "{}{}", refused.out, refused.err);
    assert!(
        refused.err.contains("no certificate is issued:\n  AUTH-03 is violated"),
        "{}",
        refused.err
    );
    assert!(
        refused.out.contains("the run: not proved") && !refused.out.contains("exit code"),
        "{}",
        refused.out
    );
    let files: Vec<PathBuf> = fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    let is_there = |name: &str| files.iter().any(|file| file.ends_with(name));
    assert!(is_there("report.json") && !is_there(CERTIFICATE), "{files:?}");
}

#[test]
fn what_is_not_exercised_is_refused_with_what_would_exercise_it() {
    let full = [
        "certify",
        "--set",
        "hub-full",
        "--allow",
        "read",
        "--cases",
        "2",
        "--unsigned",
        "-q",
    ];
    let folder = TempDir::new().unwrap();
    let refused = hubproof(folder.path(), &full);
    assert_eq!(refused.code, 7, "{}", refused.err);
    assert!(
        refused.err.contains("IDM-01 was not exercised: it needs --allow"),
        "{}",
        refused.err
    );
    assert!(!folder.path().join("hubproof-out/statement.json").exists());
}

#[test]
fn everything_that_a_run_exercises_can_be_certified() {
    let full = [
        "certify",
        "--set",
        "hub-full",
        "--cases",
        "2",
        "--signing-key",
        "own.key",
        "-q",
        "--out",
        "full",
    ];
    let certified = hubproof(issued(), &full);
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    let verified = hubproof(
        issued(),
        &[
            "verify", "full", "--key", "own.pub", "--set", "hub-full", "--report", "full",
        ],
    );
    assert_eq!(verified.code, 0, "{}", verified.err);
    assert!(verified.out.contains("--allow admin"), "{}", verified.out);
}
#[test]
fn mistakes_are_told_before_anything_is_run() {
    let folder = issued();
    let certify = |more: &[&str]| hubproof(folder, &[&["certify", "--set", "hub-core"][..], more].concat());
    for (arguments, words) in [
        (vec![], "--signing-key"),
        (vec!["--unsigned", "--signing-key", "own.key"], "cannot be used with"),
        (vec!["--unsigned", "--only", "AUTH"], "unexpected argument '--only'"),
        (vec!["--unsigned", "--tools", "itsm.*"], "unexpected argument '--tools'"),
        (vec!["--unsigned", "--shard", "1/2"], "unexpected argument '--shard'"),
        (vec!["--unsigned", "--subject", "hub"], "NAME=ALGORITHM:DIGEST"),
        (vec!["--unsigned", "--connector", "jira"], "hub-core is of a whole hub"),
        (vec!["--signing-key", "own.pub"], "it holds a public key"),
        (vec!["--signing-key", "nowhere.key"], "cannot read nowhere.key"),
        (vec!["--unsigned", "--compare", "own.pub"], "no DSSE envelope"),
    ] {
        let ended = certify(&arguments);
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(words), "{arguments:?}: {}", ended.err);
    }
    let without = hubproof(folder, &["certify", "--set", "connector", "--unsigned"]);
    assert!(
        without.code == 2 && without.err.contains("--connector"),
        "{}",
        without.err
    );
}
