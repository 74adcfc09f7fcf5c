//! The exit of what a report tells, and what it means in a sentence: of a run, and of shards that were put together.

use hubproof_model::requirement::RequirementId;
use hubproof_reports::document::end::EndKind;
use hubproof_reports::document::requirement::RequirementReport;
use hubproof_reports::document::{Report, ReportFault};
use hubproof_runner::exit::{Ended, Exit, Judged, Outcome};

/// The exit of a report by its own gate.
pub(crate) fn exit(report: &Report) -> Exit {
    let fail_on = report.gate.fail_on;
    let judged = |own: &RequirementReport| Judged {
        id: own.id,
        gates: fail_on.gates(own.level),
        is_exercised: own.verdict.is_exercised(),
        is_broken: own.is_broken(),
        is_undecided: own.is_undecided(),
    };
    Exit::decide(&Outcome {
        end: match report.end.kind {
            EndKind::Complete => Ended::Whole,
            EndKind::Interrupted => Ended::ByAPerson,
            EndKind::TimeLimit | EndKind::TargetUnusable => Ended::Early,
            EndKind::HarnessFault => Ended::ByTheHarness,
        },
        judged: report.requirements.iter().map(judged).collect(),
        is_stale: report.summary.stale > 0,
        is_part: report.shard.is_some(),
        required: &report.gate.require,
    })
}

/// Whether a stored report ends as the rest of it says.
///
/// # Errors
/// What it says in place of what is so. Another version may have had other words for it.
pub(crate) fn check(report: &Report) -> Result<(), ReportFault> {
    let exit = exit(report);
    let contradiction = |path: &str, what: String| {
        Err(ReportFault::Inconsistent {
            path: path.to_owned(),
            what,
        })
    };
    if report.exit.code != exit.code() {
        let (told, code) = (report.exit.code, exit.code());
        return contradiction(
            "exit.code",
            format!("it is {told}, and the rest of the report comes to {code}"),
        );
    }
    let is_own = report.tool.version == env!("CARGO_PKG_VERSION");
    if is_own && report.exit.meaning != meaning(report, exit) {
        return contradiction(
            "exit.meaning",
            format!("it is not what {} means here", report.exit.code),
        );
    }
    Ok(())
}

/// What the exit means here.
pub(crate) fn meaning(report: &Report, exit: Exit) -> String {
    let required = &report.gate.require;
    match exit {
        Exit::Proved => proved(report),
        Exit::Violated => violated(report),
        Exit::NotExercised if required.is_empty() => "nothing was exercised".to_owned(),
        Exit::NotExercised => format!("required, but not exercised: {}", missing(report, required)),
        Exit::BaselineStale => stale(report),
        Exit::Usage
        | Exit::Inconclusive
        | Exit::HarnessFault
        | Exit::AddressUnusable
        | Exit::UnknownConnector
        | Exit::Interrupted => match report.end.kind {
            EndKind::TargetUnusable => "the target cannot be tested".to_owned(),
            EndKind::Interrupted => "interrupted: what was not sent is not judged".to_owned(),
            EndKind::HarnessFault => "the harness is at fault: please report it".to_owned(),
            EndKind::TimeLimit => "the time limit left cases unsent".to_owned(),
            EndKind::Complete => "a gating requirement is inconclusive".to_owned(),
        },
    }
}

fn violated(report: &Report) -> String {
    match report.broken(report.gate.fail_on).count() {
        0 | 1 => "not proved: a gating requirement is violated".to_owned(),
        several => format!("not proved: {several} gating requirements are violated"),
    }
}

fn missing(report: &Report, required: &[RequirementId]) -> String {
    let is_exercised = |id: &RequirementId| {
        let mut own = report.requirements.iter();
        own.any(|own| own.id == *id && own.verdict.is_exercised())
    };
    let missing = required.iter().filter(|id| !is_exercised(id)).map(ToString::to_string);
    missing.collect::<Vec<_>>().join(", ")
}

fn proved(report: &Report) -> String {
    if let Some(shard) = report.shard {
        return format!(
            "shard {shard} found nothing that fails the run: `hubproof report merge` puts the shards together"
        );
    }
    match report.summary.known {
        0 => "proved: every exercised gating requirement holds".to_owned(),
        known => format!("proved: every exercised gating requirement holds, but for what is known of {known}"),
    }
}

fn stale(report: &Report) -> String {
    let entries = report.baseline.iter().flat_map(|baseline| baseline.stale());
    let names: Vec<_> = entries.map(|entry| entry.name()).collect();
    format!("the baseline is stale, delete or mend: {}", names.join(", "))
}
