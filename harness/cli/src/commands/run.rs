//! `hubproof run`: proves a hub, writes the reports, and ends with the verdict's exit code.

use std::process::ExitCode;

use hubproof_model::baseline::JudgedBaseline;
use hubproof_model::event::Event;
use hubproof_model::record::{RunEnd, RunRecord};
use hubproof_model::requirement::RequirementId;
use hubproof_reports::baseline::names;
use hubproof_reports::document::Report;
use hubproof_reports::document::end::{Exit as ToldExit, Gate};
use hubproof_reports::formats::FORMATS;
use hubproof_reports::terminal as terminal_report;
use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::{RunOptions, new_run};
use hubproof_runner::select::{Selection, ToolGlobs, ids_of};

use crate::Done;
use crate::arguments::{RunArguments, ScopeArguments};
use crate::out::Out;
use crate::progress::Progress;
use crate::target::{ResolvedTarget, resolve};
use crate::usage::Complaint;
use crate::{baseline, interrupted, terminal};

/// Proves the target that the arguments name.
pub(crate) async fn run(arguments: &RunArguments) -> Done {
    // Everything that can be wrong without a target is found before one is touched.
    let required = ids_of(&arguments.require).map_err(Complaint::from)?;
    let requirements = Selection::new(&arguments.scope.only, &arguments.scope.skip).map_err(Complaint::from)?;
    let today = baseline::today();
    let known = arguments.baseline.as_deref().map(|path| baseline::read(path, today));
    let known = known.transpose()?;
    let next = arguments.write_baseline.as_deref();
    let next = next.map(|path| baseline::Place::new(path, arguments.baseline.as_deref()));
    let next = next.transpose()?;
    let out = Out::open(&arguments.out)?;
    let target = resolve(&arguments.target).await?;
    for warning in &target.profile.warnings {
        terminal::note(warning);
    }
    let options = RunOptions {
        jobs: arguments.jobs,
        rate: arguments.rate,
        time_limit: arguments.time_limit,
        baseline: known,
        ..scope_options(&arguments.scope, &target, requirements)
    };
    let interrupt = Interrupt::default();
    interrupted::listen(&interrupt, &interrupted::RUN);
    let progress = Progress::new(arguments.quiet);
    let on_event = |event: Event| progress.on(event);
    let record = hubproof_runner::run::run(
        target.profile.clone(),
        target.record.clone(),
        &options,
        &interrupt,
        &on_event,
    )
    .await;
    progress.finish();
    target.close().await;
    let record = record.map_err(Complaint::from)?;
    let fail_on = arguments.fail_on;
    let exit = Exit::of(&record, fail_on, &required);
    let told = ToldExit {
        code: exit.code(),
        meaning: meaning(&record, exit, &required),
    };
    let gate = Gate {
        fail_on,
        require: required,
    };
    let report = Report::of(&record, gate, told);
    let reports = arguments.format.iter();
    let reports = reports.map(|format| (format.file, (format.render)(&report, fail_on)));
    let reports: Vec<_> = reports.collect();
    let of_file = |file| reports.iter().find(|(own, _)| *own == file);
    let printed = FORMATS.iter().filter(|format| format.is_printed);
    let printed = printed.filter_map(|format| of_file(format.file));
    let printed: String = printed.map(|(_, text)| text.as_str()).collect();
    let mut written = out.replace(&FORMATS.map(|format| format.file), reports)?;
    if let Some(path) = next.map(|next| next.write(&record, today)).transpose()?.flatten() {
        written.push(path);
    }
    terminal::print(&terminal_report::render(&report, &report_options(arguments)));
    terminal::print(&terminal_report::closing(&report, fail_on));
    terminal::print(&written.named());
    terminal::print(&printed);
    Ok(ExitCode::from(exit.code()))
}

/// The options that `run` and `plan` share.
pub(crate) fn scope_options(scope: &ScopeArguments, target: &ResolvedTarget, requirements: Selection) -> RunOptions {
    RunOptions {
        requirements,
        tools: ToolGlobs {
            only: scope.tools.clone(),
            allowed: target.profile.safety.allow_tools.clone(),
            denied: target.profile.safety.deny_tools.clone(),
        },
        allow: target.allow(scope.allow),
        seed: scope.seed,
        cases: scope.cases,
        jobs: 1,
        run: new_run(),
        rate: None,
        time_limit: None,
        baseline: None,
        keep_definitions: true,
    }
}

fn report_options(arguments: &RunArguments) -> terminal_report::TerminalOptions {
    terminal_report::TerminalOptions {
        colour: terminal::colours_stdout(),
        width: terminal::width(),
        verbose: arguments.verbose,
        quiet: arguments.quiet,
        fail_on: arguments.fail_on,
    }
}

/// What the exit code means here.
fn meaning(record: &RunRecord, exit: Exit, required: &[RequirementId]) -> String {
    let missing = || {
        let lacks = |id: &&RequirementId| {
            !record
                .results
                .iter()
                .any(|result| result.id == **id && result.verdict.is_exercised())
        };
        required
            .iter()
            .filter(lacks)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match exit {
        Exit::Proved => proved(record),
        Exit::Violated => "not proved: a gating requirement is violated".to_owned(),
        Exit::NotExercised if required.is_empty() => "nothing was exercised".to_owned(),
        Exit::NotExercised => format!("required, but not exercised: {}", missing()),
        Exit::BaselineStale => stale(record),
        Exit::Usage | Exit::Inconclusive | Exit::HarnessFault | Exit::Interrupted => match &record.end {
            RunEnd::TargetUnusable(_) => "the target cannot be tested".to_owned(),
            RunEnd::Interrupted(_) => "interrupted: what was not sent is not judged".to_owned(),
            RunEnd::HarnessFault(_) => "the harness is at fault: please report it".to_owned(),
            RunEnd::TimeLimit(limit) => format!("the time limit of {limit:?} left cases unsent"),
            RunEnd::Complete => "a gating requirement is inconclusive".to_owned(),
        },
    }
}

fn proved(record: &RunRecord) -> String {
    match record.results.iter().filter(|result| result.is_known()).count() {
        0 => "proved: every exercised gating requirement holds".to_owned(),
        known => format!("proved: every exercised gating requirement holds, but for what is known of {known}"),
    }
}

fn stale(record: &RunRecord) -> String {
    let stale = record.baseline.iter().flat_map(JudgedBaseline::stale);
    format!(
        "the baseline is stale, delete or mend: {}",
        names(stale.map(|entry| &entry.known))
    )
}
