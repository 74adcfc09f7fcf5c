//! A whole run compiles each schema of the target once, however many checks, generators and judges use it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use hubproof_cli::Bundled;
use hubproof_model::safety::Allow;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::plan_run;
use hubproof_runner::run::prove_plan;
use hubproof_runner::select::Selection;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_compiles_each_published_schema_once() {
    let hub = Bundled::start(&[]).await.unwrap();
    // All that draws inputs or judges by a schema; what waits for windows and effects compiles none of its own.
    let only = ["cat", "env", "EXE-01", "EXE-02", "EXE-18"].map(str::to_owned);
    let options = RunOptions::new(Selection::new(&only, &[]).unwrap(), Allow::Read);
    let mut ground = Ground::discover(hub.profile.clone(), &options, &|_| {}).await.unwrap();
    ground.survey(&options, &|_| {}).await;
    let plan = plan_run(&options.requirements, &ground.site(&options)).unwrap();
    let checks = options.requirements.checks();
    prove_plan(&ground, &checks, &plan, &options, &Interrupt::default(), &|_| {}).await;

    let tools = ground.surface.tools.iter();
    let published = tools
        .flat_map(|tool| [&tool.input_schema, &tool.output_schema])
        .flatten();
    let inputs = ground
        .surface
        .tools
        .iter()
        .filter_map(|tool| tool.input_schema.as_ref());
    let inputs: BTreeSet<_> = inputs.map(ToString::to_string).collect();
    let published: BTreeSet<_> = published.map(ToString::to_string).collect();
    let compiled = ground.schemas.compiled();
    assert!(
        (inputs.len()..=published.len()).contains(&compiled),
        "{compiled} compiled, {} published, {} of them for inputs",
        published.len(),
        inputs.len()
    );
}
