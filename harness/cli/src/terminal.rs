//! Printing: results to standard output, everything else to standard error.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use hubproof_model::document::DocumentError;
use hubproof_model::gate::FailOn;
use hubproof_reports::terminal::TerminalOptions;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Loudness;
use crate::usage::Complaint;

/// Writes what is said of a result whose files, or whose exit code, tell it too: a fault changes nothing.
pub(crate) fn print(text: &str) {
    let _ = deliver(text);
}

/// Writes a result that stands nowhere else. A reader that has gone away (`| head`) is no fault.
///
/// # Errors
/// A full disk, or another fault of where standard output goes.
pub(crate) fn deliver(text: &str) -> Result<(), Complaint> {
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

/// Says something beside the result.
pub(crate) fn note(text: &str) {
    say(&format!("hubproof: {text}"));
}

/// A bar on standard error; hidden where that is no terminal, or where the user wants quiet.
pub(crate) fn bar(quiet: bool, template: &str) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
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
        | Complaint::VendorFile { path, text, fault } => say(&at_its_place(path, text, fault)),
        Complaint::Certificate(fault) => note(&fault.said()),
        other => note(&other.to_string()),
    }
}

/// A mistake in a document with the lines around it.
fn at_its_place(path: &Path, text: &str, fault: &DocumentError) -> String {
    let path = path.display().to_string();
    let mut report = Group::with_title(Level::ERROR.primary_title(&fault.message));
    match fault.span.clone() {
        Some(span) => {
            let source = Snippet::source(text).path(&path);
            report = report.element(source.annotation(AnnotationKind::Primary.span(span)));
        }
        None => report = report.element(Origin::path(&path)),
    }
    if let Some(help) = &fault.help {
        report = report.element(Level::HELP.message(help));
    }
    let renderer = if colours_stderr() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer
        .decor_style(DecorStyle::Unicode)
        .term_width(width())
        .render(&[report])
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
