//! What `verify` says of a certificate, and of each way in which it is not what it should be.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hubproof_certificate::envelope::{peek, seal};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{IMAGE, command, ended, envelope, hubproof, issued, key, signed_again, verify, verify_own};

#[test]
#[cfg(target_os = "linux")]
fn a_verdict_that_standard_output_does_not_take_is_none() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let verified = command(issued(), &["verify", "out", "--key", "own.pub"])
        .stdout(full)
        .output();
    let verified = ended(verified.unwrap());
    assert_eq!(verified.code, 4, "{}", verified.err);
    assert!(
        verified.err.starts_with("hubproof: cannot write to standard output: "),
        "{}",
        verified.err
    );
}

#[test]
fn a_certificate_is_verified_with_all_that_can_be_demanded() {
    let badge = TempDir::new().unwrap().path().join("badge.svg");
    fs::create_dir_all(badge.parent().unwrap()).unwrap();
    let badge = badge.to_str().unwrap();
    let verified = verify_own(&[
        "--report",
        "out",
        "--max-age",
        "30d",
        "--set",
        "hub-core",
        "--subject",
        IMAGE,
        "--badge",
        badge,
    ]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    for part in [
        "hub-core, revision 1",
        "sha256:",
        "seed 1, 4 cases, --allow read, 86 of 86 tools",
        IMAGE,
        "is the one that was given",
    ] {
        assert!(verified.out.contains(part), "{part}\n{}", verified.out);
    }
    let drawn = fs::read_to_string(badge).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.contains("hub-core"), "{drawn}");
    fs::remove_dir_all(Path::new(badge).parent().unwrap()).unwrap();
}

#[test]
fn the_statement_says_what_the_report_says() {
    let payload = peek(envelope().to_string().as_bytes()).unwrap();
    let statement: Value = serde_json::from_slice(&payload).unwrap();
    let report: Value = serde_json::from_slice(&fs::read(issued().join("out/report.json")).unwrap()).unwrap();
    let configuration = statement["predicate"]["configuration"].as_array().unwrap();
    let of = |name: &str| configuration.iter().find(|own| own["name"] == name).unwrap();
    assert_eq!(of("target")["annotations"], json!({"bundled": true, "defects": []}));
    assert_eq!(of("profile")["digest"]["sha256"], report["target"]["profile_sha256"]);
    assert_eq!(of("run")["annotations"]["requests"], report["summary"]["requests"]);
    let catalogue = &statement["subject"].as_array().unwrap()[1];
    assert_eq!(catalogue["digest"]["sha256"], report["catalogue"]["sha256"]);
    let held = report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["verdict"] == "held");
    let held: Vec<_> = held.map(|own| own["id"].clone()).collect();
    assert_eq!(statement["predicate"]["passedTests"], json!(held));
}

#[test]
fn each_way_of_not_being_what_it_should_be_has_a_code_and_words_of_its_own() {
    let own = envelope();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut envelope = own.clone();
        change(&mut envelope);
        envelope.to_string()
    };
    let text = own.to_string();
    assert_eq!(verify(&text, &[]).code, 0);
    let future = signed_again(|own| {
        own.run.finished_at = (SystemTime::now() + Duration::from_secs(3600)).into();
    });
    let incomplete = signed_again(|own| {
        own.passed.pop();
        own.passed.remove(0);
    });
    let cases: Vec<(&str, String, Vec<&str>, i32, &str)> = vec![
        (
            "payload",
            changed(&|own| own["payload"] = json!("e30=")),
            vec![],
            1,
            "was altered, or signed by another key",
        ),
        (
            "wrong key",
            text.clone(),
            vec!["--key", "other.pub"],
            1,
            "(it names sha256:",
        ),
        (
            "no signature",
            changed(&|own| own["signatures"] = json!([])),
            vec![],
            3,
            "has 0 signatures",
        ),
        (
            "two signatures",
            changed(&|own| own["signatures"] = json!([own["signatures"][0], own["signatures"][0]])),
            vec![],
            3,
            "has 2 signatures",
        ),
        (
            "trailing data",
            format!("{text}\n{text}"),
            vec![],
            3,
            "trailing characters",
        ),
        (
            "twice",
            text.replacen('{', "{\"payload\":\"e30=\",", 1),
            vec![],
            3,
            "/payload stands there twice",
        ),
        (
            "other type",
            changed(&|own| own["payloadType"] = json!("text/plain")),
            vec![],
            3,
            "of type `text/plain`",
        ),
        (
            "not base64",
            changed(&|own| own["payload"] = json!("e31=")),
            vec![],
            3,
            "no canonical base64",
        ),
        ("not JSON", "certificate".to_owned(), vec![], 3, "no DSSE envelope"),
        (
            "not ours",
            seal(b"{}", &key("own.key")),
            vec![],
            3,
            "no in-toto statement",
        ),
        (
            "incomplete",
            incomplete,
            vec![],
            5,
            "incomplete: of its set it does not show AUTH-01",
        ),
        (
            "other set",
            text.clone(),
            vec!["--set", "hub-full"],
            5,
            "of the set hub-core, not of hub-full",
        ),
        (
            "connector",
            text.clone(),
            vec!["--connector", "jira"],
            5,
            "of a hub, not of the connector jira",
        ),
        ("stale", text.clone(), vec!["--max-age", "0s"], 6, "it is stale"),
        (
            "subject",
            text.clone(),
            vec!["--subject", "hub=gitCommit:0123456789012345678901234567890123456789"],
            7,
            "not about hub=",
        ),
        (
            "report",
            text.clone(),
            vec!["--report", "own.pub"],
            8,
            "not the one that it was issued for",
        ),
        ("future", future, vec![], 9, "one of the two clocks is wrong"),
        (
            "no file",
            text.clone(),
            vec!["--report", "nowhere.json"],
            2,
            "nowhere.json",
        ),
    ];
    for (name, text, arguments, code, words) in cases {
        let arguments = match arguments.as_slice() {
            ["--key", other] => {
                let folder = TempDir::new().unwrap();
                let file = folder.path().join("given.json");
                fs::write(&file, &text).unwrap();
                hubproof(issued(), &["verify", file.to_str().unwrap(), "--key", other])
            }
            others => verify(&text, others),
        };
        assert_eq!(arguments.code, code, "{name}: {}", arguments.err);
        assert!(arguments.err.contains(words), "{name}: {}", arguments.err);
        assert!(arguments.out.is_empty(), "{name}: {}", arguments.out);
    }
}
#[test]
fn no_badge_without_a_verified_certificate() {
    let folder = TempDir::new().unwrap();
    let badge = folder.path().join("badge.svg");
    let ended = verify_own(&["--set", "hub-full", "--badge", badge.to_str().unwrap()]);
    assert_eq!(ended.code, 5);
    assert!(!badge.exists());
}
