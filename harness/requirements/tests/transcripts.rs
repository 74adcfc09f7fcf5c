//! Every judge, tested from recorded exchanges: it finds the clean hub's held, and each defective hub's violated.

#![allow(clippy::unwrap_used, reason = "the support of tests fails the test")]

use std::path::{Path, PathBuf};

use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::transcript::Transcript;

fn directory(id: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/exchanges")
        .join(id)
}

fn transcripts(id: &str) -> Vec<(PathBuf, Transcript)> {
    let mut paths: Vec<_> = std::fs::read_dir(directory(id))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let transcript = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            (path, transcript)
        })
        .collect()
}

#[test]
fn every_requirement_has_both_kinds_of_transcript() {
    let ids = REGISTRY.iter().map(|check| check.requirement().id.to_string());
    let lacking: Vec<_> = ids
        .filter(|id| {
            let recorded = transcripts(id);
            let of_clean_hub = recorded.iter().any(|(_, transcript)| transcript.defect.is_none());
            let of_defect = recorded.iter().any(|(_, transcript)| transcript.defect.is_some());
            !(of_clean_hub && of_defect)
        })
        .collect();
    assert!(
        lacking.is_empty(),
        "run `cargo xtask record-exchanges {}`",
        lacking.join(" ")
    );
}

#[test]
fn every_judge_finds_in_its_transcripts_what_they_show() {
    let mut wrong = Vec::new();
    for check in REGISTRY {
        for (path, transcript) in transcripts(&check.requirement().id.to_string()) {
            assert_eq!(transcript.requirement, check.requirement().id, "{}", path.display());
            let right = match transcript.defect {
                None => transcript.shows_held(*check),
                Some(_) => transcript.shows_violated(*check),
            };
            if !right {
                wrong.push(format!("{}: {:?}", path.display(), transcript.judge(*check)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_transcript_is_of_an_unknown_requirement() {
    let known: Vec<_> = REGISTRY
        .iter()
        .map(|check| check.requirement().id.to_string())
        .collect();
    for entry in std::fs::read_dir(directory("")).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        assert!(
            known.contains(&name) || !entry.path().is_dir(),
            "{name} is no requirement"
        );
    }
}
