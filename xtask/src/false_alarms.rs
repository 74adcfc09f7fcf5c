//! How often LAT-02 says of equal runs that one is slower: measured on benches of the clean bundled hub, each held against each other one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use hubproof_model::bench_record::BenchBaseline;
use hubproof_model::judgment::Finding;
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::slo::Slo;
use hubproof_reports::bench::read;
use hubproof_requirements::areas::MEASURED;
use hubproof_requirements::measured::MeasuredEvidence;
use statrs::distribution::{Beta, ContinuousCDF};

use crate::bench::binaries::Binaries;
use crate::bench::machine::Machine;

/// The load of each run: some hundred calls a second of some tools, so that each block has enough of each.
const LOAD: [&str; 8] = [
    "--rate",
    "400",
    "--duration",
    "2s",
    "--warm-up",
    "500ms",
    "--tools",
    "itsm.tickets.*,crm.contacts.*",
];
/// How sure the bound of the rate is.
const CONFIDENCE: f64 = 0.95;

/// How often is measured, and what.
#[derive(Args)]
pub(crate) struct FalseAlarms {
    /// How many runs are compared: each takes about three seconds
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..))]
    runs: u32,
    /// A hubproof that is built already, in place of a release build
    #[arg(long, value_name = "PATH")]
    hubproof: Option<PathBuf>,
    /// Where the runs' reports stay, each in a folder of its number
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// Compare the reports that an earlier measuring left in a folder, and run nothing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["runs", "hubproof", "reports"])]
    again: Option<PathBuf>,
}

impl FalseAlarms {
    /// Runs the benches, compares them, and says what came of it.
    ///
    /// # Errors
    /// That hubproof cannot be built or run, or that too few runs are whole.
    pub(crate) fn measure(&self, root: &Path) -> Result<String, String> {
        if let Some(folder) = &self.again {
            return again(folder);
        }
        let hubproof = match &self.hubproof {
            Some(hubproof) => hubproof.clone(),
            None => Binaries::build(root)?.hubproof,
        };
        let mut machine = Machine::look(None, None);
        let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
        let reports = self.reports.as_deref().unwrap_or(folder.path());
        let mut runs = Vec::new();
        for number in 1..=self.runs {
            let run = bench(&hubproof, &reports.join(number.to_string()))?;
            // A machine that is too busy for the rate measured another load, and `--compare` refuses it.
            runs.extend(run.check_whole().is_ok().then_some(run));
        }
        machine.look_again();
        let pairs = pairs(&runs)?;
        let build = hubproof.parent().and_then(Path::file_name).unwrap_or_default();
        Ok(format!(
            "{pairs}\n{} of {} runs left out, since they did not reach their rate. Each: hubproof bench {} (a {} build of the bundled hub).\n\
             Measured on {} × {}, load average {:.2} before and {:.2} after; {}.",
            self.runs as usize - runs.len(),
            self.runs,
            LOAD.join(" "),
            build.to_string_lossy(),
            machine.cpus,
            machine.cpu,
            machine.load.0,
            machine.load.1,
            machine.rustc
        ))
    }
}

/// Compares the reports in a folder.
fn again(folder: &Path) -> Result<String, String> {
    let unreadable = |fault: &dyn std::fmt::Display| format!("{}: {fault}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(|fault| unreadable(&fault))?;
    let mut reports: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("bench.json")).filter(|report| report.exists()))
        .collect();
    reports.sort();
    let mut runs: Vec<BenchBaseline> = Vec::new();
    for report in &reports {
        let text = std::fs::read_to_string(report).map_err(|fault| format!("{}: {fault}", report.display()))?;
        let run = read(&report.display().to_string(), &text).map_err(|fault| fault.to_string())?;
        runs.extend(run.check_whole().is_ok().then_some(run));
    }
    Ok(format!(
        "{}\n{} of {} reports left out, since they are not whole or did not reach their rate.",
        pairs(&runs)?,
        reports.len() - runs.len(),
        reports.len()
    ))
}

fn pairs(runs: &[BenchBaseline]) -> Result<Pairs, String> {
    match runs.len() {
        0 | 1 => Err("no two runs reached their rate: the machine is too busy".to_owned()),
        _ => Ok(Pairs::of(runs, findings)),
    }
}

/// Benches the bundled hub once.
fn bench(hubproof: &Path, out: &Path) -> Result<BenchBaseline, String> {
    let mut command = Command::new(hubproof);
    command.arg("bench").args(LOAD).arg("--quiet").arg("--out").arg(out);
    let output = command
        .output()
        .map_err(|fault| format!("{}: {fault}", hubproof.display()))?;
    let path = out.join("bench.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|fault| format!("{fault}: {}", String::from_utf8_lossy(&output.stderr)))?;
    read(&path.display().to_string(), &text).map_err(|fault| fault.to_string())
}

/// What LAT-02 says of a run beside a baseline.
fn findings(baseline: &BenchBaseline, run: &BenchBaseline) -> Vec<Finding> {
    let id = RequirementId::new(Area::Lat, 2);
    let measured = MEASURED.iter().filter(|own| own.requirement().id == id);
    let (risks, left_out) = (BTreeMap::new(), BTreeMap::new());
    let evidence = MeasuredEvidence {
        measurement: &run.measurement,
        risks: &risks,
        left_out: &left_out,
        slo: &Slo::default(),
        baseline: Some(&baseline.measurement),
    };
    measured.flat_map(|own| own.judge(&evidence)).collect()
}

/// What was said of all pairs of some runs, each run beside each other one as its baseline.
#[derive(Debug, PartialEq)]
struct Pairs {
    runs: usize,
    all: usize,
    slower: usize,
    undecided: usize,
    /// How often each thing was said.
    said: BTreeMap<String, usize>,
}

impl Pairs {
    fn of<T>(runs: &[T], findings: impl Fn(&T, &T) -> Vec<Finding>) -> Self {
        let mut pairs = Self {
            runs: runs.len(),
            all: 0,
            slower: 0,
            undecided: 0,
            said: BTreeMap::new(),
        };
        for (at, baseline) in runs.iter().enumerate() {
            let others = runs.iter().enumerate().filter(|(other, _)| *other != at);
            others.for_each(|(_, run)| pairs.note(&findings(baseline, run)));
        }
        pairs
    }

    fn note(&mut self, findings: &[Finding]) {
        self.all += 1;
        let violations = findings.iter().filter_map(|finding| match finding {
            Finding::Violated(violation) => Some(&violation.summary),
            _ => None,
        });
        let violations: Vec<_> = violations.collect();
        for summary in &violations {
            *self.said.entry((*summary).clone()).or_default() += 1;
        }
        if !violations.is_empty() {
            self.slower += 1;
        } else if findings
            .iter()
            .any(|finding| matches!(finding, Finding::Inconclusive(_)))
        {
            self.undecided += 1;
        }
    }

    fn rate(&self) -> f64 {
        self.slower as f64 / self.all.max(1) as f64
    }

    /// The pairs that share no run with another: as many as tell something by themselves.
    fn apart(&self) -> usize {
        self.runs / 2
    }
}

impl std::fmt::Display for Pairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "Of {} pairs of {} equal runs {} are said to be slower: {:.2} %; {} allowed no verdict.",
            self.all,
            self.runs,
            self.slower,
            self.rate() * 100.0,
            self.undecided
        )?;
        for (summary, times) in &self.said {
            writeln!(f, "  {times} × {summary}")?;
        }
        write!(
            f,
            "Pairs share runs: counted as the {} that share none, the rate is {:.1} % at most ({:.0} % confidence).",
            self.apart(),
            upper_bound(self.rate(), self.apart()) * 100.0,
            CONFIDENCE * 100.0
        )
    }
}

/// The exact upper bound (Clopper and Pearson) of a rate that was seen in so many trials.
fn upper_bound(rate: f64, trials: usize) -> f64 {
    let (all, seen) = (trials as f64, rate * trials as f64);
    // Where all trials showed it, nothing bounds it.
    let bound = Beta::new(seen + 1.0, all - seen).map(|beta| beta.inverse_cdf(CONFIDENCE));
    bound.unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use hubproof_model::judgment::Violation;

    use super::*;

    #[test]
    fn each_run_is_held_against_each_other() {
        let slower = || {
            Finding::Violated(Violation {
                tool: None,
                summary: "p50 is above".to_owned(),
                expected: String::new(),
                observed: String::new(),
                exchanges: Vec::new(),
                assertion: None,
            })
        };
        let pairs = Pairs::of(&[1, 2, 9], |baseline, run| match (baseline, run) {
            (_, 9) => vec![Finding::Held, slower(), slower()],
            (9, 1) => vec![Finding::Inconclusive("too few".to_owned())],
            _ => vec![Finding::Held],
        });
        assert_eq!((pairs.all, pairs.slower, pairs.undecided), (6, 2, 1));
        assert_eq!(pairs.said, [("p50 is above".to_owned(), 4)].into());
        assert!((pairs.rate() - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn few_trials_bound_little() {
        assert!((upper_bound(0.0, 30) - 0.095).abs() < 0.001, "{}", upper_bound(0.0, 30));
        assert!((upper_bound(0.1, 30) - 0.239).abs() < 0.001, "{}", upper_bound(0.1, 30));
        assert!((upper_bound(1.0, 30) - 1.0).abs() < 1e-9);
    }
}
