//! The files of `--baseline` and `--write-baseline`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, Utc};
use hubproof_model::baseline::Baseline;
use hubproof_model::profile::presentable;
use hubproof_model::record::{RunEnd, RunRecord};
use hubproof_reports::baseline::{names, render};
use hubproof_runner::known::rewritten;
use hubproof_runner::select::id_of;

use crate::terminal;
use crate::usage::Complaint;
use crate::whole_file::write_whole;

/// The day on which a run begins.
pub(crate) fn today() -> NaiveDate {
    DateTime::<Utc>::from(SystemTime::now()).date_naive()
}

/// Reads the baseline as it stands on a day, and says of which entries nobody has said why.
pub(crate) fn read(path: &Path, today: NaiveDate) -> Result<Baseline, Complaint> {
    let text = fs::read_to_string(path).map_err(|fault| Complaint::UnreadableBaseline {
        path: path.to_owned(),
        fault,
    })?;
    let requirement = |id: &str| id_of(id).map_err(|fault| fault.to_string());
    let baseline = Baseline::parse(&text, path.display().to_string(), today, &requirement).map_err(|fault| {
        Complaint::Baseline {
            path: path.to_owned(),
            // A profile that was given in its place may hold keys.
            text: presentable(&text),
            fault,
        }
    })?;
    let unexplained: Vec<_> = baseline.unexplained().collect();
    if !unexplained.is_empty() {
        let named = names(unexplained);
        terminal::note(&format!(
            "{}: no reason or owner is given yet (TODO) for {named}",
            path.display()
        ));
    }
    Ok(baseline)
}

/// A place where a baseline can be written.
#[derive(Debug)]
pub(crate) enum Place {
    /// There is no file yet.
    New(PathBuf),
    /// The run's own baseline, which is brought up to date.
    Own(PathBuf),
}

impl Place {
    /// The place of this path, if a baseline can be written there: better to say so before a run than after it. A file is overwritten
    /// only where the run has read it.
    pub(crate) fn new(path: &Path, baseline: Option<&Path>) -> Result<Self, Complaint> {
        let unwritable = |fault| Complaint::UnwritableBaseline {
            path: path.to_owned(),
            fault,
        };
        let whole = |path: &Path| fs::canonicalize(path).ok();
        match whole(path) {
            Some(own) if baseline.and_then(whole).as_ref() == Some(&own) => {
                File::options().write(true).open(&own).map_err(unwritable)?;
                Ok(Self::Own(own))
            }
            _ => {
                create(path)?;
                fs::remove_file(path).map_err(unwritable)?;
                Ok(Self::New(path.to_owned()))
            }
        }
    }

    /// Writes the baseline that fits a run, where the run came to its end, and gives the file's path.
    pub(crate) fn write(&self, record: &RunRecord, today: NaiveDate) -> Result<Option<PathBuf>, Complaint> {
        if record.end != RunEnd::Complete {
            terminal::note("--write-baseline: nothing is written, since the run did not come to its end");
            return Ok(None);
        }
        let entries = rewritten(record, today);
        let text = render(&entries);
        let (path, written) = match self {
            Self::New(path) => {
                let written = create(path)?.write_all(text.as_bytes());
                if written.is_err() {
                    let _ = fs::remove_file(path);
                }
                (path, written)
            }
            Self::Own(path) => (path, write_whole(path, &text)),
        };
        written.map_err(|fault| Complaint::UnwritableReport {
            path: path.clone(),
            fault,
        })?;
        Ok(Some(path.clone()))
    }
}

/// Makes a file that is not there yet.
fn create(path: &Path) -> Result<File, Complaint> {
    File::create_new(path).map_err(|fault| match fault.kind() {
        io::ErrorKind::AlreadyExists => Complaint::BaselineExists(path.to_owned()),
        _ => Complaint::UnwritableBaseline {
            path: path.to_owned(),
            fault,
        },
    })
}
