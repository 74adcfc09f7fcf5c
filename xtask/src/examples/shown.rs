//! An exchange as text: lines and headers as HTTP writes them, bodies as indented JSON, all of it cut.

use std::fmt::Write;

use hubproof_model::call::Body;
use hubproof_model::exchange::Exchange;
use serde_json::Value;

/// The most lines of a body.
const LINES: usize = 25;
/// The most characters of a line.
const COLUMNS: usize = 160;

/// Headers that tell nothing of any requirement.
const PASSED_OVER: [&str; 4] = ["accept", "content-length", "user-agent", "vary"];

/// The request. The address of the hub, another one at each recording, is left out.
pub(super) fn request(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let path = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| {
        rest.find('/').map_or("/", |start| &rest[start..])
    });
    let mut text = cut(&format!("{} {path}", request.method));
    write_headers(&mut text, &request.headers);
    let body = match &exchange.call.body {
        Body::Empty => return text,
        Body::Json(value) => pretty(value),
        Body::Text(text) => text.0.clone(),
        Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Body::Repeat {
            head,
            unit,
            times,
            tail,
        } => format!("{head}{unit}… ({times} times) …{tail}"),
    };
    write_body(&mut text, &body);
    text
}

/// The answer, or why there is none.
pub(super) fn answer(exchange: &Exchange) -> String {
    let response = match &exchange.result {
        Ok(response) => response,
        Err(fault) => return fault.to_string(),
    };
    let mut text = format!("HTTP {}", response.status);
    write_headers(&mut text, &response.headers);
    let raw = || String::from_utf8_lossy(&response.body).into_owned();
    // What has a member twice is shown as it came.
    let json = response.json.as_ref().ok();
    let json = json.filter(|json| json.duplicate_keys.is_empty());
    write_body(&mut text, &json.map_or_else(raw, |json| pretty(&json.value)));
    text
}

/// A text of one line, cut.
pub(super) fn cut(line: &str) -> String {
    match line.char_indices().nth(COLUMNS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn write_headers(text: &mut String, headers: &[(String, String)]) {
    for (name, value) in headers {
        if !PASSED_OVER.contains(&name.as_str()) {
            let _ = write!(text, "\n{}", cut(&format!("{name}: {value}")));
        }
    }
}

fn write_body(text: &mut String, body: &str) {
    let lines: Vec<_> = body.lines().collect();
    if lines.is_empty() {
        return;
    }
    text.push('\n');
    for line in lines.iter().take(LINES) {
        let _ = write!(text, "\n{}", cut(line));
    }
    if lines.len() > LINES {
        let _ = write!(text, "\n… ({} lines more)", lines.len() - LINES);
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_and_long_bodies_are_cut() {
        let line = cut(&"é".repeat(COLUMNS + 1));
        assert_eq!((line.chars().count(), line.ends_with('…')), (COLUMNS + 1, true));
        let mut text = "HTTP 200".to_owned();
        write_body(&mut text, &"line\n".repeat(LINES + 3));
        assert_eq!(text.lines().count(), 1 + 1 + LINES + 1);
        assert!(text.ends_with("… (3 lines more)"), "{text}");
    }
}
