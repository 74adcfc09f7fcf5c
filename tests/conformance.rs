//! The conformance of a hub as tests, one a requirement: of the bundled hub, or of the one that `HUBPROOF_TARGET` (with its key in
//! `HUBPROOF_KEY`) or `HUBPROOF_PROFILE` names. `HUBPROOF_FAIL_ON=should` makes violated SHOULDs fail too.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::process::ExitCode;
use std::sync::Arc;

use hubproof_cli::Bundled;
use hubproof_model::gate::FailOn;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_runner::ground::Ground;
use hubproof_runner::options::RunOptions;
use hubproof_runner::select::{Selection, ToolGlobs};
use hubproof_runner::trials::trials;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    // A trial's plan takes time, and nextest starts a process for each trial.
    let is_wanted = |name: &str| !arguments.exact || arguments.filter.as_deref().is_none_or(|filter| filter == name);
    let prepared = runtime.block_on(prepare());
    let (trials, bundled) = match prepared {
        Ok((ground, options, fail_on, bundled)) => {
            let trials = trials(&Arc::new(ground), &options, runtime.handle(), fail_on, &is_wanted);
            (trials, bundled)
        }
        // A target that cannot be tested is a failure with a name, not a run without tests.
        Err(why) => (
            vec![Trial::test("target_is_usable", move || Err(Failed::from(why)))],
            None,
        ),
    };
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The bundled hub runs until here.
    drop(bundled);
    conclusion.exit_code()
}

/// The discovered target with the options to prove it by, and the bundled hub, where that is the target: it runs until it is
/// dropped.
async fn prepare() -> Result<(Ground, RunOptions, FailOn, Option<Bundled>), String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (profile, allow, bundled) = match (variable("HUBPROOF_PROFILE"), variable("HUBPROOF_TARGET")) {
        (Some(path), url) => {
            let text = std::fs::read_to_string(&path).map_err(|fault| format!("HUBPROOF_PROFILE: {path}: {fault}"))?;
            let profile = Profile::parse_with_url(&text, url.as_deref(), &variable);
            let profile = profile.map_err(|fault| format!("{path}: {fault}"))?;
            let allow = profile.safety.allow.unwrap_or(Allow::Read);
            (profile, allow, None)
        }
        (None, Some(url)) => (Profile::of_url(url.trim_end_matches('/')), Allow::Read, None),
        (None, None) => {
            let bundled = Bundled::start(&[]).await?;
            (bundled.profile.clone(), Allow::Admin, Some(bundled))
        }
    };
    let mut profile = profile;
    if let Some(key) = variable("HUBPROOF_KEY") {
        let key = Key {
            secret: Secret::new(key),
            variable: Some("HUBPROOF_KEY".to_owned()),
        };
        profile.keys.by_role.insert(Role::Primary, key);
    }
    let options = RunOptions {
        tools: ToolGlobs {
            only: Vec::new(),
            allowed: profile.safety.allow_tools.clone(),
            denied: profile.safety.deny_tools.clone(),
            ..ToolGlobs::default()
        },
        // Debug builds generate slowly, and `hubproof run` is the thorough one.
        cases: 8,
        vendors: bundled
            .as_ref()
            .map(|bundled| bundled.played.clone())
            .unwrap_or_default(),
        ..RunOptions::new(Selection::all(), allow)
    };
    let mut ground = Ground::discover(profile, &options, &|_| {})
        .await
        .map_err(|fault| fault.to_string())?;
    ground.survey(&options, &|_| {}).await;
    let fail_on = match variable("HUBPROOF_FAIL_ON").as_deref() {
        None | Some("must") => FailOn::Must,
        Some("should") => FailOn::Should,
        Some(other) => return Err(format!("HUBPROOF_FAIL_ON is `{other}`: use must or should")),
    };
    Ok((ground, options, fail_on, bundled))
}
