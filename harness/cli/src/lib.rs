//! The command line of hubproof: the only code that prints or exits.

mod arguments;
mod at_its_place;
mod bar;
mod baseline;
mod beats;
mod bundled;
mod certificates;
mod closing;
mod commands;
mod ending;
pub mod examples;
mod interrupted;
mod out;
mod own_threads;
mod progress;
mod shards;
mod stored_report;
mod target;
mod terminal;
mod usage;
mod whole_file;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

pub use crate::bundled::Bundled;

/// Parses the process's arguments, does what they say, and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Run(run) => with_runtime(commands::run::run(run)),
        Command::Bench(bench) => with_runtime(commands::bench::bench(bench)),
        Command::Plan(plan) => with_runtime(commands::plan::plan(plan)),
        Command::Init(init) => with_runtime(commands::init::init(init)),
        Command::Doctor(doctor) => with_runtime(commands::doctor::doctor(doctor)),
        Command::Certify(certify) => with_runtime(commands::certify::certify(certify)),
        Command::Keygen(keygen) => commands::keygen::keygen(keygen),
        Command::Verify(verify) => commands::verify::verify(verify),
        Command::Report(report) => commands::report::report(report),
        Command::List(list) => commands::list::list(list),
        Command::Explain(explain) => commands::explain::explain(explain),
        Command::Generate(generate) => commands::generate::generate(generate),
        Command::Vendor(vendor) => with_runtime(commands::vendor::vendor(vendor)),
        Command::Completions(completions) => commands::completions::completions(completions),
        Command::Man(man) => commands::man::man(man),
    };
    match done {
        Ok(code) => code,
        Err(fault) => {
            terminal::complain(fault.as_ref());
            ExitCode::from(fault.exit_code())
        }
    }
}

/// What a command comes to: its exit code, or one message and the code that goes with it.
type Done = Result<ExitCode, Box<usage::Complaint>>;

fn with_runtime(command: impl Future<Output = Done>) -> Done {
    // One thread: a call and its connection then wake each other without the kernel.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Box::new(usage::Complaint::Runtime(fault)))?;
    let done = runtime.block_on(command);
    // Connections that a target holds open must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(100));
    done
}
