//! The `command` driver: a program that lists and decides, given JSON on its standard input.

use std::sync::atomic::Ordering;

use hubproof_model::approval::CommandDriver;
use hubproof_model::case::ApprovalVerdict;
use hubproof_model::exchange::Exchange;
use serde_json::{Value, json};

use super::Approver;
use crate::process::{Ended, ask, shown};

/// How often a program may hang before it is asked no more: each time costs the whole wait.
const MOST_HANGS: usize = 2;

impl Approver<'_> {
    pub(super) async fn run_list(&self, driver: &CommandDriver) -> Result<Vec<Value>, String> {
        let program = name(driver);
        let output = self.run(driver, &json!({"action": "list"})).await?;
        let value: Value = serde_json::from_str(&output).map_err(|fault| {
            let shown = shown(&output);
            format!("{program} did not write JSON to list the entries ({fault}): `{shown}`: see [approvals] program")
        })?;
        let entries = value.as_array().or_else(|| value.get("entries")?.as_array()).cloned();
        entries.ok_or_else(|| {
            format!("{program} wrote neither an array nor an object with `entries`: see [approvals] program")
        })
    }

    pub(super) async fn run_decision(
        &self,
        driver: &CommandDriver,
        verdict: ApprovalVerdict,
        id: &str,
        gated: &Exchange,
    ) -> Result<(), String> {
        let asked = json!({
            "action": match verdict {
                ApprovalVerdict::Approve => "approve",
                ApprovalVerdict::Reject => "reject",
            },
            "id": id,
            "tool": gated.call.tool(),
            "idempotency_key": gated.call.idempotency_key(),
            "input": gated.call.json().and_then(|body| body.get("input")),
            "details": gated.json().and_then(|body| body.pointer("/error/details")),
        });
        self.run(driver, &asked).await.map(drop)
    }

    /// Runs the program with one question, and gives what it wrote.
    async fn run(&self, driver: &CommandDriver, question: &Value) -> Result<String, String> {
        let (program, wait) = (name(driver), self.wait);
        let hung = || format!("{program} did not end within {wait:?}, and was ended: see [approvals] wait");
        if self.known.hangs.load(Ordering::Relaxed) >= MOST_HANGS {
            return Err(hung());
        }
        let question = question.to_string();
        let asked = ask(&driver.program, &question);
        let ended = tokio::select! {
            ended = tokio::time::timeout(wait, asked) => ended,
            // Dropping the question ends the program.
            () = self.session.interrupted() => return Err("the run was interrupted".to_owned()),
        };
        let Ok(ended) = ended else {
            self.known.hangs.fetch_add(1, Ordering::Relaxed);
            return Err(hung());
        };
        let Ended { status, output, errors } =
            ended.map_err(|fault| format!("{program} cannot be run: {fault}: see [approvals] program"))?;
        // It may know the keys, too.
        if !status.success() {
            let errors = self.session.masked(&errors);
            let said = match errors.trim() {
                "" => "it says nothing on its standard error".to_owned(),
                said => format!("`{}`", shown(said)),
            };
            return Err(format!("{program} failed ({status}): {said}: see [approvals] program"));
        }
        Ok(self.session.masked(&output))
    }
}

fn name(driver: &CommandDriver) -> &str {
    driver.program.first().map_or("the program", String::as_str)
}
