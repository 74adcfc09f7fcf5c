//! A whole bench, from profile to record.

mod ending;
mod left_out;
mod measured;
mod notes;
mod preparation;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use hubproof_model::bench_record::{BenchRecord, PlannedLoad};
use hubproof_model::event::Event;
use hubproof_model::failure::Failures;
use hubproof_model::profile::Profile;
use hubproof_model::record::{RequirementResult, RunEnd, Target};
use hubproof_model::requirement::CONTRACT_REVISION;
use hubproof_requirements::measured::MeasuredEvidence;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_wire::LoadTarget;

use self::ending::{Stop, end};
use self::measured::measurement;
use self::preparation::{Ready, prepare};
use crate::beat::Beat;
use crate::budgets::within_budgets;
use crate::load::{NoLoad, Plan, load};
use crate::options::{BenchError, BenchOptions};
use crate::pool::Filled;
use crate::{tally, verdict};

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
) -> Result<BenchRecord, BenchError> {
    let mut record = begun(target, options);
    within_budgets(&profile, options)?;
    if let Some(baseline) = &options.baseline {
        baseline.check_load(&planned_load(options))?;
    }
    let measuring = async {
        let ready = prepare(&mut record, profile, options, interrupt, events).await?;
        load_and_judge(&mut record, ready, options, interrupt, beats).await
    };
    match measuring.await {
        Ok(()) => {}
        Err(Stop::Ended(end)) => record.end = end,
        Err(Stop::Mistake(mistake)) => return Err(mistake),
    }
    Ok(record)
}

/// The record of a bench that begins now.
fn begun(target: Target, options: &BenchOptions) -> BenchRecord {
    BenchRecord {
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
        over_time: Vec::new(),
        failures: Failures::default(),
        notes: Vec::new(),
        baseline: options.baseline.clone(),
        results: Vec::new(),
        end: RunEnd::Complete,
    }
}

fn planned_load(options: &BenchOptions) -> PlannedLoad {
    PlannedLoad {
        pacing: options.pacing,
        connections: options.connections(),
        live: options.live,
        seed: options.scope.seed,
    }
}

/// Sends what is ready, and judges what was measured of it.
async fn load_and_judge(
    record: &mut BenchRecord,
    ready: Ready,
    options: &BenchOptions,
    interrupt: &Interrupt,
    beats: &(dyn Fn(Beat) + Sync),
) -> Result<(), Stop> {
    let (ground, filled) = (ready.ground, ready.filled);
    let keys: Vec<_> = filled.pool.tools.iter().map(|tool| tool.key.clone()).collect();
    let weight = |key: &String| ready.weights.get(key).copied().unwrap_or(1);
    let mix: BTreeMap<_, _> = keys.iter().map(|key| (key.clone(), weight(key))).collect();
    let risk = |key: &String| ground.surface.tool(key).map(|tool| (key.clone(), tool.risk()));
    record.risks = keys.iter().filter_map(risk).collect();
    let of_pool = notes::of_pool(&filled, &record.risks, &options.scope.run);
    record.notes.extend(of_pool);
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
    let checked = under_load(ground, ready.target, filled, options.live);
    let loaded = load(Arc::new(checked), Arc::new(ready.order), plan, interrupt, beats).await;
    let mut loaded = loaded.map_err(|why| match why {
        NoLoad::Unreachable(fault) => RunEnd::TargetUnusable(fault.to_string()),
        NoLoad::Harness(why) => RunEnd::HarnessFault(why),
    })?;
    record.requests += loaded.counted.requests;
    loaded.counted.wrong.add(ready.wrong);
    let end = end(&loaded, interrupt);
    let mut measurement = measurement(&mut loaded, &keys, mix, options);
    let refused = left_out::refused(&measurement, &record.risks);
    measurement.mix.retain(|tool, _| !refused.contains_key(tool));
    record.notes.extend(notes::of_refused(&refused));
    record.left_out.extend(refused);
    record.notes.extend(notes::of_load(&loaded, &measurement, options));
    record.failures.add(loaded.counted.failures);
    let mut results: Vec<RequirementResult> = verdict::of_wrong_answers(loaded.counted.wrong);
    if !measurement.measured.is_zero() {
        results.extend(verdict::of_measurement(&MeasuredEvidence {
            measurement: &measurement,
            risks: &record.risks,
            left_out: &record.left_out,
            slo: &slo,
            baseline: options.baseline.as_ref().map(|baseline| &baseline.measurement),
        }));
        record.measurement = Some(measurement);
        record.over_time = loaded.over_time;
    }
    record.results = results;
    end.map_err(Stop::from)
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
