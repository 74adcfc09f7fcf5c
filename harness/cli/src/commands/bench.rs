//! `hubproof bench`: measures a hub under load, writes the reports, and ends with the verdict's exit code.

use std::path::Path;
use std::process::ExitCode;

use hubproof_bench::bench::bench as measure;
use hubproof_bench::options::BenchOptions;
use hubproof_bench::verdict::{exit, is_rate_reached};
use hubproof_model::bench_record::{BenchBaseline, BenchRecord};
use hubproof_model::measurement::Pacing;
use hubproof_model::record::RunEnd;
use hubproof_model::requirement::CONTRACT_REVISION;
use hubproof_reports::terminal::TerminalOptions;
use hubproof_reports::terminal::page::Page;
use hubproof_reports::terminal::style::Style;
use hubproof_reports::{bench as stored, hlog, terminal as terminal_report};
use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::select::{Selection, ToolGlobs};

use crate::Done;
use crate::arguments::{BenchArguments, BenchFormat, Loudness};
use crate::beats::Beats;
use crate::out::{Out, Written};
use crate::target::{ResolvedTarget, resolve};
use crate::usage::Complaint;
use crate::{interrupted, terminal};

/// How many calls are in flight in a closed loop, unless it is told otherwise.
const CONCURRENCY: u32 = 8;
/// How many kinds of failures, and how many tools that were left out, are named.
const NAMED: usize = 5;
/// The files of a bench.
const FILES: [&str; 2] = ["bench.json", "bench.hlog"];

/// Measures the target that the arguments name.
pub(crate) async fn bench(arguments: &BenchArguments) -> Done {
    // Everything that can be wrong without a target is found before one is touched.
    let baseline = arguments.compare.as_deref().map(read_baseline).transpose()?;
    let out = Out::open(&arguments.out)?;
    let target = resolve(&arguments.target, None).await?;
    for warning in &target.profile.warnings {
        terminal::note(warning);
    }
    if let Some(baseline) = &baseline {
        baseline.check_whole().map_err(Complaint::from)?;
        baseline.check_target(&target.record).map_err(Complaint::from)?;
        let differences = baseline.differences(env!("CARGO_PKG_VERSION"), CONTRACT_REVISION);
        differences.iter().for_each(|difference| terminal::note(difference));
    }
    let options = options(arguments, &target, baseline);
    let interrupt = Interrupt::default();
    interrupted::listen(&interrupt, &interrupted::BENCH);
    let beats = Beats::new(arguments.quiet);
    let record = measure(
        target.profile.clone(),
        target.record.clone(),
        &options,
        &interrupt,
        &|event| beats.on(event),
        &|beat| beats.beat(&beat),
    )
    .await;
    beats.finish();
    target.close().await;
    let record = record.map_err(Complaint::from)?;
    report(arguments, &out, &record)
}

fn options(arguments: &BenchArguments, target: &ResolvedTarget, baseline: Option<BenchBaseline>) -> BenchOptions {
    let concurrency = arguments.concurrency.unwrap_or(CONCURRENCY);
    BenchOptions {
        scope: RunOptions {
            tools: ToolGlobs {
                only: arguments.tools.clone(),
                allowed: target.profile.safety.allow_tools.clone(),
                denied: target.profile.safety.deny_tools.clone(),
                ..ToolGlobs::default()
            },
            seed: arguments.seed,
            keep_definitions: false,
            ..RunOptions::new(Selection::all(), arguments.allow)
        },
        pacing: arguments
            .rate
            .map_or(Pacing::Closed { concurrency }, |rate| Pacing::Open { rate }),
        duration: arguments.duration,
        warm_up: arguments.warm_up,
        connections: arguments.connections,
        weights: arguments.weights.clone(),
        live: arguments.live,
        baseline,
    }
}

fn read_baseline(path: &Path) -> Result<BenchBaseline, Complaint> {
    let text = std::fs::read_to_string(path).map_err(|fault| Complaint::UnreadableBench {
        path: path.to_owned(),
        fault,
    })?;
    stored::read(&path.display().to_string(), &text).map_err(|fault| Complaint::StoredBench {
        path: path.to_owned(),
        fault,
    })
}

/// Writes the reports, and says what was found and how it ends.
fn report(arguments: &BenchArguments, out: &Out, record: &BenchRecord) -> Done {
    let fail_on = arguments.fail_on;
    let mut written = out.replace(&FILES, reports(arguments, record));
    let exit = exit(record, fail_on);
    let loudness = Loudness {
        quiet: arguments.quiet,
        verbose: arguments.verbose,
    };
    let options = terminal::options(loudness, fail_on);
    let mut text = terminal_report::render_bench(record, &options);
    if !arguments.quiet {
        text.push_str(&page(&beside(record, arguments.verbose), &options));
    }
    text.push_str(&closing(record, exit, &written));
    written.print(&text);
    Ok(ExitCode::from(written.ending(exit.code())))
}

/// What the record's text does not tell: the kinds of failures, the tools that were not called, and what is worth saying of the load.
fn beside(record: &BenchRecord, verbose: bool) -> Vec<String> {
    let named = if verbose { usize::MAX } else { NAMED };
    let mut lines: Vec<_> = record
        .failures
        .all()
        .into_iter()
        .take(named)
        .map(|(failure, times)| format!("failed: {failure} ({times})"))
        .collect();
    lines.extend(record.notes.iter().map(|note| format!("note: {note}")));
    let mut left_out: Vec<_> = record.left_out.iter().collect();
    left_out.sort_by_key(|(_, left_out)| left_out.by_choice);
    let left_out = left_out.into_iter().take(named);
    lines.extend(left_out.map(|(tool, left_out)| format!("not called: {tool}: {}", left_out.why)));
    if record.left_out.len() > named {
        lines.push(format!(
            "not called: {} tools more (-v names them)",
            record.left_out.len() - named
        ));
    }
    lines
}

/// Lines as they may be shown: codes, keys and faults are the hub's words.
fn page(lines: &[String], options: &TerminalOptions) -> String {
    let mut page = Page::new(options.colour, options.width);
    lines.iter().for_each(|line| page.unbroken_line(Style::Plain, line));
    page.finish()
}

fn closing(record: &BenchRecord, exit: Exit, written: &Written) -> String {
    let why = match (exit, &record.end) {
        (Exit::Violated, _) => "a gating requirement is violated",
        (_, RunEnd::TargetUnusable(_)) if record.measurement.is_some() => {
            "the target went away; what was measured is kept"
        }
        (_, RunEnd::TargetUnusable(_)) => "the target cannot be measured",
        (_, RunEnd::Interrupted(_)) => "interrupted: what was measured is kept",
        (_, RunEnd::HarnessFault(_)) => "the harness is at fault: please report it",
        (Exit::Inconclusive, _) if !is_rate_reached(record) => {
            "the rate was not reached, and another load was measured"
        }
        (Exit::Inconclusive, _) => "a gating requirement is inconclusive, or no call succeeded",
        _ => "measured: every exercised gating requirement holds",
    };
    format!("{why} (exit code {})\n{}", exit.code(), written.named())
}

/// The reports that were asked for.
fn reports(arguments: &BenchArguments, record: &BenchRecord) -> Vec<(&'static str, String)> {
    let report = |format: &BenchFormat| match format {
        BenchFormat::Json => (FILES[0], stored::render(record)),
        BenchFormat::Hlog => (FILES[1], hlog::render_bench(record)),
    };
    arguments.format.iter().map(report).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::SystemTime;

    use hubproof_model::bench_record::LeftOut;
    use hubproof_model::failure::Failures;
    use hubproof_model::gate::FailOn;
    use hubproof_model::record::Target;
    use hubproof_model::safety::{Allow, Risk};

    use super::*;

    const HOSTILE: &str = "a\u{1b}[2Jb\n::error::c\u{202e}";

    #[test]
    fn nothing_that_a_hub_says_acts_on_the_terminal() {
        let left_out = LeftOut {
            risk: Risk::Read,
            why: HOSTILE.to_owned(),
            by_choice: false,
        };
        let record = BenchRecord {
            suite_version: String::new(),
            contract_revision: String::new(),
            target: Target::of_url("https://hub.example"),
            risks: BTreeMap::new(),
            left_out: [(HOSTILE.to_owned(), left_out)].into(),
            seed: 0,
            allow: Allow::Read,
            live: false,
            started_at: SystemTime::UNIX_EPOCH,
            requests: 0,
            measurement: None,
            over_time: Vec::new(),
            failures: Failures::default(),
            notes: vec![HOSTILE.to_owned()],
            baseline: None,
            results: Vec::new(),
            end: RunEnd::Complete,
        };
        let options = TerminalOptions {
            colour: false,
            width: 80,
            verbose: false,
            quiet: false,
            fail_on: FailOn::Must,
        };
        let shown = "a\\u{1b}[2Jb\\n::error::c\\u{202e}";
        assert_eq!(
            page(&beside(&record, false), &options),
            format!("note: {shown}\nnot called: {shown}: {shown}\n")
        );
    }
}
