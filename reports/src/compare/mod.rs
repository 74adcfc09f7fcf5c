//! Two runs compared: what was mended, what broke, what fails still, and what is no longer shown.
//!
//! A requirement that was held and is not exercised any more is a loss, though nothing is red: it stands beside what broke. Differences of
//! the runs themselves (another seed, fewer tools) are said first, since they may explain all the others.

mod latency;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::judgment::Verdict;
use hubproof_model::requirement::RequirementId;
use serde::Serialize;

pub use self::latency::Moved;
pub use self::text::render;
use crate::document::Report;
use crate::document::requirement::RequirementReport;

/// How two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// In what the runs themselves differ, in words.
    pub differing: Vec<String>,
    /// Violated now, and not before.
    pub broken: Vec<Change>,
    /// Violated before, and held now.
    pub mended: Vec<Change>,
    /// Violated in both.
    pub still: Vec<Change>,
    /// A verdict before, and none now: not exercised, or inconclusive.
    pub lost: Vec<Change>,
    /// No verdict before, and held now.
    pub gained: Vec<Change>,
    /// Latencies that moved by more than runs differ anyhow; shown, and no reason to fail.
    pub latency: Vec<Moved>,
}

/// A requirement of which the runs say different things, or which both find violated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The requirement.
    pub id: RequirementId,
    /// A few words.
    pub title: String,
    /// Whether the second run fails where it is violated.
    pub gates: bool,
    /// The verdict before; none where it was not selected.
    pub before: Option<Verdict>,
    /// The verdict now; none where it is not selected.
    pub now: Option<Verdict>,
    /// Why, in the words of the second run (of the first for what was mended).
    pub reason: Option<String>,
    /// Of one that is violated in both, whether a baseline excused it before and does not now, or whether it is newly violated at no
    /// tool in particular.
    pub newly_gates: bool,
    /// Tools at which it is violated now, and was not.
    pub broken_tools: BTreeSet<String>,
    /// Tools at which it was violated, and is not now.
    pub mended_tools: BTreeSet<String>,
}

impl Comparison {
    /// Compares two runs, the earlier one first.
    #[must_use]
    pub fn of(before: &Report, now: &Report) -> Self {
        let (old, new) = (by_id(before), by_id(now));
        let ids: BTreeSet<RequirementId> = old.keys().chain(new.keys()).copied().collect();
        let mut comparison = Self {
            differing: differing(before, now),
            broken: Vec::new(),
            mended: Vec::new(),
            still: Vec::new(),
            lost: Vec::new(),
            gained: Vec::new(),
            latency: latency::moved(before, now),
        };
        for id in ids {
            let (old, new) = (old.get(&id).copied(), new.get(&id).copied());
            let Some(any) = new.or(old) else { continue };
            let change = change(any, old, new, now);
            let verdict = |own: Option<&RequirementReport>| own.map(|own| own.verdict);
            let into = match (verdict(old), verdict(new)) {
                (Some(Verdict::Violated), Some(Verdict::Violated)) => &mut comparison.still,
                (_, Some(Verdict::Violated)) => &mut comparison.broken,
                (Some(Verdict::Violated), Some(Verdict::Held)) => &mut comparison.mended,
                (Some(Verdict::Violated | Verdict::Held), _) if verdict(new) != Some(Verdict::Held) => {
                    &mut comparison.lost
                }
                (None | Some(Verdict::NotExercised | Verdict::Inconclusive), Some(Verdict::Held)) => {
                    &mut comparison.gained
                }
                _ => continue,
            };
            into.push(change);
        }
        comparison
    }

    /// Whether something gets worse that the second run would fail for: a requirement that gates is newly violated, is violated at
    /// further tools, or has lost its verdict.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let gating = |changes: &[Change]| changes.iter().any(|change| change.gates);
        let spreads = |change: &Change| change.gates && (change.newly_gates || !change.broken_tools.is_empty());
        gating(&self.broken) || gating(&self.lost) || self.still.iter().any(spreads)
    }
}

fn by_id(report: &Report) -> BTreeMap<RequirementId, &RequirementReport> {
    report.requirements.iter().map(|own| (own.id, own)).collect()
}

fn change(
    any: &RequirementReport,
    old: Option<&RequirementReport>,
    new: Option<&RequirementReport>,
    now: &Report,
) -> Change {
    let tools = |own: Option<&RequirementReport>| -> BTreeSet<String> {
        own.map(|own| own.violated_tools.keys().cloned().collect())
            .unwrap_or_default()
    };
    let (before, after) = (tools(old), tools(new));
    let is_mended = new.is_some_and(|own| own.verdict == Verdict::Held);
    let telling = if is_mended { old } else { new };
    Change {
        id: any.id,
        title: any.title.clone(),
        gates: now.gate.fail_on.gates(any.level) && !new.is_some_and(RequirementReport::is_known),
        before: old.map(|own| own.verdict),
        now: new.map(|own| own.verdict),
        newly_gates: new.is_some_and(|new| {
            let was = |is_so: fn(&RequirementReport) -> bool| old.is_some_and(is_so);
            let at_none = new.violated_without_tool > 0 && !was(|old| old.violated_without_tool > 0);
            new.is_broken() && (!was(RequirementReport::is_broken) || at_none)
        }),
        reason: telling.and_then(|own| own.reason.clone()),
        broken_tools: after.difference(&before).cloned().collect(),
        mended_tools: before.difference(&after).cloned().collect(),
    }
}

/// In what the runs differ beside what they found.
fn differing(before: &Report, now: &Report) -> Vec<String> {
    let tools = |report: &Report| -> BTreeSet<String> { report.tools.iter().map(|tool| tool.key.clone()).collect() };
    let (old, new) = (tools(before), tools(now));
    let pairs = [
        ("the target", before.target.url.clone(), now.target.url.clone()),
        (
            "the contract's revision",
            before.contract.revision.clone(),
            now.contract.revision.clone(),
        ),
        (
            "the version of hubproof",
            before.tool.version.clone(),
            now.tool.version.clone(),
        ),
        ("the defects of the bundled hub", defects(before), defects(now)),
        ("the profile", profile(before), profile(now)),
        ("the seed", before.seed.to_string(), now.seed.to_string()),
        (
            "the inputs a tool (--cases)",
            before.cases.to_string(),
            now.cases.to_string(),
        ),
        ("the connector", connector(before), connector(now)),
        (
            "how far the run may go",
            before.allow.name().to_owned(),
            now.allow.name().to_owned(),
        ),
        ("the end of the run", before.end.kind.heading(), now.end.kind.heading()),
        ("the shard", shard(before), shard(now)),
    ];
    let is_bundled = before.target.bundled && now.target.bundled;
    let unlike = pairs
        .into_iter()
        .filter(|(what, old, new)| old != new && !(is_bundled && *what == "the target"));
    let mut differing: Vec<String> = unlike
        .map(|(what, old, new)| format!("{what}: {old} before, {new} now"))
        .collect();
    let mut tell = |what: &str, names: Vec<String>| {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        if !names.is_empty() {
            differing.push(format!("{what}: {}", some(&names)));
        }
    };
    // What `--only` and `--skip` took in stands nowhere else.
    let ids = |report: &Report| -> BTreeSet<RequirementId> { report.requirements.iter().map(|own| own.id).collect() };
    let (old_ids, new_ids) = (ids(before), ids(now));
    let told = |ids: &mut dyn Iterator<Item = &RequirementId>| ids.map(ToString::to_string).collect();
    tell(
        "requirements that are not selected any more",
        told(&mut old_ids.difference(&new_ids)),
    );
    tell(
        "requirements that are newly selected",
        told(&mut new_ids.difference(&old_ids)),
    );
    tell("tools that are not any more", old.difference(&new).cloned().collect());
    tell("tools that are new", new.difference(&old).cloned().collect());
    differing
}

fn defects(report: &Report) -> String {
    match report.target.defects.as_slice() {
        [] => "none".to_owned(),
        defects => defects.join(", "),
    }
}

/// By its digest: what it says decides, and not where it lies.
fn profile(report: &Report) -> String {
    let digest = report.target.profile_sha256.as_deref();
    digest.map_or_else(|| "none".to_owned(), |digest| digest.chars().take(12).collect())
}

fn connector(report: &Report) -> String {
    report.connector.clone().unwrap_or_else(|| "none".to_owned())
}

fn shard(report: &Report) -> String {
    report
        .shard
        .map_or_else(|| "the whole run".to_owned(), |shard| shard.to_string())
}

/// The first few names, and how many more there are.
pub(super) fn some(names: &[&str]) -> String {
    const FEW: usize = 8;
    match names.len().checked_sub(FEW) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..FEW].join(", ")),
    }
}
