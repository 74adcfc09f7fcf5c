//! A violation with its evidence.

use hubproof_model::judgment::Assertion;
use hubproof_model::record::{self, ViolationRecord};
use serde::{Deserialize, Serialize};

use super::baseline::Known;
use super::body::Body;
use super::exchange::Exchange;
use super::reproduce::Reproduce;

/// A violation with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Violation {
    /// The case that showed it.
    pub case: String,
    /// The tool concerned, if one.
    pub tool: Option<String>,
    /// The entry of the baseline that excuses it, if one.
    pub known: Option<Known>,
    /// What is wrong, in a line.
    pub summary: String,
    /// What a sound hub answers.
    pub expected: String,
    /// What this one answered.
    pub observed: String,
    /// The assertion concerned, for generated inputs.
    pub assertion: Option<Assertion>,
    /// The smallest input that was found to show it, where one was looked for. The rest is of that input then.
    pub smallest: Option<Smallest>,
    /// The shortest sequence that was found to show it, where a sequence showed it. The rest is of that sequence then.
    pub sequence: Option<Sequence>,
    /// How many violations of the same tool and summary were folded into this one.
    pub alike: u64,
    /// The exchanges that show it, in order.
    pub exchanges: Vec<Exchange>,
    /// The lines that show it again.
    pub reproduce: Reproduce,
}

/// A smallest input and the search for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smallest {
    /// The input.
    pub input: Body,
    /// How many steps led to it.
    pub steps: u64,
    /// How many requests were sent for it.
    pub requests: u64,
    /// Whether every input one step smaller was tried; else the search ended early.
    pub settled: bool,
    /// The numbers of the exchanges that showed the violation first.
    pub first_shown: Vec<u64>,
}

/// A shortest sequence of operations and the search for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// Its operations with what each was answered, a line each.
    pub operations: Vec<String>,
    /// How many operations the planned sequence has.
    pub planned: u64,
    /// How many sequences were executed on the way to it.
    pub tries: u64,
    /// Whether everything a step shorter was tried; else the search ended early, or there was none.
    pub settled: bool,
    /// The numbers of the exchanges that showed the violation first.
    pub first_shown: Vec<u64>,
}

impl Violation {
    /// The lines that show it again are yet to be made.
    pub(super) fn of(violation: &ViolationRecord) -> Self {
        let exchanges: Vec<_> = violation.exchanges.iter().map(Exchange::from).collect();
        Self {
            case: violation.case.clone(),
            tool: violation.tool.clone(),
            known: violation.known.as_ref().map(Known::from),
            summary: violation.summary.clone(),
            expected: violation.expected.clone(),
            observed: violation.observed.clone(),
            assertion: violation.assertion.clone(),
            smallest: violation.smallest.as_ref().map(Smallest::from),
            sequence: violation.sequence.as_ref().map(Sequence::from),
            alike: violation.alike,
            reproduce: Reproduce::unwritten(violation, &exchanges),
            exchanges,
        }
    }
}

impl From<&record::Smallest> for Smallest {
    fn from(smallest: &record::Smallest) -> Self {
        Self {
            input: Body::of_json(&smallest.input),
            steps: smallest.steps,
            requests: smallest.requests,
            settled: smallest.settled,
            first_shown: smallest.first_shown.clone(),
        }
    }
}

impl From<&record::ShortestSequence> for Sequence {
    fn from(sequence: &record::ShortestSequence) -> Self {
        Self {
            operations: sequence.operations.clone(),
            planned: sequence.planned,
            tries: sequence.tries,
            settled: sequence.settled,
            first_shown: sequence.first_shown.clone(),
        }
    }
}
