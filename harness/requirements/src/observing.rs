//! What the reads of an observation show: the records that hold a marker, or the state of one thing.

use std::collections::BTreeMap;

use hubproof_model::effect::Pages;
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::{ErrorCode, Outcome};
use serde_json::Value;

use crate::judging::observed;

/// The most pages of one round.
pub const MOST_PAGES: usize = 50;
/// How listings call the number of records on all pages.
const TOTALS: [&str; 3] = ["total", "total_count", "totalCount"];

/// The words with which vendors say that they do not have a record: each may be part of another one, such as of an id.
const MISSING: [&str; 2] = ["404", "410"];
/// What they say of it otherwise.
const SAID_MISSING: [&str; 7] = [
    "not found",
    "not_found",
    "notfound",
    "no such",
    "not exist",
    "deleted",
    "removed",
];

/// How many records on these pages hold the marker. A record that moved to the next page meanwhile, or stands in two lists of one page, counts
/// once, by its id; records of one page that have none and are told alike are several.
///
/// # Errors
/// Why it cannot be said: a read that failed, in words.
pub fn count(reads: &[&Exchange], marker: &str) -> Result<u64, String> {
    let mut holding: BTreeMap<String, u64> = BTreeMap::new();
    for read in reads {
        let mut on_page: BTreeMap<String, u64> = BTreeMap::new();
        for record in records(data(read)?) {
            let text = record.to_string();
            if text.contains(marker) {
                match id(record) {
                    Some(id) => drop(on_page.insert(id, 1)),
                    None => *on_page.entry(text).or_default() += 1,
                }
            }
        }
        for (record, times) in on_page {
            let known = holding.entry(record).or_default();
            *known = times.max(*known);
        }
    }
    if reads.is_empty() {
        return Err("nothing was read".to_owned());
    }
    Ok(holding.values().sum())
}

/// What tells a record from all others.
fn id(record: &Value) -> Option<String> {
    let id = record.get("id")?;
    (id.is_string() || id.is_number()).then(|| id.to_string())
}

/// The elements of the outermost arrays of objects in a read's data: its records. What a read repeats of its question is none.
pub fn records(data: &Value) -> Vec<&Value> {
    match data {
        Value::Array(items) => items.iter().filter(|item| item.is_object()).collect(),
        Value::Object(members) => members.values().flat_map(records).collect(),
        _ => Vec::new(),
    }
}

/// What a read of one thing shows of it.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// What it is.
    Is(Vec<Value>),
    /// The vendor does not have it (any more).
    IsGone,
}

/// The state that these reads show: of the records that hold a marker, or of all that is read.
///
/// # Errors
/// Why it cannot be said: a read that failed, in words.
pub fn state(reads: &[&Exchange], holding: Option<&str>) -> Result<State, String> {
    if let [read] = reads
        && is_missing(read)
    {
        return Ok(State::IsGone);
    }
    if reads.is_empty() {
        return Err("nothing was read".to_owned());
    }
    let mut seen = Vec::new();
    for read in reads {
        let data = data(read)?;
        match holding {
            None => seen.push(data.clone()),
            Some(marker) => {
                let holds = |record: &&Value| record.to_string().contains(marker);
                seen.extend(records(data).into_iter().filter(holds).cloned());
            }
        }
    }
    // Some hubs answer for a record that is not there with a success and nothing in it.
    let is_empty = match holding {
        Some(_) => seen.is_empty(),
        None => seen.iter().all(Value::is_null),
    };
    match is_empty {
        true => Ok(State::IsGone),
        false => Ok(State::Is(seen)),
    }
}

/// Whether the vendor says that it does not have the record. That it fails in another way says nothing: it may be down for a moment.
fn is_missing(read: &Exchange) -> bool {
    if !Outcome::of(read).is(&ErrorCode::UpstreamError) {
        return false;
    }
    let error = read.json().and_then(|body| body.get("error"));
    let said = error.map(Value::to_string).unwrap_or_default().to_ascii_lowercase();
    let mut words = said.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| MISSING.contains(&word)) || SAID_MISSING.iter().any(|sign| said.contains(sign))
}

/// Whether `now` shows something else than `before`. What two reads one after the other told differently changes by itself (a view count, a
/// signed link): it is left out.
///
/// # Errors
/// Why it cannot be said: a read that failed, in words.
pub fn differs([before, again, now]: [&[&Exchange]; 3], holding: Option<&str>) -> Result<bool, String> {
    let (before, now) = (state(before, holding)?, state(now, holding)?);
    let again = match again.is_empty() {
        true => before.clone(),
        false => state(again, holding)?,
    };
    Ok(match (&before, &again, &now) {
        (State::Is(before), State::Is(again), State::Is(now)) => {
            let [before, again, now] = [before, again, now].map(|seen| Value::Array(seen.clone()));
            !is_alike(&before, &again, &now)
        }
        _ => before != now,
    })
}

/// Whether two values are equal but for what changes by itself between `before` and `again`.
fn is_alike(before: &Value, again: &Value, now: &Value) -> bool {
    match (before, again, now) {
        (Value::Object(before), Value::Object(again), Value::Object(now)) => {
            let names = before.keys().chain(now.keys());
            names
                .into_iter()
                .all(|name| match (before.get(name), again.get(name), now.get(name)) {
                    (Some(before), Some(again), Some(now)) => is_alike(before, again, now),
                    // It comes and goes by itself.
                    (Some(_), None, _) | (None, Some(_), _) => true,
                    (before, _, now) => before == now,
                })
        }
        (Value::Array(before), Value::Array(again), Value::Array(now))
            if before.len() == again.len() && before.len() == now.len() =>
        {
            let alike = before.iter().zip(again).zip(now);
            alike
                .into_iter()
                .all(|((before, again), now)| is_alike(before, again, now))
        }
        _ => before != again || before == now,
    }
}

/// The place in a page's input and what stands there to get the next page; `None` where the page is the last.
pub fn next_page(pages: &Pages, read: &[&Exchange]) -> Option<(String, Value)> {
    let last = data(read.last()?).ok()?;
    match pages {
        Pages::Offset { at } => {
            let sizes: Vec<_> = read
                .iter()
                .filter_map(|page| Some(records(data(page).ok()?).len()))
                .collect();
            let (first, size) = (*sizes.first()?, *sizes.last()?);
            let so_far = sizes.iter().sum::<usize>();
            // A page that is shorter than the first is the last. The first says nothing by itself: a hub may give less than it is asked for.
            let goes_on = size > 0 && size >= first && total(last).is_none_or(|total| total > so_far as u64);
            goes_on.then(|| (at.clone(), Value::from(so_far)))
        }
        Pages::Cursor { at, next } => {
            let cursor = last.pointer(next)?;
            let is_one = cursor.is_number() || cursor.as_str().is_some_and(|text| !text.is_empty());
            is_one.then(|| (at.clone(), cursor.clone()))
        }
    }
}

/// How many records there are on all pages, where the data tell.
fn total(data: &Value) -> Option<u64> {
    TOTALS.iter().find_map(|name| data.get(*name)?.as_u64())
}

fn data(read: &Exchange) -> Result<&Value, String> {
    let failed = || format!("reading what the call did failed: {}", observed(read));
    match Outcome::of(read) {
        Outcome::Success => read.json().and_then(|body| body.get("data")).ok_or_else(failed),
        _ => Err(failed()),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use serde_json::json;

    use super::*;
    use crate::exchanges::{failed, succeeded};

    fn page(data: Value) -> Exchange {
        succeeded(Call::post_execute("a.b.list", json!({"input": {}}), Intent::Read), data)
    }

    #[test]
    fn records_that_hold_the_marker_are_counted_wherever_they_hold_it_and_once() {
        let first =
            page(json!({"items": [{"id": 1, "title": "xm"}, {"id": 2, "tags": ["m"]}, {"id": 3}], "query": "m"}));
        let second = page(json!({"items": [{"id": 2, "tags": ["m"]}]}));
        assert_eq!(count(&[&first, &second], "m"), Ok(2));
        assert_eq!(count(&[&page(json!([]))], "m"), Ok(0));
        let twice = page(json!({"results": [{"id": 1, "t": "m", "rank": 3}], "recent": [{"id": 1, "t": "m"}]}));
        assert_eq!(count(&[&twice], "m"), Ok(1));
        let alike = page(json!([{"title": "m"}, {"title": "m"}]));
        assert_eq!(count(&[&alike, &page(json!([{"title": "m"}]))], "m"), Ok(2));
    }

    #[test]
    fn a_failed_read_says_nothing() {
        let call = Call::post_execute("a.b.list", json!({"input": {}}), Intent::Read);
        let failed = failed(call, 502, "UPSTREAM_ERROR");
        assert!(count(&[&failed], "m").is_err() && count(&[], "m").is_err());
        assert!(state(&[&failed], None).is_err(), "the vendor may be down for a moment");
        assert!(state(&[], None).is_err());
    }

    #[test]
    fn what_the_vendor_does_not_have_is_gone() {
        let call = Call::post_execute("a.b.get", json!({"input": {}}), Intent::Read);
        let answer = |message: &str, status: u16| {
            let error = json!({"code": "UPSTREAM_ERROR", "message": message, "details": {"status": status}});
            crate::exchanges::answered(call.clone(), 502, json!({"success": false, "error": error}))
        };
        let gone = answer("The vendor failed.", 404);
        for gone in [
            &gone,
            &answer("The record was not found.", 400),
            &answer("The vendor said 410.", 502),
        ] {
            assert_eq!(state(&[gone], None), Ok(State::IsGone));
        }
        assert!(state(&[&answer("Reading usr_1404 timed out.", 504)], None).is_err());
        assert_eq!(differs([&[&page(json!({"id": 1}))], &[], &[&gone]], None), Ok(true));
    }

    #[test]
    fn what_changes_by_itself_is_no_difference() {
        let read = |views: u64, title: &str| page(json!({"id": 1, "views": views, "title": title, "tags": ["a"]}));
        let (before, again) = (read(1, "a"), read(2, "a"));
        let differs = |now: &Exchange| differs([&[&before], &[&again], &[now]], None);
        assert_eq!(differs(&read(3, "a")), Ok(false));
        assert_eq!(differs(&read(3, "b")), Ok(true));
        assert_eq!(differs(&page(json!({"id": 1, "views": 1, "tags": ["a"]}))), Ok(true));
    }

    #[test]
    fn pages_go_on_until_one_is_short_or_names_no_further() {
        let full = page(json!({"items": [{}, {}], "next": "c2"}));
        let short = page(json!({"items": [{}], "next": null}));
        let offset = Pages::Offset {
            at: "/offset".to_owned(),
        };
        assert_eq!(next_page(&offset, &[&full]), Some(("/offset".to_owned(), json!(2))));
        assert_eq!(
            next_page(&offset, &[&full, &full]),
            Some(("/offset".to_owned(), json!(4)))
        );
        assert_eq!(next_page(&offset, &[&full, &short]), None);
        let of_two = page(json!({"items": [{}, {}], "total": 2}));
        assert_eq!(next_page(&offset, &[&of_two]), None);
        let cursor = Pages::Cursor {
            at: "/cursor".to_owned(),
            next: "/next".to_owned(),
        };
        assert_eq!(next_page(&cursor, &[&full]), Some(("/cursor".to_owned(), json!("c2"))));
        assert_eq!(next_page(&cursor, &[&short]), None);
    }
}
