//! The record of a run: all that reports are made from.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::baseline::{JudgedBaseline, KnownFailure};
use crate::catalogue::CatalogueSeen;
use crate::exchange::Exchange;
use crate::judgment::{Assertion, Verdict};
use crate::kind::Kind;
use crate::latency::RunLatency;
use crate::observations::Observations;
use crate::quota::RunQuota;
use crate::repetition::Repetition;
use crate::requirement::{Basis, Level, RequirementId};
use crate::role::Role;
use crate::safety::{Allow, Risk};
use crate::shard::Shard;
use crate::side_effects::SideEffects;
use crate::surface::Dialect;
use crate::timeline::RunTimeline;

/// How many generated inputs a tool gets on each of the valid and the invalid side, unless a run is told otherwise.
pub const DEFAULT_CASES: u64 = 20;

/// A finished (or interrupted) run.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// The version of hubproof.
    pub suite_version: String,
    /// The revision of the contract.
    pub contract_revision: String,
    /// What was tested.
    pub target: Target,
    /// How the hub spells what the reference leaves open; `None` where discovery failed.
    pub dialect: Option<Dialect>,
    /// The catalogue of all tools that discovery found; `None` where it failed.
    pub catalogue: Option<CatalogueSeen>,
    /// The connector whose tools alone the run took in, where it was one's (`--connector`).
    pub connector: Option<String>,
    /// The tools that the run took in.
    pub tools: Vec<ToolSummary>,
    /// The tools that it would have taken in without `--tools` and `--connector`, sorted.
    pub left_out: Vec<String>,
    /// The tools that the profile's safety section kept out of it, sorted: of those that the flags take in.
    pub denied: Vec<String>,
    /// The seed of all generated inputs and orders.
    pub seed: u64,
    /// How many generated inputs a tool was to get on each of the valid and the invalid side.
    pub cases: u64,
    /// How far the run was allowed to go.
    pub allow: Allow,
    /// The wall clock at the start.
    pub started_at: SystemTime,
    /// From start to end.
    pub duration: Duration,
    /// Requests sent.
    pub requests: u64,
    /// The run's name: part of every marker and idempotency key that it used.
    pub run: String,
    /// What the run did to the target, and what it could not take back.
    pub side_effects: SideEffects,
    /// One result a requirement of the registry that was selected, in the registry's order.
    pub results: Vec<RequirementResult>,
    /// What the hub does where the contract promises nothing.
    pub observations: Observations,
    /// How long answers took.
    pub latency: RunLatency,
    /// What the answers told of each key's limit, over its time.
    pub quota: RunQuota,
    /// How the answers went over its time.
    pub timeline: RunTimeline,
    /// What became of the known failures, where a baseline was given.
    pub baseline: Option<JudgedBaseline>,
    /// What tells its plan from others, shards' parts and all; `None` where it came to none.
    pub plan: Option<String>,
    /// Which part of the plan it was, where several runs share one.
    pub shard: Option<Shard>,
    /// How the run ended.
    pub end: RunEnd,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// Everything planned was sent and judged.
    Complete,
    /// A person stopped it; in words.
    Interrupted(String),
    /// The time limit ended it before everything was sent.
    TimeLimit(Duration),
    /// The target cannot be tested; in words.
    TargetUnusable(String),
    /// The harness itself failed; in words.
    HarnessFault(String),
}

/// What was tested, and how to address it again.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URL.
    pub url: String,
    /// Whether it is the bundled reference hub, started for this run alone.
    pub bundled: bool,
    /// The defects that the bundled hub was started with.
    pub defects: Vec<String>,
    /// The profile's path, as given.
    pub profile: Option<String>,
    /// The SHA-256 of the profile's text in lower-case hexadecimal, where there is one; that of the bundled hub has one too.
    pub profile_sha256: Option<String>,
    /// The environment variable that holds each role's key, for lines that repeat a call.
    pub key_variables: BTreeMap<Role, String>,
    /// That of the primary key where a flag named it, and the profile names another or none.
    pub key_env: Option<String>,
}

impl Target {
    /// A target of which nothing but the URL is known.
    pub fn of_url(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            bundled: false,
            defects: Vec::new(),
            profile: None,
            profile_sha256: None,
            key_variables: BTreeMap::new(),
            key_env: None,
        }
    }
}

/// A tool in brief.
#[derive(Debug, Clone)]
pub struct ToolSummary {
    /// Its key.
    pub key: String,
    /// Its domain.
    pub domain: String,
    /// Its risk.
    pub risk: Risk,
    /// The connectors that implement it, as the hub says.
    pub connectors: Vec<String>,
    /// How many requests named it.
    pub requests: u64,
    /// How many of the primary key's calls succeeded that named no connection and were no dry runs, by the connection that answered.
    pub answered_by: BTreeMap<String, u64>,
}

/// What came of a requirement.
#[derive(Debug, Clone)]
pub struct RequirementResult {
    /// The stable number.
    pub id: RequirementId,
    /// How strongly the contract asks.
    pub level: Level,
    /// Who says so.
    pub basis: Basis,
    /// The section to look up.
    pub source: String,
    /// A few words.
    pub title: String,
    /// The sentence with its keyword.
    pub statement: String,
    /// Why it matters.
    pub why: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict is not held: one line. Where it is, what no case could show.
    pub reason: Option<String>,
    /// Why some of its cases allowed no verdict, where some did: one line. A violation beside them decides the verdict all the same.
    pub undecided: Option<String>,
    /// The profile lines or flags that would exercise it, where they are missing.
    pub grants: Vec<String>,
    /// How many findings (held or violated) the verdict rests on.
    pub cases: u64,
    /// How many violations there were, with those that `violations` leaves out.
    pub violation_count: u64,
    /// How many of these the baseline excuses.
    pub known_count: u64,
    /// All violations by kind, the largest first.
    pub kinds: Vec<Kind>,
    /// The violations, alike ones folded, each with its evidence. Some of each kind, where there are more than are kept.
    pub violations: Vec<ViolationRecord>,
    /// How many violations each tool showed, with those that `violations` leaves out; those about no tool under `None`.
    pub violated_tools: BTreeMap<Option<String>, u64>,
    /// The tools that its judged cases called.
    pub tried_tools: BTreeSet<String>,
}

impl RequirementResult {
    /// Whether it is violated, and the baseline excuses each violation.
    pub fn is_known(&self) -> bool {
        self.verdict == Verdict::Violated && self.known_count > 0 && self.known_count == self.violation_count
    }

    /// Whether it is violated in a way that the baseline does not excuse.
    pub fn is_broken(&self) -> bool {
        self.verdict == Verdict::Violated && !self.is_known()
    }

    /// Whether it would be inconclusive if what the baseline excuses were mended: a baseline is never laxer than a sound hub.
    pub fn is_undecided(&self) -> bool {
        self.verdict == Verdict::Inconclusive || (self.is_known() && self.undecided.is_some())
    }
}

/// A violation with its evidence at hand.
#[derive(Debug, Clone)]
pub struct ViolationRecord {
    /// The case that showed it.
    pub case: String,
    /// The tool concerned, if one.
    pub tool: Option<String>,
    /// The entry of the baseline that excuses it, if one.
    pub known: Option<KnownFailure>,
    /// One line.
    pub summary: String,
    /// What a sound hub answers.
    pub expected: String,
    /// What this one answered.
    pub observed: String,
    /// The assertion concerned, for generated inputs.
    pub assertion: Option<Assertion>,
    /// The exchanges, in order, masked.
    pub exchanges: Vec<Exchange>,
    /// What makes them again.
    pub repetition: Repetition,
    /// How many alike ones were folded into this.
    pub alike: u64,
    /// The smallest input that was found to show it, where one was looked for. The rest of the record is of that input then.
    pub smallest: Option<Smallest>,
    /// The shortest sequence of operations that was found to show it, where a sequence showed it. The rest of the record is of that
    /// sequence then.
    pub sequence: Option<ShortestSequence>,
}

/// The smallest input that was found to show a violation: each step on the way to it was sent, and judged to show the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Smallest {
    /// The input.
    pub input: Value,
    /// How many steps led to it; none where the planned input is as small as any.
    pub steps: u64,
    /// How many requests were sent for it.
    pub requests: u64,
    /// Whether every input one step smaller was tried; else the search ended early, for want of requests or time.
    pub settled: bool,
    /// The numbers of the exchanges that showed the violation first, with the planned input.
    pub first_shown: Vec<u64>,
}

/// The shortest sequence of operations that was found to show a violation: each on the way to it was executed with markers and idempotency
/// keys of its own, and judged to show the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortestSequence {
    /// Its operations with what each was answered, a line each.
    pub operations: Vec<String>,
    /// How many operations the planned sequence has.
    pub planned: u64,
    /// How many sequences were executed on the way to it.
    pub tries: u64,
    /// Whether everything a step shorter was tried; else the search ended early, or there was none.
    pub settled: bool,
    /// The numbers of the exchanges that showed the violation first, in the planned sequence.
    pub first_shown: Vec<u64>,
}
