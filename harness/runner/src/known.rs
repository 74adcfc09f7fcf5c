//! Known failures: which violations of a run its baseline excuses, what that says of the baseline, and the baseline to write next.

use chrono::{Days, NaiveDate};
use hubproof_model::baseline::{
    Baseline, JudgedBaseline, JudgedEntry, KnownFailure, Silence, Stale, Standing, ToolGlob,
};
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord};

/// For how many days an entry is written.
const DAYS: u64 = 30;

/// Marks the violations that the baseline excuses, and notes how its entries stand after the run.
pub fn apply(baseline: &Baseline, record: &mut RunRecord) {
    for result in &mut record.results {
        let excuse = |tool: &Option<String>| baseline.excuse(result.id, tool.as_deref());
        let known = result.violated_tools.iter().filter(|(tool, _)| excuse(tool).is_some());
        result.known_count = known.map(|(_, count)| count).sum();
        for violation in &mut result.violations {
            violation.known = baseline.excuse(result.id, violation.tool.as_deref()).cloned();
        }
    }
    let judged = baseline.entries.iter().map(|entry| JudgedEntry {
        known: entry.clone(),
        matched: matched(entry, record),
        standing: standing(entry, baseline.today, record),
    });
    record.baseline = Some(JudgedBaseline {
        path: baseline.path.clone(),
        today: baseline.today,
        entries: judged.collect(),
    });
}

/// The entries of a baseline that fits the run: those of the run's own baseline but for the ones that nothing matches any more, and
/// one for each requirement and tool whose violations none of them matches. An expired entry that still matches stays as it is:
/// whether a failure is lived with any longer, people decide.
pub fn rewritten(record: &RunRecord, today: NaiveDate) -> Vec<KnownFailure> {
    let judged = record.baseline.iter().flat_map(|baseline| &baseline.entries);
    let mut entries: Vec<_> = judged
        .map(|judged| &judged.known)
        .filter(|entry| !matches!(standing_undated(entry, record), Standing::Stale(_)))
        .cloned()
        .collect();
    let kept = entries.len();
    let expires = today.checked_add_days(Days::new(DAYS)).unwrap_or(NaiveDate::MAX);
    for result in &record.results {
        // An entry without a tool excuses the requirement as a whole, so it stands after those that say more.
        let (about_none, about_tools): (Vec<_>, Vec<_>) = result.violated_tools.keys().partition(|tool| tool.is_none());
        for tool in about_tools.into_iter().chain(about_none) {
            let is_kept = |entry: &KnownFailure| entry.matches(result.id, tool.as_deref());
            let glob = tool.as_deref().map(ToolGlob::of_key);
            // A blank key cannot be written down, and an entry without one would excuse too much.
            if entries[..kept].iter().any(is_kept) || glob == Some(None) {
                continue;
            }
            entries.push(KnownFailure {
                requirement: result.id,
                tool: glob.flatten(),
                reason: format!("{}: say why", KnownFailure::TODO),
                owner: KnownFailure::TODO.to_owned(),
                expires,
            });
        }
    }
    entries
}

fn result_of<'r>(entry: &KnownFailure, record: &'r RunRecord) -> Option<&'r RequirementResult> {
    record.results.iter().find(|result| result.id == entry.requirement)
}

fn matched(entry: &KnownFailure, record: &RunRecord) -> u64 {
    let tools = result_of(entry, record)
        .into_iter()
        .flat_map(|result| &result.violated_tools);
    let matching = tools.filter(|(tool, _)| entry.matches(entry.requirement, tool.as_deref()));
    matching.map(|(_, count)| count).sum()
}

fn standing(entry: &KnownFailure, today: NaiveDate, record: &RunRecord) -> Standing {
    match record.end {
        _ if !entry.is_expired(today) => standing_undated(entry, record),
        RunEnd::Interrupted(_) => Standing::Silent(Silence::Interrupted),
        _ => Standing::Stale(Stale::Expired),
    }
}

/// How an entry stands, its last day aside. Only a run that looked for what it is about can say that it is not there.
fn standing_undated(entry: &KnownFailure, record: &RunRecord) -> Standing {
    if matched(entry, record) > 0 {
        return Standing::Matched;
    }
    match silence(entry, record) {
        Some(silence) => Standing::Silent(silence),
        None => Standing::Stale(staleness(entry, record)),
    }
}

fn silence(entry: &KnownFailure, record: &RunRecord) -> Option<Silence> {
    let Some(result) = result_of(entry, record) else {
        return Some(Silence::NotSelected);
    };
    match record.end {
        RunEnd::Complete => {}
        RunEnd::Interrupted(_) => return Some(Silence::Interrupted),
        RunEnd::TimeLimit(_) | RunEnd::TargetUnusable(_) | RunEnd::HarnessFault(_) => return Some(Silence::EndedEarly),
    }
    if result.verdict == Verdict::NotExercised {
        return Some(Silence::NotExercised(result.reason.clone()));
    }
    if result.verdict == Verdict::Inconclusive || result.undecided.is_some() {
        return Some(Silence::Inconclusive(
            result.undecided.clone().or_else(|| result.reason.clone()),
        ));
    }
    let is_meant = |tool: &&String| entry.tool.as_ref().is_none_or(|glob| glob.is_match(tool));
    if let Some(tool) = record.left_out.iter().find(is_meant) {
        return Some(Silence::ToolLeftOut(tool.clone()));
    }
    let is_tried = entry.tool.is_none() || result.tried_tools.iter().any(|tool| is_meant(&tool));
    (!is_tried && has_tool(entry, record)).then_some(Silence::ToolNotTried)
}

fn staleness(entry: &KnownFailure, record: &RunRecord) -> Stale {
    let result = result_of(entry, record);
    let is_tried = |glob: &ToolGlob| {
        let tried = result.into_iter().flat_map(|result| &result.tried_tools);
        has_tool(entry, record) || tried.into_iter().any(|tool| glob.is_match(tool))
    };
    if !entry.tool.as_ref().is_none_or(is_tried) {
        Stale::NoTool
    } else if result.is_some_and(|result| result.verdict == Verdict::Held) {
        Stale::Holds
    } else {
        Stale::NoViolation
    }
}

/// Whether the run took in a tool that the entry is about.
fn has_tool(entry: &KnownFailure, record: &RunRecord) -> bool {
    let mut tools = record.tools.iter();
    tools.any(|tool| entry.tool.as_ref().is_none_or(|glob| glob.is_match(&tool.key)))
}

#[cfg(test)]
mod tests;
