//! Each key of the example: misspelled in every small way, and described in the reference.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{EXAMPLE, parse};

#[test]
fn every_typo_in_a_key_is_refused_with_what_was_meant() {
    let document = DeTable::parse(EXAMPLE).unwrap();
    let mut keys = Vec::new();
    collect_keys("", document.get_ref(), &mut keys);
    assert_eq!(keys.len(), 106);
    for (key, span) in keys {
        for typo in typos(key) {
            let mut text = EXAMPLE.to_owned();
            text.replace_range(span.clone(), &typo);
            let fault = parse(&text).expect_err(&typo);
            assert_eq!(&text[fault.span.unwrap()], typo);
            let (said, meant) = fault.message.split_once("; did you mean ").expect(&fault.message);
            assert!(said.contains(&format!("`{typo}`")), "{}", fault.message);
            assert!(meant.contains(&format!("`{key}`")), "{}", fault.message);
        }
    }
}

#[test]
fn the_reference_has_every_key() {
    let reference = include_str!("../../../../docs/profile.md");
    let document = DeTable::parse(EXAMPLE).unwrap();
    let mut keys = Vec::new();
    collect_keys("", document.get_ref(), &mut keys);
    let of_a_connection = ["domain", "id"];
    for (key, _) in keys.iter().filter(|(key, _)| !of_a_connection.contains(key)) {
        let is_named = [format!("`{key}`"), format!("`[{key}]`"), format!("`[{key}.")];
        assert!(is_named.iter().any(|name| reference.contains(name)), "{key}");
    }
}

/// The keys that a profile cannot choose, with their places.
fn collect_keys<'a>(path: &str, table: &'a DeTable<'a>, keys: &mut Vec<(&'a str, Range<usize>)>) {
    let chosen = [
        "target.headers",
        "connections.default",
        "connections.explicit",
        "connections.by_connector",
        "inputs",
        "effects",
        "upstream",
    ]
    .contains(&path)
        || [".values", ".input", ".body"]
            .iter()
            .any(|chosen| path.ends_with(chosen));
    for (key, value) in table {
        let name: &str = key.get_ref();
        // A key with a dot stands in quotes: a tool's own, or that of a percentile.
        if !chosen && !name.contains('.') {
            keys.push((name, Spanned::span(key)));
        }
        if let DeValue::Table(inner) = value.get_ref() {
            let path = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            collect_keys(&path, inner, keys);
        }
    }
}

/// Each letter left out, doubled, replaced, and changed places with the next.
fn typos(key: &str) -> BTreeSet<String> {
    let mut typos = BTreeSet::new();
    for at in 0..key.len() {
        let (before, letter, after) = (&key[..at], &key[at..=at], &key[at + 1..]);
        typos.insert(format!("{before}{after}"));
        typos.insert(format!("{before}{letter}{letter}{after}"));
        typos.insert(format!("{before}x{after}"));
        if let Some(next) = after.get(..1) {
            typos.insert(format!("{before}{next}{letter}{}", &after[1..]));
        }
    }
    typos.remove(key);
    typos
}
