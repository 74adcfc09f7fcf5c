//! `hubproof vendor`: plays a vendor until it is stopped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hubproof_model::document::DocumentError;
use hubproof_vendor::{BUNDLED, Script, StandIn, Vendor};
use serde_json::{Value, json};

use crate::Done;
use crate::arguments::VendorArguments;
use crate::interrupted::signalled;
use crate::terminal;
use crate::usage::Complaint;

/// Plays a vendor, or lists those that there are.
pub(crate) async fn vendor(arguments: &VendorArguments) -> Done {
    if arguments.list {
        terminal::print(&listing())?;
        return Ok(ExitCode::SUCCESS);
    }
    let vendor = read(&arguments.vendor)?;
    let stand_in = StandIn::start(vendor, arguments.listen)
        .await
        .map_err(Complaint::from)?;
    let _scripted = match script(arguments) {
        Some(script) => Some(stand_in.script(script).await),
        None => None,
    };
    terminal::print(&format!("{}\n", ready(&stand_in)))?;
    signalled().await.map_err(Complaint::Input)?;
    terminal::print(&format!("{}\n", ending(&stand_in)))?;
    Ok(ExitCode::SUCCESS)
}

/// The bundled vendor of this name, or that of the file.
fn read(named: &str) -> Result<Vendor, Complaint> {
    match Vendor::bundled(named) {
        Ok(vendor) => Ok(vendor),
        // A name and no path, and no file of that name either: the names that there are help more.
        Err(unknown)
            if Path::new(named).components().count() == 1 && !named.contains('.') && !Path::new(named).exists() =>
        {
            Err(unknown.into())
        }
        Err(_) => read_file(PathBuf::from(named)),
    }
}

fn read_file(path: PathBuf) -> Result<Vendor, Complaint> {
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) => return Err(Complaint::UnreadableVendor { path, fault }),
    };
    Vendor::read(&text).map_err(|fault| Complaint::VendorFile {
        path,
        text,
        fault: DocumentError {
            message: fault.message,
            span: fault.span,
            help: None,
        },
    })
}

fn script(arguments: &VendorArguments) -> Option<Script> {
    let mut script = Script::of(arguments.fault?);
    if let Some(first) = arguments.first {
        script = script.first(first);
    }
    if arguments.changes_only {
        script = script.changes_only();
    }
    Some(script)
}

fn listing() -> String {
    let line = |(connector, text): &(&str, &str)| {
        let name = Vendor::read(text)
            .map(|vendor| vendor.name().to_owned())
            .unwrap_or_default();
        format!("{connector:12} {name}\n")
    };
    BUNDLED.iter().map(line).collect()
}

fn ready(stand_in: &StandIn) -> Value {
    let vendor = stand_in.vendor();
    let (header, value) = vendor.credentials();
    json!({
        "url": stand_in.url(),
        "vendor": vendor.name(),
        "connector": vendor.connector(),
        "credentials": {"header": header, "value": value},
        "pid": std::process::id(),
    })
}

fn ending(stand_in: &StandIn) -> Value {
    let reception = stand_in.reception();
    json!({
        "requests": reception.requests,
        "changes": reception.changes,
        "changes_carried_out": reception.changes_carried_out,
        "unauthorized": reception.unauthorized,
    })
}
