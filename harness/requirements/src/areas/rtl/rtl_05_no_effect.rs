//! RTL-05: a throttled call has no effect.

use hubproof_model::call::Credentials;
use hubproof_model::case::{Case, Manner, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::exhaustion::{AT_ONCE, AT_ONCE_AGAIN, BEFORE, Exhausted, exhaust};
use crate::judging::{findings, is_served, is_throttled, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Rtl, 5),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Rate limits",
    title: "a throttled call has no effect",
    statement: "A hub MUST have no effect when it answers RATE_LIMITED.",
    rationale: "Clients send a throttled call again; one that acted all the same acts twice.",
    method: "Exhausts the throttled key with reads, then calls a state-changing tool with it, twice, in two windows; after the second, what \
             the calls that were throttled should have done is looked for.",
    mend: "Count a call before it is routed, and return with the 429 there: queue nothing, and call no vendor.",
    needs: &[Need::Allow(Allow::Write), Need::Key(Role::Throttled), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The state-changing call after each burst.
const ACTS: [&str; 2] = ["act", "act again"];
const EFFECTS: &str = "effects";
const CONTROL: &str = "control";
const SHOWN: &str = "after the control";

pub(crate) struct Rtl05;
pub(crate) const CHECK: Rtl05 = Rtl05;

impl Check for Rtl05 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let (_, control) = site.read_control()?;
        let scenes = site.scenes("RTL-05")?;
        let scene = scenes.iter().find(|scene| scene.counts()).or(scenes.first());
        let scene = scene.ok_or(Unexercised::Missing(vec![Need::Effect]))?;
        let throttled = Credentials::Bearer(Role::Throttled);
        let mut steps = scene.set_up();
        steps.push(Step::call(
            control.clone().with_credentials(throttled.clone()).labelled(BEFORE),
        ));
        for (burst, act) in [AT_ONCE, AT_ONCE_AGAIN].into_iter().zip(ACTS) {
            steps.push(exhaust(&control, Role::Throttled, burst, Manner::AtOnce));
            steps.push(Step::call(
                scene.call(act, |body| body).with_credentials(throttled.clone()),
            ));
            // The next burst meets a window of its own, and what acts late has the time to.
            steps.push(Step::AwaitReset(Role::Throttled));
        }
        steps.push(scene.shows_no_more(EFFECTS, 0));
        // That an effect would have been seen.
        steps.push(Step::call(scene.call(CONTROL, |body| body)));
        steps.push(scene.shows(SHOWN, 1));
        let case = scene.case("exhaustion/effects", "a call that acts, with an exhausted key", steps);
        Ok(vec![case.exclusively()])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_effects(evidence))
    }
}

fn judge_effects(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    Exhausted::throttled(evidence, AT_ONCE)?;
    let acts: Result<Vec<_>, _> = ACTS.into_iter().map(|act| evidence.answered(act)).collect();
    let acts = acts?;
    let throttled: Vec<_> = acts.iter().copied().filter(|act| is_throttled(act)).collect();
    let Some(first) = throttled.first() else {
        let why = "the key was not exhausted when the calls that act came: name one with a longer window".to_owned();
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    };
    let seen = Seen::of(evidence)?;
    let effects = seen.effects(EFFECTS)?;
    // One that was let through, at the end of a window, has its effect.
    let meant = acts.iter().filter(|act| is_served(act)).count() as u64;
    if effects <= meant {
        return seen.acted(CONTROL, SHOWN).map(|_| Finding::Held);
    }
    let mut exchanges: Vec<_> = throttled.iter().map(|act| act.number).collect();
    exchanges.extend(seen.numbers(EFFECTS));
    Ok(Finding::Violated(Violation {
        observed: format!(
            "{effects} effects of {} throttled calls and {meant} accepted ones",
            throttled.len()
        ),
        exchanges,
        ..violated(first, "a throttled call acts all the same", "no effect")
    }))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn throttled_calls_without_an_effect_hold() {
        let found = judge(|_, _| None);
        assert!(all_held(&found), "{found:?}");
    }

    #[test]
    fn a_throttled_call_that_acts_is_a_violation() {
        let found = judge(|world, call| {
            ACTS.contains(&call.label.as_str()).then(|| {
                world.act(call);
                world.answer(call)
            })
        });
        assert_eq!(violations(&found), ["a throttled call acts all the same"]);
    }

    #[test]
    fn an_effect_that_would_not_have_been_seen_is_not_shown() {
        let found = judge(|_, call| {
            let is_look = [EFFECTS, SHOWN].contains(&call.label.as_str());
            is_look.then(|| succeeded(call.clone(), serde_json::json!({"items": []})))
        });
        assert!(matches!(found.as_slice(), [Finding::NotExercised(_)]), "{found:?}");
    }
}
