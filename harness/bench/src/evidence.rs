//! The wrong answers of a load: counted by requirement, and the first few different ones kept.

use std::collections::BTreeMap;

use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Violation;
use hubproof_model::requirement::{Requirement, RequirementId};

/// How many different violations of a requirement are kept.
const KEPT: usize = 5;

/// What answers were wrong in.
#[derive(Debug, Default)]
pub(crate) struct Wrong {
    pub(crate) by_requirement: BTreeMap<RequirementId, Broken>,
}

/// What broke a requirement.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) requirement: &'static Requirement,
    /// How many answers did.
    pub(crate) answers: u64,
    /// How many of each tool.
    pub(crate) tools: BTreeMap<Option<String>, u64>,
    /// The first few that differ, each with how many are alike.
    pub(crate) kept: Vec<Kept>,
}

/// A violation with the exchange that shows it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) violation: Violation,
    pub(crate) exchange: Exchange,
    pub(crate) alike: u64,
}

impl Wrong {
    /// Takes in what an answer breaks.
    pub(crate) fn note(&mut self, exchange: &Exchange, violations: Vec<(&'static Requirement, Violation)>) {
        let mut counted = None;
        for (requirement, violation) in violations {
            let broken = self.broken(requirement);
            // Of an answer that breaks a requirement twice, the judge says both, one after the other.
            if counted.replace(requirement.id) != Some(requirement.id) {
                broken.answers += 1;
                *broken.tools.entry(violation.tool.clone()).or_default() += 1;
            }
            broken.keep(violation, || exchange.clone(), 0);
        }
    }

    /// Takes in all of another load's.
    pub(crate) fn add(&mut self, other: Wrong) {
        for (_, theirs) in other.by_requirement {
            let broken = self.broken(theirs.requirement);
            broken.answers += theirs.answers;
            for (tool, answers) in theirs.tools {
                *broken.tools.entry(tool).or_default() += answers;
            }
            for kept in theirs.kept {
                broken.keep(kept.violation, || kept.exchange, kept.alike);
            }
        }
    }

    fn broken(&mut self, requirement: &'static Requirement) -> &mut Broken {
        self.by_requirement.entry(requirement.id).or_insert_with(|| Broken {
            requirement,
            answers: 0,
            tools: BTreeMap::new(),
            kept: Vec::new(),
        })
    }
}

impl Broken {
    fn keep(&mut self, violation: Violation, exchange: impl FnOnce() -> Exchange, alike: u64) {
        let is_alike =
            |kept: &&mut Kept| kept.violation.tool == violation.tool && kept.violation.summary == violation.summary;
        if let Some(kept) = self.kept.iter_mut().find(is_alike) {
            kept.alike += 1 + alike;
        } else if self.kept.len() < KEPT {
            self.kept.push(Kept {
                violation,
                exchange: exchange(),
                alike,
            });
        }
    }
}
