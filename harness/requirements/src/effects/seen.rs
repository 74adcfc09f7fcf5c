//! What observations of a scene show: how often a call acted.

use std::collections::BTreeSet;

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::scene::{BEFORE, again};
use crate::evidence::Evidence;
use crate::judging::{is_accepted, refused_control, told, violated, without_success};
use crate::observing::{State, count, differs, state};

/// The member of a case's facts that tells of its scene.
pub(super) const SCENE: &str = "scene";
/// The member that tells of a second one.
pub(super) const SCENE_BESIDE: &str = "scene beside";

/// What a scene's reads show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The records that hold the marker, each made by one execution.
    Records,
    /// The run's own record, which an execution changes or removes.
    Record,
    /// The same, among others in a listing.
    RecordInListing,
    /// Something that others may change too.
    Fingerprint,
}

/// What is seen of a scene in the evidence of its case.
pub struct Seen<'e> {
    evidence: &'e Evidence<'e>,
    kind: Kind,
    marker: String,
}

impl<'e> Seen<'e> {
    /// Reads the case's facts.
    ///
    /// # Errors
    /// An inconclusive finding where they say nothing of a scene.
    pub fn of(evidence: &'e Evidence<'e>) -> Result<Self, Finding> {
        Self::named(evidence, SCENE)
    }

    /// What is seen of the second scene of a case that has two.
    ///
    /// # Errors
    /// An inconclusive finding where its facts say nothing of one.
    pub fn beside(evidence: &'e Evidence<'e>) -> Result<Self, Finding> {
        Self::named(evidence, SCENE_BESIDE)
    }

    fn named(evidence: &'e Evidence<'e>, fact: &str) -> Result<Self, Finding> {
        let no_scene = || Finding::Inconclusive("the case says nothing of effects".to_owned());
        let scene = evidence
            .case
            .and_then(|case| case.facts.get(fact))
            .ok_or_else(no_scene)?;
        let kind = scene
            .get("kind")
            .and_then(|kind| Kind::deserialize(kind).ok())
            .ok_or_else(no_scene)?;
        let marker = scene
            .get("marker")
            .and_then(Value::as_str)
            .ok_or_else(no_scene)?
            .to_owned();
        Ok(Self { evidence, kind, marker })
    }

    /// How many effects the observation of this label shows. Where they are not counted, 1 stands for any number above 0, and what changes
    /// by itself does not count.
    ///
    /// # Errors
    /// An inconclusive finding where a read failed.
    pub fn effects(&self, label: &str) -> Result<u64, Finding> {
        match self.kind {
            Kind::Records => count(&self.reads(label), &self.marker).map_err(Finding::Inconclusive),
            _ => self.differs(label, &self.reads(&again(BEFORE))).map(u64::from),
        }
    }

    /// Whether the scene's own record is another at this observation, in whatever it shows.
    ///
    /// # Errors
    /// An inconclusive finding where a read failed.
    pub fn is_other(&self, label: &str) -> Result<bool, Finding> {
        self.differs(label, &[])
    }

    fn differs(&self, label: &str, again: &[&Exchange]) -> Result<bool, Finding> {
        let holding = (self.kind == Kind::RecordInListing).then_some(self.marker.as_str());
        let before = self.reads(BEFORE);
        if state(&before, holding).map_err(Finding::Inconclusive)? == State::IsGone {
            return Err(match self.kind {
                // Nobody made it: the profile's input names it, or a drawn one does.
                Kind::Fingerprint => Finding::NotExercised(Unexercised::NotApplicable(
                    "what the call's input names does not show before it: name one that is there in [inputs]"
                        .to_owned(),
                )),
                _ => Finding::Inconclusive("the record that was made to be changed does not show".to_owned()),
            });
        }
        differs([&before, again, &self.reads(label)], holding).map_err(Finding::Inconclusive)
    }

    /// The success of the call of this label, and how many effects the observation after it shows: at least one.
    ///
    /// # Errors
    /// A finding that says nothing of the hub, where the call did not succeed, or its effect does not show.
    pub fn acted(&self, call: &str, observation: &str) -> Result<(&'e Exchange, u64), Finding> {
        let exchange = self.succeeded(call)?;
        match self.effects(observation)? {
            0 => Err(self.unseen(exchange)),
            effects => Ok((exchange, effects)),
        }
    }

    /// The same for a call that stands beside others that must not act: more than its own effect may be theirs, come late.
    ///
    /// # Errors
    /// A finding that says nothing of the hub.
    pub fn acted_alone(&self, call: &str, observation: &str) -> Result<&'e Exchange, Finding> {
        match self.acted(call, observation)? {
            (_, effects) if self.counts() && effects > 1 => Err(Finding::Inconclusive(format!(
                "{effects} effects show after the {call} call, which should have one: others may have come late"
            ))),
            (exchange, _) => Ok(exchange),
        }
    }

    /// Whether an observation shows a record that the success of this call tells of, and that of another call does not: its id, say.
    pub fn shows_what_told(&self, call: &Exchange, other: &Exchange, observation: &str) -> bool {
        let told = |exchange: &Exchange| {
            let mut told = BTreeSet::new();
            scalars(data(exchange), &mut told);
            told
        };
        let (own, others) = (told(call), told(other));
        let shown: Vec<_> = self.reads(observation).iter().map(|read| told(read)).collect();
        let mut unlike = own.difference(&others);
        unlike.any(|scalar| shown.iter().any(|shown| shown.contains(scalar)))
    }

    /// The success of the call of this label.
    ///
    /// # Errors
    /// A finding that says nothing of the hub, where it did not succeed.
    pub fn succeeded(&self, call: &str) -> Result<&'e Exchange, Finding> {
        let exchange = self.told(call)?;
        match Outcome::of(exchange) {
            Outcome::Success => Ok(exchange),
            outcome if is_accepted(&outcome) => Err(without_success(exchange)),
            _ => Err(refused_control(self.evidence, exchange)),
        }
    }

    /// The success of the call of this label, which a sound hub executes beside a control that it executed.
    ///
    /// # Errors
    /// A violation of this summary, where it was refused; a finding that says nothing of the hub, where the vendor failed or someone
    /// has to approve.
    pub fn executed(&self, call: &str, summary: impl Into<String>) -> Result<&'e Exchange, Finding> {
        let exchange = self.told(call)?;
        match Outcome::of(exchange) {
            Outcome::Success => Ok(exchange),
            outcome if is_accepted(&outcome) => Err(without_success(exchange)),
            _ => Err(Finding::Violated(violated(exchange, summary, "success"))),
        }
    }

    /// The answer to the call of this label: the hub's own, and no throttle.
    ///
    /// # Errors
    /// An inconclusive finding where there is none.
    pub fn told(&self, call: &str) -> Result<&'e Exchange, Finding> {
        told(self.evidence, call)
    }

    /// The finding that the effect of a call did not show, though it succeeded: what follows from effects cannot be told.
    pub fn unseen(&self, exchange: &Exchange) -> Finding {
        let tool = exchange.call.tool().unwrap_or_default();
        let why = format!(
            "the effect of {tool} did not show where it was looked for: say in [effects.\"{tool}\"] how it shows, or in \
             [target] settle how long it takes"
        );
        Finding::NotExercised(Unexercised::NotApplicable(why))
    }

    /// The numbers of the exchanges of an observation, for the evidence of a violation.
    pub fn numbers(&self, label: &str) -> Vec<u64> {
        self.reads(label).iter().map(|read| read.number).collect()
    }

    /// Whether effects are counted.
    pub fn counts(&self) -> bool {
        self.kind == Kind::Records
    }

    fn reads(&self, label: &str) -> Vec<&'e Exchange> {
        let reads = self.evidence.exchanges.iter().filter(|read| read.call.label == label);
        reads.copied().collect()
    }
}

/// The texts and numbers in a value.
fn scalars(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, into)),
        Value::Object(members) => members.values().for_each(|member| scalars(member, into)),
        Value::String(_) | Value::Number(_) => drop(into.insert(value.to_string())),
        Value::Null | Value::Bool(_) => {}
    }
}

/// The data of a success.
pub fn data(exchange: &Exchange) -> &Value {
    exchange
        .json()
        .and_then(|body| body.get("data"))
        .unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Intent};
    use hubproof_model::case::Case;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, missing};
    use crate::schemas::Schemas;

    #[test]
    fn what_others_own_and_is_not_there_is_not_exercised() {
        let hub = Hub::small();
        let found = |kind: Kind| {
            let case = Case::of_steps("x", "", Vec::new()).with_facts(json!({SCENE: {"kind": kind, "marker": "m"}}));
            let read = |label: &str| {
                let call = Call::post_execute("a.b.get", json!({"input": {}}), Intent::Read);
                missing(call.labelled(label))
            };
            let exchanges = [read(BEFORE), read("after")];
            let schemas = Schemas::of(&hub.surface);
            let evidence = Evidence {
                surface: &hub.surface,
                schemas: &schemas,
                case: Some(&case),
                exchanges: exchanges.iter().collect(),
                deeds: &[],
            };
            Seen::of(&evidence).unwrap().effects("after")
        };
        assert!(matches!(found(Kind::Fingerprint), Err(Finding::NotExercised(_))));
        assert!(matches!(found(Kind::Record), Err(Finding::Inconclusive(_))));
    }
}
