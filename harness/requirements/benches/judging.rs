//! What judging an answer costs, and planning a whole run over the reference catalogue.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use hubproof_model::judgment::Finding;
use hubproof_model::profile::Profile;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::surface::{Dialect, Surface, Tool};
use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::check::Check;
use hubproof_requirements::effects::Effects;
use hubproof_requirements::evidence::Evidence;
use hubproof_requirements::inputs::Generators;
use hubproof_requirements::schemas::Schemas;
use hubproof_requirements::site::Site;
use hubproof_requirements::transcript::Transcript;
use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn check(id: &str) -> &'static dyn Check {
    let mut checks = REGISTRY.iter().copied();
    checks.find(|check| check.requirement().id.to_string() == id).unwrap()
}

/// Recorded traffic of the clean hub.
fn transcript(id: &str) -> Transcript {
    let file = fixtures().join(format!("exchanges/{id}/held.json"));
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn surface() -> Surface {
    let domains = fs::read_dir(fixtures().join("catalogue/domains")).unwrap();
    let mut tools = Vec::new();
    for entry in domains {
        let domain: Value = serde_json::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        tools.extend(domain["tools"].as_array().unwrap().iter().map(|tool| Tool {
            key: tool["key"].as_str().unwrap().to_owned(),
            domain: domain["domain"].as_str().unwrap().to_owned(),
            risk: Some(Risk::parse(tool["risk_level"].as_str().unwrap())),
            input_schema: Some(tool["input_schema"].clone()),
            output_schema: Some(tool["output_schema"].clone()),
            connectors: Vec::new(),
            listed: tool.clone(),
        }));
    }
    tools.sort_by(|a, b| a.key.cmp(&b.key));
    Surface {
        dialect: Dialect::default(),
        tools,
        survey: Default::default(),
    }
}

fn judging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judge");
    for (id, what) in [("ENV-01", "success envelope"), ("ENV-09", "output schema")] {
        let (check, transcript) = (check(id), transcript(id));
        let schemas = Schemas::of(&transcript.surface);
        let evidence = Evidence {
            surface: &transcript.surface,
            schemas: &schemas,
            case: transcript.case.as_ref(),
            exchanges: transcript.exchanges.iter().collect(),
            deeds: &transcript.deeds,
        };
        assert!(check.judge(&evidence).contains(&Finding::Held), "{id} judges nothing");
        group.bench_function(what, |bencher| bencher.iter(|| check.judge(black_box(&evidence))));
    }
    group.finish();
}

/// All that a run pays before its first case: schemas compiled, inputs drawn, cases written.
fn planning(criterion: &mut Criterion) {
    let (surface, profile) = (surface(), Profile::of_url("http://hub.test/api/v1"));
    let selected: Vec<_> = surface.tools.iter().map(|tool| tool.key.clone()).collect();
    let mut group = criterion.benchmark_group("plan");
    group.sample_size(10);
    group.bench_function("the whole registry", |bencher| {
        bencher.iter(|| {
            let (generators, none) = (Generators::default(), Effects::default());
            let site = |effects| Site {
                surface: &surface,
                profile: &profile,
                allow: Allow::Admin,
                cases: 10,
                seed: 1,
                selected: &selected,
                generators: &generators,
                effects,
                run: "bench",
                part: "",
            };
            let effects = Effects::of(&surface, &profile, &site(&none));
            let site = site(&effects);
            let planned = REGISTRY
                .iter()
                .map(|check| check.plan(&site).map_or(0, |cases| cases.len()));
            black_box(planned.sum::<usize>())
        });
    });
    group.finish();
}

criterion_group!(benches, judging, planning);
criterion_main!(benches);
