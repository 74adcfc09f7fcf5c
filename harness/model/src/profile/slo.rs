//! `[slo]`: what the user promises of the hub's latency, by risk level and by tool.

use std::ops::Range;
use std::time::Duration;

use toml::de::DeValue;

use super::duration;
use super::error::ProfileError;
use super::node::{Node, Section};
use super::suggestion::instead_of;
use crate::safety::Risk;
use crate::slo::{Objectives, Percentile, Slo};

const LEVELS: [Risk; 4] = [Risk::Read, Risk::Write, Risk::Destructive, Risk::Admin];
const LEVEL_NAMES: [&str; 4] = ["read", "write", "destructive", "admin"];
const KEYS: [&str; 7] = ["p50", "p90", "p95", "p99", "p99.9", "max", "error_rate"];

/// Reads `[slo]`.
pub(super) fn read(node: &Node<'_>) -> Result<Slo, ProfileError> {
    let section = node.section("a table such as [slo.read]")?;
    let mut slo = Slo::default();
    for (name, span, of_name) in section.entries() {
        match LEVELS.iter().find(|level| level.to_string() == name) {
            Some(level) => {
                slo.by_risk.insert(level.clone(), objectives(&of_name)?);
            }
            None if name.contains('.') => {
                slo.by_tool.insert(name.to_owned(), objectives(&of_name)?);
            }
            None => return Err(unknown(node, name, span, &of_name)),
        }
    }
    Ok(slo)
}

/// What is neither a risk level nor a tool's key.
fn unknown(node: &Node<'_>, name: &str, span: Range<usize>, of_name: &Node<'_>) -> ProfileError {
    let is_deep = of_name.value().as_table().is_some_and(|table| {
        let mut values = table.values();
        values.any(|value| value.get_ref().is_table())
    });
    if KEYS.contains(&name) {
        return node
            .fault_at(span, format_args!("`{name}` is promised of a risk level, or of a tool"))
            .with_help("put it below [slo.read], or below [slo.\"domain.resource.action\"]");
    }
    if is_deep {
        return node
            .fault_at(span, format_args!("`{name}` is only a part of a tool's key"))
            .with_help("put the tool's whole key into quotes: [slo.\"domain.resource.action\"]");
    }
    node.fault_at(
        span,
        format_args!(
            "`{name}` is neither a risk level nor a tool's key; {}",
            instead_of(name, &LEVEL_NAMES)
        ),
    )
}

fn objectives(node: &Node<'_>) -> Result<Objectives, ProfileError> {
    let section = node
        .section("a table such as { p99 = \"300ms\", error_rate = \"0.1%\" }")?
        .only(&KEYS)?;
    let mut objectives = Objectives {
        error_rate: section.read("error_rate", |node| error_rate(&node))?,
        ..Objectives::default()
    };
    for percentile in Percentile::ALL {
        let most = section.read(percentile.name(), |node| longest(&node))?;
        objectives.latency.extend(most.map(|most| (percentile, most)));
    }
    if objectives.is_empty() {
        return Err(node.fault("it promises nothing: write such as p99 = \"300ms\""));
    }
    rising(&section, &objectives)?;
    Ok(objectives)
}

fn longest(node: &Node<'_>) -> Result<Duration, ProfileError> {
    match node.value() {
        // `p99.9 = …` is the key `9` of a table `p99`.
        DeValue::Table(_) => Err(node
            .expected("a duration such as \"300ms\"")
            .with_help("a key with a dot stands in quotes: \"p99.9\" = \"1s\"")),
        _ => duration::read_above_zero(node),
    }
}

/// Refuses a percentile that is allowed less than a lower one: the lower one's promise would say nothing.
fn rising(section: &Section<'_>, objectives: &Objectives) -> Result<(), ProfileError> {
    let pairs = objectives.latency.iter().zip(objectives.latency.iter().skip(1));
    for ((low, low_most), (high, high_most)) in pairs {
        if high_most < low_most
            && let Some(node) = section.get(high.name())
        {
            return Err(node.fault(format_args!("expected no less than `{low}`, which is {low_most:?}")));
        }
    }
    Ok(())
}

/// A part of all calls: `0.001` or `"0.1%"`.
fn error_rate(node: &Node<'_>) -> Result<f64, ProfileError> {
    let expected = "a part of all calls such as 0.001 or \"0.1%\"";
    let part = match node.value() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::String(_) => {
            let text = node.text(expected)?.value;
            let percent = text.strip_suffix('%').map(str::trim_end);
            percent
                .and_then(|number| number.parse().ok())
                .map(|percent: f64| percent / 100.0)
        }
        _ => return Err(node.expected(expected)),
    };
    let part = part.filter(|part: &f64| (0.0..=1.0).contains(part));
    part.ok_or_else(|| node.fault(format_args!("expected {expected}, from 0 to 1")))
}
