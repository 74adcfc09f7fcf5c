//! The directory that the reports of a command go to. It holds those of one run: the ones before are moved aside, never mixed with
//! them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use hubproof_runner::options::new_run;

use crate::usage::Complaint;

/// A directory in which reports can be written.
#[derive(Debug)]
pub(crate) struct Out {
    directory: PathBuf,
    /// Where reports are written before all of them are there: of this process alone.
    draft: PathBuf,
}

/// What was written, and where what was there before is now.
#[derive(Debug, Default)]
pub(crate) struct Written {
    paths: Vec<PathBuf>,
    previous: Option<PathBuf>,
}

impl Out {
    /// Makes the directory, and sees that files can be written there: better to say so before a run than after it.
    pub(crate) fn open(directory: &Path) -> Result<Self, Complaint> {
        let own = Self {
            directory: directory.to_owned(),
            draft: directory.join(format!(".hubproof-{}", new_run())),
        };
        let tried = fs::create_dir_all(directory)
            .and_then(|()| fs::create_dir(&own.draft))
            .and_then(|()| fs::remove_dir(&own.draft));
        match tried {
            Ok(()) => Ok(own),
            Err(fault) => Err(Complaint::UnusableOut {
                path: directory.to_owned(),
                fault,
            }),
        }
    }

    /// Puts reports, names with their texts, in the place of those of `family` that are there: these move to a directory of their own,
    /// so that none stays beside the new ones. Of a name that comes twice one is written.
    ///
    /// Everything is written before anything moves, and two commands that end at once wait for each other.
    pub(crate) fn replace(
        &self,
        family: &[&str],
        reports: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Written, Complaint> {
        let replaced = self.draft_and_move(family, reports);
        // Empty where all went well. What cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.draft);
        replaced
    }

    fn draft_and_move(
        &self,
        family: &[&str],
        reports: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Written, Complaint> {
        let at = |path: &Path| {
            let path = path.to_owned();
            |fault| Complaint::UnwritableReport { path, fault }
        };
        fs::create_dir(&self.draft).map_err(at(&self.draft))?;
        let mut names = Vec::new();
        for (name, text) in reports {
            if !names.contains(&name) {
                fs::write(self.draft.join(name), text).map_err(at(&self.directory.join(name)))?;
                names.push(name);
            }
        }
        let _alone = self.lock().map_err(at(&self.directory))?;
        let previous = self.move_aside(family).map_err(at(&self.directory))?;
        let mut paths = Vec::new();
        for name in names {
            let path = self.directory.join(name);
            fs::rename(self.draft.join(name), &path).map_err(at(&path))?;
            paths.push(path);
        }
        Ok(Written { paths, previous })
    }

    /// Holds the directory until the file is dropped, or the process ends.
    pub(crate) fn lock(&self) -> io::Result<File> {
        let held = if cfg!(unix) {
            File::open(&self.directory)?
        } else {
            // Elsewhere a directory cannot be opened like a file.
            let file = self.directory.join(".hubproof-lock");
            OpenOptions::new().create(true).append(true).open(file)?
        };
        match held.lock() {
            // A file system without locks: commands that end in the same moment are rare.
            Err(fault) if fault.kind() != ErrorKind::Unsupported => Err(fault),
            _ => Ok(held),
        }
    }

    /// The directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Moves what is there of some names to a directory that tells when it was written.
    fn move_aside(&self, family: &[&str]) -> io::Result<Option<PathBuf>> {
        let found = family.iter().filter(|name| self.directory.join(name).exists());
        let found: Vec<_> = found.collect();
        let written = found
            .iter()
            .filter_map(|name| fs::metadata(self.directory.join(name)).ok()?.modified().ok());
        let Some(written) = written.max() else {
            return Ok(None);
        };
        let previous = self.fresh(written)?;
        for name in found {
            fs::rename(self.directory.join(name), previous.join(name))?;
        }
        Ok(Some(previous))
    }

    /// Makes a directory for what was written then.
    fn fresh(&self, written: SystemTime) -> io::Result<PathBuf> {
        // No colons: not every file system takes them.
        let name = DateTime::<Utc>::from(written)
            .format("previous-%Y-%m-%dT%H-%M-%SZ")
            .to_string();
        let more = (2..).map(|number| format!("{name}-{number}"));
        for name in std::iter::once(name.clone()).chain(more) {
            let path = self.directory.join(name);
            match fs::create_dir(&path) {
                Err(fault) if fault.kind() == ErrorKind::AlreadyExists => {}
                made => return made.map(|()| path),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

impl Written {
    /// Takes in a file that was written beside the reports.
    pub(crate) fn push(&mut self, path: PathBuf) {
        self.paths.push(path);
    }

    /// The paths as the closing lines of a command name them.
    pub(crate) fn named(&self) -> String {
        let mut lines: String = self
            .paths
            .iter()
            .map(|path| format!("  {}\n", path.display()))
            .collect();
        if let Some(previous) = &self.previous {
            lines.push_str(&format!("  {} (what was there before)\n", previous.display()));
        }
        lines
    }
}

#[cfg(test)]
mod tests;
