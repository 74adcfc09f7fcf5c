//! A run in shards comes to what the whole run comes to, once they are put together.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SHARDS: u32 = 3;
/// Requirements of every kind: of the log, of generated inputs, of sequences.
const ONLY: &str = "CAT,EXE-01,EXE-02,EXE-15,IDM-01,RTL-01,ENV-05";

fn hubproof(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn run(out: &Path, defect: &str, shard: Option<u32>) -> Output {
    let out = out.to_str().unwrap();
    let mut arguments = vec![
        "run", "--quiet", "--only", ONLY, "--tools", "itsm.*", "--cases", "4", "--defect", defect,
    ];
    let shard = shard.map(|shard| format!("{shard}/{SHARDS}"));
    arguments.extend(shard.iter().flat_map(|shard| ["--shard", shard]));
    arguments.extend(["--require", ONLY, "--out", out]);
    hubproof(&arguments)
}

fn report(directory: &Path) -> Value {
    let text = std::fs::read(directory.join("report.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn verdicts(report: &Value) -> Vec<(&str, &str)> {
    let requirements = report["requirements"].as_array().unwrap().iter();
    requirements
        .map(|own| (own["id"].as_str().unwrap(), own["verdict"].as_str().unwrap()))
        .collect()
}

#[test]
fn shards_together_are_the_whole_run() {
    compare("lengths-unchecked", "EXE-02");
    // What discovery alone shows, and what is judged over several cases together.
    compare("risk-in-other-words", "CAT-07");
    compare("answers-swapped", "EXE-15");
}

fn compare(defect: &str, requirement: &str) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // What else answers that are mixed up break, or leave without a verdict, is a matter of chance.
    let is_of_chance = defect == "answers-swapped";
    let whole = run(&at("whole"), defect, None);
    assert_eq!(whole.status.code(), Some(1), "{defect}");
    for shard in 1..=SHARDS {
        let part = run(&at(&shard.to_string()), defect, Some(shard));
        let code = part.status.code();
        assert!(
            matches!(code, Some(0 | 1)) || is_of_chance && code == Some(3),
            "{part:?}"
        );
    }
    let parts: Vec<String> = (1..=SHARDS)
        .map(|shard| at(&shard.to_string()).to_str().unwrap().to_owned())
        .collect();
    let mut arguments = vec!["report", "merge", "--quiet", "--out"];
    let merged = at("merged");
    arguments.push(merged.to_str().unwrap());
    arguments.extend(parts.iter().map(String::as_str));
    let together = hubproof(&arguments);
    assert_eq!(together.status.code(), Some(1), "{together:?}");
    let (whole, merged) = (report(&at("whole")), report(&merged));
    let violated = |report: &Value| -> Vec<String> {
        let requirements = report["requirements"].as_array().unwrap().iter();
        let of_tools = requirements.map(|own| own["violated_tools"].to_string());
        of_tools.collect()
    };
    assert!(verdicts(&merged).contains(&(requirement, "violated")), "{defect}");
    if !is_of_chance {
        assert_eq!(verdicts(&whole), verdicts(&merged), "{defect}");
        assert_eq!(violated(&whole), violated(&merged), "{defect}: at the same tools");
    }
    let parts: Vec<Value> = (1..=SHARDS).map(|shard| report(&at(&shard.to_string()))).collect();
    let sent: u64 = parts
        .iter()
        .map(|part| part["summary"]["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(merged["summary"]["requests"].as_u64(), Some(sent));
    let fewer = parts
        .iter()
        .all(|part| part["summary"]["requests"].as_u64() < whole["summary"]["requests"].as_u64());
    assert!(fewer, "each shard sends a part of the cases");

    arguments.pop();
    let missing = hubproof(&arguments);
    assert_eq!(missing.status.code(), Some(2));
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(said.contains("a shard is missing: 3/3"), "{said}");
}
