//! The seam between a bench and a requirement that is judged from what it measured.

use std::collections::BTreeMap;
use std::time::Duration;

use hubproof_model::bench_record::LeftOut;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::measurement::Measurement;
use hubproof_model::requirement::{Need, Requirement};
use hubproof_model::safety::Risk;
use hubproof_model::slo::Slo;

/// A requirement that a measurement exercises, not cases.
pub trait Measured: Sync {
    /// What people read about it.
    fn requirement(&self) -> &'static Requirement;

    /// What the measurement shows: one finding for each thing judged. A pure function.
    fn judge(&self, evidence: &MeasuredEvidence<'_>) -> Vec<Finding>;
}

/// A measurement to judge, and what it is held against.
#[derive(Debug, Clone, Copy)]
pub struct MeasuredEvidence<'a> {
    /// What was measured.
    pub measurement: &'a Measurement,
    /// The risk of each tool of the mix; a tool that is not among them is of unknown risk.
    pub risks: &'a BTreeMap<String, Risk>,
    /// The tools that were to be called and were not.
    pub left_out: &'a BTreeMap<String, LeftOut>,
    /// What the profile promises.
    pub slo: &'a Slo,
    /// An earlier measurement of the same target under the same load, where one was given.
    pub baseline: Option<&'a Measurement>,
}

/// The finding that nothing was exercised for want of something.
pub(crate) fn missing(need: Need) -> Vec<Finding> {
    vec![Finding::NotExercised(Unexercised::Missing(vec![need]))]
}

/// A latency as people read it: `12.3 ms`.
pub(crate) fn milliseconds(latency: Duration) -> String {
    let milliseconds = latency.as_secs_f64() * 1000.0;
    let rounded = match milliseconds {
        100.0.. => milliseconds.round(),
        10.0.. => (milliseconds * 10.0).round() / 10.0,
        _ => (milliseconds * 100.0).round() / 100.0,
    };
    format!("{rounded} ms")
}

/// A part of all as people write it: `0.1%`.
pub(crate) fn percent(part: f64) -> String {
    let percent = (part * 1e6).round() / 1e4;
    format!("{percent}%")
}

#[cfg(test)]
pub(crate) mod samples {
    //! Measurements, made up.
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::SystemTime;

    use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
    use hubproof_model::judgment::Violation;
    use hubproof_model::measurement::{Block, BlockSummary, Pacing};
    use hubproof_model::profile::Profile;

    use super::*;

    /// A measurement of read tools.
    #[derive(Debug, Clone)]
    pub(crate) struct Sample {
        pub(crate) measurement: Measurement,
        pub(crate) baseline: Option<Measurement>,
        pub(crate) left_out: BTreeMap<String, LeftOut>,
    }

    impl Sample {
        pub(crate) fn new() -> Self {
            let measurement = Measurement {
                pacing: Pacing::Open { rate: 1000.0 },
                connections: 16,
                live: false,
                seed: 7,
                mix: BTreeMap::new(),
                began_at: SystemTime::UNIX_EPOCH,
                warm_up: Duration::from_secs(1),
                planned: Duration::from_secs(10),
                measured: Duration::from_secs(10),
                response: Recorder::default(),
                service: Recorder::default(),
                lateness: Histogram::default(),
                pauses: Histogram::default(),
                overhead: BTreeMap::new(),
                blocks: Vec::new(),
                in_time: BTreeMap::new(),
                unsent: BTreeMap::new(),
                wrong: BTreeMap::new(),
            };
            Self {
                measurement,
                baseline: None,
                left_out: BTreeMap::new(),
            }
        }

        /// So many calls more, each of so many milliseconds.
        pub(crate) fn calls(mut self, tool: &str, kind: Kind, milliseconds: u64, count: u64) -> Self {
            self.measurement.mix.insert(tool.to_owned(), 1);
            let series = Series {
                place: Place::Execute(tool.to_owned()),
                kind,
            };
            for _ in 0..count {
                let latency = Duration::from_millis(milliseconds);
                self.measurement.response.record(&series, latency);
                self.measurement.service.record(&series, latency);
            }
            self
        }

        /// Twenty blocks of so many milliseconds, each off by up to 2 %.
        pub(crate) fn blocks(mut self, tool: &str, p50: f64, p90: f64) -> Self {
            const OFF: [f64; 5] = [0.01, -0.02, 0.0, 0.02, -0.01];
            self.measurement.mix.insert(tool.to_owned(), 1);
            self.measurement
                .blocks
                .resize_with(20, || Block { tools: BTreeMap::new() });
            for (block, off) in self.measurement.blocks.iter_mut().zip(OFF.into_iter().cycle()) {
                let of = |milliseconds: f64| Duration::from_secs_f64(milliseconds * (1.0 + off) / 1000.0);
                let summary = BlockSummary {
                    count: 50,
                    failed: 0,
                    mean: of(p50),
                    p50: Some(of(p50)),
                    p90: Some(of(p90)),
                    p99: Some(of(p90)),
                };
                block.tools.insert(tool.to_owned(), summary);
            }
            self
        }

        /// So many calls of the first tool of the mix that were not sent.
        pub(crate) fn unsent(mut self, count: u64) -> Self {
            let tool = self.measurement.mix.keys().next().cloned().unwrap_or_default();
            self.measurement.unsent.insert(tool, count);
            self
        }
    }

    /// What is said of a sample under the `[slo]` of a profile.
    pub(crate) fn judge(measured: &dyn Measured, sample: &Sample, slo: &str) -> Vec<Finding> {
        let profile = Profile::parse(&format!("[target]\nurl = \"https://hub.example\"\n{slo}"), &|_| None).unwrap();
        let tools = sample.measurement.mix.keys();
        measured.judge(&MeasuredEvidence {
            measurement: &sample.measurement,
            risks: &tools.map(|tool| (tool.clone(), Risk::Read)).collect(),
            left_out: &sample.left_out,
            slo: &profile.slo,
            baseline: sample.baseline.as_ref(),
        })
    }

    /// The tool of each violation, and what was observed of it.
    pub(crate) fn violations(findings: &[Finding]) -> Vec<(&str, &str)> {
        let violated = findings.iter().filter_map(|finding| match finding {
            Finding::Violated(Violation { tool, observed, .. }) => {
                Some((tool.as_deref().unwrap_or(""), observed.as_str()))
            }
            _ => None,
        });
        violated.collect()
    }
}
