//! Texts as SARIF has them: of braces and links, which mean something there, as much as of hidden characters.

use serde_json::{Value, json};

use crate::printable::shortened;

/// The most characters of a line.
const LINE: usize = 2_000;

/// A message of lines. A brace is written twice (3.11.5), else it would open a placeholder; a link is broken up (3.11.6).
pub(super) fn message(lines: impl IntoIterator<Item = String>) -> Value {
    let lines: Vec<_> = lines.into_iter().map(|line| shortened(&line, LINE)).collect();
    let text = lines.join("\n").replace('{', "{{").replace('}', "}}");
    json!({ "text": text.replace("](", "\\](") })
}

/// The same of a line.
pub(super) fn text(line: &str) -> Value {
    message([line.to_owned()])
}
