//! Which records a list or a search gives, in which order, on which page.

use std::sync::Arc;

use serde_json::{Value, json};

use super::account::Collection;
use super::behavior::{Comparison, Filter, Listing, Paging, Position, Sort};
use super::ordinal::Ordinal;
use crate::connectors::{Data, Record, VendorError};

/// The longest page, whatever a schema lets callers ask for.
const LONGEST_PAGE: usize = 1_000;

/// A record and the number of its latest change.
type Match<'a> = (u64, &'a Arc<Record>);

/// The page that the input asks for.
pub(super) fn page(collection: &Collection, listing: &Listing, input: &Value) -> Result<Data, VendorError> {
    let words = words(listing, input);
    let wanted: Vec<(&Filter, &Value)> = listing
        .filters
        .iter()
        .filter_map(|filter| Some((filter, filter.input.find(input)?)))
        .collect();
    let mut matches: Vec<Match<'_>> = collection
        .latest_first()
        .filter(|(_, record)| words.iter().all(|word| mentions(record.value(), word)))
        .filter(|(_, record)| {
            wanted
                .iter()
                .all(|(filter, wanted)| passes(filter, record.value(), wanted))
        })
        .collect();
    if let Some(order) = &listing.sort {
        sort(&mut matches, order, input);
    }
    cut(&matches, &listing.paging, input)
}

fn words(listing: &Listing, input: &Value) -> Vec<String> {
    let text = listing.text.as_ref().and_then(|text| text.find(input)?.as_str());
    text.unwrap_or_default()
        .split_whitespace()
        .map(str::to_lowercase)
        .collect()
}

fn passes(filter: &Filter, record: &Value, wanted: &Value) -> bool {
    let field = filter.field.find(record);
    let ordering = || Ordinal::of(field).compare(&Ordinal::of(Some(wanted)));
    match filter.comparison {
        Comparison::Equal => same(field.unwrap_or(&Value::Null), wanted),
        Comparison::Contains => match (field.and_then(Value::as_str), wanted.as_str()) {
            (Some(text), Some(part)) => text.to_lowercase().contains(&part.to_lowercase()),
            _ => false,
        },
        Comparison::AtLeast => ordering().is_some_and(|ordering| ordering.is_ge()),
        Comparison::AtMost => ordering().is_some_and(|ordering| ordering.is_le()),
        Comparison::Above => ordering().is_some_and(|ordering| ordering.is_gt()),
        Comparison::Below => ordering().is_some_and(|ordering| ordering.is_lt()),
        Comparison::AnyOf => has(wanted, field.unwrap_or(&Value::Null)),
        Comparison::Includes => field.is_some_and(|field| has(field, wanted)),
        Comparison::Mentions => match (field, wanted.as_str()) {
            (Some(field), Some(text)) => mentions(field, &text.to_lowercase()),
            _ => false,
        },
    }
}

fn has(array: &Value, element: &Value) -> bool {
    array
        .as_array()
        .is_some_and(|elements| elements.iter().any(|other| same(other, element)))
}

/// Whether two values are equal, 1 and 1.0 among them.
pub(super) fn same(this: &Value, other: &Value) -> bool {
    this == other || (this.is_number() && this.as_f64() == other.as_f64())
}

/// Whether a text or a number in it, at any depth, contains a text in lower case.
fn mentions(value: &Value, lowercase: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(lowercase),
        Value::Number(number) => number.to_string().contains(lowercase),
        Value::Array(elements) => elements.iter().any(|element| mentions(element, lowercase)),
        Value::Object(members) => members.values().any(|member| mentions(member, lowercase)),
        Value::Null | Value::Bool(_) => false,
    }
}

fn sort(matches: &mut [Match<'_>], sort: &Sort, input: &Value) {
    let Some(by) = sort.by.find(input).and_then(Value::as_str) else {
        return;
    };
    let ascending = sort.direction.find(input).and_then(Value::as_str) == Some("ascending");
    matches.sort_by(|(_, this), (_, other)| {
        let ordering = Ordinal::of(this.value().get(by)).cmp(&Ordinal::of(other.value().get(by)));
        if ascending { ordering } else { ordering.reverse() }
    });
}

fn cut(matches: &[Match<'_>], paging: &Paging, input: &Value) -> Result<Data, VendorError> {
    let limit = paging.limit.find(input).and_then(count).unwrap_or(paging.default);
    let limit = limit.clamp(1, LONGEST_PAGE);
    let start = match &paging.position {
        Position::Offset(offset) => offset.find(input).and_then(count).unwrap_or(0),
        // A change and not an offset: what is created meanwhile comes first, and would push records on to the next page.
        Position::Cursor(cursor) => match cursor.find(input) {
            None | Some(Value::Null) => 0,
            Some(cursor) => {
                let end =
                    change(cursor).ok_or_else(|| VendorError::status(400, "the cursor is none of this vendor"))?;
                matches.partition_point(|(change, _)| *change >= end)
            }
        },
    };
    let start = start.min(matches.len());
    let end = start.saturating_add(limit).min(matches.len());
    let items = matches[start..end]
        .iter()
        .map(|(_, record)| Data::Record(Arc::clone(record)));
    let more = end < matches.len();
    let (name, next) = match paging.position {
        Position::Offset(_) => ("next_offset", json!(more.then_some(end))),
        Position::Cursor(_) => {
            let next = more.then(|| matches[..end].last().map(cursor));
            ("next_cursor", json!(next.flatten()))
        }
    };
    Ok(Data::Members(vec![
        ("items", Data::Elements(items.collect())),
        ("total", Value::from(matches.len()).into()),
        (name, next.into()),
    ]))
}

/// A number as a count: 3 and 3.0 are three, and what is too large is as large as can be.
fn count(value: &Value) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates"
    )]
    value.as_f64().map(|number| number as usize)
}

fn cursor((change, _): &Match<'_>) -> String {
    format!("after-{change:x}")
}

fn change(cursor: &Value) -> Option<u64> {
    let digits = cursor.as_str()?.strip_prefix("after-")?;
    let change = u64::from_str_radix(digits, 16).ok()?;
    (format!("{change:x}") == digits).then_some(change)
}
