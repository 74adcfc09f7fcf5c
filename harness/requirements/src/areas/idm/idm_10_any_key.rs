//! IDM-10: any key of 1 to 255 printable characters is taken, case-sensitively; others never break the hub.

use hubproof_model::call::{Body, Call};
use hubproof_model::case::{Case, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::effects::scene::Scene;
use crate::effects::seen::Seen;
use crate::evidence::Evidence;
use crate::idempotency_keys::{Doubtful, doubtful, of_one_character, pairs};
use crate::judging::{findings, is_accepted, is_rejected, violated, without_success};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Idm, 10),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Request body",
    title: "any printable key is taken, and told from all others",
    statement: "A hub MUST take any key of 1 to 255 printable characters, case-sensitively, and MUST answer others (empty, 64 KiB, control \
                characters) with success or INVALID_INPUT, never 5xx.",
    rationale: "A key that is cut, folded or trimmed where it is kept is another client's key: its call is lost.",
    method: "On one tool, executes equal calls under pairs of keys that differ in the last of 33, 65, 129 and 255 characters, in \
             case, or by a space at either end, and under keys of all printable ASCII and of one character: each must execute. \
             Other keys may be refused, though never by a 5xx.",
    mend: "Store keys as they came: at least 255 characters, compared byte for byte, not trimmed, cut or folded. Check length and \
           characters before the database does, and answer INVALID_INPUT.",
    needs: &[Need::Allow(Allow::Write), Need::Effect],
    reach: Allow::Admin,
    since: "0.1.0",
};

const AFTER_CONTROL: &str = "after the control";
const AFTER_BOTH: &str = "after both";
const BOTH: [&str; 2] = ["one", "two"];
/// The call of another input under the control's key: how this hub refuses a key that was used before.
const CONFLICT: &str = "conflict";
/// What the labels of keys of one character begin with.
const SHORT: &str = "one character ";
/// What the labels of doubtful keys begin with.
const DOUBTFUL: &str = "doubtful: ";

pub(crate) struct Idm10;
pub(crate) const CHECK: Idm10 = Idm10;

impl Check for Idm10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let scene = |name: &str| {
            let scenes = site.few_counting_scenes(&format!("IDM-10/{name}"))?;
            let none = || Unexercised::Missing(vec![Need::Effect]);
            scenes.into_iter().next().ok_or_else(none)
        };
        let mut cases = Vec::new();
        for pair in pairs(site) {
            let scene = scene(&pair.name)?;
            let [one, two] = pair.keys;
            let mut steps = control(&scene, &pair.name, site);
            steps.extend([
                keyed(&scene, BOTH[0], one),
                keyed(&scene, BOTH[1], two),
                scene.shows(AFTER_BOTH, 3),
            ]);
            cases.push(scene.case(format!("IDM-10/{}", pair.name), pair.title, steps));
        }
        let (short, other) = (scene("one-character")?, scene("one-character/other")?);
        let mut steps = control(&short, "one-character", site);
        steps.push(keyed(&other, CONFLICT, control_key("one-character", site)));
        let keys = of_one_character(site).into_iter().enumerate();
        steps.extend(keys.map(|(at, key)| keyed(&short, &format!("{SHORT}{}", at + 1), key)));
        steps.push(short.shows(AFTER_BOTH, 2));
        cases.push(short.case("IDM-10/one-character", "keys of one character", steps));
        let scene = scene("doubtful")?;
        let mut steps = control(&scene, "doubtful", site);
        steps.extend(doubtful(site).into_iter().map(|key| doubtfully_keyed(&scene, key)));
        cases.push(scene.case("IDM-10/doubtful", "keys that a hub may refuse", steps));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let has_label = |start: &str| {
            evidence
                .exchanges
                .iter()
                .any(|exchange| exchange.call.label.starts_with(start))
        };
        match (has_label(DOUBTFUL), has_label(SHORT)) {
            (true, _) => judge_doubtful(evidence),
            (_, true) => findings(judge_short(evidence)),
            _ => findings(judge_pair(evidence)),
        }
    }
}

fn keyed(scene: &Scene<'_>, label: &str, key: String) -> Step {
    Step::call(scene.call(label, |body| body.keyed(key)))
}

fn doubtfully_keyed(scene: &Scene<'_>, key: Doubtful) -> Step {
    let Doubtful { what, start, dashes } = key;
    let call = scene.call(&format!("{DOUBTFUL}{what}"), |body| body.keyed(&start));
    if dashes == 0 {
        return Step::call(call);
    }
    let text = call.json().map(ToString::to_string).unwrap_or_default();
    let (before, after) = text.split_once(&start).unwrap_or((&text, ""));
    let body = Body::Repeat {
        head: format!("{before}{start}"),
        unit: "-".to_owned(),
        times: dashes,
        tail: after.to_owned(),
    };
    Step::call(call.with_body(body))
}

fn control_key(name: &str, site: &Site<'_>) -> String {
    site.idempotency_key(&format!("IDM-10/{name}/control"))
}

/// The call under a key that no hub finds fault with.
fn control(scene: &Scene<'_>, name: &str, site: &Site<'_>) -> Vec<Step> {
    vec![
        keyed(scene, "control", control_key(name, site)),
        scene.shows(AFTER_CONTROL, 1),
    ]
}

fn judge_pair(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let what = evidence.case.map_or("keys", |case| case.title.as_str());
    let (_, before) = seen.acted("control", AFTER_CONTROL)?;
    let one = seen.executed(BOTH[0], format!("{what}: the first is refused"))?;
    let two = seen.executed(BOTH[1], format!("{what}: the second is refused"))?;
    let effects = seen.effects(AFTER_BOTH)?;
    if effects >= before + 2 {
        return Ok(Finding::Held);
    }
    Ok(Finding::Violated(Violation {
        observed: format!("{} effects of both calls", effects.saturating_sub(before)),
        exchanges: [vec![one.number, two.number], seen.numbers(AFTER_BOTH)].concat(),
        ..violated(two, format!("{what}: taken for one"), "two effects")
    }))
}

/// A key that others used before is refused, or replayed, with every right: only refusals of all, and of another kind than those of used
/// keys, show that such keys are not taken.
fn judge_short(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let seen = Seen::of(evidence)?;
    let (_, before) = seen.acted("control", AFTER_CONTROL)?;
    let after = seen.effects(AFTER_BOTH)?;
    if after > before {
        return Ok(Finding::Held);
    }
    let conflict = refusal(seen.told(CONFLICT)?);
    let is_short = |exchange: &&&Exchange| exchange.call.label.starts_with(SHORT);
    let mut numbers = Vec::new();
    for exchange in evidence.exchanges.iter().filter(is_short) {
        let exchange = seen.told(&exchange.call.label)?;
        numbers.push(exchange.number);
        if !is_rejected(exchange) || refusal(exchange) == conflict {
            let why = "the keys of one character that were tried may all have been used before".to_owned();
            return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
        }
    }
    let first = seen.told(&format!("{SHORT}1"))?;
    Ok(Finding::Violated(Violation {
        exchanges: numbers,
        ..violated(first, "keys of one character are refused", "success")
    }))
}

/// What a refusal says, but for what it repeats of the call.
fn refusal(exchange: &Exchange) -> (Option<u16>, Option<String>, Option<String>) {
    let error = |member: &str| {
        let text = exchange.json()?.get("error")?.get(member)?.as_str()?.to_owned();
        let key = exchange.call.idempotency_key().unwrap_or_default();
        Some(text.replace(&format!("\"{key}\""), "").replace(&format!("'{key}'"), ""))
    };
    let status = exchange.response().map(|response| response.status);
    (status, error("code"), error("message"))
}

fn judge_doubtful(evidence: &Evidence<'_>) -> Vec<Finding> {
    let control = Seen::of(evidence).and_then(|seen| seen.succeeded("control").map(|_| seen));
    let seen = match control {
        Ok(seen) => seen,
        Err(finding) => return vec![finding],
    };
    let mut found = Vec::new();
    for exchange in &evidence.exchanges {
        if let Some(what) = exchange.call.label.strip_prefix(DOUBTFUL) {
            found.extend(findings(judge_key(&seen, &exchange.call, what)));
        }
    }
    found
}

fn judge_key(seen: &Seen<'_>, call: &Call, what: &str) -> Result<Finding, Finding> {
    let exchange = seen.told(&call.label)?;
    let outcome = Outcome::of(exchange);
    match &outcome {
        Outcome::Success | Outcome::Error(ErrorCode::InvalidInput) => Ok(Finding::Held),
        // What comes before the API refuses a body that is too large for it.
        _ if outcome.is_bare_client_error() => Ok(Finding::Held),
        _ if is_accepted(&outcome) => Err(without_success(exchange)),
        _ => {
            let summary = format!("{what} is answered with neither success nor INVALID_INPUT");
            Ok(Finding::Violated(violated(
                exchange,
                summary,
                "success or INVALID_INPUT",
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::acting_hub::{World, acting_hub, found_acting};
    use crate::exchanges::{all_held, answered, failed, shows_nothing, succeeded, violations};

    fn judge(twist: impl Fn(&mut World, &Call) -> Option<Exchange>) -> Vec<Finding> {
        found_acting(&acting_hub(), &CHECK, twist)
    }

    /// What is found where the hub keeps what `keep` makes of a key.
    fn judge_kept(keep: impl Fn(&str) -> String) -> Vec<String> {
        let found = judge(|world, call| {
            let kept = keep(call.idempotency_key()?);
            (!kept.is_empty()).then(|| world.answer_changed(call, |body| body["idempotency_key"] = Value::from(kept)))
        });
        violations(&found).into_iter().map(str::to_owned).collect()
    }

    /// What is found where the hub refuses keys like this.
    fn judge_refused(is_refused: impl Fn(&str) -> bool) -> Vec<Finding> {
        judge(|_, call| is_refused(call.idempotency_key()?).then(|| failed(call.clone(), 400, "INVALID_INPUT")))
    }

    #[test]
    fn keys_that_are_taken_and_told_apart_hold() {
        let found = judge(|_, _| None);
        assert!(all_held(&found) && found.len() == 8 + 1 + 5, "{found:?}");
    }

    #[test]
    fn keys_that_are_cut_folded_or_trimmed_are_violations() {
        let cut = |length: usize| judge_kept(move |key| key.chars().take(length).collect());
        assert_eq!(
            cut(254),
            ["keys of 255 characters that differ in the last: taken for one"]
        );
        assert_eq!(cut(128).len(), 2);
        assert_eq!(cut(64).len(), 4);
        assert_eq!(
            judge_kept(str::to_lowercase),
            ["keys that differ in case: taken for one"]
        );
        assert_eq!(
            judge_kept(|key| key.trim_end_matches(' ').to_owned()),
            ["keys that differ by a space at the end: taken for one"]
        );
        assert_eq!(judge_kept(|key| key.trim_matches(' ').to_owned()).len(), 2);
    }

    #[test]
    fn keys_that_are_refused_for_their_length_or_characters_are_violations() {
        let long = judge_refused(|key| key.len() > 200);
        assert_eq!(
            violations(&long),
            ["keys of 255 characters that differ in the last: the first is refused"]
        );
        let special = judge_refused(|key| key.contains('~'));
        assert_eq!(
            violations(&special),
            ["keys of all printable characters that differ in the last: the first is refused"]
        );
        let short = judge_refused(|key| key.len() == 1);
        assert_eq!(violations(&short), ["keys of one character are refused"]);
    }

    #[test]
    fn keys_of_one_character_that_others_used_show_nothing() {
        let is_short = |call: &Call| call.idempotency_key().is_some_and(|key| key.len() == 1);
        let used = judge(|_, call| is_short(call).then(|| failed(call.clone(), 409, "INVALID_INPUT")));
        let replayed = judge(|_, call| is_short(call).then(|| succeeded(call.clone(), Value::Null)));
        for found in [used, replayed] {
            assert!(
                violations(&found).is_empty() && matches!(found[8], Finding::NotExercised(_)),
                "{found:?}"
            );
        }
        let one_left = judge(|_, call| {
            (is_short(call) && call.label != "one character 3").then(|| failed(call.clone(), 409, "INVALID_INPUT"))
        });
        assert!(all_held(&one_left));
    }

    #[test]
    fn a_plan_holds_a_long_key_small() {
        let cases = acting_hub().plan(&CHECK).unwrap();
        let bodies = cases.iter().flat_map(Case::calls).map(|call| &call.body);
        let long: Vec<_> = bodies.filter(|body| matches!(body, Body::Repeat { .. })).collect();
        let [
            Body::Repeat {
                head,
                unit,
                times,
                tail,
            },
        ] = long.as_slice()
        else {
            panic!("{long:?}")
        };
        let whole: Value = serde_json::from_str(&format!("{head}{}{tail}", unit.repeat(*times))).unwrap();
        assert_eq!(whole["idempotency_key"].as_str().unwrap().len(), 64 * 1024);
    }

    #[test]
    fn a_doubtful_key_may_be_taken_or_refused_and_breaks_nothing() {
        let judge_doubtful = |answer: fn(&mut World, &Call) -> Exchange| {
            judge(|world, call| call.label.starts_with(DOUBTFUL).then(|| answer(world, call)))
        };
        assert!(all_held(&judge_doubtful(|world, call| world.act(call))));
        assert!(all_held(&judge_doubtful(|_, call| answered(
            call.clone(),
            413,
            Value::Null
        ))));
        for (status, code) in [(500, "INTERNAL_ERROR"), (404, "TOOL_NOT_FOUND")] {
            let found = judge(|_, call| {
                call.label
                    .starts_with(DOUBTFUL)
                    .then(|| failed(call.clone(), status, code))
            });
            assert_eq!(violations(&found).len(), 5);
            assert!(violations(&found).contains(&"an empty key is answered with neither success nor INVALID_INPUT"));
        }
    }

    #[test]
    fn trouble_shows_nothing() {
        for (status, code) in [(429, "RATE_LIMITED"), (502, "UPSTREAM_ERROR")] {
            let found = judge(|_, call| call.idempotency_key().map(|_| failed(call.clone(), status, code)));
            assert!(shows_nothing(&found), "{code}");
        }
        let unseen = judge(|_, call| {
            call.tool()?
                .ends_with(".create")
                .then(|| succeeded(call.clone(), 1.into()))
        });
        assert!(violations(&unseen).is_empty());
    }
}
