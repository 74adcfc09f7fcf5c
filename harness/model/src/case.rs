//! A case: the smallest thing that is planned, sent and judged as one. It is a script of steps, most often of calls alone.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::effect::Pages;
use crate::exchange::Exchange;
use crate::outcome::{ErrorCode, Outcome};
use crate::role::Role;
use crate::safety::Allow;
use crate::upstream::{Arrival, VendorStep};

/// One step of a case. Each begins when the one before has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A call.
    Call(Box<Call>),
    /// Calls that go out at once, and not again when they are throttled: whether they are is what is tried.
    Once(Vec<Once>),
    /// Calls that go out at once.
    AtOnce(Vec<Call>),
    /// Reads until something shows, or until it had the time to.
    Observe(Box<Observation>),
    /// Someone decides on a call that waits for approval.
    Decide(Decide),
    /// Counts the entries in Approvals that belong to a call.
    CountEntries(EntryCount),
    /// Looks at the entry in Approvals that belongs to a call.
    ShowEntry(EntryLook),
    /// Calls until the target throttles a key that may be exhausted.
    Exhaust(Box<Exhaustion>),
    /// Waits until the reset that the last answer to this role's key told has passed.
    AwaitReset(Role),
    /// The same of the call's own key, and then the call. Times have a tolerance of one second: where it is throttled, it is sent
    /// again after that, labelled `LABEL/later`.
    AfterReset(Box<Call>),
    /// The vendor behind the profile's `[upstream]` connection does something from here on.
    Vendor(VendorStep),
}

/// Reads of a state, judged by the last round of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The first page; its label is the observation's.
    pub read: Call,
    /// How to read on.
    pub pages: Option<Pages>,
    /// Where the state of one record is looked at in a listing: the marker that it holds. All of the data otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holding: Option<String>,
    /// When it has seen enough. The profile's settle time ends it at the latest.
    pub until: Until,
}

/// When an observation has seen enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// So many records hold the marker: what should show.
    Reaches {
        /// The marker.
        marker: String,
        /// How many.
        count: u64,
    },
    /// More records than these hold the marker: what should never show, however long one waits.
    Exceeds {
        /// The marker.
        marker: String,
        /// How many.
        count: u64,
    },
    /// What is read differs from what the observation of this label saw.
    Differs {
        /// Its label.
        from: String,
    },
    /// The thing is there: a record that was made a moment ago may show late.
    Present,
    /// The first round.
    Once,
    /// What is read differs from what the observation of this label saw, though it should not.
    Strays {
        /// Its label.
        from: String,
    },
}

impl Until {
    /// Whether the observation must use up the settle time unless it sees what should never show.
    pub fn expects_nothing(&self) -> bool {
        matches!(self, Until::Exceeds { .. } | Until::Strays { .. })
    }

    /// Whether the observation waits for something that a sound hub shows.
    pub fn expects_something(&self) -> bool {
        matches!(self, Until::Reaches { .. } | Until::Differs { .. } | Until::Present)
    }
}

/// A decision on a call that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decide {
    /// The deed's label.
    pub label: String,
    /// What is decided.
    pub verdict: ApprovalVerdict,
    /// The label of the call ([`call_to_decide`]).
    pub of: String,
}

/// The exchange of the call of a label that an approver's step is about. A label that ends in `*` stands for calls that went out at once: of
/// these, one that was answered APPROVAL_REQUIRED, whichever it is.
pub fn call_to_decide<'e>(exchanges: &'e [Exchange], of: &str) -> Option<&'e Exchange> {
    let Some(beginning) = of.strip_suffix('*') else {
        return exchanges.iter().find(|exchange| exchange.call.label == of);
    };
    let mut asked = exchanges
        .iter()
        .filter(|exchange| exchange.call.label.starts_with(beginning));
    let first = asked.clone().next();
    asked
        .find(|asked| Outcome::of(asked).is(&ErrorCode::ApprovalRequired))
        .or(first)
}

/// What an approver decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalVerdict {
    /// The call may execute.
    Approve,
    /// It may not.
    Reject,
}

/// A count of the entries in Approvals that belong to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCount {
    /// The deed's label.
    pub label: String,
    /// The label of the call.
    pub of: String,
    /// How many there should be: the count ends when it finds so many, or when the settle time is over.
    pub expected: u64,
    /// How many there must be sooner or later: the count gives them the time to come.
    #[serde(default)]
    pub least: u64,
}

/// A call that is not sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Once {
    /// The call.
    pub call: Call,
    /// The labels of earlier calls of the case. The first that was served goes out again, with this call's key and label; the call itself
    /// where none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
}

/// A look at the entry in Approvals that belongs to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLook {
    /// The deed's label.
    pub label: String,
    /// The label of the call.
    pub of: String,
}

/// Calls until the target throttles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exhaustion {
    /// The deed's label; the calls are labelled `LABEL/1`, `LABEL/2` and so on.
    pub label: String,
    /// The call, in which `<n>` in a text of the body stands for its number.
    pub call: Call,
    /// The labels of earlier calls of the case. Copies of the first that was served go out, with this call's key; of the call itself where
    /// none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
    /// How the calls go out.
    pub manner: Manner,
    /// How many calls a window takes, where it is not for the answers to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl Exhaustion {
    /// Copies of this call, as many as the limit that the answers tell takes.
    pub fn new(label: impl Into<String>, call: Call, manner: Manner) -> Self {
        Self {
            label: label.into(),
            call,
            like: Vec::new(),
            manner,
            limit: None,
        }
    }
}

/// How calls go out that exhaust a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// One after the other, until two were throttled; then one more, after a time in which a limit that refills would have given some
    /// back. Where a new window begins meanwhile, more follow.
    OneByOne,
    /// A quarter more than the limit that the last answer told, all at once; up to three times, until some are throttled: they may have
    /// met the end of one window and the beginning of the next.
    AtOnce,
}

/// What came of a step that is no call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// The step's label.
    pub label: String,
    /// What was done, or why it could not be, in words for the report.
    pub outcome: Result<Done, String>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// The decision was taken.
    Decided,
    /// So many entries were found.
    Entries(u64),
    /// This is the entry.
    Entry {
        /// Its id.
        id: String,
        /// All that an approver sees of it.
        shown: Value,
    },
    /// So many calls went out.
    Exhausted {
        /// Calls.
        sent: u64,
        /// How many a window takes, as was told before.
        limit: u64,
    },
    /// The reset has passed.
    Waited,
    /// These requests reached the vendor, in their order.
    Reached(Vec<Arrival>),
    /// The vendor does as it was told, and nobody tells what reaches it.
    Unwatched,
}

/// A script of steps and what is to be seen in it. Two requirements that plan a case of the same id share its exchanges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Stable within a run, such as `EXE-02/itsm.tickets.create/3`.
    pub id: String,
    /// The tool that it is about, if one.
    pub tool: Option<String>,
    /// What is tried, in words.
    pub title: String,
    /// What is done.
    pub steps: Vec<Step>,
    /// Whether no other case's calls may be in flight beside it: what they do would be taken for what it did.
    #[serde(default)]
    pub exclusive: bool,
    /// What the judge must know beyond the calls, such as the keyword that an input breaks. `null` where nothing.
    #[serde(default)]
    pub facts: Value,
}

impl Case {
    /// A case of calls one after the other, without further facts.
    pub fn new(id: impl Into<String>, title: impl Into<String>, calls: Vec<Call>) -> Self {
        let steps = calls.into_iter().map(|call| Step::Call(Box::new(call)));
        Self::of_steps(id, title, steps.collect())
    }

    /// A case of steps, without further facts.
    pub fn of_steps(id: impl Into<String>, title: impl Into<String>, steps: Vec<Step>) -> Self {
        Self {
            id: id.into(),
            tool: None,
            title: title.into(),
            steps,
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
        let steps = std::mem::take(&mut self.steps);
        self.steps = vec![Step::AtOnce(steps.into_iter().flat_map(Step::into_calls).collect())];
        self
    }

    /// The same case, with no other case's calls in flight beside it.
    #[must_use]
    pub fn exclusively(mut self) -> Self {
        self.exclusive = true;
        self
    }

    /// The same case with these calls alone, one after the other.
    #[must_use]
    pub fn with_calls(mut self, calls: Vec<Call>) -> Self {
        self.steps = calls.into_iter().map(Step::call).collect();
        self
    }

    /// Its calls in the order of the steps, the reads of observations among them, and the call of an exhaustion once.
    pub fn calls(&self) -> Vec<&Call> {
        self.steps.iter().flat_map(Step::calls).collect()
    }

    /// Its calls, changeable, in the same order.
    pub fn calls_mut(&mut self) -> Vec<&mut Call> {
        self.steps.iter_mut().flat_map(Step::calls_mut).collect()
    }

    /// Its calls, in the same order.
    pub fn into_calls(self) -> Vec<Call> {
        self.steps.into_iter().flat_map(Step::into_calls).collect()
    }

    /// The level that a run must be allowed before the case is sent: the highest that a call of it needs.
    pub fn required_allow(&self) -> Allow {
        let calls = self.calls().into_iter();
        calls
            .map(|call| call.intent.required_allow())
            .max()
            .unwrap_or(Allow::Read)
    }
}

impl Step {
    /// A step of one call.
    pub fn call(call: Call) -> Self {
        Self::Call(Box::new(call))
    }

    /// The calls that it is about.
    pub fn calls(&self) -> Vec<&Call> {
        match self {
            Step::Call(call) | Step::AfterReset(call) => vec![call],
            Step::Once(calls) => calls.iter().map(|once| &once.call).collect(),
            Step::AtOnce(calls) => calls.iter().collect(),
            Step::Observe(observation) => vec![&observation.read],
            Step::Exhaust(exhaustion) => vec![&exhaustion.call],
            Step::Decide(_) | Step::CountEntries(_) | Step::ShowEntry(_) | Step::AwaitReset(_) | Step::Vendor(_) => {
                Vec::new()
            }
        }
    }

    fn calls_mut(&mut self) -> Vec<&mut Call> {
        match self {
            Step::Call(call) | Step::AfterReset(call) => vec![call],
            Step::Once(calls) => calls.iter_mut().map(|once| &mut once.call).collect(),
            Step::AtOnce(calls) => calls.iter_mut().collect(),
            Step::Observe(observation) => vec![&mut observation.read],
            Step::Exhaust(exhaustion) => vec![&mut exhaustion.call],
            Step::Decide(_) | Step::CountEntries(_) | Step::ShowEntry(_) | Step::AwaitReset(_) | Step::Vendor(_) => {
                Vec::new()
            }
        }
    }

    fn into_calls(self) -> Vec<Call> {
        match self {
            Step::Call(call) | Step::AfterReset(call) => vec![*call],
            Step::Once(calls) => calls.into_iter().map(|once| once.call).collect(),
            Step::AtOnce(calls) => calls,
            Step::Observe(observation) => vec![observation.read],
            Step::Exhaust(exhaustion) => vec![exhaustion.call],
            Step::Decide(_) | Step::CountEntries(_) | Step::ShowEntry(_) | Step::AwaitReset(_) | Step::Vendor(_) => {
                Vec::new()
            }
        }
    }
}

/// A text in a call's body that stands for what an earlier call of the case was answered: the value at a JSON Pointer of the body of
/// the answer to the call of a label. A text that is nothing else becomes that value, of whatever type.
pub fn answer_placeholder(label: &str, pointer: &str) -> String {
    format!("<answer:{label}#{pointer}>")
}

/// Label and pointer of a placeholder for what an earlier call was answered.
pub fn read_answer_placeholder(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("<answer:")?.strip_suffix('>')?.split_once('#')
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::call::Intent;
    use crate::exchange::{Response, SentRequest};

    #[test]
    fn of_calls_at_once_one_that_waits_is_decided_on() {
        let exchange = |label: &str, code: &str| Exchange {
            number: 1,
            case: String::new(),
            call: Call::post_execute("a.b.c", json!({}), Intent::Refused).labelled(label),
            request: SentRequest {
                method: String::new(),
                url: String::new(),
                headers: Vec::new(),
            },
            result: Ok(Response::new(
                403,
                Vec::new(),
                json!({"success": false, "error": {"code": code}})
                    .to_string()
                    .into_bytes(),
            )),
            sent_after: Duration::ZERO,
            elapsed: Duration::ZERO,
        };
        let exchanges = [
            exchange("other", "APPROVAL_REQUIRED"),
            exchange("asked/1", "CONFLICT"),
            exchange("asked/2", "APPROVAL_REQUIRED"),
        ];
        let label = |of: &str, exchanges: &[Exchange]| {
            call_to_decide(exchanges, of).map(|exchange| exchange.call.label.clone())
        };
        assert_eq!(label("asked/*", &exchanges).as_deref(), Some("asked/2"));
        assert_eq!(label("asked/*", &exchanges[..2]).as_deref(), Some("asked/1"));
        assert_eq!(label("asked/1", &exchanges).as_deref(), Some("asked/1"));
        assert_eq!(label("none", &exchanges), None);
    }
}
