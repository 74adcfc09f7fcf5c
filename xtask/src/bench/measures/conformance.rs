//! How many generated and checked calls a second, against Schemathesis on the same hub and its OpenAPI document.

use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::{Figure, Measure, pair};
use crate::bench::goal::{Goal, Unit};
use crate::bench::own::{Own, Pace};
use crate::bench::process::Running;
use crate::bench::scene::{CONNECTIONS, Scene};

pub(super) struct AgainstSchemathesis;

/// The part of Schemathesis' JSON report that is needed.
#[derive(Debug, Deserialize)]
struct Report {
    test_cases: Cases,
    /// Seconds.
    running_time: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Cases {
    generated: u64,
}

impl Report {
    fn cases_a_second(&self) -> Result<f64, String> {
        match (self.test_cases.generated, self.running_time) {
            (cases, Some(seconds)) if cases > 0 && seconds > 0.0 => Ok(cases as f64 / seconds),
            _ => Err("Schemathesis tested nothing".to_owned()),
        }
    }
}

impl Measure for AgainstSchemathesis {
    fn name(&self) -> &'static str {
        "conformance"
    }

    fn figures(&self) -> &'static [Figure] {
        &[Figure {
            what: "generated and checked calls/s ÷ Schemathesis' cases/s",
            unit: Unit::Times,
            goal: Goal::AtLeast(150.0),
        }]
    }

    fn most_rounds(&self) -> Option<u32> {
        Some(3)
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        scene.schemathesis()?;
        let ours = || {
            let own = Own::new(scene, &scene.hub).live(true).every_tool();
            own.run(Pace::Closed(CONNECTIONS), scene.extent.load)?.report.rate()
        };
        let (ours, theirs) = pair(round, ours, || schemathesis(scene, scene.extent.conformance))?;
        Ok(vec![ours / theirs])
    }
}

/// Schemathesis' cases a second, its positive and negative ones alike.
fn schemathesis(scene: &Scene, time: Duration) -> Result<f64, String> {
    let file = scene.folder.path().join("schemathesis.json");
    let mut command = Command::new(scene.schemathesis()?);
    command
        .args(["run", &scene.hub.openapi_url(), "--no-color", "--phases", "fuzzing"])
        .args(["--max-time", &time.as_secs().to_string()])
        .args(["-H", &format!("Authorization: Bearer {}", scene.hub.key)])
        .args(["--report", "json", "--report-json-path"])
        .arg(&file)
        .current_dir(scene.folder.path());
    // It ends with 1 where a check of its own fails: what counts is what it wrote.
    let finished = Running::start(&mut command)?.finish()?;
    let report = std::fs::read(&file).map_err(|_| format!("Schemathesis failed: {}", finished.complaint.trim()))?;
    let report: Report = serde_json::from_slice(&report).map_err(|fault| format!("Schemathesis' report: {fault}"))?;
    report.cases_a_second()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn cases_are_counted_over_the_time_that_it_ran() {
        let told = report(r#"{"test_cases": {"generated": 300, "errored": 0}, "running_time": 2.0}"#);
        assert_eq!(told.cases_a_second(), Ok(150.0));
    }

    #[test]
    fn a_run_that_tested_nothing_is_no_figure() {
        let told = report(r#"{"test_cases": {"generated": 0}, "running_time": null}"#);
        assert!(told.cases_a_second().is_err());
    }
}
