//! The `command` driver: a program that lists and decides, given JSON on its standard input.

use std::process::Stdio;

use hubproof_model::approval::CommandDriver;
use hubproof_model::case::ApprovalVerdict;
use hubproof_model::exchange::Exchange;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Approver;

/// How much of what a program writes is shown.
const SHOWN: usize = 300;

impl Approver<'_> {
    pub(super) async fn run_list(&self, driver: &CommandDriver) -> Result<Vec<Value>, String> {
        let output = self.run(driver, json!({"action": "list"})).await?;
        let value: Value = serde_json::from_str(&output)
            .map_err(|fault| format!("{} did not write JSON to list the entries: {fault}", name(driver)))?;
        let entries = value.as_array().or_else(|| value.get("entries")?.as_array()).cloned();
        entries.ok_or_else(|| format!("{} wrote neither an array nor an object with `entries`", name(driver)))
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
        self.run(driver, asked).await.map(drop)
    }

    /// Runs the program with one question, and gives what it wrote.
    async fn run(&self, driver: &CommandDriver, question: Value) -> Result<String, String> {
        let Some((program, arguments)) = driver.program.split_first() else {
            return Err("[approvals] program is empty".to_owned());
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|fault| format!("{program} cannot be run: {fault}: see [approvals] program"))?;
        let stdin = child.stdin.take();
        let answered = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read its input still may do its work.
                let _ = stdin.write_all(question.to_string().as_bytes()).await;
            }
            child.wait_with_output().await
        };
        let output = tokio::select! {
            output = tokio::time::timeout(self.approvals.wait, answered) => output
                .map_err(|_| format!("{program} did not end within {:?}: see [approvals] wait", self.approvals.wait))?
                .map_err(|fault| format!("{program} failed: {fault}"))?,
            () = self.session.interrupted() => return Err("the run was interrupted".to_owned()),
        };
        if !output.status.success() {
            let said: String = String::from_utf8_lossy(&output.stderr)
                .trim()
                .chars()
                .take(SHOWN)
                .collect();
            return Err(format!("{program} ended with {}: {said}", output.status));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn name(driver: &CommandDriver) -> &str {
    driver.program.first().map_or("the program", String::as_str)
}
