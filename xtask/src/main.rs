//! Developer commands: scaffolding, generated documents, recorded exchanges, measured speed.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer's command prints")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod documents;
mod examples;
mod exit_codes;
mod false_alarms;
mod kill_matrix;
mod new_requirement;
mod profile_reference;
mod record;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of hubproof")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the generated documents and data anew (docs/REQUIREMENTS.md, docs/exit-codes.md, docs/profile.md, docs/profile.schema.json,
    /// fixtures/examples.json)
    Codegen,
    /// Create the pieces of a new requirement: its file, its line in the registry, a defect with its line
    NewRequirement(new_requirement::NewRequirement),
    /// Prove every defect of the reference hub on many seeds, and the clean hub on more (release build, as tests)
    KillMatrix(kill_matrix::KillMatrix),
    /// Measure the figures of README's table on this machine, against oha, axum and Schemathesis (release builds)
    Bench(bench::Bench),
    /// Measure how often LAT-02 says of equal runs that one is slower (release build)
    FalseAlarms(false_alarms::FalseAlarms),
    /// Record exchanges of the clean hub and of each defect, for the tests of the judges (fixtures/exchanges)
    RecordExchanges {
        /// Only these requirements (AUTH-01)
        ids: Vec<String>,
    },
}

fn main() -> ExitCode {
    let root = root();
    let done = match Arguments::parse().command {
        Command::Bench(bench) => bench.measure(&root),
        Command::Codegen => documents::write(&root),
        Command::FalseAlarms(alarms) => alarms.measure(&root),
        Command::KillMatrix(matrix) => matrix.prove(&root),
        Command::NewRequirement(new) => new.create(&root),
        Command::RecordExchanges { ids } => record::record(&root, &ids),
    };
    match done {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("xtask: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root: the folder above this crate's.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
