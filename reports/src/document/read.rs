//! Reads a `report.json` back, and says of any other file what is wrong with it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::target::Writer;
use super::{FORMAT, FORMAT_VERSION, Report, consistency};
use crate::bench;
use crate::printable::visible;
use crate::reproduce::with_lines;

/// Why a file is no report that this version can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportFault {
    /// Not JSON at all.
    #[error("it is not JSON: line {line}, column {column}: {what}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// JSON that ends too early.
    #[error("it is cut off at line {line}, column {column}: copy it again, or repeat the run")]
    Truncated {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// The file of a bench.
    #[error("it is a bench.json, of `hubproof bench`: give the report.json of a run")]
    Bench,
    /// JSON of something else.
    #[error("it is no report.json of hubproof: its `format` is not \"{FORMAT}\"")]
    Format,
    /// Of an older hubproof.
    #[error("it has version {0} of the format, and this hubproof reads version {FORMAT_VERSION}: repeat the run")]
    Older(u64),
    /// Of a newer hubproof.
    #[error(
        "it has version {0} of the format, and this hubproof reads version {FORMAT_VERSION}: read it with a newer hubproof"
    )]
    Newer(u64),
    /// Something is missing, or not what it must be.
    #[error("it is damaged: at {path}: {what}")]
    Damaged {
        /// Where, as `requirements[3].violations[0].tool`.
        path: String,
        /// What is wrong there.
        what: String,
    },
    /// Its parts do not say the same: it was edited, or put together by hand.
    #[error("it contradicts itself: at {path}: {what}")]
    Inconsistent {
        /// Where.
        path: String,
        /// What contradicts what.
        what: String,
    },
}

/// What tells a report from other files; the rest is not looked at.
#[derive(Deserialize)]
struct Head {
    #[serde(default, deserialize_with = "text")]
    format: Option<String>,
    #[serde(default, deserialize_with = "number")]
    version: Option<u64>,
    #[serde(default, deserialize_with = "writer")]
    tool: Option<String>,
    requirements: Option<IgnoredAny>,
}

impl Head {
    /// Reports had no `format` before version 2.
    fn is_of_version_1(&self) -> bool {
        self.format.is_none() && self.tool.as_deref() == Some(Writer::NAME) && self.requirements.is_some()
    }
}

fn value<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<serde_json::Value, D::Error> {
    Deserialize::deserialize(deserializer)
}

fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    value(deserializer).map(|value| value.as_str().map(str::to_owned))
}

fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    value(deserializer).map(|value| value.as_u64())
}

fn writer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    value(deserializer).map(|value| value["name"].as_str().map(str::to_owned))
}

impl Report {
    /// Reads the text of a `report.json`.
    ///
    /// # Errors
    /// Why it is none that can be read, or none that can be believed.
    pub fn read(text: impl AsRef<[u8]>) -> Result<Self, ReportFault> {
        let text = text.as_ref();
        let head: Head = serde_json::from_slice(text).map_err(|fault| match fault.classify() {
            Category::Data if fault.to_string().starts_with("duplicate field") => damaged("the top", &fault),
            // Any other JSON than an object.
            Category::Data => ReportFault::Format,
            Category::Io | Category::Syntax | Category::Eof => unreadable(text, &fault),
        })?;
        match head.format.as_deref() {
            Some(FORMAT) => {}
            Some(bench::FORMAT) => return Err(ReportFault::Bench),
            None if head.is_of_version_1() => {}
            _ => return Err(ReportFault::Format),
        }
        match head.version {
            Some(FORMAT_VERSION) => {}
            Some(older @ ..FORMAT_VERSION) => return Err(ReportFault::Older(older)),
            Some(newer) => return Err(ReportFault::Newer(newer)),
            None => return Err(damaged("version", &"it is no whole number")),
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let report: Self = serde_path_to_error::deserialize(&mut json).map_err(|fault| {
            let path = fault.path().to_string();
            match fault.inner().classify() {
                Category::Data if path == "." => damaged("the top", fault.inner()),
                Category::Data => damaged(&path, fault.inner()),
                Category::Io | Category::Syntax | Category::Eof => unreadable(text, fault.inner()),
            }
        })?;
        consistency::check(&report).map_err(|found| ReportFault::Inconsistent {
            path: found.path,
            what: visible(&found.what).into_owned(),
        })?;
        Ok(match report.is_of_this_version() {
            true => report,
            false => with_lines(report),
        })
    }
}

/// What is wrong may quote the file.
fn damaged(path: &str, what: &dyn std::fmt::Display) -> ReportFault {
    ReportFault::Damaged {
        path: visible(path).into_owned(),
        what: visible(&what.to_string()).into_owned(),
    }
}

/// A number whose digits are still to come is an invalid one to the parser.
fn ends_in_number(text: &[u8], line: usize, column: usize) -> bool {
    let is_begun = text.last().is_some_and(|last| b"-+.eE".contains(last));
    let mut lines = text.split(|byte| *byte == b'\n');
    let rest = lines.nth(line.saturating_sub(1)).map_or(0, <[u8]>::len);
    is_begun && lines.next().is_none() && column >= rest
}

fn unreadable(text: &[u8], fault: &serde_json::Error) -> ReportFault {
    let (line, column) = (fault.line(), fault.column());
    match fault.classify() {
        Category::Eof => ReportFault::Truncated { line, column },
        _ if ends_in_number(text, line, column) => ReportFault::Truncated { line, column },
        _ => {
            let told = fault.to_string();
            let place = format!(" at line {line} column {column}");
            ReportFault::Json {
                line,
                column,
                what: visible(told.strip_suffix(&place).unwrap_or(&told)).into_owned(),
            }
        }
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
