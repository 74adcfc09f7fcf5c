//! Idempotency keys that hubs with a narrow column, a normal form or a character set of their own get wrong (IDM-10).

use crate::site::Site;

/// The longest key that every hub takes.
const LONGEST: usize = 255;
/// Lengths one beyond those at which keys are cut, and the longest.
const LENGTHS: [usize; 4] = [33, 65, 129, LONGEST];
/// How many keys of one character are tried: who else uses the hub may have used some.
const OF_ONE_CHARACTER: usize = 3;

/// Two keys that differ little.
pub(crate) struct Pair {
    /// Part of the case's id.
    pub(crate) name: String,
    /// What they are, in words.
    pub(crate) title: String,
    /// The keys.
    pub(crate) keys: [String; 2],
}

/// Pairs of keys that a hub must tell apart.
pub(crate) fn pairs(site: &Site<'_>) -> Vec<Pair> {
    let pair = |name: &str, title: &str, keys: [String; 2]| Pair {
        name: name.to_owned(),
        title: title.to_owned(),
        keys,
    };
    let key = |name: &str| site.idempotency_key(&format!("IDM-10/{name}"));
    let mut pairs: Vec<_> = LENGTHS
        .iter()
        .map(|length| {
            let name = format!("length-{length}");
            let start = filled(&key(&name), length - 1);
            let title = format!("keys of {length} characters that differ in the last");
            pair(&name, &title, ["a", "b"].map(|last| format!("{start}{last}")))
        })
        .collect();
    let cased = key("case");
    pairs.push(pair(
        "case",
        "keys that differ in case",
        [cased.to_lowercase(), cased.to_uppercase()],
    ));
    let after = key("space-after");
    let spaced = format!("{after} ");
    pairs.push(pair(
        "space-after",
        "keys that differ by a space at the end",
        [after, spaced],
    ));
    let before = key("space-before");
    let spaced = format!(" {before}");
    pairs.push(pair(
        "space-before",
        "keys that differ by a space at the beginning",
        [before, spaced],
    ));
    let printable: String = (' '..='~').collect();
    let start = key("printable");
    let title = "keys of all printable characters that differ in the last";
    pairs.push(pair(
        "printable",
        title,
        ["a", "b"].map(|last| format!("{start}{printable}{last}")),
    ));
    pairs
}

/// A key that a hub may refuse.
pub(crate) struct Doubtful {
    /// What it is, in words.
    pub(crate) what: &'static str,
    /// How it begins.
    pub(crate) start: String,
    /// How many dashes follow: a plan need not hold them.
    pub(crate) dashes: usize,
}

/// Keys that a hub may refuse.
pub(crate) fn doubtful(site: &Site<'_>) -> Vec<Doubtful> {
    let key = |name: &str| site.idempotency_key(&format!("IDM-10/{name}"));
    let doubtful = |what, start, dashes| Doubtful { what, start, dashes };
    let long = key("64-kib");
    vec![
        doubtful("an empty key", String::new(), 0),
        doubtful("a key of 64 KiB", long.clone(), 64 * 1024 - long.len()),
        doubtful("a key with a line break", format!("{}\r\n", key("line-break")), 0),
        doubtful(
            "a key with an escape character",
            format!("\u{1b}[31m{}", key("escape")),
            0,
        ),
        doubtful("a key with NUL", format!("{}\u{0}", key("nul")), 0),
    ]
}

/// Different keys of one character, which the run's name decides.
pub(crate) fn of_one_character(site: &Site<'_>) -> Vec<String> {
    let printable: Vec<char> = ('!'..='~').collect();
    let key = site.idempotency_key("IDM-10/one-character");
    let start: usize = key
        .bytes()
        .fold(0, |hash, byte| (hash * 31 + usize::from(byte)) % 1_000_003);
    let at = |number: usize| printable[(start + number) % printable.len()].to_string();
    (0..OF_ONE_CHARACTER).map(at).collect()
}

/// The key made as long as this: its end, which tells it from others, stays.
fn filled(key: &str, length: usize) -> String {
    let key = &key[key.len().saturating_sub(length)..];
    format!("{key}{}", "-".repeat(length - key.len()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::exchanges::Hub;

    #[test]
    fn each_key_is_used_once_and_the_longest_are_as_long_as_may_be() {
        let hub = Hub::small();
        let site = hub.site();
        let keys: Vec<_> = pairs(&site).into_iter().flat_map(|pair| pair.keys).collect();
        let doubtful: Vec<_> = doubtful(&site).into_iter().map(|key| key.start).collect();
        let single = of_one_character(&site);
        let all: BTreeSet<_> = keys.iter().chain(&doubtful).chain(&single).collect();
        assert_eq!(all.len(), keys.len() + doubtful.len() + single.len());
        let lengths: Vec<_> = keys.iter().map(|key| key.chars().count()).collect();
        assert_eq!(lengths[..8], [33, 33, 65, 65, 129, 129, 255, 255]);
        assert!(lengths.iter().all(|length| *length <= LONGEST));
        assert!(
            keys.iter()
                .all(|key| key.chars().all(|character| (' '..='~').contains(&character)))
        );
    }

    #[test]
    fn keys_cut_to_the_common_lengths_are_alike() {
        let hub = Hub::small();
        let pairs = pairs(&hub.site());
        for (pair, cut) in pairs.iter().zip([32, 64, 128, 254]) {
            let [one, two] = &pair.keys;
            assert_eq!(one[..cut], two[..cut]);
        }
        let length = hub.site().idempotency_key("").len();
        let starts: BTreeSet<_> = pairs.iter().map(|pair| &pair.keys[0][..length]).collect();
        assert_eq!(starts.len(), pairs.len());
    }

    #[test]
    fn a_key_that_is_too_long_keeps_its_end() {
        assert_eq!(filled("hubproof-run-name", 4), "name");
        assert_eq!(filled("name", 6), "name--");
    }
}
