//! Carries out one tool's call at a vendor: its requests in order, and what its output is made of.

use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::exchange::{Answer, NoAnswer, Outgoing, exchange};
use super::filter::{Filter, FilterFault};
use super::mapping::{MappedTool, Mapping, Step};
use super::redaction::Credentials;
use super::retry_after;
use super::steps::{Attempt, Telling, VendorSteps};
use super::target::{PathFault, Target};
use crate::connectors::{VendorCall, VendorError};
use crate::timestamp;

/// A call under way.
pub(super) struct Execution<'a> {
    mapping: &'a Mapping,
    tool: &'a MappedTool,
    target: &'a Target,
    steps: &'a VendorSteps,
    call: VendorCall<'a>,
    credentials: Credentials<'a>,
    /// What is known of the change that the call asks for.
    change: Change,
    /// What filters work on: `input`, `now`, and the `answers` so far.
    known: Value,
}

/// What is known of the change that a call asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// The vendor has not made it.
    NotMade,
    /// The vendor was asked for it, and has not said what came of that.
    Untold,
    /// The vendor has made it, and told so.
    Made,
}

impl<'a> Execution<'a> {
    pub(super) fn new(
        mapping: &'a Mapping,
        tool: &'a MappedTool,
        target: &'a Target,
        steps: &'a VendorSteps,
        call: VendorCall<'a>,
    ) -> Self {
        Self {
            mapping,
            tool,
            target,
            steps,
            credentials: Credentials::of(&target.credentials),
            change: match call.made {
                Some(_) => Change::Made,
                None => Change::NotMade,
            },
            known: json!({
                "input": call.input,
                "now": timestamp::format(call.now),
                "answers": call.made.cloned().unwrap_or_else(|| json!({})),
            }),
            call,
        }
    }

    /// The tool's output.
    pub(super) async fn run(mut self) -> Result<Value, VendorError> {
        let deadline = (self.steps.deadline)(self.target.time_limit);
        let performed = timeout(deadline, self.perform()).await;
        let output = performed.unwrap_or(Err(VendorError::TimedOut));
        // A failure after the change must not look like one before it: who sends the call again would make a second one.
        output.map_err(|fault| match self.change {
            Change::Made => VendorError::Unread {
                fault: Box::new(fault),
                made: Box::new(self.known["answers"].take()),
            },
            Change::Untold => VendorError::Untold { fault: Box::new(fault) },
            Change::NotMade => fault,
        })
    }

    async fn perform(&mut self) -> Result<Value, VendorError> {
        let tool = self.tool;
        for step in &tool.steps {
            // An earlier call came so far.
            if self.known["answers"].get(step.name.as_str()).is_some() {
                continue;
            }
            if let Some(when) = &step.when
                && matches!(self.filtered(when)?, Value::Null | Value::Bool(false))
            {
                continue;
            }
            // One call is one change, whatever a mapping's conditions come to (UPS-06).
            if step.changes_state() && self.change == Change::Made {
                return Err(VendorError::Malformed("its mapping would change it twice".to_owned()));
            }
            let read = match step.changes_state() {
                true => self.change(step).await?,
                false => self.ask(step).await?,
            };
            self.known["answers"][step.name.as_str()] = read;
        }
        let mut output = self.filtered(&self.tool.output)?;
        self.credentials.redact_value(&mut output);
        Ok(output)
    }

    /// What the vendor answers to a step.
    async fn ask(&self, step: &Step) -> Result<Value, VendorError> {
        let outgoing = self.outgoing(step)?;
        let answer = self.send(step, &outgoing).await.map_err(vendor_error)?;
        self.read(step, &answer)
    }

    /// The same of the step that asks for the change: from its sending on the vendor may have made it, unless it says that it has not.
    async fn change(&mut self, step: &Step) -> Result<Value, VendorError> {
        let outgoing = self.outgoing(step)?;
        self.change = Change::Untold;
        let answer = self.send(step, &outgoing).await;
        if answer.as_ref().is_err_and(|fault| *fault == NoAnswer::Unreachable) {
            self.change = Change::NotMade;
        }
        let read = self.read(step, &answer.map_err(vendor_error)?);
        self.change = match &read {
            Ok(_) => Change::Made,
            Err(VendorError::Status { .. }) => Change::NotMade,
            Err(_) => Change::Untold,
        };
        read
    }

    fn outgoing(&self, step: &Step) -> Result<Outgoing, VendorError> {
        let parameters = self.optional(step.parameters.as_ref())?;
        let query = self.optional(step.query.as_ref())?;
        let path_and_query = self.target.path_and_query(&step.path, &parameters, &query);
        let path_and_query = path_and_query.map_err(|fault| match fault {
            PathFault::NamesNothing => VendorError::not_found("there is no such record"),
            PathFault::NoText => VendorError::Malformed("what names a record is no text".to_owned()),
        })?;
        let body = match &step.body {
            Some(body) => Some(Bytes::from(self.filtered(body)?.to_string())),
            None => None,
        };
        Ok(Outgoing {
            method: step.method.clone(),
            path_and_query,
            body,
        })
    }

    /// Sends a step's request: once, unless the steps say otherwise.
    async fn send(&self, step: &Step, outgoing: &Outgoing) -> Result<Answer, NoAnswer> {
        let mut sent = 0;
        loop {
            let outcome = exchange(self.mapping, self.target, outgoing).await;
            sent += 1;
            let attempt = Attempt {
                changes_state: step.changes_state(),
                sent,
                outcome: &outcome,
            };
            if !(self.steps.sends_again)(&attempt) {
                return outcome;
            }
        }
    }

    /// What filters find of an answer that is no failure.
    fn read(&self, step: &Step, answer: &Answer) -> Result<Value, VendorError> {
        let content_type = answer.headers.get(http::header::CONTENT_TYPE);
        let declared = content_type.map(|value| value.to_str().unwrap_or_default());
        let is_read = answer.body.is_empty() || (self.steps.takes_media_type)(declared);
        let body = if answer.body.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_slice::<Value>(&answer.body).map_err(|_| "it is no JSON")
        };
        if (self.steps.is_failure)(answer.status) {
            return Err(self.failure(answer, body.unwrap_or_default()));
        }
        if !is_read {
            return Err(VendorError::Malformed("it is not declared as JSON".to_owned()));
        }
        let body = body.map_err(|fault| VendorError::Malformed(fault.to_owned()))?;
        let headers = step.reads_headers.iter().filter_map(|name| {
            let value = answer.headers.get(name)?.to_str().ok()?;
            Some((name.to_string(), Value::from(value)))
        });
        let read = json!({"status": answer.status, "headers": Map::from_iter(headers), "body": body});
        for filter in [&step.failure, &self.mapping.failure].into_iter().flatten() {
            if let Some(failure) = self.told_failure(filter, &read, answer)? {
                return Err(failure);
            }
        }
        Ok(read)
    }

    /// A failure by its status.
    fn failure(&self, answer: &Answer, body: Value) -> VendorError {
        // A body that is no error of the vendor's says nothing that could be passed on.
        let message = self.mapping.message.apply(&body).ok();
        let message = message.as_ref().and_then(Value::as_str).unwrap_or("it gives no reason");
        self.status(answer, answer.status, message)
    }

    /// A failure that an answer tells under a 2xx status.
    fn told_failure(&self, filter: &Filter, read: &Value, answer: &Answer) -> Result<Option<VendorError>, VendorError> {
        let known = json!({"input": self.call.input, "answer": read});
        let told = filter.apply(&known).map_err(|fault| self.fault(fault))?;
        let status = told.get("status").and_then(Value::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok());
        let message = told.get("message").and_then(Value::as_str).unwrap_or_default();
        Ok(status.map(|status| self.status(answer, status, message)))
    }

    fn status(&self, answer: &Answer, status: u16, message: &str) -> VendorError {
        let telling = Telling {
            message,
            headers: &answer.headers,
            credentials: &self.credentials,
        };
        VendorError::Status {
            status,
            message: (self.steps.tell)(&telling),
            retry_after: retry_after::read(&answer.headers, self.call.now),
        }
    }

    fn optional(&self, filter: Option<&Filter>) -> Result<Value, VendorError> {
        filter.map_or(Ok(Value::Null), |filter| self.filtered(filter))
    }

    fn filtered(&self, filter: &Filter) -> Result<Value, VendorError> {
        filter.apply(&self.known).map_err(|fault| self.fault(fault))
    }

    fn fault(&self, fault: FilterFault) -> VendorError {
        match fault {
            FilterFault::Refused { status, message } => VendorError::status(status, self.credentials.redact(&message)),
            FilterFault::Failed(why) => VendorError::Malformed(why),
        }
    }
}

fn vendor_error(fault: NoAnswer) -> VendorError {
    match fault {
        NoAnswer::Unreachable | NoAnswer::Dropped => VendorError::Unreachable,
        NoAnswer::TooLarge => VendorError::Malformed("it is larger than what is read".to_owned()),
        NoAnswer::Malformed => VendorError::Malformed("it is no answer of HTTP".to_owned()),
    }
}
