//! Pages as people use them, in headless Chromium by real clicks and keys: `report.html`, and the reference hub's `/approvals`.
//!
//! Ignored where Chromium or its driver is missing, and failed there with `HUBPROOF_REQUIRE_BROWSER=1`. `HUBPROOF_CHROMIUM` and
//! `HUBPROOF_CHROMEDRIVER` name other programs than those of the PATH. With `HUBPROOF_PICTURES=DIR` pictures of the pages are left there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod approvals_page;
mod copying;
mod filters;
mod hostile;
mod keyboard;
mod looks;
mod offline;
mod picture;
#[path = "../reference_hub/mod.rs"]
mod reference_hub;
mod scale;
mod session;
mod stage;
mod web_driver;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::stage::Stage;

/// A test, by its name.
type Test = (&'static str, fn(&Stage));

fn main() -> ExitCode {
    let tests: Vec<Test> = [
        approvals_page::TESTS,
        copying::TESTS,
        filters::TESTS,
        hostile::TESTS,
        keyboard::TESTS,
        looks::TESTS,
        offline::TESTS,
        picture::TESTS,
        scale::TESTS,
    ]
    .concat();
    let is_required = std::env::var("HUBPROOF_REQUIRE_BROWSER").is_ok_and(|value| value == "1");
    let programs = program("HUBPROOF_CHROMIUM", "chromium").zip(program("HUBPROOF_CHROMEDRIVER", "chromedriver"));
    let is_there = programs.is_some();
    let stage = programs.map(|(chromium, driver)| Arc::new(Stage::new(chromium, driver)));
    let trial = |(name, test): Test| {
        let name = match is_there {
            true => name.to_owned(),
            false => format!("{name} [not installed: apt-get install chromium chromium-driver]"),
        };
        let stage = stage.clone();
        let run = move || {
            test(stage.as_deref().ok_or("Chromium or its driver is not installed")?);
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(!is_there && !is_required)
    };
    let trials = tests.into_iter().map(trial).collect();
    // The stage goes with the last of what holds it, and the driver with the stage: here, before the process exits.
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The program that the variable names, or that the PATH has.
fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = || {
        std::env::split_paths(&path)
            .map(|directory| directory.join(name))
            .find(|file| file.is_file())
    };
    named.filter(|file| file.is_file()).or_else(found)
}
