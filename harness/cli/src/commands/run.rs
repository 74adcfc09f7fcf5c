//! `hubproof run`: proves a hub, writes the reports, and ends with the verdict's exit code.

use std::process::ExitCode;

use hubproof_model::event::Event;
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
use crate::{baseline, ending, interrupted, terminal};

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
    let shard = arguments
        .shard
        .map(|shard| shard.resolve(|name| std::env::var(name).ok()));
    let shard = shard.transpose().map_err(Complaint::Shard)?;
    let out = Out::open(&arguments.out)?;
    let target = resolve(&arguments.target).await?;
    for warning in &target.profile.warnings {
        terminal::note(warning);
    }
    let options = RunOptions {
        jobs: arguments.jobs,
        rate: arguments.rate,
        time_limit: arguments.time_limit,
        shard,
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
    let gate = Gate {
        fail_on,
        require: required,
    };
    let told = ToldExit {
        code: exit.code(),
        meaning: String::new(),
    };
    let mut report = Report::of(&record, gate, told);
    report.exit.meaning = ending::meaning(&report, exit);
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
        shard: None,
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
