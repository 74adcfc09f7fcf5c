//! What observations of a scene show: how often a call acted.

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::evidence::Evidence;
use crate::judging::observed;
use crate::observing::{State, count, state};

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
        let no_scene = || Finding::Inconclusive("the case says nothing of effects".to_owned());
        let scene = evidence
            .case
            .and_then(|case| case.facts.get("scene"))
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

    /// How many effects the observation of this label shows. Where they are not counted, 1 stands for any number above 0.
    ///
    /// # Errors
    /// An inconclusive finding where a read failed.
    pub fn effects(&self, label: &str) -> Result<u64, Finding> {
        let reads = self.reads(label);
        let inconclusive = |why: String| Finding::Inconclusive(why);
        if self.kind == Kind::Records {
            return count(&reads, &self.marker).map_err(inconclusive);
        }
        let holding = (self.kind == Kind::RecordInListing).then_some(self.marker.as_str());
        let before = state(&self.reads("before"), holding).map_err(inconclusive)?;
        if before == State::IsGone {
            return Err(Finding::Inconclusive(
                "the record that was made to be changed does not show".to_owned(),
            ));
        }
        let now = state(&reads, holding).map_err(inconclusive)?;
        Ok(u64::from(before != now))
    }

    /// The success of the call of this label, and how many effects the observation after it shows: at least one.
    ///
    /// # Errors
    /// A finding that says nothing of the hub, where the call did not succeed, or its effect does not show.
    pub fn acted(&self, call: &str, observation: &str) -> Result<(&'e Exchange, u64), Finding> {
        let exchange = self.succeeded(call)?;
        match self.effects(observation)? {
            0 => {
                let tool = exchange.call.tool().unwrap_or_default();
                let why = format!(
                    "the effect of {tool} did not show where it was looked for: say in [effects.\"{tool}\"] how it shows, or in \
                     [target] settle how long it takes"
                );
                Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
            }
            effects => Ok((exchange, effects)),
        }
    }

    /// The success of the call of this label.
    ///
    /// # Errors
    /// A finding that says nothing of the hub, where it did not succeed.
    pub fn succeeded(&self, call: &str) -> Result<&'e Exchange, Finding> {
        let exchange = self.evidence.answered(call)?;
        match Outcome::of(exchange) {
            Outcome::Success => Ok(exchange),
            _ => {
                let why = format!("the {call} call did not succeed: {}", observed(exchange));
                Err(Finding::Inconclusive(why))
            }
        }
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
