//! The directory that the reports of a command go to. It holds those of one run: the ones before are moved aside, never mixed with
//! them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use hubproof_runner::options::new_run;

use crate::terminal;
use crate::usage::Complaint;

/// A directory in which reports can be written.
#[derive(Debug)]
pub(crate) struct Out {
    directory: PathBuf,
    /// Where reports are written before all of them are there: of this process alone.
    draft: PathBuf,
}

/// What was written, where what was there before is now, and what could not be written.
#[derive(Debug, Default)]
pub(crate) struct Written {
    paths: Vec<PathBuf>,
    previous: Option<PathBuf>,
    faults: Vec<Complaint>,
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
    /// Everything is written before anything moves, and two commands that end at once wait for each other. What does not fit on the disk is
    /// left out, and the rest is written; where nothing fits, what was there stays.
    pub(crate) fn replace(
        &self,
        family: &[&str],
        reports: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Written {
        let mut written = Written::default();
        if let Err(fault) = self.draft_and_move(family, reports, &mut written) {
            written.faults.push(unwritable(&self.directory, fault));
        }
        // Empty where all went well. What cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.draft);
        written
    }

    /// Writes and moves what it can; fails where that is nothing more.
    fn draft_and_move(
        &self,
        family: &[&str],
        reports: impl IntoIterator<Item = (&'static str, String)>,
        written: &mut Written,
    ) -> io::Result<()> {
        fs::create_dir(&self.draft)?;
        let mut names = Vec::new();
        for (name, text) in reports {
            if names.contains(&name) {
                continue;
            }
            let draft = self.draft.join(name);
            match fs::write(&draft, text) {
                Ok(()) => names.push(name),
                Err(fault) => {
                    // Half a report is none, and may take the room that a smaller one needs.
                    let _ = fs::remove_file(&draft);
                    written.faults.push(unwritable(&self.directory.join(name), fault));
                }
            }
        }
        if names.is_empty() {
            return Ok(());
        }
        let _alone = self.lock()?;
        written.previous = self.move_aside(family)?;
        for name in names {
            let path = self.directory.join(name);
            match fs::rename(self.draft.join(name), &path) {
                Ok(()) => written.paths.push(path),
                Err(fault) => written.faults.push(unwritable(&path, fault)),
            }
        }
        Ok(())
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

    /// Takes in why a file beside the reports was not written.
    pub(crate) fn lacks(&mut self, fault: Complaint) {
        self.faults.push(fault);
    }

    /// Prints a text, and after it what could not be written, which standard output may be part of.
    pub(crate) fn print(&mut self, text: &str) {
        if let Err(fault) = terminal::print(text) {
            self.faults.push(fault);
        }
        if let Some(lacking) = self.lacking() {
            terminal::note(&lacking);
        }
    }

    /// Whether something could not be written.
    pub(crate) fn is_lacking(&self) -> bool {
        !self.faults.is_empty()
    }

    /// How a command ends that wrote this and would else end with this code: what was asked for and is not there is never passed over.
    pub(crate) fn ending(&self, code: u8) -> u8 {
        self.faults.iter().map(Complaint::exit_code).max().unwrap_or(code)
    }

    /// What could not be written, in a line.
    fn lacking(&self) -> Option<String> {
        let faults: Vec<_> = self.faults.iter().map(ToString::to_string).collect();
        let code = self.ending(0);
        self.is_lacking()
            .then(|| format!("{} (exit code {code}, whatever the verdict)", faults.join("; ")))
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

fn unwritable(path: &Path, fault: io::Error) -> Complaint {
    Complaint::UnwritableReport {
        path: path.to_owned(),
        fault,
    }
}

#[cfg(test)]
mod tests;
