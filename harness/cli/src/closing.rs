//! The end of a command that has a report: its files written, what it came to printed, its exit code that of the report.

use std::process::ExitCode;

use hubproof_reports::document::Report;
use hubproof_reports::formats::{FORMATS, Format};
use hubproof_reports::printable::log_line;
use hubproof_reports::terminal as terminal_report;

use crate::arguments::Loudness;
use crate::out::{Out, Written};
use crate::{ending, terminal};

/// The file of a signed certificate.
pub(crate) const CERTIFICATE: &str = "certificate.dsse.json";
/// The file of an unsigned one.
pub(crate) const STATEMENT: &str = "statement.json";

/// A report whose files are written.
pub(crate) struct Closing<'r> {
    report: &'r Report,
    /// What formats are printed beside being written.
    printed: String,
    /// The files.
    pub(crate) written: Written,
}

/// Decides the exit of a report by its own gate.
pub(crate) fn decide(report: &mut Report) {
    let exit = ending::exit(report);
    report.exit.code = exit.code();
    report.exit.meaning = ending::meaning(report, exit);
}

/// Writes a report in these formats.
pub(crate) fn write<'r>(out: &Out, report: &'r Report, formats: &[&Format]) -> Closing<'r> {
    write_with(out, report, formats, None)
}

/// Writes a report in these formats, and what was issued for it beside them.
pub(crate) fn write_with<'r>(
    out: &Out,
    report: &'r Report,
    formats: &[&Format],
    issued: Option<(&'static str, String)>,
) -> Closing<'r> {
    let fail_on = report.gate.fail_on;
    let rendered: Vec<_> = formats
        .iter()
        .map(|format| (format.file, (format.render)(report, fail_on)))
        .collect();
    let of_file = |file| rendered.iter().find(|(own, _)| *own == file);
    let printed = FORMATS.iter().filter(|format| format.is_printed);
    let printed = printed.filter_map(|format| of_file(format.file));
    let printed = printed.map(|(_, text)| text.as_str()).collect();
    Closing {
        report,
        printed,
        written: out.replace(&family(), rendered.into_iter().chain(issued)),
    }
}

/// The files that are of one run: a certificate is none of another's report.
fn family() -> Vec<&'static str> {
    let reports = FORMATS.iter().map(|format| format.file);
    reports.chain([CERTIFICATE, STATEMENT]).collect()
}

impl Closing<'_> {
    /// Prints what the report came to, and where its files are; what could not be written at last, where it is seen.
    pub(crate) fn print(mut self, loudness: Loudness) -> ExitCode {
        let last = terminal_report::closing(self.report, self.report.gate.fail_on);
        self.print_ending_with(loudness, &last);
        ExitCode::from(self.written.ending(self.report.exit.code))
    }

    /// Prints the same for a command that does not end with the exit code of the report.
    pub(crate) fn print_of_run(&mut self, loudness: Loudness) {
        let meaning = log_line(&self.report.exit.meaning);
        self.print_ending_with(loudness, &format!("the run: {meaning}\n"));
    }

    fn print_ending_with(&mut self, loudness: Loudness, last: &str) {
        let options = terminal::options(loudness, self.report.gate.fail_on);
        let shown = terminal_report::render(self.report, &options);
        let text = [&shown, last, &self.written.named(), &self.printed].concat();
        self.written.print(&text);
    }
}
