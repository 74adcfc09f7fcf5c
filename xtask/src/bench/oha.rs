//! oha, the load generator that ours is measured by.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::load::Load;
use super::process::Running;

/// What to say where there is none.
pub(super) const MISSING: &str = "oha is not on the PATH: `cargo install oha --locked`, or `--oha PATH`";

/// What oha counts where its time is up and a call is not answered yet.
const CUT_OFF: &str = "aborted due to deadline";

/// oha on this machine.
pub(super) struct Oha {
    program: PathBuf,
}

/// The part of oha's JSON that is needed (its `schema.json`).
#[derive(Debug, Deserialize)]
struct Report {
    summary: Summary,
    #[serde(rename = "statusCodeDistribution")]
    statuses: BTreeMap<String, u64>,
    #[serde(rename = "errorDistribution")]
    errors: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
struct Summary {
    /// Seconds from the first call to the last.
    total: f64,
}

impl Report {
    /// The calls that were answered with 200.
    ///
    /// # Errors
    /// That others were answered otherwise, or not at all.
    fn answered(&self) -> Result<u64, String> {
        let other = self.statuses.iter().find(|(status, _)| *status != "200");
        let failed = self.errors.iter().find(|(error, _)| *error != CUT_OFF);
        match other.or(failed) {
            Some((what, count)) => Err(format!("oha got `{what}` {count} times")),
            None => Ok(self.statuses.values().sum()),
        }
    }
}

impl Oha {
    /// The one at this place.
    pub(super) fn at(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
        }
    }

    /// Posts the lines of a file to a URL for some time, over so many connections.
    pub(super) fn post(
        &self,
        url: &str,
        key: &str,
        bodies: &Path,
        connections: u32,
        time: Duration,
    ) -> Result<Load, String> {
        let mut command = Command::new(&self.program);
        command
            .args([
                "--no-tui",
                "--output-format",
                "json",
                "-m",
                "POST",
                "-T",
                "application/json",
            ])
            .args(["-H", &format!("authorization: Bearer {key}")])
            .args(["-c", &connections.to_string(), "-z", &format!("{}ms", time.as_millis())])
            .arg("-Z")
            .arg(bodies)
            .arg(url);
        let finished = Running::start(&mut command)?.finish()?;
        if finished.code != Some(0) {
            return Err(format!("oha failed: {}", finished.complaint.trim()));
        }
        let report: Report =
            serde_json::from_slice(&finished.output).map_err(|fault| format!("oha's report: {fault}"))?;
        let calls = report.answered()? as f64;
        Ok(Load::new(calls / report.summary.total, calls, finished.cpu))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(statuses: &str, errors: &str) -> Report {
        let text = format!(
            r#"{{"summary": {{"total": 2.0, "requestsPerSec": 1.5}}, "statusCodeDistribution": {statuses}, "errorDistribution": {errors}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn calls_that_the_end_cut_off_are_no_failure() {
        assert_eq!(
            report(r#"{"200": 7}"#, r#"{"aborted due to deadline": 3}"#).answered(),
            Ok(7)
        );
    }

    #[test]
    fn a_refusal_or_a_broken_connection_spoils_the_measurement() {
        assert!(report(r#"{"200": 7, "429": 1}"#, "{}").answered().is_err());
        assert!(
            report(r#"{"200": 7}"#, r#"{"connection reset": 1}"#)
                .answered()
                .is_err()
        );
    }
}
