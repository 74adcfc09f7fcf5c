//! How long answers took: a row for each series, which holds its whole histogram.

use hubproof_latency::{Histogram, Kind, Place, Recorder, Series};
use hubproof_model::latency::RunLatency;
use serde::{Deserialize, Serialize};

use super::figures::Figures;
use super::time::Milliseconds;

/// The latencies of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// The unit of all times below.
    pub unit: Unit,
    /// From the sending to the last byte, a row for each place and outcome that was met.
    pub service: Vec<SeriesRow>,
    /// The time of successes beside the `duration_ms` that they told, a row for each tool.
    pub overhead: Vec<ToolRow>,
}

/// A unit of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
}

/// The latencies of a place and an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSeries", into = "WrittenSeries")]
pub struct SeriesRow {
    /// What was called, and how it came out.
    pub series: Series,
    /// All of them.
    pub histogram: Histogram,
}

/// The latencies of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenTool", into = "WrittenTool")]
pub struct ToolRow {
    /// The tool.
    pub tool: String,
    /// All of them.
    pub histogram: Histogram,
}

impl Latency {
    /// None where nothing was sent.
    pub(super) fn of(latency: &RunLatency) -> Option<Self> {
        let overhead = latency.overhead.iter().map(|(tool, histogram)| ToolRow {
            tool: tool.clone(),
            histogram: histogram.clone(),
        });
        (latency.service.count() > 0).then(|| Self {
            unit: Unit::Milliseconds,
            service: series_rows(&latency.service),
            overhead: overhead.collect(),
        })
    }

    /// All latencies of an outcome together.
    #[must_use]
    pub fn of_outcome(&self, outcome: Kind) -> Histogram {
        let rows = self.service.iter().filter(|row| row.series.kind == outcome);
        together(rows.map(|row| &row.histogram))
    }

    /// All of what was spent beside `duration_ms` together.
    #[must_use]
    pub fn all_overhead(&self) -> Histogram {
        together(self.overhead.iter().map(|row| &row.histogram))
    }
}

fn together<'h>(histograms: impl Iterator<Item = &'h Histogram>) -> Histogram {
    let mut sum = Histogram::default();
    histograms.for_each(|histogram| sum.add(histogram));
    sum
}

/// A row for each series of a recorder, sorted.
pub(crate) fn series_rows(recorder: &Recorder) -> Vec<SeriesRow> {
    let row = |(series, histogram): (&Series, &Histogram)| SeriesRow {
        series: series.clone(),
        histogram: histogram.clone(),
    };
    recorder.all().map(row).collect()
}

/// What was called, without the tool.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenPlace {
    Listing,
    Definition,
    Execute,
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSeries {
    place: WrittenPlace,
    tool: Option<String>,
    outcome: String,
    count: u64,
    mean: Milliseconds,
    p50: Milliseconds,
    p90: Milliseconds,
    p99: Milliseconds,
    p99_9: Milliseconds,
    max: Milliseconds,
    hdr: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTool {
    tool: String,
    count: u64,
    mean: Milliseconds,
    p50: Milliseconds,
    p90: Milliseconds,
    p99: Milliseconds,
    p99_9: Milliseconds,
    max: Milliseconds,
    hdr: String,
}

impl From<SeriesRow> for WrittenSeries {
    fn from(row: SeriesRow) -> Self {
        let (place, tool) = match row.series.place {
            Place::Listing => (WrittenPlace::Listing, None),
            Place::Definition => (WrittenPlace::Definition, None),
            Place::Execute(tool) => (WrittenPlace::Execute, Some(tool)),
            Place::Other => (WrittenPlace::Other, None),
        };
        let told = Figures::of(&row.histogram);
        Self {
            place,
            tool,
            outcome: row.series.kind.name().to_owned(),
            count: told.count,
            mean: told.mean,
            p50: told.p50,
            p90: told.p90,
            p99: told.p99,
            p99_9: told.p99_9,
            max: told.max,
            hdr: told.hdr,
        }
    }
}

impl TryFrom<WrittenSeries> for SeriesRow {
    type Error = String;

    fn try_from(row: WrittenSeries) -> Result<Self, String> {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == row.outcome);
        let kind = kind.ok_or_else(|| format!("`{}` is no outcome", row.outcome))?;
        let place = match (row.place, row.tool) {
            (WrittenPlace::Execute, Some(tool)) => Place::Execute(tool),
            (WrittenPlace::Execute, None) => return Err("an execute has no `tool`".to_owned()),
            (_, Some(_)) => return Err("only an execute has a `tool`".to_owned()),
            (WrittenPlace::Listing, None) => Place::Listing,
            (WrittenPlace::Definition, None) => Place::Definition,
            (WrittenPlace::Other, None) => Place::Other,
        };
        let told = Figures {
            count: row.count,
            mean: row.mean,
            p50: row.p50,
            p90: row.p90,
            p99: row.p99,
            p99_9: row.p99_9,
            max: row.max,
            hdr: row.hdr,
        };
        Ok(Self {
            series: Series { place, kind },
            histogram: told.histogram()?,
        })
    }
}

impl From<ToolRow> for WrittenTool {
    fn from(row: ToolRow) -> Self {
        let told = Figures::of(&row.histogram);
        Self {
            tool: row.tool,
            count: told.count,
            mean: told.mean,
            p50: told.p50,
            p90: told.p90,
            p99: told.p99,
            p99_9: told.p99_9,
            max: told.max,
            hdr: told.hdr,
        }
    }
}

impl TryFrom<WrittenTool> for ToolRow {
    type Error = String;

    fn try_from(row: WrittenTool) -> Result<Self, String> {
        let told = Figures {
            count: row.count,
            mean: row.mean,
            p50: row.p50,
            p90: row.p90,
            p99: row.p99,
            p99_9: row.p99_9,
            max: row.max,
            hdr: row.hdr,
        };
        Ok(Self {
            tool: row.tool,
            histogram: told.histogram()?,
        })
    }
}
