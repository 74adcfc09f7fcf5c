//! The share of the calls that failed, were not answered or were not sent, in both measurements.

use hubproof_latency::comparison::FALSE_ALARMS;
use hubproof_latency::share::{Share, dispersion};
use hubproof_latency::{Kind, Place};
use hubproof_model::judgment::Violation;
use hubproof_model::measurement::{BlockSummary, Measurement};

use super::Pair;
use crate::measured::percent;

/// The least growth worth a word: one more of a thousand calls.
const LEAST: f64 = 0.001;

const SUCCESSES: [Kind; 2] = [Kind::Success, Kind::Replay];

/// Where more calls of a tool fail.
pub(super) fn of_tool(tool: &str, pair: Pair<'_>) -> Option<Violation> {
    let old_blocks = pair.old.blocks.iter().filter_map(|block| block.tools.get(tool));
    let [old, new] = [pair.old, pair.new].map(|measurement| failed(measurement, tool));
    grown(
        Some(tool),
        old,
        new,
        &old_blocks.map(of_block).collect::<Vec<_>>(),
        pair,
    )
}

/// Where more calls of all tools together fail.
pub(super) fn of_all(pair: Pair<'_>) -> Option<Violation> {
    let all = |measurement: &Measurement| sum(pair.tools().map(|tool| failed(measurement, tool)));
    let old_blocks = pair.old.blocks.iter();
    let old_blocks: Vec<_> = old_blocks
        .map(|block| sum(block.tools.values().map(of_block)))
        .collect();
    grown(None, all(pair.old), all(pair.new), &old_blocks, pair)
}

fn failed(measurement: &Measurement, tool: &str) -> Share {
    let place = Place::Execute(tool.to_owned());
    let all = measurement.response.of_place(&place, &Kind::ALL).count() + measurement.unsent_of(tool);
    let successes = measurement.response.of_place(&place, &SUCCESSES).count();
    Share {
        part: all - successes,
        all,
    }
}

fn of_block(summary: &BlockSummary) -> Share {
    Share {
        part: summary.failed,
        all: summary.calls(),
    }
}

fn sum(shares: impl Iterator<Item = Share>) -> Share {
    shares.fold(Share::default(), |sum, share| Share {
        part: sum.part + share.part,
        all: sum.all + share.all,
    })
}

fn grown(tool: Option<&str>, old: Share, new: Share, old_blocks: &[Share], pair: Pair<'_>) -> Option<Violation> {
    let level = FALSE_ALARMS / pair.others as f64;
    let is_enough = new.rate() - old.rate() >= LEAST;
    let has_grown = is_enough && new.has_grown(old, dispersion(old_blocks), level);
    has_grown.then(|| Violation {
        tool: tool.map(str::to_owned),
        summary: "more calls fail than in the baseline, beyond noise".to_owned(),
        expected: format!(
            "about {}, as in the baseline ({} of {} calls)",
            percent(old.rate()),
            old.part,
            old.all
        ),
        observed: format!("{} ({} of {} calls)", percent(new.rate()), new.part, new.all),
        exchanges: Vec::new(),
        assertion: None,
    })
}
