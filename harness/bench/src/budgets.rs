//! What the profile allows a bench to send, against what it means to.

use hubproof_model::measurement::Pacing;
use hubproof_model::profile::Profile;
use hubproof_runner::ground::Ground;

use crate::mix::Order;
use crate::options::{BenchError, BenchOptions, planned_calls};

/// What the profile allows in all, against what the schedule means to send.
pub(crate) fn within_budgets(profile: &Profile, options: &BenchOptions) -> Result<(), BenchError> {
    let time = options.warm_up + options.duration;
    let planned = planned_calls(options.pacing, time);
    match (profile.safety.rate, options.pacing) {
        (Some(_), Pacing::Closed { .. }) => return Err(BenchError::Unbounded { budget: "rate" }),
        (Some(allowed), Pacing::Open { rate }) if rate > allowed => return Err(BenchError::TooFast { allowed }),
        _ => {}
    }
    within("max_requests", profile.safety.max_requests, planned)
}

/// What the profile allows of requests and real executes, against what was sent already, so many trials, and what the order of these tools means
/// to send.
pub(crate) fn within_rest(
    ground: &Ground,
    (tools, order): (&[&str], &Order),
    trials: u64,
    options: &BenchOptions,
) -> Result<(), BenchError> {
    let planned = planned_calls(options.pacing, options.warm_up + options.duration);
    let safety = &ground.profile.safety;
    let sent = ground.session.sent().saturating_add(trials);
    let all = planned.map(|planned| sent.saturating_add(planned));
    within("max_requests", safety.max_requests, all)?;
    let is_write = |tool: usize| {
        let tool = tools.get(tool).and_then(|key| ground.surface.tool(key));
        tool.is_some_and(|tool| tool.risk().is_state_changing())
    };
    if !(0..tools.len()).any(is_write) {
        return Ok(());
    }
    // Each worker draws in an order of its own: how many are writes shows only while they go out.
    let writes = planned.map(|planned| match options.live {
        true => planned,
        false => order.count(planned, is_write),
    });
    within("max_effects", safety.max_effects, writes)
}

fn within(budget: &'static str, allowed: Option<u64>, planned: Option<u64>) -> Result<(), BenchError> {
    match (allowed, planned) {
        (Some(_), None) => Err(BenchError::Unbounded { budget }),
        (Some(allowed), Some(planned)) if planned > allowed => Err(BenchError::TooMany {
            budget,
            allowed,
            planned,
        }),
        _ => Ok(()),
    }
}
