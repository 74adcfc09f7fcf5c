//! `hubproof report merge`: the shards of a run put together, with the exit code that the whole run would have had.

use std::process::ExitCode;

use hubproof_reports::document::end::Exit as ToldExit;
use hubproof_reports::formats::FORMATS;
use hubproof_reports::merge::{Part, merge as put_together};
use hubproof_reports::terminal::{self as terminal_report, TerminalOptions};

use crate::arguments::MergeArguments;
use crate::out::Out;
use crate::usage::Complaint;
use crate::{Done, ending, stored_report, terminal};

/// Puts the reports together that the arguments name.
pub(crate) fn merge(arguments: &MergeArguments) -> Done {
    let parts = arguments.reports.iter().map(|path| {
        let report = stored_report::read(path)?;
        let name = path.display().to_string();
        Ok::<_, Complaint>(Part { name, report })
    });
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    let report = put_together(parts, |merged| {
        let exit = ending::exit(merged);
        ToldExit {
            code: exit.code(),
            meaning: ending::meaning(merged, exit),
        }
    })
    .map_err(Complaint::Merge)?;
    let fail_on = report.gate.fail_on;
    let out = Out::open(&arguments.out)?;
    let reports = arguments.format.iter();
    let reports = reports.map(|format| (format.file, (format.render)(&report, fail_on)));
    let written = out.replace(&FORMATS.map(|format| format.file), reports)?;
    let options = TerminalOptions {
        colour: terminal::colours_stdout(),
        width: terminal::width(),
        verbose: arguments.verbose,
        quiet: arguments.quiet,
        fail_on,
    };
    terminal::print(&terminal_report::render(&report, &options));
    terminal::print(&terminal_report::closing(&report, fail_on));
    terminal::print(&written.named());
    Ok(ExitCode::from(report.exit.code))
}
