//! Cases of a call that leaves its idempotency key unused, and of the call that executes under it then (IDM-07, IDM-08).

use hubproof_model::call::Credentials;
use hubproof_model::case::Step;
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::outcome::Outcome;
use hubproof_model::role::Role;

use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::judging::violated;

/// The label of the call that executes under the key.
pub(crate) const CALL: &str = "call";
const AFTER_CALL: &str = "after the call";
/// The label of the same under another key.
pub(crate) const CONTROL: &str = "control";
const AFTER_CONTROL: &str = "after the control";

/// The steps after one that leaves a key unused: the call under it, and the same under another key as control, last.
pub(crate) fn executes_under(scene: &Scene<'_>, key: &str, role: Role) -> Vec<Step> {
    let call = |label: &str, key: String| {
        let call = scene.call(label, |body| body.keyed(key));
        Step::call(call.with_credentials(Credentials::Bearer(role)))
    };
    vec![
        call(CALL, key.to_owned()),
        scene.shows(AFTER_CALL, 1),
        call(CONTROL, format!("{key}-control")),
        scene.shows(AFTER_CONTROL, 2),
    ]
}

/// What is wrong where the call is refused, though an `earlier` call had left its key unused.
pub(crate) fn refused_again(earlier: &str) -> String {
    format!("{earlier} spends its key: the call itself is refused")
}

/// Whether the call executed once, though an `earlier` call had the same key.
///
/// # Errors
/// A finding that says nothing of the hub.
pub(crate) fn executed_once(seen: &Seen<'_>, earlier: &str) -> Result<Finding, Finding> {
    let control = seen.succeeded(CONTROL)?;
    let (effects, with_control) = (seen.effects(AFTER_CALL)?, seen.effects(AFTER_CONTROL)?);
    if with_control <= effects {
        return Err(seen.unseen(control));
    }
    // One effect that shows late may be the call's own; two are both.
    let is_calls = || {
        seen.succeeded(CALL)
            .is_ok_and(|call| seen.shows_what_told(call, control, AFTER_CONTROL))
    };
    if (effects, with_control) == (0, 1) && is_calls() {
        return Err(seen.unseen(control));
    }
    let call = seen.executed(CALL, refused_again(earlier));
    let (exchange, found) = match call {
        Ok(call) => (call, None),
        Err(Finding::Violated(violation)) => (seen.told(CALL)?, Some(violation)),
        Err(other) => return Err(other),
    };
    let wrong = match effects {
        1 => None,
        0 if with_control == 2 => None,
        0 => Some(format!(
            "{earlier} spends its key: the call itself is answered, and not executed"
        )),
        _ => Some(format!("after {earlier} a call under its key executes more than once")),
    };
    let found = found.or(wrong.map(|summary| Violation {
        observed: format!("{}, and {effects} effects", Outcome::of(exchange)),
        ..violated(exchange, summary, "success, and one effect")
    }));
    Ok(match found {
        None => Finding::Held,
        Some(violation) => Finding::Violated(Violation {
            exchanges: [vec![exchange.number], seen.numbers(AFTER_CALL), vec![control.number]].concat(),
            ..violation
        }),
    })
}
