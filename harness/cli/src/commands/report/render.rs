//! `hubproof report render`: a report of an earlier run in other formats, made from its `report.json` alone.

use std::path::PathBuf;
use std::process::ExitCode;

use hubproof_model::gate::FailOn;
use hubproof_reports::document::Report;
use hubproof_reports::formats::{FORMATS, Format};
use hubproof_reports::json;
use hubproof_reports::terminal as terminal_report;

use crate::arguments::RenderArguments;
use crate::out::Out;
use crate::usage::Complaint;
use crate::whole_file::write_whole;
use crate::{Done, stored_report, terminal};

/// Renders the report that the arguments name.
pub(crate) fn render(arguments: &RenderArguments) -> Done {
    let report = stored_report::read(&arguments.report)?;
    let fail_on = arguments.fail_on.unwrap_or(report.gate.fail_on);
    let text = match (&arguments.out, arguments.format.as_slice()) {
        (Some(directory), formats) => {
            let out = Out::open(directory)?;
            let written = write(&out, &report, formats, fail_on)?;
            written.iter().map(|path| format!("{}\n", path.display())).collect()
        }
        (None, [only]) => printed(&report, only, arguments, fail_on),
        (None, several) => {
            let names: Vec<_> = several.iter().map(|format| format.name).collect();
            return Err(Complaint::SeveralFormats(names.join(", ")).into());
        }
    };
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A format as it is printed: that of a terminal as the terminal takes it.
fn printed(report: &Report, format: &Format, arguments: &RenderArguments, fail_on: FailOn) -> String {
    if format.name != "terminal" {
        return (format.render)(report, fail_on);
    }
    let options = terminal::options(arguments.loudness, fail_on);
    terminal_report::render(report, &options) + &terminal_report::closing(report, fail_on)
}

/// Writes formats beside the `report.json` that they are made from, which goes with them; never beside another run's.
fn write(out: &Out, report: &Report, formats: &[&Format], fail_on: FailOn) -> Result<Vec<PathBuf>, Complaint> {
    let directory = out.directory();
    let at = |path: PathBuf| |fault| Complaint::UnwritableReport { path, fault };
    let _alone = out.lock().map_err(at(directory.to_owned()))?;
    let own = directory.join(stored_report::NAME);
    let is_own = stored_report::read(&own).is_ok_and(|other| other == *report);
    let is_taken = FORMATS.iter().any(|format| directory.join(format.file).exists());
    if is_taken && !is_own {
        return Err(Complaint::OutOfOtherRun(directory.to_owned()));
    }
    if !is_own {
        write_whole(&own, &json::render(report)).map_err(at(own.clone()))?;
    }
    let mut written = Vec::new();
    for format in formats {
        let path = directory.join(format.file);
        if path != own {
            write_whole(&path, &(format.render)(report, fail_on)).map_err(at(path.clone()))?;
        }
        if !written.contains(&path) {
            written.push(path);
        }
    }
    Ok(written)
}
