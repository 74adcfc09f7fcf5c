//! `hubproof report compare`: what was mended and what broke between two runs.

use std::process::ExitCode;

use hubproof_reports::compare::{Comparison, render};
use hubproof_reports::json;
use hubproof_runner::exit::Exit;

use crate::arguments::CompareArguments;
use crate::{Done, stored_report, terminal};

/// Compares the reports that the arguments name.
pub(crate) fn compare(arguments: &CompareArguments) -> Done {
    let before = stored_report::read(&arguments.before)?;
    let now = stored_report::read(&arguments.now)?;
    let comparison = Comparison::of(&before, &now);
    if arguments.json {
        terminal::print(&json::pretty(&comparison))?;
    } else {
        terminal::print(&render(&comparison))?;
    }
    let exit = if comparison.is_worse() {
        Exit::Violated
    } else {
        Exit::Proved
    };
    Ok(ExitCode::from(exit.code()))
}
