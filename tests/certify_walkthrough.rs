//! The vendor's walk-through of docs/certify.md is what this test runs: every command of it, in order, in one shell.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// The shell blocks of a document, in order.
fn blocks(document: &str) -> Vec<&str> {
    let after = document.split("```sh\n").skip(1);
    after.map(|rest| rest.split_once("```").unwrap().0).collect()
}

#[test]
fn a_vendor_comes_from_nothing_to_a_verified_certificate() {
    let document = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/certify.md")).unwrap();
    let blocks = blocks(&document);
    for command in ["keygen", "certify", "verify", "--compare"] {
        assert!(blocks.iter().any(|block| block.contains(command)), "{command}");
    }
    let folder = tempfile::tempdir().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_hubproof")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let ended = Command::new("bash")
        .args(["-eu", "-c", &blocks.concat()])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success(),
        "{out}{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    for said in [
        "certified: connector servicenow, signed by sha256:",
        "verified   connector servicenow, revision 1 of the contract",
        "since the certificate of 20",
    ] {
        assert!(out.contains(said), "{said}\n{out}");
    }
    for file in [
        "certified/certificate.dsse.json",
        "certified/report.json",
        "badge.svg",
        "renewed/certificate.dsse.json",
    ] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
}
