//! A whole run, from profile to record.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use hubproof_model::call::Call;
use hubproof_model::catalogue::CatalogueSeen;
use hubproof_model::event::Event;
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::latency::RunLatency;
use hubproof_model::observations::Observations;
use hubproof_model::profile::Profile;
use hubproof_model::quota::RunQuota;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target, ToolSummary};
use hubproof_model::requirement::{CONTRACT_REVISION, Need, RequirementId};
use hubproof_model::shard::{Shard, fell_elsewhere, fingerprint};
use hubproof_model::side_effects::SideEffects;
use hubproof_model::surface::Dialect;
use hubproof_model::timeline::RunTimeline;
use hubproof_requirements::check::{Check, Scope};
use hubproof_requirements::evidence::Evidence;
use hubproof_requirements::observations::{self, is_observation};
use hubproof_requirements::sequences;
use tokio::time::Instant;

use crate::catalogue;
use crate::cleanup::clean_up;
use crate::execute::{ExecutedCase, execute};
use crate::ground::{Ground, GroundError};
use crate::interrupt::{Interrupt, StopReason};
use crate::judge::Findings;
use crate::known;
use crate::options::RunOptions;
use crate::plan::{Plan, plan_run};
use crate::repetition::Scripts;
use crate::select::SelectError;
use crate::shards;
use crate::shrink::Shrinking;
use crate::tools_taken_in;
use crate::vendors::{NotPlayed, keep_own};

/// A mistake of the user's that shows before anything is probed: exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// The profile or a flag cannot be used for a session.
    #[error(transparent)]
    Session(#[from] hubproof_wire::SessionError),
    /// A pattern or a name in the profile selects nothing.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// A vendor of the profile cannot be played.
    #[error(transparent)]
    Vendor(#[from] NotPlayed),
}

/// Proves a target: discovers, surveys, plans, sends, judges.
///
/// # Errors
/// A mistake of the user's. Everything else, an unusable target too, is in the record.
pub async fn run(
    profile: Profile,
    target: Target,
    options: &RunOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
) -> Result<RunRecord, UsageError> {
    let started_at = SystemTime::now();
    let began = Instant::now();
    let given = &options.vendors;
    let (profile, options) = &playing(profile, options, events).await?;
    let limit = options.time_limit.map(|limit| {
        let interrupt = interrupt.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            interrupt.stop(StopReason::TimeLimit(limit));
        })
    });
    let proved = prove(profile.clone(), options, interrupt, events).await;
    if let Some(limit) = limit {
        limit.abort();
    }
    options.vendors.close_but(given).await;
    let proved = proved?;
    let mut record = RunRecord {
        suite_version: env!("CARGO_PKG_VERSION").to_owned(),
        contract_revision: CONTRACT_REVISION.to_owned(),
        target,
        dialect: proved.dialect,
        catalogue: proved.catalogue,
        connector: options.tools.connector.clone(),
        tools: proved.tools,
        left_out: proved.left_out,
        denied: proved.denied,
        seed: options.seed,
        cases: options.cases as u64,
        allow: options.allow,
        started_at,
        duration: began.elapsed(),
        requests: proved.requests,
        run: options.run.clone(),
        side_effects: proved.side_effects,
        results: proved.results,
        observations: proved.observations,
        latency: proved.latency,
        quota: proved.quota,
        timeline: proved.timeline,
        baseline: None,
        plan: proved.plan,
        shard: options.shard,
        end: proved.end,
    };
    if let Some(baseline) = &options.baseline {
        known::apply(baseline, &mut record);
    }
    Ok(record)
}

/// The same with the vendors of the profile played, where a requirement needs them, and their secrets known.
async fn playing(
    mut profile: Profile,
    options: &RunOptions,
    events: &(dyn Fn(Event) + Sync),
) -> Result<(Profile, RunOptions), NotPlayed> {
    let mut options = options.clone();
    keep_own(&mut profile, options.tools.connector.as_deref());
    let needed = |check: &&dyn Check| check.requirement().needs.contains(&Need::Upstream);
    if options.requirements.checks().iter().any(needed) && shards::plays_vendors(options.shard) {
        options.vendors = options.vendors.starting(&profile.upstream).await?;
        options.vendors.tell_secrets(&mut profile.upstream);
        options.vendors = options.vendors.starting_beside(&mut profile).await;
        for why in profile.connections.unplayed.values() {
            let text = format!("{why}. No result is compared with those of this connection");
            events(Event::Mistaken { text });
        }
    }
    Ok((profile, options))
}

/// What proving a target came to.
#[derive(Debug, Clone)]
pub struct Proof {
    /// How the hub spells what the reference leaves open; `None` where discovery failed.
    pub dialect: Option<Dialect>,
    /// The catalogue of all tools that discovery found; `None` where it failed.
    pub catalogue: Option<CatalogueSeen>,
    /// The tools that were taken in.
    pub tools: Vec<ToolSummary>,
    /// The tools that `--tools` and `--connector` left out.
    pub left_out: Vec<String>,
    /// The tools that the profile's safety section kept out.
    pub denied: Vec<String>,
    /// Requests sent in the session so far.
    pub requests: u64,
    /// What the run did to the target, and what it could not take back.
    pub side_effects: SideEffects,
    /// One result a check, in the registry's order.
    pub results: Vec<RequirementResult>,
    /// What the hub does where the contract promises nothing.
    pub observations: Observations,
    /// How long answers took.
    pub latency: RunLatency,
    /// What they told of each key's limit.
    pub quota: RunQuota,
    /// How they went over the time of the run.
    pub timeline: RunTimeline,
    /// What tells the plan from others; `None` where it came to none.
    pub plan: Option<String>,
    /// How it ended.
    pub end: RunEnd,
}

async fn prove(
    profile: Profile,
    options: &RunOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Proof, UsageError> {
    let checks = options.requirements.checks();
    let ground = tokio::select! {
        ground = Ground::discover(profile, options, events) => ground,
        () = interrupt.stopped() => return Ok(without_ground(&checks, stopped_end(interrupt), 0)),
    };
    let mut ground = match ground {
        Ok(ground) => ground,
        Err(GroundError::Session(fault)) => return Err(fault.into()),
        Err(GroundError::Select(fault)) => return Err(fault.into()),
        Err(GroundError::Unusable(unusable)) => {
            let sent = unusable.exchanges.len() as u64;
            return Ok(without_ground(
                &checks,
                RunEnd::TargetUnusable(unusable.to_string()),
                sent,
            ));
        }
    };
    tokio::select! {
        () = ground.survey(options, events) => {}
        () = interrupt.stopped() => {
            return Ok(without_ground(&checks, stopped_end(interrupt), ground.session.sent()));
        }
    }
    let mut plan = match plan_run(&options.requirements, &ground.site(options)) {
        Ok(plan) => plan,
        Err(fault) => {
            return Ok(without_ground(
                &checks,
                RunEnd::HarnessFault(fault.to_string()),
                ground.session.sent(),
            ));
        }
    };
    let whole = fingerprint(plan.cases.iter().map(|planned| planned.case.id.as_str()));
    let elsewhere = options.shard.map(|shard| shards::keep(&mut plan, shard, &checks));
    let elsewhere = elsewhere.unwrap_or_default();
    events(Event::Planned {
        cases: plan.cases.len(),
        requirements: checks.len() - plan.unexercised.len() - elsewhere.len(),
    });
    let mut proof = prove_part(&ground, &checks, (&plan, &elsewhere), options, interrupt, events).await;
    proof.plan = Some(whole);
    if options.requirements.is_all() {
        proof.observations.uncompared = observations::uncompared(&ground.site(options));
    }
    Ok(proof)
}

/// Sends a plan and judges it on discovered ground.
pub async fn prove_plan(
    ground: &Ground,
    checks: &[&'static dyn Check],
    plan: &Plan,
    options: &RunOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
) -> Proof {
    prove_part(ground, checks, (plan, &[]), options, interrupt, events).await
}

/// The same of a part of a plan, with the requirements whose cases all fell to other parts.
async fn prove_part(
    ground: &Ground,
    checks: &[&'static dyn Check],
    (plan, elsewhere): (&Plan, &[RequirementId]),
    options: &RunOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
) -> Proof {
    let mut judging = Judging::new(ground, checks, plan, options);
    if let Some(shard) = options.shard {
        let why = || Unexercised::NotApplicable(fell_elsewhere(shard));
        elsewhere
            .iter()
            .for_each(|id| judging.findings.not_exercised(*id, why()));
    }
    execute(
        (&ground.session, &ground.profile),
        &options.vendors,
        plan,
        options.jobs,
        interrupt,
        events,
        |case| judging.take(case, events),
    )
    .await;
    judging.fold();
    judging.shrink(options, interrupt, events).await;
    let side_effects = clean_up(ground, options, &mut judging.log, events).await;
    judging.finish(side_effects, interrupt, events)
}

/// Collects exchanges and findings while a plan is being sent, and sums up.
struct Judging<'a> {
    ground: &'a Ground,
    plan: &'a Plan,
    checks: &'a [&'static dyn Check],
    check_of: HashMap<RequirementId, &'static dyn Check>,
    /// What was found in each answered case: they are answered in any order.
    found: BTreeMap<usize, Vec<(RequirementId, Vec<Finding>)>>,
    findings: Findings,
    shard: Option<Shard>,
    log: BTreeMap<u64, Exchange>,
    executed: Vec<bool>,
    /// The operations of the sequences that showed a violation, by case.
    told: HashMap<String, Vec<String>>,
}

impl<'a> Judging<'a> {
    fn new(ground: &'a Ground, checks: &'a [&'static dyn Check], plan: &'a Plan, options: &RunOptions) -> Self {
        Self {
            ground,
            plan,
            checks,
            check_of: checks.iter().map(|check| (check.requirement().id, *check)).collect(),
            found: BTreeMap::new(),
            findings: Findings::new(options.baseline.as_ref()),
            shard: options.shard,
            log: ground
                .opening
                .iter()
                .map(|exchange| (exchange.number, exchange.clone()))
                .collect(),
            executed: vec![false; plan.cases.len()],
            told: HashMap::new(),
        }
    }

    /// Judges an answered case by each check that planned it and looks at cases.
    fn take(&mut self, executed: ExecutedCase, events: &(dyn Fn(Event) + Sync)) {
        let planned = &self.plan.cases[executed.index];
        let case = &planned.case;
        let calls = executed.exchanges.len() + executed.beside.len();
        let was_cut = executed
            .exchanges
            .iter()
            .any(|exchange| matches!(exchange.result, Err(Fault::Interrupted)));
        self.executed[executed.index] = !was_cut;
        let (mut violated, mut found) = (Vec::new(), Vec::new());
        for id in planned.requirements.iter().filter(|_| !was_cut) {
            let Some(check) = self.check_of.get(id).filter(|check| check.scope() == Scope::Case) else {
                continue;
            };
            let evidence = Evidence {
                surface: &self.ground.surface,
                schemas: &self.ground.schemas,
                case: Some(case),
                exchanges: executed.exchanges.iter().collect(),
                deeds: &executed.deeds,
            };
            let findings = check.judge(&evidence);
            if findings.iter().any(|finding| matches!(finding, Finding::Violated(_))) {
                violated.push(*id);
                self.told
                    .entry(case.id.clone())
                    .or_insert_with(|| sequences::told(&evidence));
            }
            found.push((*id, findings));
        }
        self.found.insert(executed.index, found);
        let exchanges = executed.exchanges.into_iter().chain(executed.beside);
        self.log.extend(exchanges.map(|exchange| (exchange.number, exchange)));
        events(Event::CaseFinished {
            case: case.id.clone(),
            violated,
            calls,
        });
    }

    /// Folds what was found in the order of the plan, so that a run shows the same whichever answer came first.
    fn fold(&mut self) {
        for (index, found) in std::mem::take(&mut self.found) {
            let case = &self.plan.cases[index].case;
            for (id, findings) in found {
                if findings.iter().any(Finding::is_verdict) {
                    self.findings.tried(id, case.calls().into_iter().filter_map(Call::tool));
                }
                self.findings.add(id, &case.id, findings);
            }
        }
    }

    /// Looks for the smallest input of violations that generated inputs showed, and for the shortest of those that sequences showed.
    async fn shrink(&mut self, options: &RunOptions, interrupt: &Interrupt, events: &(dyn Fn(Event) + Sync)) {
        let mut shrinking = Shrinking::new(self.ground, options, interrupt, events);
        for check in self.checks.iter().filter(|check| check.scope() == Scope::Case) {
            let violations = self.findings.shown_violations(check.requirement().id);
            shrinking.shrink(*check, self.plan, violations, &mut self.log).await;
        }
        // What nothing but sequences shows first: the others have a case of their own, which is short.
        let mut checks = self.checks.to_vec();
        checks.sort_by_cached_key(|check| {
            let mut violations = self.findings.shown_violations(check.requirement().id);
            violations.any(|folded| self.told.get(&folded.case).is_none_or(Vec::is_empty))
        });
        for check in checks {
            let violations = self.findings.shown_violations(check.requirement().id);
            let shortened = shrinking.shorten(check, self.plan, &self.told, violations, &mut self.log);
            shortened.await;
        }
    }

    /// Judges the log, and sums up.
    fn finish(mut self, side_effects: SideEffects, interrupt: &Interrupt, events: &(dyn Fn(Event) + Sync)) -> Proof {
        for (planned, _) in self
            .plan
            .cases
            .iter()
            .zip(&self.executed)
            .filter(|(_, executed)| !**executed)
        {
            for id in &planned.requirements {
                self.findings.unsent(*id);
            }
        }
        for (id, why) in &self.plan.unexercised {
            self.findings.not_exercised(*id, why.clone());
        }
        let unexercised: Vec<_> = self.plan.unexercised.iter().map(|(id, _)| *id).collect();
        let log_checks = self.checks.iter().filter(|check| check.scope() == Scope::Log);
        for check in log_checks.filter(|check| !unexercised.contains(&check.requirement().id)) {
            let evidence = Evidence {
                surface: &self.ground.surface,
                schemas: &self.ground.schemas,
                case: None,
                exchanges: self.log.values().filter(|exchange| !is_observation(exchange)).collect(),
                deeds: &[],
            };
            // Violations name their exchanges; which case each came from stands there.
            let found = shards::own(self.shard, check.judge(&evidence), &self.ground.opening);
            let called = self.log.values().filter_map(|exchange| exchange.call.tool());
            self.findings.tried(check.requirement().id, called);
            self.findings.add(check.requirement().id, "log", found);
        }
        let scripts = Scripts::new(self.plan, &self.log);
        let result = |check: &&'static dyn Check| {
            let mut result = self.findings.result(check.requirement(), &self.log);
            for violation in &mut result.violations {
                violation.repetition = scripts.repetition(violation);
            }
            result
        };
        let results: Vec<_> = self.checks.iter().map(result).collect();
        for result in &results {
            events(Event::Judged {
                id: result.id,
                verdict: result.verdict,
            });
        }
        Proof {
            dialect: Some(self.ground.surface.dialect.clone()),
            catalogue: catalogue::seen(&self.ground.surface),
            tools: tools_taken_in::summaries(
                (&self.ground.surface, &self.ground.profile),
                &self.ground.selected,
                self.log.values(),
            ),
            left_out: self.ground.left_out.clone(),
            denied: self.ground.denied.clone(),
            requests: self.ground.session.sent(),
            results,
            side_effects,
            observations: observations::read(self.log.values(), &self.ground.surface),
            latency: RunLatency::of(self.log.values()),
            quota: RunQuota::of(self.log.values(), &self.ground.surface.dialect),
            timeline: RunTimeline::of(self.log.values()),
            plan: None,
            end: self.end(interrupt),
        }
    }

    fn end(&self, interrupt: &Interrupt) -> RunEnd {
        let harness_fault = self.log.values().find_map(|exchange| match &exchange.result {
            Err(fault) if fault.is_harness_fault() => Some(format!("case {}: {fault}", exchange.case)),
            _ => None,
        });
        match harness_fault {
            Some(fault) => RunEnd::HarnessFault(fault),
            // A person who stops a run that has sent everything is heard; a time limit then has nothing left to say.
            None => match interrupt.reason() {
                Some(StopReason::TimeLimit(_)) if self.executed.iter().all(|executed| *executed) => RunEnd::Complete,
                _ => stopped_end(interrupt),
            },
        }
    }
}

fn stopped_end(interrupt: &Interrupt) -> RunEnd {
    match interrupt.reason() {
        Some(StopReason::TimeLimit(limit)) => RunEnd::TimeLimit(limit),
        Some(StopReason::Signal) => RunEnd::Interrupted("stopped by a signal".to_owned()),
        None => RunEnd::Complete,
    }
}

/// What a run came to that never came to sending cases: every requirement is not exercised, because of how it ended.
fn without_ground(checks: &[&'static dyn Check], end: RunEnd, requests: u64) -> Proof {
    let findings = Findings::default();
    let why = match &end {
        RunEnd::TargetUnusable(_) => "the target cannot be tested",
        RunEnd::HarnessFault(_) => "the harness failed",
        RunEnd::Interrupted(_) | RunEnd::TimeLimit(_) | RunEnd::Complete => "the run ended before it was tried",
    };
    let results = checks.iter().map(|check| {
        let mut result = findings.result(check.requirement(), &BTreeMap::new());
        result.reason = Some(why.to_owned());
        result
    });
    Proof {
        dialect: None,
        catalogue: None,
        tools: Vec::new(),
        left_out: Vec::new(),
        denied: Vec::new(),
        requests,
        side_effects: SideEffects::default(),
        results: results.collect(),
        observations: Observations::default(),
        latency: RunLatency::default(),
        quota: RunQuota::default(),
        timeline: RunTimeline::default(),
        plan: None,
        end,
    }
}
