//! A request as a line that sends it: runs in any POSIX shell that has `curl`, and names keys by environment variable.
//!
//! A key stands as it is where its variable is filled in. One that is not plain letters and digits would be sent encoded in a path
//! and escaped in a JSON body: set the variable so for these.

use std::collections::BTreeMap;

use hubproof_model::role::Role;

use crate::document::request::{Repeat, Request, RequestBody};
use crate::printable::is_hidden;
use crate::shell::{Piece, awk_repeat, printf, printf_bytes, quoted, word};

/// Longer bodies go through a pipe: systems bound the length of an argument (Linux at 128 KiB).
const LONGEST_ARGUMENT: usize = 64 * 1024;

/// Repeated bodies up to here are written out.
const SHORT_REPEAT: usize = 256;

/// From here on curl asks before it sends a body (`Expect: 100-continue`), which the harness does not.
const CURL_EXPECTS: usize = 1024;

/// The variable that stands for the name of the run. Markers and idempotency keys hold it, and a hub has seen those of the run.
pub(crate) const RUN: &str = "HUB_RUN";

/// What stands for itself in no line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    /// The environment variable that holds each role's key.
    pub(crate) keys: &'a BTreeMap<Role, String>,
    /// The name of the run, where there is one; the names of all shards of one that was put together.
    pub(crate) runs: &'a [&'a str],
}

/// The line that sends a request, with a variable in the place of the run's name, where it has one.
pub(crate) fn line(request: &Request, names: Names<'_>) -> String {
    let body = request.body.as_ref();
    let carried = carried(body, &request.method, names);
    let mut words: Vec<String> = ["curl", "-sS", "-i"].map(str::to_owned).to_vec();
    match (request.method.as_str(), &carried) {
        ("GET", Carried::Nothing) => {}
        ("HEAD", Carried::Nothing) => words.push("--head".to_owned()),
        (method, _) => words.extend(["-X".to_owned(), word(method)]),
    }
    // curl resolves dot segments and expands brackets unless it is told not to.
    if request.verbatim || request.url.contains("/.") {
        words.push("--path-as-is".to_owned());
    }
    if request.url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    words.push(quoted(&pieces(&request.url, names)));
    for header in headers(request, names) {
        words.extend(["-H".to_owned(), header]);
    }
    let curl = |words: Vec<String>| words.join(" ");
    match carried {
        Carried::Nothing => curl(words),
        Carried::Argument(data) => {
            words.extend(["--data-raw".to_owned(), data]);
            curl(words)
        }
        Carried::Piped(producer) => {
            words.extend(["--data-binary".to_owned(), "@-".to_owned()]);
            format!("{producer} | {}", curl(words))
        }
    }
}

/// How a body reaches curl.
enum Carried {
    Nothing,
    Argument(String),
    Piped(String),
}

fn carried(body: Option<&RequestBody>, method: &str, names: Names<'_>) -> Carried {
    match body {
        // With `Content-Length: 0`, as HTTP clients do.
        None if matches!(method, "POST" | "PUT" | "PATCH") => Carried::Argument("''".to_owned()),
        None => Carried::Nothing,
        Some(RequestBody::Text(text)) => carried_pieces(&pieces(text, names)),
        Some(RequestBody::Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) if fits_argument(text) => Carried::Argument(quoted(&[Piece::Text(text)])),
            _ => Carried::Piped(printf_bytes(bytes)),
        },
        Some(RequestBody::Repeat(Repeat {
            head,
            unit,
            times,
            tail,
        })) => {
            if unit.len().saturating_mul(*times) <= SHORT_REPEAT {
                carried_pieces(&[Piece::Text(&format!("{head}{}{tail}", unit.repeat(*times)))])
            } else {
                Carried::Piped(awk_repeat(head, unit, *times, tail))
            }
        }
    }
}

fn carried_pieces(pieces: &[Piece<'_>]) -> Carried {
    let fits = pieces.iter().all(|piece| match piece {
        Piece::Text(text) => fits_argument(text),
        Piece::Variable(_) => true,
    });
    if fits {
        Carried::Argument(quoted(pieces))
    } else {
        Carried::Piped(printf(pieces))
    }
}

fn fits_argument(text: &str) -> bool {
    text.len() <= LONGEST_ARGUMENT && !text.contains(is_hidden)
}

/// The headers as sent, and the ones that curl would add left out (`name:`).
fn headers(request: &Request, names: Names<'_>) -> Vec<String> {
    let sent = &request.headers;
    let is_sent = |name: &str| sent.iter().any(|own| own.name.eq_ignore_ascii_case(name));
    let mut headers: Vec<_> = sent
        .iter()
        .filter(|own| !(own.name == "user-agent" && own.value.starts_with("hubproof/")))
        .map(|own| header(&own.name, &own.value, names))
        .collect();
    let size = request.body.as_ref().map_or(0, size);
    let mut leave_out = |name: &str, added: bool| {
        if added && !is_sent(name) {
            headers.push(quoted(&[Piece::Text(&format!("{name}:"))]));
        }
    };
    leave_out("accept", true);
    leave_out("content-type", size > 0 || request.method == "POST");
    leave_out("expect", size > CURL_EXPECTS);
    headers
}

fn header(name: &str, value: &str, names: Names<'_>) -> String {
    // What the profile adds to every request may be a secret, and stands masked.
    if value == format!("<header:{name}>") {
        let variable: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_uppercase()
                } else {
                    '_'
                }
            })
            .collect();
        return quoted(&[
            Piece::Text(&format!("{name}: ")),
            Piece::Variable(format!("HUB_HEADER_{variable}")),
        ]);
    }
    // curl takes `name:` for "leave it out", and `name;` for "send it empty".
    let text = if value.is_empty() {
        format!("{name};")
    } else {
        format!("{name}: {value}")
    };
    quoted(&pieces(&text, names))
}

fn size(body: &RequestBody) -> usize {
    match body {
        RequestBody::Text(text) => text.len(),
        RequestBody::Bytes(bytes) => bytes.len(),
        RequestBody::Repeat(Repeat {
            head,
            unit,
            times,
            tail,
        }) => head.len() + unit.len().saturating_mul(*times) + tail.len(),
    }
}

/// The text with each key placeholder as the variable that holds the key, and the run's name as that of a new run.
fn pieces<'a>(text: &'a str, names: Names<'_>) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut search = 0;
    while let Some((at, found)) = next_name(text, search, names) {
        search = at + found.length;
        if let Some(variable) = found.variable {
            if begin < at {
                pieces.push(Piece::Text(&text[begin..at]));
            }
            pieces.push(Piece::Variable(variable));
            begin = search;
        }
    }
    if begin < text.len() {
        pieces.push(Piece::Text(&text[begin..]));
    }
    pieces
}

/// What may be a name.
struct Name {
    length: usize,
    /// The variable that stands for it, if it is one.
    variable: Option<String>,
}

/// The first thing from here on that may be a name, and where it begins.
fn next_name(text: &str, from: usize, names: Names<'_>) -> Option<(usize, Name)> {
    const OPENING: &str = "<key:";
    let rest = &text[from..];
    let key = rest.find(OPENING).map(|at| {
        let placeholder = rest[at + OPENING.len()..].split_once('>').map(|(name, _)| name);
        let role = Role::ALL.into_iter().find(|role| placeholder == Some(role.name()));
        let name = Name {
            length: OPENING.len() + role.map_or(0, |role| role.name().len() + 1),
            variable: role.map(|role| variable(role, names.keys)),
        };
        (from + at, name)
    });
    let runs = names.runs.iter().filter(|run| !run.is_empty()).filter_map(|run| {
        let name = Name {
            length: run.len(),
            variable: Some(RUN.to_owned()),
        };
        Some((from + rest.find(*run)?, name))
    });
    key.into_iter().chain(runs).min_by_key(|(at, _)| *at)
}

fn variable(role: Role, keys: &BTreeMap<Role, String>) -> String {
    let named = keys.get(&role).cloned();
    named.unwrap_or_else(|| format!("HUB_KEY_{}", role.name().to_uppercase()))
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
