//! IDM-07: a refused call leaves its idempotency key unused.

use hubproof_model::call::{Call, Credentials, ExecuteBody, Intent};
use hubproof_model::case::{Case, Manner, Step};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::exhaustion::exhaust;
use crate::judging::{findings, is_throttled, observed, violated};
use crate::site::Site;
use crate::told_limits::ToldLimit;
use crate::unspent_keys::{CALL, CONTROL, executed_once, executes_under, refused_again};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 7),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body; Common error codes",
    title: "a refused call leaves its key unused",
    statement: "A hub MUST leave the key unused after INVALID_INPUT, CONNECTION_NOT_FOUND or RATE_LIMITED: the corrected call executes \
                once.",
    rationale: "A client that mends its input, or waits as it was told, and sends again gets the old refusal for ever.",
    method: "Sends a call with an invalid input, and one on an unknown connection, each under a fresh key, then the corrected call \
             under that key, and under another as control: on up to three tools. With a throttled key, exhausts its limit and does \
             the same on one tool after the reset.",
    mend: "Store an outcome under the key only once the call was executed; give the key free again after INVALID_INPUT, \
           CONNECTION_NOT_FOUND and RATE_LIMITED.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

/// The connection that no hub has.
const NO_CONNECTION: &str = "conn_hubproof_does_not_exist";
const REFUSED: &str = "refused";
const EXHAUSTION: &str = "exhaustion";
/// The call that shows that the limit is reset.
const TAKEN_AGAIN: &str = "taken again";

pub(crate) struct Idm07;
pub(crate) const CHECK: Idm07 = Idm07;

impl Check for Idm07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let on_unknown = |scene: &Scene<'_>| Some(scene.body().on(NO_CONNECTION));
        let invalid = |scene: &Scene<'_>| scene.invalid_body(site);
        let mut cases = Vec::new();
        for scene in site.few_counting_scenes("IDM-07/input")? {
            cases.extend(corrected(&scene, "input", invalid(&scene), site));
        }
        for scene in site.few_counting_scenes("IDM-07/connection")? {
            cases.extend(corrected(&scene, "connection", on_unknown(&scene), site));
        }
        if site.profile.keys.get(Role::Throttled).is_some()
            && let Some(scene) = site.few_counting_scenes("IDM-07/throttle")?.first()
        {
            cases.extend(throttled(scene, site));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

/// A call that is refused for its body, and the corrected one.
fn corrected(scene: &Scene<'_>, kind: &str, body: Option<ExecuteBody>, site: &Site<'_>) -> Option<Case> {
    let id = format!("IDM-07/{kind}/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let refused = Call::execute(scene.tool, body?.keyed(&key)).labelled(REFUSED);
    let mut steps = vec![Step::call(refused.with_intent(Intent::Refused))];
    steps.extend(executes_under(scene, &key, Role::Primary));
    let title = match kind {
        "input" => "an invalid input, and the corrected one under its key",
        _ => "an unknown connection, and the corrected call under its key",
    };
    Some(scene.case(id, title, steps))
}

/// A call that comes when the limit of its key is exhausted, and again once it is reset.
fn throttled(scene: &Scene<'_>, site: &Site<'_>) -> Option<Case> {
    let id = format!("IDM-07/throttle/{}", scene.tool.key);
    let key = site.idempotency_key(&id);
    let throttled = || Credentials::Bearer(Role::Throttled);
    let (_, read) = site.read_control().ok()?;
    let read = read.with_credentials(throttled());
    let mut steps = vec![
        // It tells the limit; what follows its reset falls into one window.
        Step::call(read.clone().labelled("limit")),
        Step::AwaitReset(Role::Throttled),
        // The sooner it is exhausted, the more of the window is left for the call.
        exhaust(&read, Role::Throttled, EXHAUSTION, Manner::AtOnce),
        Step::call(
            scene
                .call(REFUSED, |body| body.keyed(&key))
                .with_credentials(throttled()),
        ),
        Step::AfterReset(Box::new(read.labelled(TAKEN_AGAIN))),
    ];
    steps.extend(executes_under(scene, &key, Role::Throttled));
    let title = "a call beyond the limit, and the same once the limit is reset";
    Some(scene.case(id, title, steps).exclusively())
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let is_of_limit = evidence
        .exchanges
        .iter()
        .any(|exchange| exchange.call.label == TAKEN_AGAIN);
    if is_of_limit {
        evidence.done(EXHAUSTION)?;
        evidence.done(&format!("reset of {}", Role::Throttled))?;
    }
    let refused = match is_of_limit {
        true => evidence.answered(REFUSED)?,
        false => seen.told(REFUSED)?,
    };
    let outcome = Outcome::of(refused);
    let is_refused = match is_of_limit {
        true => is_throttled(refused),
        false => outcome.is(&ErrorCode::InvalidInput) || outcome.is(&ErrorCode::ConnectionNotFound),
    };
    if !is_refused {
        let why = format!(
            "the call that should be refused first was answered otherwise: {}",
            observed(refused)
        );
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let what = format!("a call answered with {outcome}");
    match is_of_limit {
        true => {
            may_write(evidence)?;
            are_taken_again(evidence, &what)?;
            executed_once(&seen, &what)
        }
        false => executed_once(&seen, &what),
    }
}

/// That the throttled key may call the tool: a limit that comes before permission refuses it all the same.
///
/// # Errors
/// That nothing was exercised, where it may not.
fn may_write(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let control = evidence.answered(CONTROL)?;
    let outcome = Outcome::of(control);
    if outcome.is(&ErrorCode::Forbidden) || outcome.is(&ErrorCode::ToolNotFound) {
        let why = format!(
            "the throttled key may not call {}: {}; name one that may in [keys] throttled",
            control.call.tool().unwrap_or_default(),
            observed(control)
        );
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    Ok(())
}

/// That the throttled key's calls are taken again.
///
/// # Errors
/// A violation where the call under the refused key alone is not; else that nothing was exercised: when a limit is reset is for RTL-07 to
/// judge.
fn are_taken_again(evidence: &Evidence<'_>, what: &str) -> Result<(), Finding> {
    // Where it came a little early, it was sent again.
    let taken_again = evidence
        .answered(&format!("{TAKEN_AGAIN}/later"))
        .or_else(|_| evidence.answered(TAKEN_AGAIN))?;
    let others = [taken_again, evidence.answered(CONTROL)?];
    if others.into_iter().any(is_throttled) {
        let why = "after the reset the key was throttled again".to_owned();
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let call = evidence.answered(CALL)?;
    let told = ToldLimit::of(taken_again, &evidence.surface.dialect);
    let left = told.and_then(|told| told.limit.remaining.value());
    match is_throttled(call) {
        false => Ok(()),
        // Where windows slide, one call may come back before others: by the control another one has.
        true if left.is_some_and(|left| left < 1.0) => {
            let why = "after the reset only one call was left to the key: name one with a larger limit".to_owned();
            Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
        }
        true => Err(Finding::Violated(Violation {
            exchanges: vec![others[0].number, call.number, others[1].number],
            ..violated(call, refused_again(what), "success, and one effect")
        })),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use hubproof_model::exchange::Exchange;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, failed, shows_nothing, succeeded, telling, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    #[test]
    fn a_key_that_is_left_unused_holds_whatever_the_refusal() {
        let cases = acting_hub().plan(&CHECK).unwrap();
        assert_eq!(cases.iter().filter(|case| case.exclusive).count(), 1);
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 5, "{found:?}");
    }

    #[test]
    fn without_a_throttled_key_the_limit_is_left_alone() {
        let mut hub = acting_hub();
        hub.profile.keys.by_role.remove(&Role::Throttled);
        let cases = hub.plan(&CHECK).unwrap();
        assert!(cases.len() == 4 && cases.iter().all(|case| !case.exclusive));
    }

    #[test]
    fn a_refusal_that_is_kept_is_a_violation() {
        let kept = RefCell::new(BTreeMap::new());
        let found = judge(|world, call| {
            let key = call.idempotency_key()?.to_owned();
            if let Some(answer) = kept.borrow().get(&key) {
                return Some(Exchange::clone(answer));
            }
            let answer = world.answer(call);
            if Outcome::of(&answer) != Outcome::Success {
                kept.borrow_mut().insert(key, answer.clone());
            }
            Some(answer)
        });
        assert_eq!(
            violations(&found),
            [
                "a call answered with INVALID_INPUT spends its key: the call itself is refused",
                "a call answered with INVALID_INPUT spends its key: the call itself is refused",
                "a call answered with CONNECTION_NOT_FOUND spends its key: the call itself is refused",
                "a call answered with CONNECTION_NOT_FOUND spends its key: the call itself is refused",
                "a call answered with RATE_LIMITED spends its key: the call itself is refused",
            ]
        );
    }

    #[test]
    fn a_call_for_which_the_limit_left_nothing_shows_nothing() {
        let throttled = |left: &str| {
            let found = judge(|world, call| match call.label.as_str() {
                TAKEN_AGAIN => Some(telling(world.answer(call), ["5", left, "9"])),
                CALL if call.credentials == Credentials::Bearer(Role::Throttled) => {
                    Some(failed(call.clone(), 429, "RATE_LIMITED"))
                }
                _ => None,
            });
            violations(&found).len()
        };
        assert_eq!((throttled("0"), throttled("1")), (0, 1));
    }

    #[test]
    fn a_call_that_is_answered_and_not_executed_or_executed_twice_is_a_violation() {
        let idle = judge(|_, call| (call.label == "call").then(|| succeeded(call.clone(), 1.into())));
        assert!(
            violations(&idle)
                .iter()
                .all(|summary| summary.ends_with("is answered, and not executed"))
        );
        let twice = judge(|world, call| {
            (call.label == "call").then(|| {
                world.act(call);
                world.act(call)
            })
        });
        assert!(
            violations(&twice)
                .iter()
                .all(|summary| summary.ends_with("executes more than once"))
        );
        assert_eq!((violations(&idle).len(), violations(&twice).len()), (5, 5));
    }

    #[test]
    fn a_throttled_key_that_may_not_write_shows_nothing_of_the_limit() {
        for (status, code) in [(403, "FORBIDDEN"), (404, "TOOL_NOT_FOUND")] {
            // The limit comes first.
            let found = judge(|world, call| {
                let may_not = call.credentials == Credentials::Bearer(Role::Throttled)
                    && [CALL, CONTROL].contains(&call.label.as_str());
                may_not.then(|| {
                    let answer = world.answer(call);
                    match is_throttled(&answer) {
                        true => answer,
                        false => failed(call.clone(), status, code),
                    }
                })
            });
            let [others @ .., Finding::NotExercised(Unexercised::NotApplicable(why))] = &found[..] else {
                panic!("{found:?}")
            };
            assert!(all_held(others) && why.contains("[keys] throttled"), "{found:?}");
        }
    }

    #[test]
    fn a_first_call_that_is_not_refused_and_trouble_show_nothing() {
        let served = judge(|world, call| (call.label == REFUSED).then(|| world.act(call)));
        assert!(shows_nothing(&served));
        for label in [TAKEN_AGAIN, CALL, CONTROL] {
            for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
                let found = judge(|_, call| (call.label == label).then(|| failed(call.clone(), status, code)));
                // A throttle of the one key alone, when the limit is reset, is what is looked for.
                let is_kept = label == CALL && status == 429;
                assert_eq!(violations(&found).len(), usize::from(is_kept), "{code} {label}");
            }
        }
    }
}
