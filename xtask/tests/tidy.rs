//! House rules that no lint knows.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The files of the tree that git knows or would take in.
fn files(ending: &str) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "the tests of the tree's rules need its git checkout"
    );
    let listed = String::from_utf8(output.stdout).unwrap();
    listed
        .lines()
        .filter(|file| file.ends_with(ending))
        .map(|file| root().join(file))
        .filter(|file| file.exists())
        .collect()
}

#[test]
fn every_source_file_opens_with_what_it_is() {
    let bare = |file: &PathBuf| !std::fs::read_to_string(file).unwrap().starts_with("//!");
    let without: Vec<_> = files(".rs").into_iter().filter(bare).collect();
    assert!(
        without.is_empty(),
        "these files do not open with a `//!` line: {without:#?}"
    );
}

#[test]
fn no_file_is_named_after_nothing() {
    let nothing = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "imp"];
    let vague = |file: &PathBuf| {
        file.file_stem()
            .is_some_and(|stem| nothing.iter().any(|name| stem == *name))
    };
    let named: Vec<_> = files(".rs").into_iter().filter(vague).collect();
    assert!(named.is_empty(), "name these files after what they hold: {named:#?}");
}

#[test]
fn every_rust_file_is_formatted() {
    // `cargo fmt` does not see the files that a registry declares through its macro.
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "-l"])
        .args(files(".rs"))
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "run rustfmt on:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_run_compiles_its_validators_in_one_place() {
    // `Schemas` counts and shares them; `subschemas` judges parts of a document, which nobody else does.
    let homes = ["schemas.rs", "subschemas.rs"];
    let compiles = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        ["jsonschema::options(", "validator_for(", "Validator::new("]
            .iter()
            .any(|call| code.contains(call))
    };
    let sources = root().join("harness/requirements/src");
    let elsewhere: Vec<_> = files(".rs")
        .into_iter()
        .filter(|file| file.starts_with(&sources) && compiles(file))
        .filter(|file| !homes.iter().any(|home| *file == sources.join(home)))
        .collect();
    assert!(
        elsewhere.is_empty(),
        "these files compile schemas beside `Schemas`: {elsewhere:#?}"
    );
}
