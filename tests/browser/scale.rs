//! A report of 5,000 violations over 2,000 tools opens at once.

use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Test;
use crate::stage::{Stage, count_kinds, page_of};

pub(crate) const TESTS: &[Test] = &[("a_large_report_opens_at_once", opens_at_once)];

const TOOLS: usize = 2_000;
const VIOLATIONS: usize = 5_000;
/// The longest from the beginning until the page can be used.
const PATIENCE: f64 = 5_000.0;

/// The tally of as many requirements, all violated.
fn violated(tally: &Value) -> Value {
    let all: u64 = tally.as_object().unwrap().values().filter_map(Value::as_u64).sum();
    json!({"held": 0, "violated": all, "not_exercised": 0, "inconclusive": 0})
}

/// The report with this many violations, spread over its requirements, each with bodies of two kilobytes.
fn enlarged(mut report: Value) -> Value {
    let tools: Vec<_> = (0..TOOLS)
        .map(|number| format!("crm.things_{number:04}.update"))
        .collect();
    report["tools"] = tools
        .iter()
        .map(|tool| json!({"key": tool, "risk": "write", "connectors": [], "requests": 3, "answered_by": {}}))
        .collect();
    let all = std::mem::take(&mut report["summary"]["by_level"]);
    report["summary"]["by_level"] = all
        .as_object()
        .unwrap()
        .iter()
        .map(|(level, own)| (level.clone(), violated(own)))
        .collect();
    report["summary"]["by_verdict"] = violated(&report["summary"]["by_verdict"]);
    report["summary"]["tools"] = json!(TOOLS);
    let requirements = report["requirements"].as_array_mut().unwrap();
    let shown = requirements.iter().find(|own| own["id"] == "EXE-02").unwrap()["violations"][0].clone();
    let own = VIOLATIONS / requirements.len() + 1;
    for (index, requirement) in requirements.iter_mut().enumerate() {
        let violations: Vec<_> = (0..own)
            .map(|number| {
                let tool = &tools[(index * own + number) % TOOLS];
                let mut violation = shown.clone();
                violation["tool"] = json!(tool);
                // Some dozen bugs a requirement.
                violation["summary"] = json!(format!(
                    "the member {} is wrong",
                    char::from(b'a' + (number % 26) as u8)
                ));
                for exchange in violation["exchanges"].as_array_mut().unwrap() {
                    exchange["tool"] = json!(tool);
                    exchange["request_body"] = json!({"json": {"input": {"text": "request ".repeat(250)}}});
                    exchange["response_body"] = json!({"json": {"data": {"text": "answer ".repeat(280)}}});
                }
                violation
            })
            .collect();
        let by_tool: serde_json::Map<_, _> = violations
            .iter()
            .map(|own| (own["tool"].as_str().unwrap().to_owned(), json!(1)))
            .collect();
        requirement["verdict"] = json!("violated");
        requirement["reason"] = json!("a member is wrong");
        requirement["cases"] = json!(own);
        requirement["violation_count"] = json!(own);
        requirement["violated_tools"] = Value::Object(by_tool);
        requirement["violated_without_tool"] = json!(0);
        requirement["violations"] = Value::Array(violations);
    }
    count_kinds(&mut report);
    report
}

#[allow(clippy::print_stdout, reason = "the figures are told beside the verdict")]
fn opens_at_once(stage: &Stage) {
    let directory = TempDir::new().unwrap();
    let file = page_of(&enlarged(stage.report()), directory.path());
    let page = stage.session();
    page.open_file(&file);
    let timing = |moment: &str| {
        let value = page.eval(&format!(
            "return performance.getEntriesByType('navigation')[0].{moment}"
        ));
        value.as_f64().unwrap()
    };
    let interactive = timing("domContentLoadedEventEnd");
    let searching = Instant::now();
    page.type_into("#search", "EXE-02");
    page.until("document.getElementById('shown').textContent.startsWith('1 of ')");
    let searching = searching.elapsed();
    let size = std::fs::metadata(&file).unwrap().len();
    let elements = page.eval("return document.querySelectorAll('*').length");
    println!("{size} bytes, {elements} elements: usable after {interactive:.0} ms, searched in {searching:.0?}");
    assert!(interactive < PATIENCE, "usable after {interactive} ms");
    assert!(searching.as_secs_f64() < 5.0, "searched in {searching:?}");
}
