//! `[safety]`: how far a run may go.

use toml::de::DeValue;

use super::Safety;
use super::error::ProfileError;
use super::node::Node;
use super::suggestion::instead_of;
use crate::safety::{Allow, LEAST_RATE, MOST_RATE};

const KEYS: [&str; 6] = [
    "allow",
    "allow_tools",
    "deny_tools",
    "max_requests",
    "rate",
    "max_effects",
];

/// Reads `[safety]`.
pub(super) fn read(node: &Node<'_>) -> Result<Safety, ProfileError> {
    let section = node.section("a table")?.only(&KEYS)?;
    Ok(Safety {
        allow: section.read("allow", |node| allow(&node))?,
        allow_tools: section.read("allow_tools", |node| globs(&node))?.unwrap_or_default(),
        deny_tools: section.read("deny_tools", |node| globs(&node))?.unwrap_or_default(),
        max_requests: section.read("max_requests", |node| node.number_of("requests", 5000))?,
        rate: section.read("rate", |node| rate(&node))?,
        max_effects: section.read("max_effects", |node| node.number_of("executes", 200))?,
    })
}

fn allow(node: &Node<'_>) -> Result<Allow, ProfileError> {
    let text = node.text("a level such as \"read\"")?;
    let unknown = || {
        let levels = Allow::ALL.map(Allow::name);
        node.fault(format_args!(
            "`{}` is not a level; {}",
            text.raw,
            instead_of(text.raw, &levels)
        ))
    };
    text.value.parse().map_err(|_| unknown())
}

fn globs(node: &Node<'_>) -> Result<Vec<String>, ProfileError> {
    let globs = node.list("a list of globs such as [\"itsm.*\"]")?;
    globs
        .iter()
        .map(|glob| glob.word("a glob such as \"itsm.*\""))
        .collect()
}

fn rate(node: &Node<'_>) -> Result<f64, ProfileError> {
    let expected = "requests a second such as 50 or \"50/s\"";
    let number = match node.value() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::String(_) => {
            let text = node.text(expected)?.value;
            text.strip_suffix("/s")
                .and_then(|number| number.trim_end().parse().ok())
        }
        _ => return Err(node.expected(expected)),
    };
    let number = number.filter(|number: &f64| (LEAST_RATE..=MOST_RATE).contains(number));
    number.ok_or_else(|| node.fault(format_args!("expected {expected}, from {LEAST_RATE} to {MOST_RATE}")))
}
