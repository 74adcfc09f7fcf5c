//! Printing: results to standard output, everything else to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place that prints")]

use std::io::{IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};

use crate::usage::Complaint;

/// Writes a result. A reader that has gone away (`| head`) is no fault.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Says something beside the result.
pub(crate) fn note(text: &str) {
    eprintln!("hubproof: {text}");
}

/// Says why a command cannot be carried out; a mistake in a profile with its place.
pub(crate) fn complain(complaint: &Complaint) {
    match complaint {
        Complaint::Profile { path, text, fault } => {
            let mut diagnostic = MietteDiagnostic::new(fault.message.clone());
            if let Some(span) = fault.span.clone() {
                diagnostic = diagnostic.with_label(LabeledSpan::underline(span));
            }
            if let Some(help) = &fault.help {
                diagnostic = diagnostic.with_help(help);
            }
            let source = NamedSource::new(path.display().to_string(), text.clone());
            let report = miette::Report::new(diagnostic).with_source_code(source);
            let theme = if colours_stderr() {
                GraphicalTheme::unicode()
            } else {
                GraphicalTheme::unicode_nocolor()
            };
            let mut rendered = String::new();
            let handler = GraphicalReportHandler::new_themed(theme).with_width(width());
            match handler.render_report(&mut rendered, report.as_ref()) {
                Ok(()) => eprint!("{rendered}"),
                Err(_) => note(&fault.to_string()),
            }
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

/// The terminal's width in columns, at least 60; 100 where there is no terminal.
pub(crate) fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || {
        console::Term::stdout()
            .size_checked()
            .map(|(_, columns)| usize::from(columns))
    };
    columns.or_else(terminal).unwrap_or(100).max(60)
}
