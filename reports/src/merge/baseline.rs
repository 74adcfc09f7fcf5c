//! What became of the known failures, where each shard saw some of them.

use hubproof_model::shard::FELL_ELSEWHERE;

use crate::document::baseline::{Baseline, Entry, Standing};

/// The baseline after all shards; none where none was given.
pub(super) fn together(parts: &[&Baseline]) -> Option<Baseline> {
    let first = parts.first()?;
    let entries = (0..first.entries.len()).map(|index| {
        let own: Vec<&Entry> = parts.iter().filter_map(|part| part.entries.get(index)).collect();
        entry(&own, &first.entries[index])
    });
    Some(Baseline {
        entries: entries.collect(),
        ..(*first).clone()
    })
}

/// The standing that says most: a shard that saw the failure knows more of it than one that did not. An entry that holds where one shard
/// looked is not stale while another could not tell.
fn entry(parts: &[&Entry], first: &Entry) -> Entry {
    let weight = |entry: &Entry| match entry.standing {
        Standing::Matched => 0,
        Standing::Expired => 1,
        Standing::NoViolation => 2,
        Standing::NoTool => 3,
        Standing::Silent if !entry.says_elsewhere() => 4,
        Standing::Holds => 5,
        Standing::Silent => 6,
    };
    // Of two that are expired, the one with violations to tell of.
    let telling = parts
        .iter()
        .min_by_key(|own| (weight(own), std::cmp::Reverse(own.matched)));
    let telling = telling.copied().unwrap_or(first);
    let matched = parts.iter().map(|own| own.matched).fold(0, u64::saturating_add);
    Entry {
        matched,
        message: match telling.standing {
            Standing::Matched => format!("matches {}", crate::figures::counted(matched, "violation")),
            _ => telling.message.clone(),
        },
        ..telling.clone()
    }
}

impl Entry {
    /// Whether a shard is silent of it because none of the requirement's cases fell to it.
    fn says_elsewhere(&self) -> bool {
        self.message.contains(FELL_ELSEWHERE)
    }
}
