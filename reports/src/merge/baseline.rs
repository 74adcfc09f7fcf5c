//! What became of the known failures, where each shard saw some of them.

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

/// The standing that says most: a shard that saw the failure knows more of it than one that did not.
fn entry(parts: &[&Entry], first: &Entry) -> Entry {
    let weight = |standing: Standing| match standing {
        Standing::Matched => 0,
        Standing::Expired => 1,
        Standing::NoViolation => 2,
        Standing::NoTool => 3,
        Standing::Holds => 4,
        Standing::Silent => 5,
    };
    let telling = parts
        .iter()
        .min_by_key(|own| weight(own.standing))
        .copied()
        .unwrap_or(first);
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
