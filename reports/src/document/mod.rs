//! The report of a run as a document: plain data that is the shape of `report.json`, and that every other report is made from.
//!
//! `docs/report.schema.json` describes the same shape for other programs. A document that was read says the same as the one that was
//! written: nothing that a report shows stands anywhere else.

pub mod baseline;
pub mod body;
pub mod end;
pub mod exchange;
pub mod kind;
pub mod latency;
pub mod observations;
pub mod quota;
pub mod reproduce;
pub mod request;
pub mod requirement;
pub mod side_effects;
pub mod summary;
pub mod tally;
pub mod target;
pub mod time;
pub mod timeline;
pub mod violation;

mod consistency;
pub(crate) mod figures;
mod read;

use std::collections::BTreeMap;

use hubproof_model::catalogue::CatalogueSeen;
use hubproof_model::gate::FailOn;
use hubproof_model::record::RunRecord;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::shard::Shard;
use hubproof_model::surface::Dialect;
use serde::{Deserialize, Serialize};

pub use self::read::ReportFault;

use self::baseline::Baseline;
use self::end::{End, Exit, Gate};
use self::latency::Latency;
use self::observations::Observations;
use self::quota::Quota;
use self::requirement::RequirementReport;
use self::side_effects::SideEffects;
use self::summary::Summary;
use self::target::{Contract, Target, Tool, Writer};
use self::time::{Milliseconds, Moment};
use self::timeline::Timeline;
use crate::reproduce::with_lines;

/// What tells the file from others.
pub const FORMAT: &str = "hubproof-report";
/// The version of its format: it counts up when a reader of the version before would go wrong.
pub const FORMAT_VERSION: u64 = 4;

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Always [`FORMAT`].
    pub format: String,
    /// Always [`FORMAT_VERSION`].
    pub version: u64,
    /// What wrote it.
    pub tool: Writer,
    /// The contract that the target was held to.
    pub contract: Contract,
    /// What was tested.
    pub target: Target,
    /// The environment variable that holds each role's key, where one does.
    pub key_variables: BTreeMap<Role, String>,
    /// That of the primary key where `--key-env` named it, and the profile names another or none.
    pub key_env: Option<String>,
    /// How the hub spells what the reference leaves open; none where discovery failed.
    pub dialect: Option<Dialect>,
    /// The catalogue of all tools that discovery found; none where it failed.
    pub catalogue: Option<CatalogueSeen>,
    /// Decides every generated input and order.
    pub seed: u64,
    /// How many generated inputs a tool was to get on each of the valid and the invalid side.
    pub cases: u64,
    /// How far the run was allowed to go.
    pub allow: Allow,
    /// When it began.
    pub started_at: Moment,
    /// From its start to its end.
    #[serde(rename = "duration_ms")]
    pub duration: Milliseconds,
    /// What tells its plan from others: a number of the ids of all its cases, those of other shards too. None where it came to none.
    pub plan: Option<String>,
    /// Which part of the plan it was, where several runs share one.
    pub shard: Option<Shard>,
    /// How it ended.
    pub end: End,
    /// What decided whether it passes.
    pub gate: Gate,
    /// The exit code that came of it.
    pub exit: Exit,
    /// Counts.
    pub summary: Summary,
    /// The run's name: part of every marker and idempotency key that it used.
    pub run: String,
    /// What it did to the target.
    pub side_effects: SideEffects,
    /// The connector whose tools alone it took in, where it was one's (`--connector`).
    pub connector: Option<String>,
    /// The tools that it took in.
    pub tools: Vec<Tool>,
    /// The tools that it would have taken in without `--tools` and `--connector`.
    pub left_out: Vec<String>,
    /// The tools that the profile's safety section kept out of it: of those that the flags take in.
    pub denied: Vec<String>,
    /// A result for each selected requirement, in the contract's order.
    pub requirements: Vec<RequirementReport>,
    /// What the hub does where the contract promises nothing.
    pub observations: Observations,
    /// What became of the known failures, where a baseline was given.
    pub baseline: Option<Baseline>,
    /// How long answers took; none where nothing was sent.
    pub latency: Option<Latency>,
    /// What the answers told of each key's limit, a row for each role of which they told anything.
    pub quota: Vec<Quota>,
    /// How the answers went over the time of the run; none where nothing was sent.
    pub timeline: Option<Timeline>,
}

impl Report {
    /// The report of a run, gated and ended as its runner says.
    #[must_use]
    pub fn of(record: &RunRecord, gate: Gate, exit: Exit) -> Self {
        let requirements: Vec<_> = record.results.iter().map(RequirementReport::from).collect();
        let baseline = record.baseline.as_ref().map(Baseline::from);
        with_lines(Self {
            format: FORMAT.to_owned(),
            version: FORMAT_VERSION,
            tool: Writer {
                name: Writer::NAME.to_owned(),
                version: record.suite_version.clone(),
            },
            contract: Contract {
                revision: record.contract_revision.clone(),
            },
            target: Target::from(&record.target),
            key_variables: record.target.key_variables.clone(),
            key_env: record.target.key_env.clone(),
            dialect: record.dialect.clone(),
            catalogue: record.catalogue.clone(),
            seed: record.seed,
            cases: record.cases,
            allow: record.allow,
            started_at: record.started_at.into(),
            duration: record.duration.into(),
            plan: record.plan.clone(),
            shard: record.shard,
            end: End::from(&record.end),
            gate,
            exit,
            summary: Summary::of(&requirements, baseline.as_ref(), record.requests, record.tools.len()),
            run: record.run.clone(),
            side_effects: SideEffects::from(&record.side_effects),
            connector: record.connector.clone(),
            tools: record.tools.iter().map(Tool::from).collect(),
            left_out: record.left_out.clone(),
            denied: record.denied.clone(),
            requirements,
            observations: Observations::from(&record.observations),
            baseline,
            latency: Latency::of(&record.latency),
            quota: quota::of(&record.quota),
            timeline: Timeline::of(&record.timeline),
        })
    }

    /// Whether this very version wrote it: then what follows from the rest of it stands in it as it would be written now.
    fn is_of_this_version(&self) -> bool {
        self.tool.version == env!("CARGO_PKG_VERSION")
    }

    /// The requirements that are violated in a way that the baseline does not excuse, and that decide the run.
    pub fn broken(&self, fail_on: FailOn) -> impl Iterator<Item = &RequirementReport> {
        let broken = self.requirements.iter().filter(|requirement| requirement.is_broken());
        broken.filter(move |requirement| fail_on.gates(requirement.level))
    }
}
