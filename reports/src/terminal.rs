//! The run as a person reads it: what is broken first, with the lines that show it again, and last what it all comes to.

mod baseline;
mod bench;
mod evidence;
mod latency;
mod left_behind;
mod observations;
pub mod page;
pub mod style;
mod unexercised;
mod verdicts;
mod wrap;

use hubproof_model::gate::FailOn;
use hubproof_model::judgment::Verdict;
use hubproof_model::safety::Risk;

pub use self::bench::render_bench;
use self::page::Page;
use self::style::Style;
use self::verdicts::Verdicts;
use crate::document::Report;
use crate::document::end::{End, EndKind, Exit};
use crate::document::requirement::RequirementReport;
use crate::document::target::{Target, Tool};
use crate::figures::{count, counted, span};
use crate::printable::log_line;
use crate::shell::word;

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

impl TerminalOptions {
    /// For a file, or a terminal of which nothing is known.
    pub const PLAIN: TerminalOptions = TerminalOptions {
        colour: false,
        width: 100,
        verbose: false,
        quiet: false,
        fail_on: FailOn::Must,
    };
}

/// The run as text.
#[must_use]
pub fn render(report: &Report, options: &TerminalOptions) -> String {
    let mut page = Page::new(options.colour, options.width);
    if !options.quiet {
        head(&mut page, report);
        ended_early(&mut page, &report.end);
        look_closer(&mut page, report);
        if options.verbose {
            held(&mut page, report);
        }
        violated(&mut page, report, options);
        known(&mut page, report, options);
        inconclusive(&mut page, report);
        unexercised::write(&mut page, report, options.verbose);
        left_behind::write(&mut page, report, options.verbose);
        if options.verbose {
            observations::write(&mut page, &report.observations);
            latency::write(&mut page, report);
        }
        if let Some(judged) = &report.baseline {
            baseline::write(&mut page, judged);
        }
        page.gap();
    }
    summary(&mut page, report, options.fail_on);
    page.finish()
}

/// The line after the report: how the run ended and with which exit code. Where something else gates than did in the run, it says so.
#[must_use]
pub fn closing(report: &Report, fail_on: FailOn) -> String {
    let Exit { code, meaning } = &report.exit;
    let meaning = log_line(meaning);
    let gate = match report.gate.fail_on {
        own if own == fail_on => String::new(),
        own => format!("gated by --fail-on {}, the run ended so: ", own.name()),
    };
    format!("{gate}{meaning} (exit code {code})\n")
}

fn head(page: &mut Page, report: &Report) {
    let title = format!(
        "hubproof {} · contract revision {}",
        report.tool.version, report.contract.revision
    );
    page.prose(0, Style::Bold, &title);
    page.unbroken(2, "target", &address(&report.target));
    if let Some(profile) = &report.target.profile {
        page.unbroken(2, "profile", profile);
    }
    page.field(2, "tools", &tools(&report.tools));
    page.field(2, "seed", &report.seed.to_string());
    page.field(2, "allow", report.allow.name());
    let (requests, duration) = (report.summary.requests, report.duration.duration());
    page.field(2, "requests", &format!("{} in {}", count(requests), span(duration)));
    latency::in_brief(page, report);
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
fn tools(tools: &[Tool]) -> String {
    let risks = [
        Risk::Read,
        Risk::Write,
        Risk::Destructive,
        Risk::Admin,
        Risk::Unknown(String::new()),
    ];
    let of_risk = |risk: &Risk| {
        let same = |own: &Risk| std::mem::discriminant(own) == std::mem::discriminant(risk);
        let number = tools.iter().filter(|tool| same(&tool.risk())).count();
        (number > 0).then(|| format!("{number} {risk}"))
    };
    let parts: Vec<_> = risks.iter().filter_map(of_risk).collect();
    match parts.is_empty() {
        true => "none".to_owned(),
        false => format!("{} ({})", count(tools.len() as u64), parts.join(", ")),
    }
}

fn ended_early(page: &mut Page, end: &End) {
    if let Some(message) = &end.message {
        page.gap();
        page.headed(0, Style::Bad, &end.kind.heading().to_uppercase(), Style::Plain, message);
    }
}

/// Where a target cannot be tested: the check-up looks at one thing after the other, and says of each what to do.
fn look_closer(page: &mut Page, report: &Report) {
    let Report { end, target, .. } = report;
    if end.kind == EndKind::TargetUnusable && !target.bundled {
        page.unbroken(2, "next", &doctor_line(target, report.key_env.as_deref()));
    }
}

/// The check-up of the same target.
fn doctor_line(target: &Target, key_env: Option<&str>) -> String {
    let mut words = vec!["hubproof".to_owned(), "doctor".to_owned(), word(&target.url)];
    if let Some(profile) = &target.profile {
        words.extend(["--profile".to_owned(), word(profile)]);
    }
    if let Some(variable) = key_env {
        words.extend(["--key-env".to_owned(), word(variable)]);
    }
    words.join(" ")
}

fn held(page: &mut Page, report: &Report) {
    page.gap();
    for result in of_verdict(report, Verdict::Held) {
        let text = format!("{} ({})", name(result), counted(result.cases, "case"));
        page.headed(0, Style::Good, "held", Style::Plain, &text);
        if let Some(not_shown) = &result.reason {
            page.prose(2, Style::Plain, not_shown);
        }
    }
}

/// Those that gate first, in full; then the others, in brief unless more is asked for.
fn violated(page: &mut Page, report: &Report, options: &TerminalOptions) {
    for result in report.broken(options.fail_on) {
        page.gap();
        page.headed(0, Style::Bad, "VIOLATED", Style::Bold, &name(result));
        evidence::in_full(page, result, options.verbose);
    }
    let broken = report.requirements.iter().filter(|result| result.is_broken());
    for result in broken.filter(|result| !options.fail_on.gates(result.level)) {
        page.gap();
        page.headed(0, Style::Warning, "WARNING", Style::Bold, &name(result));
        evidence::write(page, result, options.verbose);
    }
}

/// Those that are violated as the baseline has it.
fn known(page: &mut Page, report: &Report, options: &TerminalOptions) {
    for result in report.requirements.iter().filter(|result| result.is_known()) {
        page.gap();
        page.headed(0, Style::Warning, "KNOWN", Style::Bold, &name(result));
        evidence::write(page, result, options.verbose);
    }
}

fn inconclusive(page: &mut Page, report: &Report) {
    page.gap();
    for result in report.requirements.iter().filter(|result| result.is_undecided()) {
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

fn summary(page: &mut Page, report: &Report, fail_on: FailOn) {
    let mut line = format!(
        "{} · {} · {}",
        Verdicts::of(report, fail_on),
        counted(report.summary.requests, "request"),
        span(report.duration.duration())
    );
    let stale = report.summary.stale;
    if stale > 0 {
        line.push_str(&format!(" · baseline: {} stale", count(stale)));
    }
    if report.end.kind != EndKind::Complete {
        line.push_str(&format!(" · ended early: {}", report.end.kind.heading()));
    }
    page.unbroken_line(Style::Bold, &line);
}

fn of_verdict(report: &Report, verdict: Verdict) -> impl Iterator<Item = &RequirementReport> {
    report
        .requirements
        .iter()
        .filter(move |result| result.verdict == verdict)
}

fn name(result: &RequirementReport) -> String {
    format!("{} {} {}", result.id, result.level, result.title)
}

#[cfg(test)]
mod tests;
