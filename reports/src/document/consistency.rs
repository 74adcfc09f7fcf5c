//! What no single member of a report can show: that its parts say the same.

mod reproduce;

use std::collections::BTreeSet;

use hubproof_model::judgment::Verdict;

use super::end::{EndKind, Exit};
use super::requirement::RequirementReport;
use super::side_effects::Fate;
use super::summary::Summary;
use super::target::Writer;
use super::{FORMAT_VERSION, Report};
use crate::clusters;
use crate::reproduce::Decided;

/// A place of a report that contradicts another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// Where, as `requirements[3].violations`.
    pub(super) path: String,
    /// What contradicts what.
    pub(super) what: String,
}

/// What was found, first of all.
type Checked = Result<(), Contradiction>;

fn must(is_so: bool, path: impl Into<String>, what: impl FnOnce() -> String) -> Checked {
    match is_so {
        true => Ok(()),
        false => Err(Contradiction {
            path: path.into(),
            what: what(),
        }),
    }
}

/// Looks for what contradicts itself.
pub(super) fn check(report: &Report) -> Checked {
    let names = (report.version, report.tool.name.as_str());
    must(names == (FORMAT_VERSION, Writer::NAME), "tool.name", || {
        format!("a report is written by {}", Writer::NAME)
    })?;
    let is_complete = report.end.kind == EndKind::Complete;
    must(is_complete == report.end.message.is_none(), "end", || {
        "it has a message where the run ended before its time, and only there".to_owned()
    })?;
    requirements(report)?;
    side_effects(report)?;
    baseline(report)?;
    summary(report)?;
    exit(report)
}

fn requirements(report: &Report) -> Checked {
    let mut seen = BTreeSet::new();
    let decided = Decided::of(report);
    for (index, requirement) in report.requirements.iter().enumerate() {
        let at = format!("requirements[{index}]");
        let id = requirement.id;
        must(seen.insert(id), format!("{at}.id"), || {
            format!("{id} stands there twice")
        })?;
        counts(&at, requirement)?;
        for (index, violation) in requirement.violations.iter().enumerate() {
            reproduce::check(&format!("{at}.violations[{index}]"), report, &decided, id, violation)?;
        }
    }
    Ok(())
}

fn counts(at: &str, requirement: &RequirementReport) -> Checked {
    let RequirementReport { id, verdict, .. } = requirement;
    let of_tools = requirement
        .violated_tools
        .values()
        .fold(requirement.violated_without_tool, |sum, count| {
            sum.saturating_add(*count)
        });
    let (count, shown) = (requirement.violation_count, requirement.shown(usize::MAX));
    let is_violated = *verdict == Verdict::Violated;
    must(
        is_violated || requirement.violations.is_empty(),
        format!("{at}.violations"),
        || format!("{id} has violations, and its verdict is not `violated`"),
    )?;
    must(is_violated == (count > 0), format!("{at}.violation_count"), || {
        format!("{id} has {count} violations, which does not fit its verdict")
    })?;
    must(shown <= count, format!("{at}.violations"), || {
        format!("they stand for {shown} violations, and `violation_count` says {count}")
    })?;
    must(
        (count > 0) != requirement.violations.is_empty(),
        format!("{at}.violations"),
        || format!("there are none, and `violation_count` says {count}"),
    )?;
    must(of_tools == count, format!("{at}.violated_tools"), || {
        format!("with `violated_without_tool` they are {of_tools} violations, and `violation_count` says {count}")
    })?;
    kinds(at, requirement)?;
    let known = requirement.known_count;
    must(known <= count, format!("{at}.known_count"), || {
        format!("{known} of {count} violations cannot be known")
    })
}

/// The kinds are of all violations, and those that are kept are among them.
fn kinds(at: &str, requirement: &RequirementReport) -> Checked {
    let sum = |counts: &mut dyn Iterator<Item = u64>| counts.fold(0, u64::saturating_add);
    let (count, of_kinds) = (
        requirement.violation_count,
        sum(&mut requirement.kinds.iter().map(|kind| kind.count)),
    );
    must(of_kinds == count, format!("{at}.kinds"), || {
        format!("they are {of_kinds} violations, and `violation_count` says {count}")
    })?;
    let clusters = clusters::of(requirement);
    let kept: usize = clusters.iter().map(|cluster| cluster.violations.len()).sum();
    let fits = clusters.iter().all(|cluster| {
        let mut alike = cluster.violations.iter().map(|own| own.alike.saturating_add(1));
        sum(&mut alike) <= cluster.kind.count
    });
    must(
        fits && kept == requirement.violations.len(),
        format!("{at}.kinds"),
        || "they do not fit the violations".to_owned(),
    )
}

fn side_effects(report: &Report) -> Checked {
    let effects = &report.side_effects;
    let created = effects.created.iter().map(|own| ("created", own.fate, &own.reason));
    let waiting = effects.waiting.iter().map(|own| ("waiting", own.fate, &own.reason));
    for (name, fate, reason) in created.chain(waiting) {
        must(
            (fate == Fate::Left) == reason.is_some(),
            format!("side_effects.{name}"),
            || "there is a reason where something is left, and only there".to_owned(),
        )?;
    }
    Ok(())
}

fn baseline(report: &Report) -> Checked {
    let entries = report.baseline.iter().flat_map(|baseline| &baseline.entries);
    for (index, entry) in entries.enumerate() {
        let at = format!("baseline.entries[{index}].stale");
        must(entry.stale == entry.standing.is_stale(), at, || {
            format!("it does not fit the standing of {}", entry.name())
        })?;
    }
    Ok(())
}

fn summary(report: &Report) -> Checked {
    let Summary { requests, .. } = report.summary;
    let counted = Summary::of(
        &report.requirements,
        report.baseline.as_ref(),
        requests,
        report.tools.len(),
    );
    let own = &report.summary;
    let parts = [
        ("requirements", own.requirements == counted.requirements),
        ("by_verdict", own.by_verdict == counted.by_verdict),
        ("by_level", own.by_level == counted.by_level),
        ("known", own.known == counted.known),
        ("stale", own.stale == counted.stale),
        ("tools", own.tools == counted.tools),
    ];
    for (name, is_so) in parts {
        must(is_so, format!("summary.{name}"), || {
            "it is not what the report below it comes to".to_owned()
        })?;
    }
    Ok(())
}

/// Green and red must not contradict what gates.
fn exit(report: &Report) -> Checked {
    let mut broken = report.broken(report.gate.fail_on);
    let (first, code) = (broken.next(), report.exit.code);
    match first {
        Some(first) => must(code != Exit::PROVED, "exit.code", || {
            format!("it says that everything held, and {} is violated", first.id)
        }),
        None => must(code != Exit::VIOLATED, "exit.code", || {
            "it says that a gating requirement is violated, and none is".to_owned()
        }),
    }?;
    match code {
        Exit::PROVED => proved(report),
        _ => Ok(()),
    }
}

/// What a report must show that says that everything held. A shard says nothing of what the others may have shown.
fn proved(report: &Report) -> Checked {
    let but = |is_so: bool, what: &dyn Fn() -> String| {
        must(is_so, "exit.code", || {
            format!("it says that everything held, and {}", what())
        })
    };
    but(report.end.kind == EndKind::Complete, &|| {
        "the run did not come to its end".to_owned()
    })?;
    let gates = |own: &&RequirementReport| report.gate.fail_on.gates(own.level);
    let undecided = report.requirements.iter().filter(gates).find(|own| own.is_undecided());
    but(undecided.is_none(), &|| {
        let ids = undecided.iter().map(|own| own.id.to_string());
        format!("{} is inconclusive", ids.collect::<String>())
    })?;
    if report.shard.is_some() {
        return Ok(());
    }
    but(report.summary.stale == 0, &|| "the baseline is stale".to_owned())?;
    let is_exercised = |id| {
        let mut own = report.requirements.iter();
        own.any(|own| own.verdict.is_exercised() && id == own.id)
    };
    let any = report.requirements.iter().any(|own| own.verdict.is_exercised());
    but(any, &|| "nothing was exercised".to_owned())?;
    let missing = report.gate.require.iter().find(|id| !is_exercised(**id));
    but(missing.is_none(), &|| {
        let ids = missing.iter().map(ToString::to_string);
        format!("{} was required and not exercised", ids.collect::<String>())
    })
}
