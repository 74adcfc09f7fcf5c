//! `hubproof run`: proves a hub, writes the reports, and ends with the verdict's exit code.

use hubproof_model::event::Event;
use hubproof_reports::document::Report;
use hubproof_reports::document::end::{Exit as ToldExit, Gate};
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::{RunOptions, new_run};
use hubproof_runner::select::{Selection, ToolGlobs, ids_of};

use crate::Done;
use crate::arguments::{RunArguments, ScopeArguments};
use crate::closing;
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
    let mut profile = target.profile.clone();
    // The other shards use the hub too; a bundled one is the shard's own.
    profile.target.exclusive &= shard.is_none() || target.record.bundled;
    let interrupt = Interrupt::default();
    interrupted::listen(&interrupt, &interrupted::RUN);
    let progress = Progress::new(arguments.loudness.quiet);
    let on_event = |event: Event| progress.on(event);
    let record = hubproof_runner::run::run(profile, target.record.clone(), &options, &interrupt, &on_event).await;
    progress.finish();
    target.close().await;
    let record = record.map_err(Complaint::from)?;
    let gate = Gate {
        fail_on: arguments.fail_on,
        require: required,
    };
    let mut report = Report::of(&record, gate, ToldExit::UNDECIDED);
    closing::decide(&mut report);
    let mut closing = closing::write(&out, &report, &arguments.format)?;
    if let Some(path) = next.map(|next| next.write(&record, today)).transpose()?.flatten() {
        closing.written.push(path);
    }
    Ok(closing.print(arguments.loudness))
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
