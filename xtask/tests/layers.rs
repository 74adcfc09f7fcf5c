//! The arrows between the crates, as ARCHITECTURE.md draws them: a dependency that is not drawn here is a change of design.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each crate of the harness with those of ours that it may use outside tests.
const ARROWS: &[(&str, &[&str])] = &[
    ("hubproof-latency", &[]),
    ("hubproof-model", &["hubproof-latency"]),
    ("schema-gen", &[]),
    ("reference-server", &[]),
    ("hubproof-vendor", &[]),
    ("hubproof-wire", &["hubproof-model"]),
    (
        "hubproof-requirements",
        &["hubproof-latency", "hubproof-model", "hubproof-wire", "schema-gen"],
    ),
    (
        "hubproof-runner",
        &[
            "hubproof-latency",
            "hubproof-model",
            "hubproof-requirements",
            "hubproof-vendor",
            "hubproof-wire",
        ],
    ),
    (
        "hubproof-bench",
        &[
            "hubproof-latency",
            "hubproof-model",
            "hubproof-requirements",
            "hubproof-runner",
            "hubproof-wire",
        ],
    ),
    ("hubproof-reports", &["hubproof-latency", "hubproof-model"]),
    ("hubproof-certificate", &["hubproof-model", "hubproof-reports"]),
    (
        "hubproof-cli",
        &[
            "hubproof-bench",
            "hubproof-certificate",
            "hubproof-latency",
            "hubproof-model",
            "hubproof-reports",
            "hubproof-requirements",
            "hubproof-runner",
            "hubproof-vendor",
            "reference-server",
            "schema-gen",
        ],
    ),
];

/// Libraries that only these crates may use outside tests.
const HOMES: &[(&str, &[&str])] = &[
    ("reqwest", &["hubproof-wire"]),
    ("axum", &["reference-server"]),
    ("jaq-core", &["reference-server"]),
    ("hdrhistogram", &["hubproof-latency"]),
    ("clap", &["hubproof-cli", "hubproof", "xtask"]),
    ("clap_complete", &["hubproof-cli"]),
    ("clap_mangen", &["hubproof-cli"]),
    ("quick-junit", &["hubproof-reports"]),
    ("indicatif", &["hubproof-cli"]),
    ("ed25519-dalek", &["hubproof-certificate"]),
];

/// Each crate of the workspace with its dependencies outside tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let normal = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap();
        dependencies
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .map(name)
            .collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (name(package), normal(package)))
        .collect()
}

#[test]
fn crates_use_only_what_the_arrows_allow() {
    let dependencies = dependencies();
    let ours: BTreeSet<_> = dependencies.keys().cloned().collect();
    for (package, allowed) in ARROWS {
        let allowed: BTreeSet<_> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let used: BTreeSet<_> = dependencies[*package].intersection(&ours).cloned().collect();
        let beyond: Vec<_> = used.difference(&allowed).collect();
        assert!(beyond.is_empty(), "{package} must not use {beyond:?}");
    }
}

#[test]
fn libraries_stay_at_home() {
    for (package, dependencies) in dependencies() {
        for (library, homes) in HOMES {
            let is_guest = dependencies.contains(*library) && !homes.contains(&package.as_str());
            assert!(!is_guest, "{library} belongs to {homes:?}, not to {package}");
        }
    }
}
