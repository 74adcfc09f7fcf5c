//! `hubproof doctor`: whether a run would go well, and what to mend if not.

mod page;

use std::process::ExitCode;

use hubproof_model::safety::Allow;
use hubproof_reports::json::escaped;
use hubproof_runner::checkup::{Check, CheckUpError, check_up, exit_of};
use hubproof_runner::exit::Exit;
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::UsageError;
use hubproof_runner::select::{Selection, ToolGlobs};
use serde_json::{Value, json};

use crate::Done;
use crate::arguments::DoctorArguments;
use crate::progress::Progress;
use crate::target::{ResolvedTarget, resolve};
use crate::terminal;
use crate::usage::Complaint;

/// Looks at the target that the arguments name.
pub(crate) async fn doctor(arguments: &DoctorArguments) -> Done {
    let target = resolve(&arguments.target, None).await?;
    let progress = Progress::new(arguments.json);
    let options = options(&target);
    let looked = check_up(&target.profile, &options, &|event| progress.on(event)).await;
    progress.finish();
    let url = target.profile.target.url.clone();
    target.close().await;
    let checks = looked.map_err(|fault| match fault {
        CheckUpError::Session(fault) => UsageError::from(fault).into(),
        CheckUpError::Plan(fault) => Complaint::Harness(fault.to_string()),
    })?;
    let exit = exit_of(&checks);
    terminal::print(&match arguments.json {
        true => as_json(&url, options.allow, &checks, exit),
        false => page::render(
            &url,
            options.allow,
            &checks,
            terminal::colours_stdout(),
            terminal::width(),
        ),
    })?;
    Ok(ExitCode::from(exit.code()))
}

/// Those of a run without flags.
fn options(target: &ResolvedTarget) -> RunOptions {
    RunOptions {
        tools: ToolGlobs {
            only: Vec::new(),
            allowed: target.profile.safety.allow_tools.clone(),
            denied: target.profile.safety.deny_tools.clone(),
            ..ToolGlobs::default()
        },
        ..RunOptions::new(Selection::all(), target.allow(None))
    }
}

fn as_json(url: &str, allow: Allow, checks: &[Check], exit: Exit) -> String {
    let row = |check: &Check| -> Value {
        json!({
            "group": check.group.name(),
            "check": check.what,
            "verdict": check.verdict.name(),
            "seen": check.seen,
            "fix": check.fix,
        })
    };
    let checks: Vec<_> = checks.iter().map(row).collect();
    let told = json!({ "target": url, "allow": allow, "exit": exit.code(), "checks": checks });
    escaped(&format!("{told}\n"))
}
