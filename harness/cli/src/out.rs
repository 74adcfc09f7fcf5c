//! The directory that the reports of a command go to.

use std::path::{Path, PathBuf};

use crate::usage::Complaint;
use crate::whole_file::write_whole;

/// Makes the directory, and sees that files can be written there: better to say so before a run than after it.
pub(crate) fn make_writable(directory: &Path) -> Result<(), Complaint> {
    let trial = directory.join("hubproof.partial");
    let tried = std::fs::create_dir_all(directory)
        .and_then(|()| std::fs::write(&trial, ""))
        .and_then(|()| std::fs::remove_file(&trial));
    tried.map_err(|fault| Complaint::UnusableOut {
        path: directory.to_owned(),
        fault,
    })
}

/// Writes reports, names with their texts, each whole or not at all, and gives their paths. Of a name that comes twice one is written.
pub(crate) fn write_reports(
    directory: &Path,
    reports: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Vec<PathBuf>, Complaint> {
    let mut written = Vec::new();
    for (name, text) in reports {
        let path = directory.join(name);
        if !written.contains(&path) {
            write_whole(&path, &text).map_err(|fault| Complaint::UnwritableReport {
                path: path.clone(),
                fault,
            })?;
            written.push(path);
        }
    }
    Ok(written)
}

/// The paths as the closing lines of a command name them.
pub(crate) fn named(written: &[PathBuf]) -> String {
    written.iter().map(|path| format!("  {}\n", path.display())).collect()
}
