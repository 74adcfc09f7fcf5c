//! `report.har`: the exchanges of all violations as HAR 1.2, for what opens recorded traffic.
//!
//! Headers and bodies stand as they were sent and answered, keys masked; hidden characters in them are JSON escapes. An exchange that
//! shows several violations stands there once.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use hubproof_model::requirement::RequirementId;
use serde_json::{Value, json};

use crate::document::Report;
use crate::document::body::Body;
use crate::document::exchange::{Answer, Exchange, Header};
use crate::figures::count;
use crate::json;
use crate::printable::visible;

/// What HAR writes for a size or a time that is not known.
const UNKNOWN: i64 = -1;
/// The wire speaks nothing else.
const HTTP: &str = "HTTP/1.1";

/// The report's exchanges, in the order of sending.
#[must_use]
pub fn render(report: &Report) -> String {
    let entries = exchanges(report);
    let entries = entries.values();
    let entries: Vec<_> = entries
        .map(|(own, requirements)| entry(report, own, requirements))
        .collect();
    json::pretty(&json!({
        "log": {
            "version": "1.2",
            "creator": { "name": visible(&report.tool.name), "version": visible(&report.tool.version) },
            "entries": entries,
            "comment": "The exchanges of the violations that report.json holds; keys stand as <key:ROLE>.",
        }
    }))
}

/// Each exchange by its number, with the requirements whose violations it shows.
fn exchanges(report: &Report) -> BTreeMap<u64, (&Exchange, Vec<RequirementId>)> {
    let mut exchanges: BTreeMap<u64, (&Exchange, Vec<RequirementId>)> = BTreeMap::new();
    for requirement in &report.requirements {
        for exchange in requirement.violations.iter().flat_map(|own| &own.exchanges) {
            let (_, ids) = exchanges.entry(exchange.number).or_insert((exchange, Vec::new()));
            if !ids.contains(&requirement.id) {
                ids.push(requirement.id);
            }
        }
    }
    exchanges
}

fn entry(report: &Report, exchange: &Exchange, requirements: &[RequirementId]) -> Value {
    let sent = report.started_at.system_time() + exchange.sent_after.duration();
    let elapsed = exchange.elapsed.number();
    let (url, is_exact) = uri(&exchange.url);
    let mut own = json!({
        "requirements": requirements,
        "exchange": exchange.number,
        "case": exchange.case,
        "label": exchange.label,
        "sender": exchange.sender,
        "endpoint": exchange.endpoint,
        "tool": exchange.tool,
    });
    if !is_exact {
        own["url"] = json!(exchange.url);
    }
    json!({
        "startedDateTime": DateTime::<Utc>::from(sent).to_rfc3339_opts(SecondsFormat::Micros, true),
        "time": elapsed,
        "request": request(exchange, &url),
        "response": match &exchange.result {
            Ok(answer) => response(answer),
            Err(fault) => no_response(fault),
        },
        "cache": {},
        "timings": {
            "blocked": UNKNOWN,
            "dns": UNKNOWN,
            "connect": UNKNOWN,
            "ssl": UNKNOWN,
            "send": 0,
            "wait": elapsed,
            "receive": 0,
            "comment": "the whole time, which is not told apart, stands as `wait`",
        },
        "_hubproof": own,
    })
}

fn request(exchange: &Exchange, url: &str) -> Value {
    let query = url.split('#').next().and_then(|url| url.split_once('?'));
    let query = form_urlencoded::parse(query.map_or("", |(_, query)| query).as_bytes());
    let query: Vec<_> = query
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let size = exchange.request_body.as_ref().map_or(0, |body| match body {
        Body::Json(value) => value.to_string().len() as u64,
        Body::Text { size, .. } => *size,
    });
    let mut request = json!({
        "method": exchange.method,
        "url": url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": headers(&exchange.request_headers),
        "queryString": query,
        "headersSize": UNKNOWN,
        "bodySize": size,
    });
    if let Some(body) = &exchange.request_body {
        let kind = exchange.request_headers.iter();
        let kind = kind.filter(|header| header.name.eq_ignore_ascii_case("content-type"));
        let kind = kind.map(|header| header.value.as_str()).next().unwrap_or_default();
        let (text, comment) = shown(body);
        request["postData"] = json!({ "mimeType": kind, "text": text });
        if let Some(comment) = comment {
            request["postData"]["comment"] = json!(comment);
        }
    }
    request
}

fn response(answer: &Answer) -> Value {
    let kind = answer.header("content-type").unwrap_or("x-unknown");
    let mut content = json!({ "size": 0, "mimeType": kind });
    let mut size = json!(0);
    if let Some(body) = &answer.body {
        let (text, comment) = shown(body);
        // JSON is written anew here: how many bytes of white space the answer had is not known.
        (content["size"], size) = match body {
            Body::Json(_) => (json!(text.len()), json!(UNKNOWN)),
            Body::Text { size, truncated, .. } if *truncated => (json!(size), json!(UNKNOWN)),
            Body::Text { size, .. } => (json!(size), json!(size)),
        };
        content["text"] = json!(text);
        if let Some(comment) = comment {
            content["comment"] = json!(comment);
        }
    }
    json!({
        "status": answer.status,
        // Reason phrases mean nothing, and are not recorded.
        "statusText": "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": headers(&answer.headers),
        "content": content,
        "redirectURL": answer.header("location").unwrap_or_default(),
        "headersSize": UNKNOWN,
        "bodySize": size,
    })
}

/// As browsers write it where no answer came.
fn no_response(fault: &str) -> Value {
    json!({
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": { "size": 0, "mimeType": "x-unknown" },
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
        "_error": fault,
    })
}

/// A body's text, and what is to be known of it.
fn shown(body: &Body) -> (String, Option<String>) {
    match body {
        Body::Json(value) => (value.to_string(), None),
        Body::Text { text, truncated, .. } if *truncated => {
            let comment = format!("cut: the first {} bytes", count(text.len() as u64));
            (text.clone(), Some(comment))
        }
        Body::Text { text, .. } => (text.clone(), None),
    }
}

fn headers(headers: &[Header]) -> Vec<Value> {
    let header = |header: &Header| json!({ "name": header.name, "value": header.value });
    headers.iter().map(header).collect()
}

/// The URL with what no URI may hold spelled out, and whether nothing was: readers refuse a file for one that is none.
fn uri(url: &str) -> (String, bool) {
    let path = url
        .find("://")
        .and_then(|at| url[at + 3..].find('/').map(|slash| at + 3 + slash));
    let bytes = url.as_bytes();
    let mut uri = String::with_capacity(url.len());
    for (at, byte) in bytes.iter().enumerate() {
        let is_escape = || {
            bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        };
        let is_fine = match byte {
            // An address of IPv6 has them, a path may not.
            b'[' | b']' => path.is_none_or(|path| at < path),
            b'%' => is_escape(),
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?#".contains(byte),
        };
        if is_fine {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    let is_exact = uri == url;
    (uri, is_exact)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::canned;
    use crate::printable::is_hidden;

    fn archive(report: &Report) -> Value {
        serde_json::from_str(&render(report)).unwrap()
    }

    fn entries(archive: &Value) -> &Vec<Value> {
        archive["log"]["entries"].as_array().unwrap()
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(render(&canned::report(&canned::complete())));
    }

    #[test]
    fn known_violations_are_there_too() {
        insta::assert_snapshot!("baseline", render(&canned::report(&canned::with_baseline())));
    }

    #[test]
    fn where_nothing_is_violated_nothing_is_shown() {
        insta::assert_snapshot!("unusable", render(&canned::report(&canned::unusable())));
    }

    /// The published schemas, which refer to each other's files, as one.
    fn schema() -> Value {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/report-schemas/har");
        let mut definitions = serde_json::Map::new();
        for file in std::fs::read_dir(directory).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text
                .replace("\"$ref\": \"", "\"$ref\": \"#/definitions/")
                .replace(".json#\"", "\"");
            let mut schema: Value = serde_json::from_str(&text).unwrap();
            schema.as_object_mut().unwrap().remove("$id");
            definitions.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), schema);
        }
        assert!(definitions.contains_key("har") && definitions.contains_key("entry"));
        json!({
            "$schema": "http://json-schema.org/draft-06/schema#",
            "$ref": "#/definitions/har",
            "definitions": definitions,
        })
    }

    #[test]
    fn archives_keep_the_published_schema() {
        let schema = schema();
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(&schema).unwrap();
        for report in canned::all_reports() {
            let archive = archive(&report);
            let faults: Vec<_> = validator
                .iter_errors(&archive)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{faults:#?}");
        }
        let mut torn = archive(&canned::report(&canned::complete()));
        torn["log"]["entries"][0]["request"]["url"] = json!(7);
        assert!(!validator.is_valid(&torn), "the schemas say nothing");
    }

    #[test]
    fn an_exchange_stands_once_in_the_order_of_sending() {
        let mut report = canned::report(&canned::complete());
        let shared = report.requirements[1].violations[4].exchanges.clone();
        let warning = report
            .requirements
            .iter_mut()
            .rfind(|own| !own.violations.is_empty())
            .unwrap();
        warning.violations[0].exchanges.extend(shared);
        let archive = archive(&report);
        let numbers: Vec<_> = entries(&archive)
            .iter()
            .map(|own| own["_hubproof"]["exchange"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 21, 22, 23, 24, 31]);
        assert_eq!(
            entries(&archive)[4]["_hubproof"]["requirements"],
            json!(["EXE-02", "CAT-10"])
        );
        assert_eq!(entries(&archive)[4]["startedDateTime"], "2026-01-02T03:04:05.011000Z");
    }

    #[test]
    fn a_fault_has_no_status_and_says_why() {
        let archive = archive(&canned::report(&canned::complete()));
        let faults: Vec<_> = entries(&archive)
            .iter()
            .filter(|own| own["response"]["status"] == 0)
            .collect();
        assert_eq!(faults.len(), 2);
        assert!(faults.iter().all(|own| own["response"]["_error"].is_string()));
    }

    #[test]
    fn addresses_are_uris() {
        let of = |url| uri(url);
        assert_eq!(
            of("http://[::1]:8/a?b=%20#c"),
            ("http://[::1]:8/a?b=%20#c".to_owned(), true)
        );
        assert_eq!(
            of("http://h/[1]/<k>/%zz é"),
            ("http://h/%5B1%5D/%3Ck%3E/%25zz%20%C3%A9".to_owned(), false)
        );
    }

    #[test]
    fn the_text_hides_nothing() {
        for report in canned::all_reports() {
            let text = render(&report);
            assert!(!text.contains(|character| is_hidden(character) && character != '\n'));
        }
    }
}
