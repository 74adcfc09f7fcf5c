//! The `reference-hub` command: the reference hub as a process of its own.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use reference_server::catalogue::Catalogue;
use reference_server::latency::LatencyRule;
use reference_server::{Hub, RunningHub, StartError, defects};
use tracing_subscriber::EnvFilter;

/// An Integration Hub in memory, sound unless a defect is switched on. Prints one JSON line when it is ready.
#[derive(Debug, Parser)]
#[command(name = "reference-hub", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,

    /// Serve the catalogue of this directory (hub.json, domains/*.json) instead of the bundled one
    #[arg(long, value_name = "DIR")]
    catalogue: Option<PathBuf>,

    /// Switch this defect on; may be given more than once
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<String>,

    /// Let vendors take time: fixed:5ms, log-normal:5ms,0.5 (median, sigma) or stall:200ms/2s (200 ms in every 2 s), perhaps for
    /// some tools alone (itsm.tickets.list=fixed:20ms); may be given more than once, and adds up
    #[arg(long = "latency", value_name = "[TOOLS=]LATENCY")]
    latencies: Vec<LatencyRule>,

    /// Draw random latencies from this seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    latency_seed: u64,

    /// Print the defects, one JSON object a line, and leave
    #[arg(long)]
    list_defects: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_defects {
        return list_defects();
    }
    // Logs go beside the ready line; RUST_LOG=info shows every request.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, why)) => {
            eprintln!("reference-hub: {why}");
            ExitCode::from(code)
        }
    }
}

/// A reader that has gone away (`| head`) is no fault.
fn list_defects() -> ExitCode {
    let mut out = std::io::stdout().lock();
    for defect in defects::all() {
        let line =
            serde_json::json!({"name": defect.name, "requirement": defect.requirement, "summary": defect.summary});
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// Serves until the process is told to stop. An error is its exit code (2 for a mistake in the arguments) and what to say.
fn serve(arguments: &Arguments) -> Result<(), (u8, String)> {
    let mistake = |fault: &dyn std::fmt::Display| (2, fault.to_string());
    let failure = |fault: &dyn std::fmt::Display| (1, fault.to_string());
    let mut hub = Hub::builder()
        .listen(arguments.listen)
        .latency_seed(arguments.latency_seed);
    for rule in &arguments.latencies {
        hub = hub.latency(rule.clone());
    }
    if let Some(directory) = &arguments.catalogue {
        hub = hub.catalogue(Catalogue::load(directory).map_err(|fault| mistake(&fault))?);
    }
    for name in &arguments.defects {
        hub = hub.defect(name).map_err(|fault| mistake(&fault))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|fault| failure(&fault))?.block_on(async {
        let running = hub.start().await.map_err(|fault| match fault {
            StartError::Latency(_) => mistake(&fault),
            _ => failure(&fault),
        })?;
        announce(&running).map_err(|fault| failure(&fault))?;
        stopped().await.map_err(|fault| failure(&fault))?;
        running.shutdown().await;
        Ok(())
    })
}

fn announce(hub: &RunningHub) -> Result<(), String> {
    let line = serde_json::to_string(hub.ready()).map_err(|fault| fault.to_string())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|fault| fault.to_string())
}

/// Ends at Ctrl-C, or where the system asks the process to end.
async fn stopped() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
