//! A case: the smallest thing that is planned, sent and judged as one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::safety::Allow;

/// In which order a case's calls go out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Each after the answer to the one before.
    #[default]
    Sequential,
    /// All at once.
    Concurrent,
}

/// Some calls and what is to be seen in their answers. Two requirements that plan a case of the same id share its exchanges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Stable within a run, such as `EXE-02/itsm.tickets.create/3`.
    pub id: String,
    /// The tool that it is about, if one.
    pub tool: Option<String>,
    /// What is tried, in words.
    pub title: String,
    /// What goes out.
    pub calls: Vec<Call>,
    /// In which order.
    #[serde(default)]
    pub order: Order,
    /// Whether no other case's calls may be in flight beside it: what they do would be taken for what it did.
    #[serde(default)]
    pub exclusive: bool,
    /// What the judge must know beyond the calls, such as the keyword that an input breaks. `null` where nothing.
    #[serde(default)]
    pub facts: Value,
}

impl Case {
    /// A case of sequential calls without further facts.
    pub fn new(id: impl Into<String>, title: impl Into<String>, calls: Vec<Call>) -> Self {
        Self {
            id: id.into(),
            tool: None,
            title: title.into(),
            calls,
            order: Order::Sequential,
            exclusive: false,
            facts: Value::Null,
        }
    }

    /// The same case, about a tool.
    #[must_use]
    pub fn about(mut self, tool: impl Into<String>) -> Self {
        self.tool = Some(tool.into());
        self
    }

    /// The same case with facts for its judge.
    #[must_use]
    pub fn with_facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// The same case with all calls in flight at once.
    #[must_use]
    pub fn concurrently(mut self) -> Self {
        self.order = Order::Concurrent;
        self
    }

    /// The same case, with no other case's calls in flight beside it.
    #[must_use]
    pub fn exclusively(mut self) -> Self {
        self.exclusive = true;
        self
    }

    /// The level that a run must be allowed before the case is sent: the highest that a call of it needs.
    pub fn required_allow(&self) -> Allow {
        self.calls
            .iter()
            .map(|call| call.intent.required_allow())
            .max()
            .unwrap_or(Allow::Read)
    }
}
