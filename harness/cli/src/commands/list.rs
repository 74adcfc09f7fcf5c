//! `hubproof list`: the requirements that this version judges.

use std::fmt::Write;
use std::process::ExitCode;

use hubproof_requirements::areas::requirements;
use serde_json::Value;

use super::requirement_row::row;
use crate::Done;
use crate::arguments::ListArguments;
use crate::terminal;

/// Prints the registry.
pub(crate) fn list(arguments: &ListArguments) -> Done {
    terminal::print(&if arguments.json { as_json() } else { as_text() })?;
    Ok(ExitCode::SUCCESS)
}

fn as_text() -> String {
    let mut text = String::new();
    let mut area = None;
    for requirement in requirements() {
        if area != Some(requirement.id.area) {
            let gap = if area.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{}: {}", requirement.id.area, requirement.id.area.title());
            area = Some(requirement.id.area);
        }
        let _ = writeln!(
            text,
            "  {:8} {:6} {:7} {}",
            requirement.id, requirement.level, requirement.basis, requirement.title
        );
    }
    let _ = writeln!(text, "\n{} requirements", requirements().count());
    text
}

fn as_json() -> String {
    let rows = requirements().map(|requirement| Value::Object(row(requirement)));
    format!("{}\n", Value::Array(rows.collect()))
}
