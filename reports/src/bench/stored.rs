//! Reads a `bench.json` back, as far as a comparison needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use hubproof_latency::{Histogram, Kind, NotAHistogram, Place, Recorder, Series};
use hubproof_model::bench_record::BenchBaseline;
use hubproof_model::measurement::{Block, BlockSummary, Measurement, Pacing};
use hubproof_model::record;
use hubproof_model::requirement::RequirementId;
use serde::Deserialize;

use super::{FORMAT, FORMAT_VERSION};
use crate::document::end::{End, EndKind};

/// Why a file is no bench that this version can compare with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredFault {
    /// Not JSON at all.
    #[error("it is not JSON: {0}")]
    Json(String),
    /// JSON of something else.
    #[error("it is no bench.json of hubproof: its `format` is not \"{FORMAT}\"")]
    Format,
    /// Of an older or a newer hubproof.
    #[error("it has version {0} of the format, and this hubproof reads version {FORMAT_VERSION}: measure it again")]
    Version(u64),
    /// Something is missing, or of another type.
    #[error("it is damaged: {0}")]
    Shape(String),
    /// A histogram cannot be read.
    #[error("it is damaged: in {place}, {fault}")]
    Histogram {
        /// Which of them.
        place: String,
        /// What is wrong with it.
        fault: NotAHistogram,
    },
    /// A bench that ended before anything was measured.
    #[error("nothing was measured in it")]
    Empty,
}

/// Reads the text of a `bench.json`; `path` is where it was read from, as given.
///
/// # Errors
/// Why there is nothing to compare with.
pub fn read(path: &str, text: &str) -> Result<BenchBaseline, StoredFault> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|fault| StoredFault::Json(fault.to_string()))?;
    if json["format"] != FORMAT {
        return Err(StoredFault::Format);
    }
    match json["version"].as_u64() {
        Some(FORMAT_VERSION) => {}
        Some(other) => return Err(StoredFault::Version(other)),
        None => return Err(StoredFault::Shape("`version` is no number".to_owned())),
    }
    let stored = Stored::deserialize(json).map_err(|fault| StoredFault::Shape(fault.to_string()))?;
    let measurement = stored.measurement.ok_or(StoredFault::Empty)?.read()?;
    Ok(BenchBaseline {
        path: path.to_owned(),
        suite_version: stored.tool.version,
        contract_revision: stored.contract.revision,
        target: record::Target {
            bundled: stored.target.bundled,
            defects: stored.target.defects,
            ..record::Target::of_url(stored.target.url)
        },
        started_at: stored.started_at.0,
        early_end: early_end(stored.end),
        left_out: failed_trials(stored.left_out),
        measurement,
    })
}

#[derive(Deserialize)]
struct Stored {
    tool: Tool,
    contract: Contract,
    target: Target,
    started_at: Started,
    end: End,
    left_out: Vec<LeftOut>,
    measurement: Option<StoredMeasurement>,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

#[derive(Deserialize)]
struct Contract {
    revision: String,
}

#[derive(Deserialize)]
struct Target {
    url: String,
    bundled: bool,
    defects: Vec<String>,
}

#[derive(Deserialize)]
struct LeftOut {
    tool: String,
    by_choice: bool,
}

#[derive(Deserialize)]
struct StoredMeasurement {
    pacing: StoredPacing,
    connections: u32,
    live: bool,
    seed: u64,
    mix: Vec<Weighted>,
    began_at: Started,
    warm_up_ms: Milliseconds,
    planned_ms: Milliseconds,
    measured_ms: Milliseconds,
    in_time: Vec<OfTool>,
    unsent_by_tool: Vec<OfTool>,
    wrong: Vec<Wrong>,
    response: Vec<Row>,
    service: Vec<Row>,
    lateness: Encoded,
    pauses: Encoded,
    overhead: Vec<ToolRow>,
    blocks: Vec<Vec<Summary>>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum StoredPacing {
    Closed { concurrency: u32 },
    Open { rate: f64 },
}

#[derive(Deserialize)]
struct Weighted {
    tool: String,
    weight: u32,
}

#[derive(Deserialize)]
struct OfTool {
    tool: String,
    calls: u64,
}

#[derive(Deserialize)]
struct Wrong {
    requirement: RequirementId,
    answers: u64,
}

#[derive(Deserialize)]
struct Encoded {
    hdr: String,
}

#[derive(Deserialize)]
struct Row {
    place: StoredPlace,
    tool: Option<String>,
    outcome: String,
    hdr: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredPlace {
    Listing,
    Definition,
    Execute,
    Other,
}

#[derive(Deserialize)]
struct ToolRow {
    tool: String,
    hdr: String,
}

#[derive(Deserialize)]
struct Summary {
    tool: String,
    count: u64,
    failed: u64,
    mean: Milliseconds,
    p50: Option<Milliseconds>,
    p90: Option<Milliseconds>,
    p99: Option<Milliseconds>,
}

/// A moment as RFC 3339 has it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Started(SystemTime);

impl TryFrom<String> for Started {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let moment = DateTime::parse_from_rfc3339(&text);
        let moment = moment.map_err(|fault| format!("{text} is no time: {fault}"))?;
        Ok(Self(moment.into()))
    }
}

/// A time as it is written: not below zero, and not beyond what a duration holds.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Milliseconds(Duration);

impl TryFrom<f64> for Milliseconds {
    type Error = String;

    fn try_from(milliseconds: f64) -> Result<Self, String> {
        let duration = Duration::try_from_secs_f64(milliseconds / 1000.0);
        duration
            .map(Self)
            .map_err(|_| format!("{milliseconds} is no time in milliseconds"))
    }
}

impl StoredMeasurement {
    fn read(self) -> Result<Measurement, StoredFault> {
        let overhead = self.overhead.into_iter().map(|row| {
            let histogram = histogram(&row.hdr, "overhead")?;
            Ok((row.tool, histogram))
        });
        Ok(Measurement {
            pacing: match self.pacing {
                StoredPacing::Closed { concurrency } => Pacing::Closed { concurrency },
                StoredPacing::Open { rate } => Pacing::Open { rate },
            },
            connections: self.connections,
            live: self.live,
            seed: self.seed,
            mix: self.mix.into_iter().map(|own| (own.tool, own.weight)).collect(),
            began_at: self.began_at.0,
            warm_up: self.warm_up_ms.0,
            planned: self.planned_ms.0,
            measured: self.measured_ms.0,
            response: recorder(self.response, "response")?,
            service: recorder(self.service, "service")?,
            lateness: histogram(&self.lateness.hdr, "lateness")?,
            pauses: histogram(&self.pauses.hdr, "pauses")?,
            overhead: overhead.collect::<Result<BTreeMap<_, _>, _>>()?,
            blocks: self.blocks.into_iter().map(block).collect(),
            in_time: by_tool(self.in_time),
            unsent: by_tool(self.unsent_by_tool),
            wrong: self
                .wrong
                .into_iter()
                .map(|wrong| (wrong.requirement, wrong.answers))
                .collect(),
        })
    }
}

fn by_tool(calls: Vec<OfTool>) -> BTreeMap<String, u64> {
    calls.into_iter().map(|own| (own.tool, own.calls)).collect()
}

/// The tools that were to be called and could not.
fn failed_trials(left_out: Vec<LeftOut>) -> BTreeSet<String> {
    let failed = left_out.into_iter().filter(|own| !own.by_choice);
    failed.map(|own| own.tool).collect()
}

fn early_end(end: End) -> Option<String> {
    let how = end.message.unwrap_or_else(|| end.kind.heading());
    (end.kind != EndKind::Complete).then_some(how)
}

fn recorder(rows: Vec<Row>, name: &str) -> Result<Recorder, StoredFault> {
    let mut recorder = Recorder::default();
    for row in rows {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == row.outcome);
        let kind = kind.ok_or_else(|| StoredFault::Shape(format!("`{}` is no outcome", row.outcome)))?;
        let place = match (row.place, row.tool) {
            (StoredPlace::Listing, _) => Place::Listing,
            (StoredPlace::Definition, _) => Place::Definition,
            (StoredPlace::Other, _) => Place::Other,
            (StoredPlace::Execute, Some(tool)) => Place::Execute(tool),
            (StoredPlace::Execute, None) => return Err(StoredFault::Shape("an execute has no `tool`".to_owned())),
        };
        recorder.add_to(&Series { place, kind }, &histogram(&row.hdr, name)?);
    }
    Ok(recorder)
}

fn histogram(encoded: &str, place: &str) -> Result<Histogram, StoredFault> {
    Histogram::decode(encoded).map_err(|fault| StoredFault::Histogram {
        place: place.to_owned(),
        fault,
    })
}

fn block(tools: Vec<Summary>) -> Block {
    let of_tool = |own: Summary| {
        let summary = BlockSummary {
            count: own.count,
            failed: own.failed,
            mean: own.mean.0,
            p50: own.p50.map(|own| own.0),
            p90: own.p90.map(|own| own.0),
            p99: own.p99.map(|own| own.0),
        };
        (own.tool, summary)
    };
    Block {
        tools: tools.into_iter().map(of_tool).collect(),
    }
}
