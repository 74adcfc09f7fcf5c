//! The part of a run that one of several machines takes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A shard: one of several runs that share the cases of one plan. Written `2/8`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Shard {
    /// Which one, from 1.
    index: u32,
    /// Of how many.
    of: u32,
}

/// A shard as it is written, which may be none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    index: u32,
    of: u32,
}

impl TryFrom<Written> for Shard {
    type Error = NoShard;

    fn try_from(written: Written) -> Result<Self, NoShard> {
        Self::new(written.index, written.of)
    }
}

/// The most shards of a run: beyond it there are more shards than cases.
pub const MOST_SHARDS: u32 = 1_000;

/// Why something is no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoShard {
    /// Not of the form `2/8`.
    #[error("a shard is written 2/8: the second of eight")]
    Form,
    /// Not between the first and the last.
    #[error("there is no shard {index} of {of}: they count from 1 to {of}")]
    OutOfRange {
        /// What was asked for.
        index: u32,
        /// How many there are.
        of: u32,
    },
    /// None, or too many.
    #[error("a run has 1 to {MOST_SHARDS} shards, not {0}")]
    Number(u32),
}

impl Shard {
    /// The shard of an index that counts from 1.
    ///
    /// # Errors
    /// That there is none.
    pub fn new(index: u32, of: u32) -> Result<Self, NoShard> {
        if !(1..=MOST_SHARDS).contains(&of) {
            return Err(NoShard::Number(of));
        }
        match (1..=of).contains(&index) {
            true => Ok(Self { index, of }),
            false => Err(NoShard::OutOfRange { index, of }),
        }
    }

    /// Which one, from 1.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether it is the first: the one that judges what every shard sees.
    #[must_use]
    pub fn is_first(self) -> bool {
        self.index == 1
    }

    /// Whether what has this name falls to it. The same names fall to the same shards on every machine and in every version.
    #[must_use]
    pub fn takes(self, name: &str) -> bool {
        fnv_1a(name.as_bytes()) % u64::from(self.of) == u64::from(self.index - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').ok_or(NoShard::Form)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| NoShard::Form);
        Self::new(number(index)?, number(of)?)
    }
}

/// How that begins.
pub const FELL_ELSEWHERE: &str = "none of its cases fell to shard";

/// Why a requirement is not exercised by a shard to which none of its cases falls.
#[must_use]
pub fn fell_elsewhere(shard: Shard) -> String {
    format!("{FELL_ELSEWHERE} {shard}")
}

/// What tells a plan from others: a number of all its cases' ids, in any order.
#[must_use]
pub fn fingerprint<'i>(ids: impl IntoIterator<Item = &'i str>) -> String {
    let sum = ids
        .into_iter()
        .fold(0_u64, |sum, id| sum.wrapping_add(fnv_1a(id.as_bytes())));
    format!("{sum:016x}")
}

/// FNV-1a of 64 bits: the standard library's hashes promise nothing between versions.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_falls_to_one_shard_and_stays_there() {
        let shards: Vec<Shard> = (1..=5).map(|index| Shard::new(index, 5).unwrap()).collect();
        let mut sizes = [0; 5];
        for number in 0..1000 {
            let name = format!("EXE-02/itsm.tickets.create/invalid/{number}");
            let taken: Vec<_> = shards.iter().filter(|shard| shard.takes(&name)).collect();
            assert_eq!(taken.len(), 1, "{name}");
            sizes[taken[0].index() as usize - 1] += 1;
        }
        assert!(sizes.iter().all(|size| (150..250).contains(size)), "{sizes:?}");
        // The published test vectors of the hash.
        assert_eq!(
            [fnv_1a(b""), fnv_1a(b"a"), fnv_1a(b"foobar")],
            [0xcbf2_9ce4_8422_2325, 0xaf63_dc4c_8601_ec8c, 0x8594_4171_f739_67e8]
        );
    }

    #[test]
    fn a_shard_counts_from_1() {
        let read = |text: &str| text.parse::<Shard>().map(|shard| shard.to_string());
        assert_eq!(read("2/8"), Ok("2/8".to_owned()));
        assert_eq!(read("0/8"), Err(NoShard::OutOfRange { index: 0, of: 8 }));
        assert_eq!(read("9/8"), Err(NoShard::OutOfRange { index: 9, of: 8 }));
        assert_eq!(read("1/0"), Err(NoShard::Number(0)));
        for (index, of) in [(0, 2), (3, 2), (1, 0), (1, 2_000)] {
            let written = serde_json::json!({"index": index, "of": of});
            assert!(serde_json::from_value::<Shard>(written).is_err(), "{index}/{of}");
        }
        for text in ["", "2", "2/", "/8", "2/8/1", "-1/8", "two/8"] {
            assert_eq!(read(text), Err(NoShard::Form), "{text}");
        }
    }
}
