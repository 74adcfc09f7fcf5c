//! Records of runs for tests, made up.

use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use hubproof_model::baseline::{JudgedBaseline, JudgedEntry, KnownFailure, Stale, Standing};
use hubproof_model::call::Call;
use hubproof_model::exchange::{Exchange, Fault, SentRequest};
use hubproof_model::judgment::Verdict;
use hubproof_model::record::{RequirementResult, RunEnd, RunRecord, Target};
use hubproof_model::requirement::{Area, Basis, Level, RequirementId};
use hubproof_model::safety::Allow;

pub(crate) fn result(number: u8, level: Level, verdict: Verdict) -> RequirementResult {
    RequirementResult {
        id: RequirementId::new(Area::Exe, number),
        level,
        basis: Basis::Ref,
        source: String::new(),
        title: String::new(),
        statement: String::new(),
        why: String::new(),
        verdict,
        reason: None,
        undecided: None,
        grants: Vec::new(),
        cases: 1,
        violation_count: 0,
        known_count: 0,
        kinds: Vec::new(),
        violations: Vec::new(),
        violated_tools: [].into(),
        tried_tools: [].into(),
    }
}

pub(crate) fn record(end: RunEnd, results: Vec<RequirementResult>) -> RunRecord {
    RunRecord {
        suite_version: String::new(),
        contract_revision: String::new(),
        target: Target::of_url("http://127.0.0.1"),
        dialect: None,
        catalogue: None,
        connector: None,
        tools: Vec::new(),
        left_out: Vec::new(),
        denied: Vec::new(),
        seed: 0,
        cases: 20,
        allow: Allow::Read,
        started_at: SystemTime::UNIX_EPOCH,
        duration: Duration::ZERO,
        requests: 0,
        run: String::new(),
        side_effects: hubproof_model::side_effects::SideEffects::default(),
        results,
        observations: hubproof_model::observations::Observations::default(),
        latency: hubproof_model::latency::RunLatency::default(),
        quota: hubproof_model::quota::RunQuota::default(),
        timeline: hubproof_model::timeline::RunTimeline::default(),
        baseline: None,
        plan: None,
        shard: None,
        end,
    }
}

pub(crate) fn stale_baseline() -> JudgedBaseline {
    let entry = JudgedEntry {
        known: KnownFailure {
            requirement: RequirementId::new(Area::Exe, 1),
            tool: None,
            reason: "a vendor's bug".to_owned(),
            owner: "itsm".to_owned(),
            expires: NaiveDate::MAX,
        },
        matched: 0,
        standing: Standing::Stale(Stale::Holds),
    };
    JudgedBaseline {
        path: "known.toml".to_owned(),
        today: NaiveDate::default(),
        entries: vec![entry],
    }
}

/// An exchange of this number that was not answered.
pub(crate) fn exchange(number: u64) -> Exchange {
    Exchange {
        number,
        case: String::new(),
        call: Call::definition("a.b.c"),
        request: SentRequest {
            method: "GET".to_owned(),
            url: String::new(),
            headers: Vec::new(),
        },
        result: Err(Fault::Interrupted),
        sent_after: Duration::ZERO,
        elapsed: Duration::ZERO,
    }
}
