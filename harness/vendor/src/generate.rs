//! What a vendor adds to a new record: ids, numbers, times.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use crate::pointer::Pointer;
use crate::times::TimeFormat;

/// How the value of one field comes about.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Generator {
    /// So many hexadecimal digits that no two records share.
    Hex(usize),
    /// A prefix and a number that counts.
    Count(Counting),
    /// The time of creation, as the vendor writes it.
    Now,
    /// The time of creation in seconds, with six digits behind the point: no two records share one.
    Ts,
    /// Whole seconds since 1970.
    Seconds,
    /// A value by that of another field, unless it is given.
    Choose {
        by: Pointer,
        values: BTreeMap<String, Value>,
    },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counting {
    #[serde(default)]
    prefix: String,
    /// The field whose value, and a hyphen, stand before the number.
    prefix_from: Option<Pointer>,
    /// The first number.
    #[serde(default = "one")]
    first: u64,
    /// The first numbers by the value of the field that the prefix comes from.
    #[serde(default)]
    first_of: BTreeMap<String, u64>,
    /// Zeros fill the number up to so many digits.
    #[serde(default)]
    width: usize,
}

fn one() -> u64 {
    1
}

/// The numbers that an account has given out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters {
    by_prefix: BTreeMap<String, u64>,
    records: u64,
}

/// What a generator may look at.
pub(crate) struct Creation<'a> {
    pub(crate) record: &'a Value,
    pub(crate) now: SystemTime,
    pub(crate) times: &'a TimeFormat,
}

impl Generator {
    /// The field's value; none if it stays as it is.
    pub(crate) fn value(&self, creation: &Creation<'_>, counters: &mut Counters) -> Option<Value> {
        Some(match self {
            Self::Hex(digits) => {
                counters.records += 1;
                hexadecimal(counters.records, *digits).into()
            }
            Self::Count(counting) => counting.next(creation.record, counters).into(),
            Self::Now => creation.times.write(creation.now).into(),
            Self::Ts => {
                counters.records += 1;
                let seconds = creation.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                format!("{}.{:06}", seconds.as_secs(), counters.records).into()
            }
            Self::Seconds => {
                let seconds = creation.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                seconds.as_secs().into()
            }
            Self::Choose { by, values } => values.get(by.find(creation.record)?.as_str()?)?.clone(),
        })
    }
}

impl Counting {
    fn next(&self, record: &Value, counters: &mut Counters) -> String {
        let from = self.prefix_from.as_ref().and_then(|field| field.find(record)?.as_str());
        let prefix = from.map_or_else(|| self.prefix.clone(), |value| format!("{value}-"));
        let first = from.and_then(|from| self.first_of.get(from)).unwrap_or(&self.first);
        let next = counters.by_prefix.entry(prefix.clone()).or_insert(*first);
        let number = *next;
        *next += 1;
        format!("{prefix}{number:0width$}", width = self.width)
    }
}

/// Digits that look drawn and are not: two stand-ins that are asked alike name alike.
fn hexadecimal(number: u64, digits: usize) -> String {
    // SplitMix64: a bijection of 64 bits, so that no two numbers give the same first sixteen digits.
    let mixed = |mut word: u64| {
        word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let mut text = String::new();
    let mut word = number;
    while text.len() < digits {
        word = mixed(word);
        text += &format!("{word:016x}");
    }
    text.truncate(digits);
    text
}
