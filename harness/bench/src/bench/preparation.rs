//! All that stands before the clock starts: the ground, the mix of its tools, and the pool of their calls.

use std::collections::BTreeMap;

use hubproof_model::bench_record::BenchRecord;
use hubproof_model::event::Event;
use hubproof_model::profile::Profile;
use hubproof_model::record::RunEnd;
use hubproof_model::surface::Tool;
use hubproof_requirements::lone::LoneJudges;
use hubproof_runner::ground::{Ground, GroundError};
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::throttle::ThrottledSession;
use hubproof_wire::LoadTarget;

use super::ending::{Stop, nothing_to_call, stopped};
use super::left_out::left_out;
use crate::budgets::within_rest;
use crate::evidence::Wrong;
use crate::mix::{Order, weigh};
use crate::options::{BenchError, BenchOptions};
use crate::pool::{Filled, fill, most_trials};
use crate::verdict;

/// What is ready to be loaded.
pub(super) struct Ready {
    pub(super) ground: Ground,
    pub(super) target: LoadTarget,
    /// The tools that the load may call, weighed; those that the pool has no call for, too.
    pub(super) weights: BTreeMap<String, u32>,
    /// Has a tool at least.
    pub(super) filled: Filled,
    pub(super) order: Order,
    /// What the answers to the pool's trials break.
    pub(super) wrong: Wrong,
}

/// Discovers the target, selects its tools, and fills the pool; notes in the record what is known by then.
pub(super) async fn prepare(
    record: &mut BenchRecord,
    profile: Profile,
    options: &BenchOptions,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Ready, Stop> {
    let target = LoadTarget::new(&profile, options.scope.allow).map_err(BenchError::from)?;
    let ground = tokio::select! {
        ground = Ground::discover(profile, &options.scope, events) => on_ground(ground, record)?,
        () = interrupt.stopped() => return Err(stopped(interrupt).into()),
    };
    let weights = weights(&ground, options)?;
    if let Some(baseline) = &options.baseline {
        let check = baseline.check_mix(&weights, |tool| ground.surface.tool(tool).is_some());
        check.map_err(BenchError::from)?;
    }
    within_rest_with_trials(&ground, &weights, options)?;
    let filled = {
        let site = ground.site(&options.scope);
        let tools: Vec<&Tool> = site.tools().filter(|tool| weights.contains_key(&tool.key)).collect();
        let session = ThrottledSession::new(&ground.session, &ground.profile.dialect, events);
        let filling = fill(&session, &target, &site, &tools);
        tokio::select! {
            filled = filling => filled,
            () = interrupt.stopped() => return Err(stopped(interrupt).into()),
        }
    };
    record.requests = ground.session.sent();
    let filled = filled.map_err(|fault| RunEnd::HarnessFault(fault.to_string()))?;
    record.left_out = left_out(&ground, &weights, &filled, options);
    let wrong = wrong_trials(&ground, &filled);
    if filled.pool.tools.is_empty() {
        record.results = verdict::of_wrong_answers(wrong);
        return Err(nothing_to_call(&filled).into());
    }
    let order = order(&filled, &weights, options);
    let called: Vec<_> = filled.pool.tools.iter().map(|tool| tool.key.as_str()).collect();
    if let Err(fault) = within_rest(&ground, (&called, &order), 0, options) {
        // Beforehand it looked as if it were enough: the trials took more, or left more of the mix to writes.
        record.results = verdict::of_wrong_answers(wrong);
        return Err(RunEnd::TargetUnusable(fault.to_string()).into());
    }
    Ok(Ready {
        ground,
        target,
        weights,
        filled,
        order,
        wrong,
    })
}

/// The ground, where there is one to stand on.
fn on_ground(ground: Result<Ground, GroundError>, record: &mut BenchRecord) -> Result<Ground, Stop> {
    match ground {
        // Nothing judges what discovery was answered, and a bench holds no more than it needs.
        Ok(ground) => Ok(Ground {
            opening: Vec::new(),
            ..ground
        }),
        Err(GroundError::Session(fault)) => Err(BenchError::from(fault).into()),
        Err(GroundError::Select(fault)) => Err(BenchError::from(fault).into()),
        Err(GroundError::Unusable(unusable)) => {
            record.requests = unusable.exchanges.len() as u64;
            Err(RunEnd::TargetUnusable(unusable.to_string()).into())
        }
    }
}

/// The tools that the load may call, weighed. Gated ones are left out: their calls wait for a person.
fn weights(ground: &Ground, options: &BenchOptions) -> Result<BTreeMap<String, u32>, BenchError> {
    let site = ground.site(&options.scope);
    let callable = site.executable_tools().filter(|tool| !site.is_gated(&tool.key));
    let keys: Vec<_> = callable.map(|tool| tool.key.clone()).collect();
    weigh(&keys, &options.weights, &ground.surface)
}

/// What the profile allows, against what the trials may send and the load means to, should every tool of the mix be called.
fn within_rest_with_trials(
    ground: &Ground,
    weights: &BTreeMap<String, u32>,
    options: &BenchOptions,
) -> Result<(), BenchError> {
    let selected: Vec<_> = weights.keys().map(String::as_str).collect();
    let order = Order::new(&weights.values().copied().collect::<Vec<_>>(), options.scope.seed);
    let is_read = |key: &&&str| {
        let tool = ground.surface.tool(key);
        tool.is_some_and(|tool| !tool.risk().is_state_changing())
    };
    let trials = most_trials(selected.iter().filter(is_read).count());
    within_rest(ground, (&selected, &order), trials, options)
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

/// The order in which the tools of the pool are called.
fn order(filled: &Filled, weights: &BTreeMap<String, u32>, options: &BenchOptions) -> Order {
    let tools = filled.pool.tools.iter();
    let weights: Vec<_> = tools.map(|tool| weights.get(&tool.key).copied().unwrap_or(1)).collect();
    Order::new(&weights, options.scope.seed)
}
