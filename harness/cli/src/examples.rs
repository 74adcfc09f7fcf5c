//! The recorded examples of requirements, an exchange each that holds and one that does not: written by `cargo xtask codegen`, and shown
//! by `hubproof explain`.

use std::collections::BTreeMap;

use hubproof_model::requirement::RequirementId;
use serde::{Deserialize, Serialize};

/// The file as it was when this was built.
const FILE: &str = include_str!("../../../fixtures/examples.json");

/// Everything in the file, by requirement.
pub type AllExamples = BTreeMap<RequirementId, Examples>;

/// The examples of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Of the clean reference hub.
    pub held: Example,
    /// Of the reference hub with a defect.
    pub violated: ViolatedExample,
}

/// An exchange, cut to what a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What is tried, in words, where the exchange belongs to one case.
    pub tried: Option<String>,
    /// Which of the case's calls it is.
    pub call: String,
    /// The request: a line, headers, and the body if it has one.
    pub request: String,
    /// The answer, in the same way.
    pub answer: String,
}

/// An exchange that breaks a requirement, with what the judge said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViolatedExample {
    /// The defect of the reference hub.
    pub defect: String,
    /// What is wrong.
    pub summary: String,
    /// What a sound hub answers.
    pub expected: String,
    /// What this one answered.
    pub observed: String,
    /// The exchange.
    pub exchange: Example,
}

/// Reads the examples that this was built with.
///
/// # Errors
/// That the file is none of theirs: a fault of the build.
pub fn examples() -> Result<AllExamples, String> {
    serde_json::from_str(FILE).map_err(|fault| format!("fixtures/examples.json: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_read_and_stay_small_beside_the_program() {
        assert!(!examples().unwrap().is_empty());
        assert!(FILE.len() < 300 * 1024, "{} bytes", FILE.len());
    }
}
