//! `hubproof generate`: its protocol, its text for people, and its complaints.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

fn generate(arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hubproof"))
        .arg("generate")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    process.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answers(requests: &[Value]) -> Vec<Value> {
    let input: String = requests.iter().map(|request| format!("{request}\n")).collect();
    lines(&generate(&[], &input))
}

#[test]
fn each_request_is_answered_in_order() {
    let request = |id: &str, schema: Value, draft: Value| json!({"id": id, "schema": schema, "draft": draft, "n_valid": 3, "n_invalid": 3, "seed": 7, "time_limit_s": 4, "new": true});
    let found = answers(&[
        request("a", json!({"type": "integer", "minimum": 4}), json!("2020-12")),
        request(
            "b",
            json!({"minimum": 4, "exclusiveMinimum": true, "type": "integer"}),
            json!("4"),
        ),
        request("c", json!(false), json!(null)),
        request("d", json!(true), json!("7")),
    ]);
    let ids: Vec<&Value> = found.iter().map(|answer| &answer["id"]).collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    assert!(found.iter().all(|answer| answer["error"].is_null()), "{found:?}");
    let count = |answer: usize, side: &str| found[answer][side].as_array().unwrap().len();
    assert_eq!((count(0, "valid"), count(0, "invalid")), (3, 3));
    assert!(
        found[1]["valid"]
            .as_array()
            .unwrap()
            .iter()
            .all(|value| value.as_f64() > Some(4.0))
    );
    assert_eq!(count(2, "valid"), 0);
    assert_eq!(count(3, "invalid"), 0);
}

#[test]
fn a_side_that_is_not_asked_for_is_empty_and_a_seed_repeats_itself() {
    let request = json!({"id": 1, "schema": {"type": "string"}, "n_valid": 4, "seed": 3});
    let found = answers(&[request.clone(), request]);
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0]["invalid"], json!([]));
    assert_eq!(found[0]["valid"].as_array().unwrap().len(), 4);
}

#[test]
fn what_cannot_be_answered_says_why_and_the_next_request_is_answered() {
    let deep = format!("{}1{}", "{\"not\":".repeat(500), "}".repeat(500));
    let input = [
        format!("{{\"id\":\"deep\",\"schema\":{deep},\"n_valid\":1}}"),
        json!({"id": "draft", "schema": {}, "draft": "5"}).to_string(),
        json!({"id": "remote", "schema": {"$ref": "https://example.com/x.json"}, "n_valid": 1}).to_string(),
        json!({"id": "none"}).to_string(),
        "no JSON".to_owned(),
        json!({"id": "last", "schema": {"const": 5}, "n_valid": 1}).to_string(),
    ]
    .join("\n");
    let found = lines(&generate(&[], &input));
    let said = |at: usize| {
        (
            found[at]["id"].clone(),
            found[at]["error"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(said(0).0, "deep");
    assert!(said(0).1.contains("recursion limit"), "{found:?}");
    assert!(said(1).1.contains("2020-12"), "{found:?}");
    assert!(said(2).1.contains("https://example.com/x.json"), "{found:?}");
    assert!(said(3).1.contains("schema"), "{found:?}");
    assert!(said(4).0.is_null() && said(4).1.contains("not a request"), "{found:?}");
    assert_eq!(found[5]["valid"], json!([5]));
}

#[test]
fn formats_are_broken_where_they_assert() {
    let schema = json!({"type": "string", "format": "ipv4"});
    let request = |asserts: bool| json!({"id": 1, "schema": schema, "n_invalid": 10, "assert_format": asserts});
    let found = answers(&[request(false), request(true)]);
    let texts = |answer: &Value| {
        answer["invalid"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|value| value.is_string())
            .count()
    };
    assert_eq!(texts(&found[0]), 0);
    assert!(texts(&found[1]) > 0);
}

#[test]
fn a_schema_file_gives_instances_with_their_places() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("schema.json");
    let schema = json!({"type": "object", "properties": {"limit": {"type": "integer", "maximum": 9}}});
    std::fs::write(&file, schema.to_string()).unwrap();
    let output = generate(&["--schema", file.to_str().unwrap(), "-n", "6"], "");
    let found = lines(&output);
    assert_eq!(found.iter().filter(|line| line.get("valid").is_some()).count(), 6);
    assert!(found.contains(&json!({
        "invalid": {"limit": 10},
        "keyword": "maximum",
        "instance_pointer": "/limit",
        "schema_pointer": "/properties/limit/maximum"
    })));
}

#[test]
fn an_empty_side_and_an_unreadable_file_are_explained() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("schema.json");
    let said = |text: &str, code: i32| {
        std::fs::write(&file, text).unwrap();
        let output = generate(&["--schema", file.to_str().unwrap()], "");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said("true", 0).contains("every instance satisfies the schema"));
    assert!(said("{\"type\": \"string\", \"const\": 5}", 0).contains("no valid instance"));
    assert!(said("{\"type\": ", 2).contains("line 1 column"));
    assert!(said("{\"type\": \"text\"}", 2).contains("not a JSON Schema"));
    std::fs::remove_file(&file).unwrap();
    let output = generate(&["--schema", file.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("schema.json"));
}
