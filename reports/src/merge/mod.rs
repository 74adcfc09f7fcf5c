//! The shards of one run put together again: the report that the run would have written on one machine, but for the order of its exchanges.
//!
//! Counts are added, histograms too, without loss. What shards say of each other's parts ("none of its cases fell to this shard") is not
//! taken for a verdict. Percentiles of slices of time cannot be added: a report that was put together has no timeline.

mod baseline;
mod measures;
mod requirement;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use hubproof_model::requirement::RequirementId;
use hubproof_model::shard::Shard;

use crate::document::Report;
use crate::document::end::{End, EndKind, Exit};
use crate::document::observations::Observations;
use crate::document::side_effects::SideEffects;
use crate::document::summary::Summary;
use crate::document::target::Tool;
use crate::document::time::Moment;
use crate::reproduce::with_lines;

/// A report and where it came from.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its file, as given.
    pub name: String,
    /// What stands there.
    pub report: Report,
}

/// Why reports are not the shards of one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeFault {
    /// There is nothing to put together.
    #[error("name the reports of all shards")]
    Nothing,
    /// A whole run.
    #[error("{0} is the report of a whole run, not of a shard (`hubproof run --shard 1/4`)")]
    NotAShard(String),
    /// They are not of one run.
    #[error("{first} and {second} are not shards of one run: {what} is {one} in the first, and {other} in the second")]
    Differs {
        /// A file.
        first: String,
        /// Another.
        second: String,
        /// In what they differ.
        what: &'static str,
        /// What the one says.
        one: String,
        /// What the other says.
        other: String,
    },
    /// A shard stands there twice.
    #[error("{first} and {second} are both shard {shard}")]
    Twice {
        /// Which.
        shard: Shard,
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
    /// Some are not there.
    #[error("{} missing: {}", if .0.len() == 1 { "a shard is" } else { "shards are" }, listed(.0))]
    Missing(Vec<Shard>),
}

fn listed(shards: &[Shard]) -> String {
    shards.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Puts the shards of a run together; its exit is yet to be decided, from all else.
///
/// # Errors
/// Why they are not all shards of one run.
pub fn merge(parts: Vec<Part>) -> Result<Report, MergeFault> {
    let shards = in_order(parts)?;
    let began = shards.values().map(|part| part.report.started_at).min();
    let began = began.ok_or(MergeFault::Nothing)?;
    let mut numbers = 0;
    let reports: Vec<(Shard, Report)> = shards
        .into_iter()
        .map(|(shard, part)| {
            let mut report = part.report;
            let shift = since(began, report.started_at);
            numbers = measures::renumber(&mut report, numbers, shift);
            (shard, report)
        })
        .collect();
    Ok(together(&reports, began))
}

/// The parts by their shard, once they are known to be all shards of one run.
fn in_order(parts: Vec<Part>) -> Result<BTreeMap<Shard, Part>, MergeFault> {
    let mut shards: BTreeMap<Shard, Part> = BTreeMap::new();
    for part in parts {
        let Some(shard) = part.report.shard else {
            return Err(MergeFault::NotAShard(part.name));
        };
        if let Some((_, first)) = shards.first_key_value() {
            alike(first, &part)?;
        }
        // What came to no plan cannot tell whether two others have the same.
        if let Some(planned) = shards.values().find(|own| own.report.plan.is_some()) {
            alike(planned, &part)?;
        }
        if let Some(first) = shards.get(&shard) {
            return Err(MergeFault::Twice {
                shard,
                first: first.name.clone(),
                second: part.name,
            });
        }
        shards.insert(shard, part);
    }
    let of = shards.keys().next().ok_or(MergeFault::Nothing)?.of();
    let all = (1..=of).filter_map(|index| Shard::new(index, of).ok());
    let missing: Vec<_> = all.filter(|shard| !shards.contains_key(shard)).collect();
    match missing.is_empty() {
        true => Ok(shards),
        false => Err(MergeFault::Missing(missing)),
    }
}

/// That two parts are of one run: what decides the plan and the verdict is the same.
fn alike(first: &Part, second: &Part) -> Result<(), MergeFault> {
    let (one, other) = (&first.report, &second.report);
    let of = |report: &Report| report.shard.map(|shard| shard.of().to_string()).unwrap_or_default();
    let ids = |report: &Report| {
        let ids = report.requirements.iter().map(|own| own.id.to_string());
        ids.collect::<Vec<_>>().join(" ")
    };
    // A shard that never came to a plan says why by its end.
    let plans = one.plan.as_ref().zip(other.plan.as_ref());
    let plan = |own: fn((&String, &String)) -> String| plans.map(own).unwrap_or_default();
    let tools = |report: &Report| {
        if plans.is_none() {
            return String::new();
        }
        let keys = report.tools.iter().map(|tool| tool.key.clone());
        keys.collect::<Vec<_>>().join(" ")
    };
    let keys = |keys: &[String]| match plans {
        Some(_) => keys.join(" "),
        None => String::new(),
    };
    let catalogue = |report: &Report| {
        let seen = report.catalogue.as_ref().filter(|_| plans.is_some());
        seen.map(|seen| seen.sha256.clone()).unwrap_or_default()
    };
    let known = |report: &Report| match &report.baseline {
        Some(baseline) => {
            let entries = baseline
                .entries
                .iter()
                .map(|entry| format!("{} {:?}", entry.requirement, entry.known));
            entries.collect::<Vec<_>>().join("; ")
        }
        None => "none".to_owned(),
    };
    let gate = |report: &Report| {
        let require = report.gate.require.iter().map(RequirementId::to_string);
        let require = require.collect::<Vec<_>>().join(" ");
        format!("{} {require}", report.gate.fail_on.name())
            .trim_end()
            .to_owned()
    };
    let pairs: [(&'static str, String, String); 19] = [
        ("the number of shards", of(one), of(other)),
        ("the target", one.target.url.clone(), other.target.url.clone()),
        ("the profile", shown(&one.target.profile), shown(&other.target.profile)),
        (
            "the text of the profile",
            shown(&one.target.profile_sha256),
            shown(&other.target.profile_sha256),
        ),
        ("the connector", shown(&one.connector), shown(&other.connector)),
        (
            "the list of planted defects",
            one.target.defects.join(" "),
            other.target.defects.join(" "),
        ),
        (
            "the contract's revision",
            one.contract.revision.clone(),
            other.contract.revision.clone(),
        ),
        (
            "the version of hubproof",
            one.tool.version.clone(),
            other.tool.version.clone(),
        ),
        ("the seed", one.seed.to_string(), other.seed.to_string()),
        ("the number of cases", one.cases.to_string(), other.cases.to_string()),
        (
            "how far the run may go",
            one.allow.name().to_owned(),
            other.allow.name().to_owned(),
        ),
        ("what gates", gate(one), gate(other)),
        ("the baseline", known(one), known(other)),
        ("the list of requirements", ids(one), ids(other)),
        ("the list of tools", tools(one), tools(other)),
        (
            "what --tools and --connector left out",
            keys(&one.left_out),
            keys(&other.left_out),
        ),
        ("what [safety] kept out", keys(&one.denied), keys(&other.denied)),
        ("the catalogue of tools", catalogue(one), catalogue(other)),
        (
            "the plan (by --cases, the profile, or what the hub answered at first)",
            plan(|(one, _)| one.clone()),
            plan(|(_, other)| other.clone()),
        ),
    ];
    // The bundled hub of each shard has a port of its own.
    let is_bundled = one.target.bundled && other.target.bundled;
    let mut differing = pairs
        .into_iter()
        .filter(|(what, one, other)| one != other && !(is_bundled && *what == "the target"));
    match differing.next() {
        None => Ok(()),
        Some((what, one, other)) => Err(MergeFault::Differs {
            first: first.name.clone(),
            second: second.name.clone(),
            what,
            one: short(&one),
            other: short(&other),
        }),
    }
}

fn shown(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "none".to_owned())
}

/// A text of which the beginning will do.
fn short(text: &impl Display) -> String {
    let text = crate::printable::visible(&text.to_string()).into_owned();
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("`{}…`", &text[..at]),
        None => format!("`{text}`"),
    }
}

fn since(began: Moment, later: Moment) -> Duration {
    later
        .system_time()
        .duration_since(began.system_time())
        .unwrap_or_default()
}

fn together(reports: &[(Shard, Report)], began: Moment) -> Report {
    // The first that came to a plan knows the tools.
    let planned = reports.iter().find(|(_, report)| report.plan.is_some());
    let first = &planned.unwrap_or(&reports[0]).1;
    let all = || reports.iter().map(|(_, report)| report);
    let ended = all()
        .map(|report| since(began, report.started_at).saturating_add(report.duration.duration()))
        .max();
    let unplanned = reports.iter().find(|(_, report)| report.plan.is_none());
    let unplanned = unplanned.map(|(shard, _)| *shard);
    let requirements: Vec<_> = (0..first.requirements.len())
        .map(|index| {
            let own = reports
                .iter()
                .map(|(shard, report)| (*shard, &report.requirements[index]));
            let own = requirement::together(&own.collect::<Vec<_>>());
            match unplanned {
                Some(shard) => requirement::without_the_cases_of(shard, own),
                None => own,
            }
        })
        .collect();
    let baseline = baseline::together(&all().filter_map(|report| report.baseline.as_ref()).collect::<Vec<_>>());
    let requests = all().map(|report| report.summary.requests).fold(0, u64::saturating_add);
    with_lines(Report {
        started_at: began,
        duration: ended.unwrap_or_default().into(),
        dialect: all().find_map(|report| report.dialect.clone()),
        end: end(reports),
        summary: Summary::of(&requirements, baseline.as_ref(), requests, first.tools.len()),
        run: all().map(|report| report.run.as_str()).collect::<Vec<_>>().join("+"),
        side_effects: side_effects(all()),
        tools: tools(&first.tools, reports),
        requirements,
        observations: observations(all()),
        baseline,
        latency: measures::latency(all()),
        quota: measures::quota(all()),
        timeline: None,
        shard: None,
        exit: Exit::UNDECIDED,
        ..first.clone()
    })
}

/// The worst end of all; which shard it was is said.
fn end(reports: &[(Shard, Report)]) -> End {
    let rank = |kind: EndKind| match kind {
        EndKind::HarnessFault => 0,
        EndKind::Interrupted => 1,
        EndKind::TargetUnusable => 2,
        EndKind::TimeLimit => 3,
        EndKind::Complete => 4,
    };
    let worst = reports.iter().min_by_key(|(_, report)| rank(report.end.kind));
    worst.map_or(
        End {
            kind: EndKind::Complete,
            message: None,
        },
        |(shard, report)| End {
            kind: report.end.kind,
            message: report
                .end
                .message
                .as_ref()
                .map(|message| format!("shard {shard}: {message}")),
        },
    )
}

fn tools(tools: &[Tool], reports: &[(Shard, Report)]) -> Vec<Tool> {
    let sum = |index: usize| {
        let own = reports.iter().filter_map(|(_, report)| report.tools.get(index));
        own.map(|own| own.requests).fold(0, u64::saturating_add)
    };
    let answered_by = |index: usize| {
        let mut all = BTreeMap::new();
        let own = reports.iter().filter_map(|(_, report)| report.tools.get(index));
        for (connection, calls) in own.flat_map(|own| &own.answered_by) {
            let sum: &mut u64 = all.entry(connection.clone()).or_default();
            *sum = sum.saturating_add(*calls);
        }
        all
    };
    let tools = tools.iter().enumerate();
    tools
        .map(|(index, tool)| Tool {
            requests: sum(index),
            answered_by: answered_by(index),
            ..tool.clone()
        })
        .collect()
}

fn side_effects<'r>(reports: impl Iterator<Item = &'r Report>) -> SideEffects {
    let mut all = SideEffects::default();
    for report in reports {
        let own = report.side_effects.clone();
        all.created.extend(own.created);
        all.waiting.extend(own.waiting);
        all.unknown.extend(own.unknown);
        for changed in own.changed {
            match all.changed.iter_mut().find(|known| known.tool == changed.tool) {
                Some(known) => known.executes = known.executes.saturating_add(changed.executes),
                None => all.changed.push(changed),
            }
        }
    }
    all
}

fn observations<'r>(reports: impl Iterator<Item = &'r Report>) -> Observations {
    let mut all = Observations::default();
    for report in reports {
        all.precedence.extend(report.observations.precedence.iter().cloned());
        all.undecided.extend(report.observations.undecided.iter().cloned());
        all.equal_results
            .extend(report.observations.equal_results.iter().cloned());
        all.uncompared.extend(report.observations.uncompared.clone());
    }
    all.precedence.sort_by_key(|seen| (seen.first, seen.second));
    all
}
