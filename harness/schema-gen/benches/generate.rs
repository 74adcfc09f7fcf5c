//! What a schema costs: compiling it, and drawing ten instances of each side, over the reference catalogue's schemas.
//!
//! The time of each group is that of one pass over all schemas; `thrpt` is schemas a second, and for draws instances a second.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use schema_gen::{Generator, Options};
use serde_json::Value;

const ASKED: usize = 10;

fn catalogue() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/catalogue/domains");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let documents = files
        .iter()
        .map(|file| serde_json::from_str::<Value>(&fs::read_to_string(file).unwrap()).unwrap());
    documents
        .flat_map(|document| document["tools"].as_array().unwrap().clone())
        .map(|tool| tool["input_schema"].clone())
        .collect()
}

fn benchmarks(criterion: &mut Criterion) {
    let schemas = catalogue();
    let options = Options::default();
    let compile = |schema: &Value| Generator::compile(schema, &options).unwrap();
    let mut group = criterion.benchmark_group("catalogue");
    group.sample_size(20);

    group.throughput(Throughput::Elements(schemas.len() as u64));
    group.bench_function("compile", |bencher| {
        bencher.iter(|| schemas.iter().for_each(|schema| drop(black_box(compile(schema)))));
    });

    let generators: Vec<Generator> = schemas.iter().map(compile).collect();
    let valid: usize = generators.iter().map(|generator| generator.valid(1, ASKED).len()).sum();
    group.throughput(Throughput::Elements(valid as u64));
    group.bench_function("valid", |bencher| {
        bencher.iter(|| {
            generators
                .iter()
                .map(|generator| black_box(generator.valid(1, ASKED)).len())
                .sum::<usize>()
        });
    });

    let broken: usize = generators
        .iter()
        .map(|generator| generator.invalid(1, ASKED).len())
        .sum();
    group.throughput(Throughput::Elements(broken as u64));
    group.bench_function("invalid", |bencher| {
        bencher.iter(|| {
            generators
                .iter()
                .map(|generator| black_box(generator.invalid(1, ASKED)).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
