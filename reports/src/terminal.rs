//! The run as a person reads it: what is broken first, with the lines that show it again, and last what it all comes to.

mod baseline;
mod bench;
mod evidence;
mod latency;
mod left_behind;
mod observations;
mod page;
mod style;
mod unexercised;
mod wrap;

use hubproof_model::baseline::JudgedBaseline;
use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target};
use hubproof_model::safety::Risk;

pub use self::bench::render_bench;
use self::page::Page;
use self::style::Style;
use crate::ending;
use crate::figures::{count, counted, span};
use crate::tally::Tally;

/// How the run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to use colours.
    pub colour: bool,
    /// Columns.
    pub width: usize,
    /// What held too, and every violation in full.
    pub verbose: bool,
    /// Nothing but the summary line.
    pub quiet: bool,
    /// What gates.
    pub fail_on: FailOn,
}

/// The run as text.
pub fn render(record: &RunRecord, options: &TerminalOptions) -> String {
    let mut page = Page::new(options.colour, options.width);
    if !options.quiet {
        head(&mut page, record);
        ended_early(&mut page, &record.end);
        if options.verbose {
            held(&mut page, record);
        }
        violated(&mut page, record, options);
        known(&mut page, record, options);
        inconclusive(&mut page, record);
        unexercised::write(&mut page, record, options.verbose);
        left_behind::write(&mut page, record, options.verbose);
        if options.verbose {
            observations::write(&mut page, &record.observations);
            latency::write(&mut page, record);
        }
        if let Some(judged) = &record.baseline {
            baseline::write(&mut page, judged);
        }
        page.gap();
    }
    summary(&mut page, record, options.fail_on);
    page.finish()
}

fn head(page: &mut Page, record: &RunRecord) {
    let title = format!(
        "hubproof {} · contract revision {}",
        record.suite_version, record.contract_revision
    );
    page.prose(0, Style::Bold, &title);
    page.unbroken(2, "target", &address(&record.target));
    if let Some(profile) = &record.target.profile {
        page.unbroken(2, "profile", profile);
    }
    page.field(2, "tools", &tools(record));
    page.field(2, "seed", &record.seed.to_string());
    page.field(2, "allow", record.allow.name());
    page.field(
        2,
        "requests",
        &format!("{} in {}", count(record.requests), span(record.duration)),
    );
    latency::in_brief(page, record);
}

/// The target's URL, and what the bundled hub was started with.
fn address(target: &Target) -> String {
    let mut address = target.url.clone();
    if target.bundled {
        address.push_str(" (bundled reference hub");
        if !target.defects.is_empty() {
            address.push_str(&format!(" with {}", target.defects.join(", ")));
        }
        address.push(')');
    }
    address
}

/// How many tools there are, and of which risk.
fn tools(record: &RunRecord) -> String {
    let risks = [
        Risk::Read,
        Risk::Write,
        Risk::Destructive,
        Risk::Admin,
        Risk::Unknown(String::new()),
    ];
    let of_risk = |risk: &Risk| {
        let same = |own: &Risk| std::mem::discriminant(own) == std::mem::discriminant(risk);
        let number = record.tools.iter().filter(|tool| same(&tool.risk)).count();
        (number > 0).then(|| format!("{number} {risk}"))
    };
    let parts: Vec<_> = risks.iter().filter_map(of_risk).collect();
    match parts.is_empty() {
        true => "none".to_owned(),
        false => format!("{} ({})", count(record.tools.len() as u64), parts.join(", ")),
    }
}

fn ended_early(page: &mut Page, end: &RunEnd) {
    if let Some(message) = ending::message(end) {
        page.gap();
        page.headed(
            0,
            Style::Bad,
            &ending::heading(end).to_uppercase(),
            Style::Plain,
            &message,
        );
    }
}

fn held(page: &mut Page, record: &RunRecord) {
    page.gap();
    for result in of_verdict(record, Verdict::Held) {
        let text = format!("{} ({})", name(result), counted(result.cases, "case"));
        page.headed(0, Style::Good, "held", Style::Plain, &text);
        if let Some(not_shown) = &result.reason {
            page.prose(2, Style::Plain, not_shown);
        }
    }
}

/// Those that gate first, in full; then the others, in brief unless more is asked for.
fn violated(page: &mut Page, record: &RunRecord, options: &TerminalOptions) {
    let gates = |result: &&RequirementResult| options.fail_on.gates(result.level);
    let broken = || record.results.iter().filter(|result| result.is_broken());
    for result in broken().filter(gates) {
        page.gap();
        page.headed(0, Style::Bad, "VIOLATED", Style::Bold, &name(result));
        evidence::in_full(page, record, result, options.verbose);
    }
    for result in broken().filter(|result| !gates(result)) {
        page.gap();
        page.headed(0, Style::Warning, "WARNING", Style::Bold, &name(result));
        evidence::write(page, record, result, options.verbose);
    }
}

/// Those that are violated as the baseline has it.
fn known(page: &mut Page, record: &RunRecord, options: &TerminalOptions) {
    for result in record.results.iter().filter(|result| result.is_known()) {
        page.gap();
        page.headed(0, Style::Warning, "KNOWN", Style::Bold, &name(result));
        evidence::write(page, record, result, options.verbose);
    }
}

fn inconclusive(page: &mut Page, record: &RunRecord) {
    page.gap();
    for result in record.results.iter().filter(|result| result.is_undecided()) {
        page.headed(0, Style::Warning, "INCONCLUSIVE", Style::Bold, &name(result));
        let why = result.undecided.as_deref().or(result.reason.as_deref());
        let beside = if result.is_known() {
            "beside what is known: "
        } else {
            ""
        };
        let why = format!("{beside}{}", why.unwrap_or("no reason given"));
        page.prose(2, Style::Plain, &why);
    }
}

/// How many requirements came to which verdict.
fn verdicts(results: &[RequirementResult], fail_on: FailOn) -> String {
    let tally = Tally::of(results);
    let gates = |result: &&RequirementResult| result.is_broken() && fail_on.gates(result.level);
    let gating = results.iter().filter(gates).count() as u64;
    let known = results.iter().filter(|result| result.is_known()).count() as u64;
    let mut parts = vec![format!("{} held", count(tally.held))];
    if tally.violated > 0 {
        let gate = match gating {
            0 => "none gates".to_owned(),
            1 => "1 gates".to_owned(),
            more => format!("{} gate", count(more)),
        };
        let known = match known {
            0 => String::new(),
            known => format!(", {} known", count(known)),
        };
        parts.push(format!("{} violated ({gate}{known})", count(tally.violated)));
    }
    if tally.not_exercised > 0 {
        parts.push(format!("{} not exercised", count(tally.not_exercised)));
    }
    if tally.inconclusive > 0 {
        parts.push(format!("{} inconclusive", count(tally.inconclusive)));
    }
    format!("{}: {}", counted(results.len() as u64, "requirement"), parts.join(", "))
}

fn summary(page: &mut Page, record: &RunRecord, fail_on: FailOn) {
    let mut line = format!(
        "{} · {} · {}",
        verdicts(&record.results, fail_on),
        counted(record.requests, "request"),
        span(record.duration)
    );
    let stale = record.baseline.iter().flat_map(JudgedBaseline::stale).count() as u64;
    if stale > 0 {
        line.push_str(&format!(" · baseline: {} stale", count(stale)));
    }
    if record.end != RunEnd::Complete {
        line.push_str(&format!(" · ended early: {}", ending::heading(&record.end)));
    }
    page.unbroken_line(Style::Bold, &line);
}

fn of_verdict(record: &RunRecord, verdict: Verdict) -> impl Iterator<Item = &RequirementResult> {
    record.results.iter().filter(move |result| result.verdict == verdict)
}

fn name(result: &RequirementResult) -> String {
    format!("{} {} {}", result.id, result.level, result.title)
}

#[cfg(test)]
mod tests;
