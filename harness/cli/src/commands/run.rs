//! `hubproof run`: proves a hub, writes the reports, and ends with the verdict's exit code.

use std::path::PathBuf;

use chrono::NaiveDate;
use hubproof_model::event::Event;
use hubproof_model::record::RunRecord;
use hubproof_model::requirement::RequirementId;
use hubproof_reports::document::Report;
use hubproof_reports::document::end::{Exit as ToldExit, Gate};
use hubproof_requirements::areas::is_measured;
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
    let ready = Ready::new(arguments).await?;
    let proved = ready.prove(arguments).await?;
    let mut closing = closing::write(&proved.out, &proved.report, &arguments.reports.format);
    match proved.write_baseline() {
        Ok(path) => path.into_iter().for_each(|path| closing.written.push(path)),
        Err(fault) => closing.written.lacks(fault),
    }
    Ok(closing.print(arguments.loudness))
}

/// A run that may begin: everything that can be wrong without the target is known to be right.
pub(crate) struct Ready {
    required: Vec<RequirementId>,
    next: Option<baseline::Place>,
    today: NaiveDate,
    out: Out,
    options: RunOptions,
    /// What is tested.
    pub(crate) target: ResolvedTarget,
}

/// A run that has ended.
pub(crate) struct Proved {
    record: RunRecord,
    next: Option<baseline::Place>,
    today: NaiveDate,
    /// Where its reports go.
    pub(crate) out: Out,
    /// What came of it, its exit decided.
    pub(crate) report: Report,
}

impl Ready {
    /// Looks at the arguments, and resolves the target.
    pub(crate) async fn new(arguments: &RunArguments) -> Result<Self, Complaint> {
        let required = ids_of(&arguments.require)?;
        may_show(&arguments.target.defects, arguments.scope.connector.as_deref())?;
        let requirements = Selection::new(&arguments.scope.only, &arguments.scope.skip)?;
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
        let out = Out::open(&arguments.reports.out)?;
        let target = resolve(&arguments.target, arguments.scope.connector.as_deref()).await?;
        for warning in &target.profile.warnings {
            terminal::note(warning);
        }
        let options = RunOptions {
            jobs: arguments.pace.jobs,
            rate: arguments.pace.rate,
            time_limit: arguments.pace.time_limit,
            shard,
            baseline: known,
            ..scope_options(&arguments.scope, &target, requirements)
        };
        Ok(Self {
            required,
            next,
            today,
            out,
            options,
            target,
        })
    }

    /// Proves the target.
    pub(crate) async fn prove(self, arguments: &RunArguments) -> Result<Proved, Complaint> {
        let Self { target, options, .. } = self;
        let mut profile = target.profile.clone();
        // The other shards use the hub too; a bundled one is the shard's own.
        profile.target.exclusive &= options.shard.is_none() || target.record.bundled;
        let interrupt = Interrupt::default();
        interrupted::listen(&interrupt, &interrupted::RUN);
        let progress = Progress::new(arguments.loudness.quiet);
        let on_event = |event: Event| progress.on(event);
        let record = hubproof_runner::run::run(profile, target.record.clone(), &options, &interrupt, &on_event).await;
        progress.finish();
        target.close().await;
        let record = record?;
        let gate = Gate {
            fail_on: arguments.fail_on,
            require: self.required,
        };
        let mut report = Report::of(&record, gate, ToldExit::UNDECIDED);
        closing::decide(&mut report);
        Ok(Proved {
            record,
            next: self.next,
            today: self.today,
            out: self.out,
            report,
        })
    }
}

impl Proved {
    /// Writes what it violates as a baseline, where one was asked for.
    fn write_baseline(&self) -> Result<Option<PathBuf>, Complaint> {
        let written = self.next.as_ref().map(|next| next.write(&self.record, self.today));
        written.transpose().map(Option::flatten)
    }
}

/// That a run may show one of the defects at least: those of LAT are a bench's to find, and what no requirement is about shows in a
/// connector's run alone. A hub with them would be proved sound.
fn may_show(defects: &[String], connector: Option<&str>) -> Result<(), Complaint> {
    let elsewhere = |name: &String| {
        let requirement = reference_server::defects::find(name).ok()?.requirement;
        match requirement.parse() {
            Ok(requirement) => is_measured(requirement).then(|| Complaint::MeasuredDefect {
                name: name.clone(),
                requirement,
            }),
            Err(_) => connector.is_none().then(|| Complaint::ConnectorDefect(name.clone())),
        }
    };
    let all: Option<Vec<_>> = defects.iter().map(elsewhere).collect();
    all.and_then(|all| all.into_iter().next()).map_or(Ok(()), Err)
}

/// The options that `run` and `plan` share.
pub(crate) fn scope_options(scope: &ScopeArguments, target: &ResolvedTarget, requirements: Selection) -> RunOptions {
    RunOptions {
        requirements,
        tools: ToolGlobs {
            only: scope.tools.clone(),
            allowed: target.profile.safety.allow_tools.clone(),
            denied: target.profile.safety.deny_tools.clone(),
            connector: scope.connector.clone(),
        },
        allow: target.allow(scope.depth.allow),
        seed: scope.depth.seed,
        cases: scope.depth.cases,
        jobs: 1,
        run: new_run(),
        rate: None,
        time_limit: None,
        baseline: None,
        keep_definitions: true,
        shard: None,
        vendors: target.played(),
    }
}
