//! Each defect that misjudges inputs is found with the default number of cases, whatever the seed: a keyword that is not checked
//! must not depend on the luck of a draw to be seen. One trial a defect.
//!
//! Cases are planned and judged as in a run, but the hub's judgment of an input is asked for directly, without HTTP: that makes
//! many seeds affordable. Three are tried, and with `HUBPROOF_SEEDS` as many as it says.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hubproof_cli::Bundled;
use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response, SentRequest};
use hubproof_model::judgment::Finding;
use hubproof_model::safety::Allow;
use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::check::Check;
use hubproof_requirements::evidence::Evidence;
use hubproof_runner::ground::Ground;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::plan;
use hubproof_runner::select::Selection;
use libtest_mimic::{Arguments, Failed, Trial};
use reference_server::InputJudge;
use reference_server::catalogue::Catalogue;
use reference_server::defects::{self, Defect};
use serde_json::{Value, json};

/// The requirements that say which inputs are taken.
const REQUIREMENTS: [&str; 3] = ["EXE-01", "EXE-02", "EXE-18"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let seeds = std::env::var("HUBPROOF_SEEDS").map_or(3, |seeds| seeds.parse().expect("HUBPROOF_SEEDS is a number"));
    let mut trials = Vec::new();
    for requirement in REQUIREMENTS {
        // Planned by the first trial that needs it: listing the trials plans nothing.
        let proof = Arc::new(LazyLock::new(move || Proof::of(requirement, seeds)));
        let of_requirement = |defect: &&Defect| defect.requirement == requirement;
        for defect in defects::all().iter().filter(of_requirement) {
            let proof = Arc::clone(&proof);
            trials.push(Trial::test(format!("defect::{}", defect.name), move || {
                proof.kills(defect)
            }));
        }
        let of_clean = format!("the_clean_hub_keeps::{requirement}");
        trials.push(Trial::test(of_clean, move || proof.finds_nothing()));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A requirement's cases on the reference catalogue, seed by seed.
struct Proof {
    requirement: &'static str,
    check: &'static dyn Check,
    ground: Ground,
    catalogue: Arc<Catalogue>,
    by_seed: Vec<Vec<Case>>,
}

impl Proof {
    fn of(requirement: &'static str, seeds: u64) -> Self {
        let is_meant = |check: &&&dyn Check| check.requirement().id.to_string() == requirement;
        let check = *REGISTRY.iter().find(is_meant).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let ground = runtime.block_on(async {
            let hub = Bundled::start(&[]).await.unwrap();
            let ground = Ground::discover(hub.profile.clone(), &options(1), &|_| {})
                .await
                .unwrap();
            hub.shutdown().await;
            ground
        });
        let cases = |seed| {
            let plan = plan(&[check], &ground.site(&options(seed))).unwrap();
            plan.cases.into_iter().map(|planned| planned.case).collect()
        };
        Self {
            requirement,
            check,
            by_seed: (1..=seeds).map(cases).collect(),
            catalogue: Catalogue::bundled().unwrap(),
            ground,
        }
    }

    fn kills(&self, defect: &Defect) -> Result<(), Failed> {
        let judge = InputJudge::with(defect);
        let accepts = |tool: &str, input: &Value| judge.accepts(self.catalogue.tool(tool).unwrap(), input);
        let survived: Vec<_> = (1..)
            .zip(&self.by_seed)
            .filter(|(_, cases)| !cases.iter().any(|case| self.is_violated(case, accepts)))
            .map(|(seed, _): (u64, _)| seed.to_string())
            .collect();
        if survived.is_empty() {
            return Ok(());
        }
        Err(format!("survives the seeds {}", survived.join(", ")).into())
    }

    fn finds_nothing(&self) -> Result<(), Failed> {
        let accepts = |tool: &str, input: &Value| self.catalogue.tool(tool).unwrap().input.is_valid(input);
        let mut cases = self.by_seed.iter().flatten();
        match cases.find(|case| self.is_violated(case, accepts)) {
            None => Ok(()),
            Some(case) => Err(format!("{} finds {}", self.requirement, case.id).into()),
        }
    }

    /// Whether the judge finds a fault in the answers of a hub that takes these inputs.
    fn is_violated(&self, case: &Case, accepts: impl Fn(&str, &Value) -> bool) -> bool {
        let answers = case.calls().into_iter().map(|call| {
            let input = &call.json().unwrap()["input"];
            answered(call, accepts(call.tool().unwrap(), input))
        });
        let exchanges: Vec<_> = answers.collect();
        let findings = self.check.judge(&Evidence {
            surface: &self.ground.surface,
            schemas: &self.ground.schemas,
            case: Some(case),
            exchanges: exchanges.iter().collect(),
            deeds: &[],
        });
        findings.iter().any(|finding| matches!(finding, Finding::Violated(_)))
    }
}

fn options(seed: u64) -> RunOptions {
    RunOptions {
        seed,
        ..RunOptions::new(Selection::all(), Allow::Admin)
    }
}

/// The call with the answer of a hub that takes its input, or does not.
fn answered(call: &Call, accepted: bool) -> Exchange {
    let (status, body) = match accepted {
        true => (
            200,
            json!({"success": true, "data": {}, "connection_id": "c", "duration_ms": 1, "request_id": "r"}),
        ),
        false => (
            400,
            json!({"success": false, "error": {"code": "INVALID_INPUT", "message": "no", "details": {}}, "request_id": "r"}),
        ),
    };
    Exchange {
        number: 0,
        case: String::new(),
        call: call.clone(),
        request: SentRequest {
            method: call.method.clone(),
            url: String::new(),
            headers: Vec::new(),
        },
        result: Ok(Response::new(status, Vec::new(), body.to_string().into_bytes())),
        sent_after: Duration::ZERO,
        elapsed: Duration::ZERO,
    }
}
