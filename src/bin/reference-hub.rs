//! The `reference-hub` command: the reference hub as a process of its own.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use reference_server::catalogue::{Catalogue, Secret};
use reference_server::connectors::http::VendorLink;
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

    /// Reach the vendor of a connection, or of all connections of a connector, over HTTP (conn_itsm_jira=http://127.0.0.1:8801); may be
    /// given more than once, and the others stay in memory. `hubproof vendor` plays one
    #[arg(long = "vendor-url", value_name = "CONNECTION=URL")]
    vendors: Vec<VendorLink>,

    /// The environment variable that holds what a linked vendor wants to be shown, as the whole value of its header (Bearer …), instead
    /// of what opens a stand-in; may be given more than once
    #[arg(long = "vendor-key-env", value_name = "CONNECTION=VAR", value_parser = parse_variable, requires = "vendors")]
    vendor_keys: Vec<(String, String)>,

    /// How many milliseconds a call to a linked vendor may take [default: 10000]
    #[arg(long, value_name = "MS", requires = "vendors", value_parser = clap::value_parser!(u64).range(1..))]
    vendor_time_limit: Option<u64>,

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
    for link in linked(arguments)? {
        hub = hub.vendor(link);
    }
    for name in &arguments.defects {
        hub = hub.defect(name).map_err(|fault| mistake(&fault))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|fault| failure(&fault))?.block_on(async {
        let running = hub.start().await.map_err(|fault| match fault {
            StartError::Latency(_) | StartError::Vendor(_) => mistake(&fault),
            _ => failure(&fault),
        })?;
        announce(&running).map_err(|fault| failure(&fault))?;
        stopped().await.map_err(|fault| failure(&fault))?;
        running.shutdown().await;
        Ok(())
    })
}

/// The links to vendors, each with the credentials that are for it.
fn linked(arguments: &Arguments) -> Result<Vec<VendorLink>, (u8, String)> {
    let mut links = arguments.vendors.clone();
    for (name, variable) in &arguments.vendor_keys {
        let missing =
            || format!("--vendor-key-env: the environment variable {variable} is not set; put the credentials into it");
        let value = std::env::var(variable).map_err(|_| (2, missing()))?;
        let unknown = || format!("--vendor-key-env: no --vendor-url is for `{name}`");
        let link = links
            .iter_mut()
            .find(|link| link.name() == name)
            .ok_or_else(|| (2, unknown()))?;
        *link = link.clone().credentials(Secret::new(value));
    }
    if let Some(limit) = arguments.vendor_time_limit {
        let limit = Duration::from_millis(limit);
        links = links.into_iter().map(|link| link.time_limit(limit)).collect();
    }
    Ok(links)
}

fn parse_variable(text: &str) -> Result<(String, String), String> {
    let named = text
        .split_once('=')
        .filter(|(name, variable)| !name.is_empty() && !variable.is_empty());
    let named = named.map(|(name, variable)| (name.to_owned(), variable.to_owned()));
    named.ok_or_else(|| "give CONNECTION=VAR, such as conn_itsm_jira=JIRA_KEY".to_owned())
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
