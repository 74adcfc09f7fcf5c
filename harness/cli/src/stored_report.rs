//! The report of an earlier run, read from its file or from the directory that holds it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hubproof_reports::document::Report;

use crate::ending;
use crate::usage::Complaint;

/// The file in a directory of reports that the others are made from.
pub(crate) const NAME: &str = "report.json";

/// Reads a report.
pub(crate) fn read(path: &Path) -> Result<Report, Complaint> {
    let file = file_of(path)?;
    let text = std::fs::read(&file).map_err(|fault| Complaint::UnreadableReport {
        path: file.clone(),
        fault,
    })?;
    let read = Report::read(text).and_then(|report| ending::check(&report).map(|()| report));
    read.map_err(|fault| Complaint::StoredReport { path: file, fault })
}

/// The file that is meant.
pub(crate) fn file_of(path: &Path) -> Result<PathBuf, Complaint> {
    if !path.is_dir() {
        return match path.try_exists() {
            Ok(false) => Err(Complaint::MissingReport(path.to_owned())),
            _ => Ok(path.to_owned()),
        };
    }
    let file = path.join(NAME);
    match file.try_exists() {
        Ok(false) => Err(Complaint::NoReport(path.to_owned())),
        Err(fault) if fault.kind() == ErrorKind::NotFound => Err(Complaint::NoReport(path.to_owned())),
        _ => Ok(file),
    }
}
