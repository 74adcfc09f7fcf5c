//! What a judge says, and what a requirement's cases come to.

use serde::{Deserialize, Serialize};

use crate::requirement::Need;

/// What one case (or one exchange of a log) shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The requirement was exercised, and held.
    Held,
    /// The requirement was exercised, and broken.
    Violated(Violation),
    /// The requirement could not be exercised here; why.
    NotExercised(Unexercised),
    /// It was tried, but what came back allows no verdict (a broken connection, a control that failed); why.
    Inconclusive(String),
}

impl Finding {
    /// Whether it decides something: held, or violated.
    pub fn is_verdict(&self) -> bool {
        matches!(self, Finding::Held | Finding::Violated(_))
    }
}

/// A broken requirement, with the evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The tool concerned, if one.
    pub tool: Option<String>,
    /// One line: what is wrong.
    pub summary: String,
    /// What a sound hub answers.
    pub expected: String,
    /// What this one answered.
    pub observed: String,
    /// The numbers of the exchanges that show it, in order.
    pub exchanges: Vec<u64>,
    /// For generated inputs: which assertion of which schema is concerned.
    pub assertion: Option<Assertion>,
}

/// An assertion of a JSON Schema, and where an instance meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The keyword, such as `maxLength`.
    pub keyword: String,
    /// JSON Pointer into the input.
    pub instance_pointer: String,
    /// JSON Pointer into the schema.
    pub schema_pointer: String,
}

/// Why nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unexercised {
    /// The profile or a flag does not grant what it needs.
    Missing(Vec<Need>),
    /// The target offers nothing to try it on; in words.
    NotApplicable(String),
}

impl std::fmt::Display for Unexercised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unexercised::NotApplicable(why) => f.write_str(why),
            Unexercised::Missing(needs) => {
                f.write_str("needs ")?;
                for (index, need) in needs.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" and ")?;
                    }
                    write!(f, "{need}: {}", need.grant())?;
                }
                Ok(())
            }
        }
    }
}

/// The verdict on a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Exercised, and no case broke it.
    Held,
    /// A case broke it.
    Violated,
    /// No case could be sent.
    NotExercised,
    /// No case broke it, and at least one allowed no verdict.
    Inconclusive,
}

impl Verdict {
    /// Whether the requirement was tried, and the answers allowed a verdict.
    pub fn is_exercised(self) -> bool {
        matches!(self, Verdict::Held | Verdict::Violated)
    }
}
