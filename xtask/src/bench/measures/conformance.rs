//! How many generated, sent and checked calls a second, against Schemathesis on the same hub and its OpenAPI document. There are two of ours:
//! `bench --live`, which draws inputs and checks answers as it goes, and a whole `run`, from discovery to the last verdict, of inputs that the
//! tools' schemas accept and such that they reject, as Schemathesis sends both.

use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::{Figure, Measure, pair};
use crate::bench::goal::{Goal, Unit};
use crate::bench::own::{KEY, Own, Pace};
use crate::bench::process::Running;
use crate::bench::scene::{CONNECTIONS, Scene};

pub(super) struct AgainstSchemathesis;

/// Valid inputs, and inputs broken by one keyword.
const REQUIREMENTS: [&str; 2] = ["EXE-01", "EXE-02"];

/// The part of `report.json` that is needed (docs/report.schema.json).
#[derive(Debug, Deserialize)]
struct Run {
    duration_ms: f64,
    requirements: Vec<Requirement>,
}

#[derive(Debug, Deserialize)]
struct Requirement {
    id: String,
    verdict: String,
    cases: u64,
}

impl Run {
    /// Over the whole run, from discovery to the last verdict.
    fn cases_a_second(&self) -> Result<f64, String> {
        let of = |id: &str| self.requirements.iter().find(|requirement| requirement.id == id);
        let mut cases = 0;
        for id in REQUIREMENTS {
            match of(id) {
                Some(requirement) if requirement.verdict == "held" => cases += requirement.cases,
                other => return Err(format!("`hubproof run` did not prove {id}: {other:?}")),
            }
        }
        Ok(cases as f64 / (self.duration_ms / 1000.0))
    }
}

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
        &[
            Figure {
                what: "`bench --live` of all read tools: generated and checked calls/s ÷ Schemathesis' cases/s",
                unit: Unit::Times,
                goal: Goal::AtLeast(150.0),
            },
            Figure {
                what: "`run` of EXE-01 and EXE-02, from discovery to verdict: cases/s ÷ the same",
                unit: Unit::Times,
                goal: Goal::Told,
            },
        ]
    }

    fn most_rounds(&self) -> Option<u32> {
        Some(3)
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        scene.schemathesis()?;
        let ours = || {
            let live = Own::new(scene, &scene.hub).live(true).every_tool();
            let live = live.run(Pace::Closed(CONNECTIONS), scene.extent.load)?.report.rate()?;
            Ok([live, run(scene, scene.extent.cases)?])
        };
        let (ours, theirs) = pair(round, ours, || schemathesis(scene, scene.extent.conformance))?;
        Ok(ours.map(|ours| ours / theirs).to_vec())
    }
}

/// Our cases a second, where each tool gets so many of each requirement.
fn run(scene: &Scene, cases: u32) -> Result<f64, String> {
    let out = scene.folder.path().join("run");
    let mut command = Command::new(&scene.binaries.hubproof);
    command
        .args([
            "run",
            &scene.hub.url,
            "--key-env",
            KEY,
            "--only",
            &REQUIREMENTS.join(","),
        ])
        .args(["--cases", &cases.to_string(), "--format", "json", "--quiet", "--out"])
        .arg(&out)
        .env(KEY, &scene.hub.key);
    let finished = Running::start(&mut command)?.finish()?;
    let report = std::fs::read(out.join("report.json"));
    let report = report.map_err(|_| format!("`hubproof run` failed: {}", finished.complaint.trim()))?;
    let report: Run = serde_json::from_slice(&report).map_err(|fault| format!("report.json: {fault}"))?;
    report.cases_a_second()
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
    fn our_cases_are_those_of_both_requirements_and_count_where_both_hold() {
        let run = |verdict: &str| -> Run {
            let requirement = |id: &str, verdict: &str| serde_json::json!({"id": id, "verdict": verdict, "cases": 300});
            let requirements = [requirement("EXE-01", "held"), requirement("EXE-02", verdict)];
            serde_json::from_value(serde_json::json!({"duration_ms": 500.0, "requirements": requirements})).unwrap()
        };
        assert_eq!(run("held").cases_a_second(), Ok(1200.0));
        assert!(run("violated").cases_a_second().is_err());
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
