//! Refused calls that would show if they acted: the refusals first, then a look, then the same call as it should be, which shows that
//! an effect would have been seen.

use hubproof_model::call::{Call, Intent};
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};

use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::judging::{observed, violated};

/// The beginning of the labels of refused calls.
const REFUSED: &str = "refused: ";
const AFTER: &str = "after the refusals";
const CONTROL: &str = "control";
const SHOWN: &str = "after the control";

/// The case of refused calls on a scene, each with what is wrong with it.
pub(crate) fn case(scene: &Scene<'_>, id: String, title: &str, refused: Vec<(String, Call)>) -> Case {
    let mut steps = scene.set_up();
    // A sound hub refuses them; a broken one may execute them, which is what is looked for.
    steps.extend(refused.into_iter().map(|(what, call)| {
        let call = call.with_intent(Intent::Refused);
        Step::call(call.labelled(format!("{REFUSED}{what}")))
    }));
    steps.push(scene.shows_no_more(AFTER, 0));
    steps.push(Step::call(scene.call(CONTROL, |body| body)));
    steps.push(scene.shows(SHOWN, 1));
    scene.case(id, title, steps)
}

/// Whether the calls that were refused with one of these codes, or with a bare status of these, had an effect.
pub(crate) fn judge(evidence: &Evidence<'_>, codes: &[ErrorCode], statuses: &[u16]) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let is_refusal = |exchange: &&&Exchange| match Outcome::of(exchange) {
        Outcome::Error(code) => codes.contains(&code),
        Outcome::Bare(status) => statuses.contains(&status),
        _ => false,
    };
    let tried: Vec<_> = evidence
        .exchanges
        .iter()
        .filter(|exchange| exchange.call.label.starts_with(REFUSED))
        .collect();
    if let Some(other) = tried.iter().find(|exchange| !is_refusal(exchange)) {
        // What it should have been answered is another requirement's business; what it did cannot be told from the refusals'.
        let why = format!(
            "{} was not refused as it should be: {}",
            other.call.label,
            observed(other)
        );
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let effects = seen.effects(AFTER)?;
    if effects > 0 {
        let last = tried
            .last()
            .ok_or_else(|| Finding::Inconclusive("nothing was refused".to_owned()))?;
        let tool = evidence.case.and_then(|case| case.tool.clone());
        return Ok(Finding::Violated(Violation {
            tool,
            observed: format!("an effect shows after {} refused calls", tried.len()),
            exchanges: tried
                .iter()
                .map(|exchange| exchange.number)
                .chain(seen.numbers(AFTER))
                .collect(),
            ..violated(last, "a refused call acted all the same", "no effect")
        }));
    }
    seen.acted_alone(CONTROL, SHOWN).map(|_| Finding::Held)
}
