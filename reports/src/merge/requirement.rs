//! A requirement of which each shard judged some cases.

use std::collections::{HashMap, HashSet};

use hubproof_model::judgment::Verdict;
use hubproof_model::kind::Kinds;
use hubproof_model::shard::{Shard, fell_elsewhere};

use crate::clusters::pattern_of;
use crate::document::kind::Kind;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;

/// How many different violations are kept: as many as of a run.
const SHOWN_VIOLATIONS: usize = 50;

/// What the shards say of a requirement together.
pub(super) fn together(parts: &[(Shard, &RequirementReport)]) -> RequirementReport {
    let verdict = verdict(parts);
    let all = || parts.iter().map(|(_, own)| *own);
    let sum = |of: fn(&RequirementReport) -> u64| all().map(of).fold(0, u64::saturating_add);
    let mut violated_tools = parts[0].1.violated_tools.clone();
    for own in all().skip(1) {
        for (tool, count) in &own.violated_tools {
            let known = violated_tools.entry(tool.clone()).or_default();
            *known = known.saturating_add(*count);
        }
    }
    let grants = match verdict {
        Verdict::NotExercised => all().map(|own| &own.grants).find(|grants| !grants.is_empty()),
        _ => None,
    };
    RequirementReport {
        verdict,
        reason: reason(verdict, parts),
        undecided: undecided(verdict, parts),
        grants: grants.cloned().unwrap_or_default(),
        cases: sum(|own| own.cases),
        violation_count: sum(|own| own.violation_count),
        known_count: sum(|own| own.known_count),
        violated_without_tool: sum(|own| own.violated_without_tool),
        violated_tools,
        tried_tools: all().flat_map(|own| own.tried_tools.iter().cloned()).collect(),
        kinds: kinds(all()),
        violations: violations(all()),
        ..parts[0].1.clone()
    }
}

/// A requirement of which a shard that never came to a plan may have had cases: what holds for the others is not shown of it.
pub(super) fn without_the_cases_of(shard: Shard, own: RequirementReport) -> RequirementReport {
    match own.verdict {
        Verdict::Held => RequirementReport {
            verdict: Verdict::Inconclusive,
            reason: Some(format!("shard {shard} sent none of its cases")),
            ..own
        },
        Verdict::Violated | Verdict::NotExercised | Verdict::Inconclusive => own,
    }
}

/// A violation decides; then what is open; a shard that none of the cases fell to says nothing.
fn verdict(parts: &[(Shard, &RequirementReport)]) -> Verdict {
    let is = |verdict: Verdict| parts.iter().any(|(_, own)| own.verdict == verdict);
    let by_weight = [Verdict::Violated, Verdict::Inconclusive, Verdict::Held];
    by_weight
        .into_iter()
        .find(|verdict| is(*verdict))
        .unwrap_or(Verdict::NotExercised)
}

fn reason(verdict: Verdict, parts: &[(Shard, &RequirementReport)]) -> Option<String> {
    let mut of_verdict = parts.iter().filter(|(_, own)| own.verdict == verdict);
    match verdict {
        // Where one shard saw a case that shows all of it, it was shown.
        Verdict::Held if of_verdict.clone().any(|(_, own)| own.reason.is_none()) => None,
        Verdict::Held | Verdict::Violated | Verdict::Inconclusive => of_verdict.find_map(|(_, own)| own.reason.clone()),
        Verdict::NotExercised => {
            let reasons: Vec<_> = of_verdict
                .filter_map(|(shard, own)| Some((*shard, own.reason.as_ref()?)))
                .collect();
            let told = reasons
                .iter()
                .find(|(shard, reason)| **reason != fell_elsewhere(*shard));
            told.or(reasons.first()).map(|(_, reason)| (*reason).clone())
        }
    }
}

/// Why cases allowed no verdict: also those of a shard that saw nothing else.
fn undecided(verdict: Verdict, parts: &[(Shard, &RequirementReport)]) -> Option<String> {
    let of = |own: &RequirementReport| match own.verdict {
        Verdict::Inconclusive => own.undecided.clone().or_else(|| own.reason.clone()),
        _ => own.undecided.clone(),
    };
    let told = parts.iter().find_map(|(_, own)| of(own));
    told.filter(|_| matches!(verdict, Verdict::Violated | Verdict::Inconclusive))
}

/// The violations of all, alike ones folded, those that are known last.
fn violations<'r>(parts: impl Iterator<Item = &'r RequirementReport>) -> Vec<Violation> {
    let mut all: Vec<Violation> = Vec::new();
    let mut places = HashMap::new();
    for violation in parts.flat_map(|own| &own.violations) {
        let place = *places
            .entry((
                violation.tool.clone(),
                violation.summary.clone(),
                violation.known.is_some(),
            ))
            .or_insert(all.len());
        match all.get_mut(place) {
            Some(first) => first.alike = first.alike.saturating_add(violation.alike).saturating_add(1),
            None => all.push(violation.clone()),
        }
    }
    all.sort_by_key(|violation| violation.known.is_some());
    if all.len() <= SHOWN_VIOLATIONS {
        return all;
    }
    // As a run keeps them: the first of each kind, and then as they come.
    let mut seen = HashSet::new();
    let (first, rest): (Vec<_>, Vec<_>) = (0..all.len()).partition(|at| seen.insert(pattern_of(&all[*at])));
    let kept: HashSet<_> = first.into_iter().chain(rest).take(SHOWN_VIOLATIONS).collect();
    let all = all.into_iter().enumerate().filter(|(at, _)| kept.contains(at));
    all.map(|(_, violation)| violation).collect()
}

/// The kinds of all.
fn kinds<'r>(parts: impl Iterator<Item = &'r RequirementReport>) -> Vec<Kind> {
    let mut kinds = Kinds::default();
    for own in parts.flat_map(|own| &own.kinds) {
        kinds.add(own.pattern.clone(), &own.summary, own.count, own.tools.iter().cloned());
    }
    kinds.finish().iter().map(Kind::from).collect()
}
