//! A whole bench, from profile to record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hubproof_latency::Kind;
use hubproof_model::bench_record::{BenchRecord, LeftOut, PlannedLoad};
use hubproof_model::event::Event;
use hubproof_model::exchange::Fault;
use hubproof_model::failure::Failures;
use hubproof_model::measurement::{Measurement, Pacing, REACHED};
use hubproof_model::profile::Profile;
use hubproof_model::record::{RequirementResult, RunEnd, Target};
use hubproof_model::requirement::CONTRACT_REVISION;
use hubproof_model::safety::Risk;
use hubproof_model::surface::Tool;
use hubproof_requirements::lone::LoneJudges;
use hubproof_requirements::measured::MeasuredEvidence;
use hubproof_runner::ground::{Ground, GroundError};
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::throttle::ThrottledSession;
use hubproof_wire::LoadTarget;

use crate::beat::Beat;
use crate::budgets::{within_budgets, within_rest};
use crate::evidence::Wrong;
use crate::load::{Loaded, NoLoad, Plan, load};
use crate::mix::{Order, weigh};
use crate::options::{BenchError, BenchOptions};
use crate::pool::{Filled, fill, most_trials};
use crate::{tally, verdict};

/// What a bench came to.
#[derive(Debug)]
pub struct Bench {
    /// The record.
    pub record: BenchRecord,
}

/// Loads a target and measures it: discovers, fills a pool, sends, judges.
///
/// # Errors
/// A mistake of the user's. Everything else, an unusable target too, is in the record.
pub async fn bench(
    profile: Profile,
    target: Target,
    options: &BenchOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
    beats: &(dyn Fn(Beat) + Sync),
) -> Result<Bench, BenchError> {
    let mut bench = Bench {
        record: BenchRecord {
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            contract_revision: CONTRACT_REVISION.to_owned(),
            target,
            risks: BTreeMap::new(),
            left_out: BTreeMap::new(),
            seed: options.scope.seed,
            allow: options.scope.allow,
            live: options.live,
            started_at: SystemTime::now(),
            requests: 0,
            measurement: None,
            failures: Failures::default(),
            notes: Vec::new(),
            baseline: options.baseline.clone(),
            results: Vec::new(),
            end: RunEnd::Complete,
        },
    };
    within_budgets(&profile, options)?;
    if let Some(baseline) = &options.baseline {
        baseline.check_load(&planned_load(options))?;
    }
    let measuring = measure(&mut bench, profile, options, interrupt, events, beats);
    if let Err(end) = measuring.await? {
        bench.record.end = end;
    }
    Ok(bench)
}

/// Everything up to the verdicts; the inner error is an end before or within the load.
async fn measure(
    bench: &mut Bench,
    profile: Profile,
    options: &BenchOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
    beats: &(dyn Fn(Beat) + Sync),
) -> Result<Result<(), RunEnd>, BenchError> {
    let target = LoadTarget::new(&profile, options.scope.allow)?;
    let ground = tokio::select! {
        ground = Ground::discover(profile, &options.scope, events) => ground,
        () = interrupt.stopped() => return Ok(Err(stopped(interrupt))),
    };
    let ground = match ground {
        // Nothing judges what discovery was answered, and a bench holds no more than it needs.
        Ok(ground) => Ground {
            opening: Vec::new(),
            ..ground
        },
        Err(GroundError::Session(fault)) => return Err(fault.into()),
        Err(GroundError::Select(fault)) => return Err(fault.into()),
        Err(GroundError::Unusable(unusable)) => {
            bench.record.requests = unusable.exchanges.len() as u64;
            return Ok(Err(RunEnd::TargetUnusable(unusable.to_string())));
        }
    };
    let weights = weights(&ground, options)?;
    if let Some(baseline) = &options.baseline {
        baseline.check_mix(&weights, |tool| ground.surface.tool(tool).is_some())?;
    }
    {
        let selected: Vec<_> = weights.keys().map(String::as_str).collect();
        let order = Order::new(&weights.values().copied().collect::<Vec<_>>(), options.scope.seed);
        let is_read = |key: &&&str| {
            let tool = ground.surface.tool(key);
            tool.is_some_and(|tool| !tool.risk().is_state_changing())
        };
        let trials = most_trials(selected.iter().filter(is_read).count());
        within_rest(&ground, (&selected, &order), trials, options)?;
    }
    let filled = {
        let site = ground.site(&options.scope);
        let tools: Vec<&Tool> = site.tools().filter(|tool| weights.contains_key(&tool.key)).collect();
        let session = ThrottledSession::new(&ground.session, &ground.profile.dialect, events);
        let filling = fill(&session, &target, &site, &tools);
        tokio::select! {
            filled = filling => filled,
            () = interrupt.stopped() => return Ok(Err(stopped(interrupt))),
        }
    };
    bench.record.requests = ground.session.sent();
    let filled = match filled {
        Ok(filled) => filled,
        Err(fault) => return Ok(Err(RunEnd::HarnessFault(fault.to_string()))),
    };
    bench.record.left_out = kept_out(&ground, &weights, options);
    bench.record.left_out.extend(left_out(&ground, &filled));
    let wrong = wrong_trials(&ground, &filled);
    if filled.pool.tools.is_empty() {
        bench.record.results = verdict::of_wrong_answers(wrong);
        return Ok(Err(nothing_to_call(&filled)));
    }
    let order = order(&filled, &weights, options);
    let called = filled
        .pool
        .tools
        .iter()
        .map(|tool| tool.key.as_str())
        .collect::<Vec<_>>();
    if let Err(fault) = within_rest(&ground, (&called, &order), 0, options) {
        // Beforehand it looked as if it were enough: the trials took more, or left more of the mix to writes.
        bench.record.results = verdict::of_wrong_answers(wrong);
        return Ok(Err(RunEnd::TargetUnusable(fault.to_string())));
    }
    let filled = (filled, order, wrong);
    Ok(load_and_judge(bench, (ground, target), filled, &weights, options, (interrupt, beats)).await)
}

fn planned_load(options: &BenchOptions) -> PlannedLoad {
    PlannedLoad {
        pacing: options.pacing,
        connections: options.connections(),
        live: options.live,
        seed: options.scope.seed,
    }
}

/// The tools that the pool has no call for.
fn left_out(ground: &Ground, filled: &Filled) -> BTreeMap<String, LeftOut> {
    let of_tool = |(key, why): (&String, &String)| {
        let risk = ground.surface.tool(key)?.risk();
        let left_out = LeftOut {
            risk,
            why: why.clone(),
            by_choice: false,
        };
        Some((key.clone(), left_out))
    };
    filled.left_out.iter().filter_map(of_tool).collect()
}

/// What the answers to the pool's trials break.
fn wrong_trials(ground: &Ground, filled: &Filled) -> Wrong {
    let (judges, mut wrong) = (LoneJudges::default(), Wrong::default());
    for exchange in &filled.tried {
        let violations = judges.violations(&ground.surface, &ground.schemas, exchange);
        wrong.note(exchange, violations);
    }
    wrong
}

/// The tools that the load may call, weighed. Gated ones are left out: their calls wait for a person.
fn weights(ground: &Ground, options: &BenchOptions) -> Result<BTreeMap<String, u32>, BenchError> {
    let site = ground.site(&options.scope);
    let callable = site.executable_tools().filter(|tool| !site.is_gated(&tool.key));
    let keys: Vec<_> = callable.map(|tool| tool.key.clone()).collect();
    weigh(&keys, &options.weights, &ground.surface)
}

/// The tools that the load may call, and that the profile or a flag keeps out.
fn kept_out(ground: &Ground, weights: &BTreeMap<String, u32>, options: &BenchOptions) -> BTreeMap<String, LeftOut> {
    let site = ground.site(&options.scope);
    let kept_out = site.executable_tools().filter(|tool| !weights.contains_key(&tool.key));
    let left_out = |tool: &Tool| LeftOut {
        risk: tool.risk(),
        why: match site.is_gated(&tool.key) {
            true => "the profile says that its calls wait for an approval",
            false => "its weight is 0",
        }
        .to_owned(),
        by_choice: true,
    };
    kept_out.map(|tool| (tool.key.clone(), left_out(tool))).collect()
}

/// The order in which the tools of the pool are called.
fn order(filled: &Filled, weights: &BTreeMap<String, u32>, options: &BenchOptions) -> Order {
    let tools = filled.pool.tools.iter();
    let weights: Vec<_> = tools.map(|tool| weights.get(&tool.key).copied().unwrap_or(1)).collect();
    Order::new(&weights, options.scope.seed)
}

async fn load_and_judge(
    bench: &mut Bench,
    (ground, target): (Ground, LoadTarget),
    (filled, order, wrong): (Filled, Order, Wrong),
    weights: &BTreeMap<String, u32>,
    options: &BenchOptions,
    (interrupt, beats): (&Interrupt, &(dyn Fn(Beat) + Sync)),
) -> Result<(), RunEnd> {
    let keys: Vec<_> = filled.pool.tools.iter().map(|tool| tool.key.clone()).collect();
    let weight = |key: &String| weights.get(key).copied().unwrap_or(1);
    let mix: BTreeMap<_, _> = keys.iter().map(|key| (key.clone(), weight(key))).collect();
    let risk = |key: &String| ground.surface.tool(key).map(|tool| (key.clone(), tool.risk()));
    bench.record.risks = keys.iter().filter_map(risk).collect();
    let of_pool = of_pool(&filled, &bench.record.risks, &options.scope.run);
    bench.record.notes.extend(of_pool);
    let plan = Plan {
        pacing: options.pacing,
        warm_up: options.warm_up,
        duration: options.duration,
        connections: options.connections(),
        ceiling: ground.profile.safety.rate,
        live: options.live,
        seed: options.scope.seed,
    };
    let slo = ground.profile.slo.clone();
    let checked = under_load(ground, target, filled, options.live);
    let loaded = load(Arc::new(checked), Arc::new(order), plan, interrupt, beats).await;
    let mut loaded = loaded.map_err(|why| match why {
        NoLoad::Unreachable(fault) => RunEnd::TargetUnusable(fault.to_string()),
        NoLoad::Harness(why) => RunEnd::HarnessFault(why),
    })?;
    bench.record.requests += loaded.counted.requests;
    loaded.counted.wrong.add(wrong);
    let end = end(&loaded, interrupt);
    let measurement = measurement(&loaded, &keys, mix, options);
    bench.record.notes.extend(of_load(&loaded, &measurement, options));
    bench.record.failures.add(loaded.counted.failures);
    let mut results: Vec<RequirementResult> = verdict::of_wrong_answers(loaded.counted.wrong);
    if !measurement.measured.is_zero() {
        results.extend(verdict::of_measurement(&MeasuredEvidence {
            measurement: &measurement,
            risks: &bench.record.risks,
            left_out: &bench.record.left_out,
            slo: &slo,
            baseline: options.baseline.as_ref().map(|baseline| &baseline.measurement),
        }));
        bench.record.measurement = Some(measurement);
    }
    bench.record.results = results;
    end
}

/// What the load needs of the ground. The rest goes before the load grows: generators, what was tried, the session.
fn under_load(ground: Ground, target: LoadTarget, filled: Filled, live: bool) -> tally::Ground {
    let mut pool = filled.pool;
    if !live {
        pool.tools.iter_mut().for_each(|tool| tool.drawing = None);
    }
    tally::Ground {
        target,
        schemas: ground.schemas,
        surface: ground.surface,
        pool: Arc::new(pool),
    }
}

fn measurement(loaded: &Loaded, keys: &[String], mix: BTreeMap<String, u32>, options: &BenchOptions) -> Measurement {
    let counted = &loaded.counted;
    let in_time = counted.in_time.iter();
    let in_time = in_time.filter_map(|(tool, answered)| Some((keys.get(*tool)?.clone(), *answered)));
    let of_tool = |(tool, histogram): (&usize, _)| Some((keys.get(*tool)?.clone(), Clone::clone(histogram)));
    let wrong = counted.wrong.by_requirement.iter();
    Measurement {
        pacing: options.pacing,
        connections: options.connections(),
        live: options.live,
        seed: options.scope.seed,
        mix,
        began_at: loaded.began_at,
        warm_up: options.warm_up,
        planned: options.duration,
        measured: loaded.measured,
        response: counted.response.clone(),
        service: counted.service.clone(),
        lateness: counted.lateness.clone(),
        overhead: counted.overhead.iter().filter_map(of_tool).collect(),
        blocks: loaded.blocks.summed_up(keys, &loaded.unsent_by_block),
        in_time: in_time.collect(),
        unsent: loaded.unsent,
        wrong: wrong.map(|(id, broken)| (*id, broken.answers)).collect(),
    }
}

fn end(loaded: &Loaded, interrupt: &Interrupt) -> Result<(), RunEnd> {
    match &loaded.gone {
        Some(fault) => Err(RunEnd::TargetUnusable(format!(
            "it went away after {:.1} s: {fault}",
            loaded.measured.as_secs_f64()
        ))),
        None if loaded.interrupted => Err(stopped(interrupt)),
        None => loaded.silent.map_or(Ok(()), |after| {
            Err(RunEnd::TargetUnusable(format!(
                "it stopped answering after {:.1} s",
                after.as_secs_f64()
            )))
        }),
    }
}

fn stopped(interrupt: &Interrupt) -> RunEnd {
    match interrupt.reason() {
        Some(StopReason::TimeLimit(limit)) => RunEnd::TimeLimit(limit),
        Some(StopReason::Signal) | None => RunEnd::Interrupted("stopped by a signal".to_owned()),
    }
}

fn nothing_to_call(filled: &Filled) -> RunEnd {
    let first = filled.left_out.iter().next();
    let why = first.map_or(
        "none may be called: see --tools and --allow".to_owned(),
        |(tool, why)| format!("{tool}: {why}"),
    );
    RunEnd::TargetUnusable(format!("no tool of the mix succeeds ({why})"))
}

/// What is worth saying of the pool.
fn of_pool(filled: &Filled, risks: &BTreeMap<String, Risk>, run: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let tools = &filled.pool.tools;
    let single = tools.iter().filter(|tool| tool.calls.len() == 1).count();
    if single > 0 {
        notes.push(format!(
            "{single} of {} tools get the same input each time, since no other was seen to succeed: a cache would serve them; name \
             more in [inputs]",
            tools.len()
        ));
    }
    if risks.values().any(Risk::is_state_changing) {
        notes.push(format!(
            "state-changing tools were executed; what they made holds `{}`, and is not removed",
            hubproof_requirements::site::run_marker(run)
        ));
    }
    notes
}

/// What is worth saying of the load.
fn of_load(loaded: &Loaded, measurement: &Measurement, options: &BenchOptions) -> Vec<String> {
    let mut notes = Vec::new();
    let seconds = measurement.measured.max(Duration::from_millis(1)).as_secs_f64();
    let reached = measurement.per_second(measurement.in_time.values().sum());
    if let Pacing::Open { rate } = options.pacing
        && (measurement.unsent > 0 || reached < rate * REACHED)
        && loaded.gone.is_none()
        && loaded.silent.is_none()
        && !loaded.interrupted
    {
        notes.push(format!(
            "the rate of {rate}/s was not reached: {reached:.1}/s were answered, {} calls were not sent; the target is too slow for it, \
             this machine is, or {} connections are too few",
            measurement.unsent, loaded.connections
        ));
    }
    let throttled = measurement.response.of_kind(Kind::Throttled).count();
    if throttled > 0 {
        let successes = measurement.response.of_kind(Kind::Success).count() as f64;
        notes.push(format!(
            "the hub's rate limit was met: {throttled} calls were throttled, {:.1}/s got through; give a key with a higher limit, or a \
             lower rate",
            successes / seconds
        ));
    }
    if loaded.connections < options.connections() {
        let why = loaded.unopened.as_ref().map(|fault| format!(" ({fault})"));
        notes.push(format!(
            "of {} connections {} could be opened before the clock started, and the load did without the others{}",
            options.connections(),
            loaded.connections,
            why.unwrap_or_default()
        ));
    }
    let undrawn = loaded.counted.undrawn;
    if undrawn > 0 {
        notes.push(format!(
            "{undrawn} of {} calls had an input of the pool: --live could not draw as fast as they went out",
            loaded.counted.requests
        ));
    }
    if let Some(fault @ (Fault::Connect(_) | Fault::Protocol(_))) = &loaded.counted.last_fault {
        notes.push(format!("the last call without an answer: {fault}"));
    }
    notes
}
