//! Printing: results to standard output, everything else to standard error.

use std::io::{ErrorKind, IsTerminal, Write};

use hubproof_model::gate::FailOn;
use hubproof_model::printable::log_line;
use hubproof_reports::terminal::TerminalOptions;

use crate::arguments::Loudness;
use crate::at_its_place;
use crate::usage::Complaint;

/// Writes to standard output what a command has to say. A reader that has gone away (`| head`) is no fault.
///
/// # Errors
/// A full disk, or another fault of where standard output goes: what was asked for is not there, whatever else went well.
pub(crate) fn print(text: &str) -> Result<(), Complaint> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(Complaint::Output(fault)),
        _ => Ok(()),
    }
}

/// How a report is shown on the standard output that there is.
pub(crate) fn options(loudness: Loudness, fail_on: FailOn) -> TerminalOptions {
    TerminalOptions {
        colour: colours_stdout(),
        width: width(),
        verbose: loudness.verbose,
        quiet: loudness.quiet,
        fail_on,
    }
}

/// Says something beside the result, in a line of which nothing acts on the terminal: it may be a hub's words.
pub(crate) fn note(text: &str) {
    say(&format!("hubproof: {}", log_line(text)));
}

/// Writes a line beside the result. Where nobody can read it, the exit code still tells how it went.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says why a command cannot be carried out; a mistake in a document with its place.
pub(crate) fn complain(complaint: &Complaint) {
    match complaint {
        Complaint::Profile { path, text, fault }
        | Complaint::Baseline { path, text, fault }
        | Complaint::VendorFile { path, text, fault } => {
            say(&at_its_place::render(path, text, fault, colours_stderr(), width()));
        }
        // What it names stands below it, a line each.
        Complaint::Certificate(fault) => {
            let said = fault.to_string();
            let mut lines = said.split('\n');
            lines.next().into_iter().for_each(note);
            lines.for_each(|line| say(&log_line(line)));
        }
        other => note(&other.to_string()),
    }
}

/// Whether standard output takes colours: a terminal, unless `NO_COLOR` says otherwise.
pub(crate) fn colours_stdout() -> bool {
    std::io::stdout().is_terminal() && colours_wanted()
}

fn colours_stderr() -> bool {
    std::io::stderr().is_terminal() && colours_wanted()
}

fn colours_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The terminal's width in columns; 100 where there is no terminal. Below 32 the labels would leave no room for what they are of.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        console::Term::stdout()
            .size_checked()
            .map(|(_, columns)| usize::from(columns))
    };
    columns.or_else(terminal).unwrap_or(100).max(32)
}
