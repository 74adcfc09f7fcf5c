//! `hubproof certify`: a run, and a signed statement of what it proved.

use std::collections::BTreeMap;
use std::process::ExitCode;

use hubproof_certificate::certificate::{Certificate, Connector};
use hubproof_certificate::compare::changes;
use hubproof_certificate::digest::Sha256;
use hubproof_certificate::envelope::seal;
use hubproof_certificate::issue::{Claim, issue};
use hubproof_certificate::keys::SigningKey;
use hubproof_certificate::set::{RequirementSet, SetName};
use hubproof_certificate::statement::Statement;
use hubproof_model::profile::Profile;
use hubproof_model::requirement::CONTRACT_REVISION;
use hubproof_reports::document::end::EndKind;
use hubproof_reports::formats::{Format, of_name};
use hubproof_reports::json;
use hubproof_reports::printable::log_line;
use hubproof_runner::select::nearest;

use super::run::{Proved, Ready};
use crate::Done;
use crate::arguments::certificates::CertifyArguments;
use crate::arguments::{ReportsArguments, RunArguments, ScopeArguments, TargetArguments};
use crate::certificates::{self, CertificateFault};
use crate::closing::{self, CERTIFICATE, STATEMENT};
use crate::terminal;
use crate::usage::Complaint;

/// Proves the target that the arguments name, and issues its certificate.
pub(crate) async fn certify(arguments: &CertifyArguments) -> Done {
    // Everything that can be wrong without a run is found before one begins.
    let set = RequirementSet::published(arguments.set, CONTRACT_REVISION).map_err(of)?;
    if arguments.connector.is_some() && arguments.set != SetName::Connector {
        return Err(of(CertificateFault::ConnectorOfHub(arguments.set)).into());
    }
    let key = signer(arguments).map_err(of)?;
    let public = key.as_ref().map(SigningKey::public);
    let earlier = arguments.compare.as_deref();
    let earlier = earlier.map(|path| certificates::earlier(path, public.as_ref()));
    let earlier = earlier.transpose().map_err(of)?;
    let run = run_arguments(arguments);
    let ready = Ready::new(&run).await?;
    let connector = arguments.connector.as_deref();
    let connector = connector.map(|name| connector_of(name, &ready.target.profile));
    let connector = connector.transpose().map_err(of)?;
    let proved = ready.prove(&run).await?;
    let claim = Claim {
        set: &set,
        subjects: arguments.subjects.clone(),
        url: arguments.evidence_url.clone(),
        connector,
    };
    let issued = issue(&proved.report, Sha256::of(json::render(&proved.report)), claim);
    close(
        &proved,
        &run,
        issued.map_err(CertificateFault::from),
        key.as_ref(),
        earlier.as_ref(),
    )
}

fn of(fault: impl Into<CertificateFault>) -> Complaint {
    Complaint::Certificate(fault.into())
}

/// The key that signs; none where nobody does.
fn signer(arguments: &CertifyArguments) -> Result<Option<SigningKey>, CertificateFault> {
    match (&arguments.signing_key, &arguments.signing_key_env) {
        (Some(path), _) => certificates::signing_key(path).map(Some),
        (None, Some(variable)) => certificates::signing_key_of(variable).map(Some),
        (None, None) => Ok(None),
    }
}

/// The run that shows it: a whole one, but for the tools of other connectors.
fn run_arguments(arguments: &CertifyArguments) -> RunArguments {
    let TargetArguments {
        url,
        profile,
        key_env,
        defects,
    } = &arguments.target;
    RunArguments {
        target: TargetArguments {
            url: url.clone(),
            profile: profile.clone(),
            key_env: key_env.clone(),
            defects: defects.clone(),
        },
        scope: ScopeArguments {
            only: Vec::new(),
            skip: Vec::new(),
            tools: Vec::new(),
            connector: arguments.connector.clone(),
            depth: arguments.depth,
        },
        shard: None,
        pace: arguments.pace,
        fail_on: arguments.fail_on,
        require: Vec::new(),
        baseline: arguments.baseline.clone(),
        write_baseline: None,
        reports: ReportsArguments {
            out: arguments.out.clone(),
            format: formats(),
        },
        loudness: arguments.loudness,
    }
}

/// Those that a run writes of itself.
fn formats() -> Vec<&'static Format> {
    ["json", "html", "junit"]
        .iter()
        .filter_map(|name| of_name(name))
        .collect()
}

/// A connector with the connections that the profile says are its own.
fn connector_of(name: &str, profile: &Profile) -> Result<Connector, CertificateFault> {
    let by_connector = &profile.connections.by_connector;
    if let Some(connections) = by_connector.get(name) {
        return Ok(Connector {
            connector: name.to_owned(),
            connections: connections.clone(),
            // The report tells.
            equal: BTreeMap::new(),
            uncompared: BTreeMap::new(),
        });
    }
    let names = || by_connector.keys().map(String::as_str);
    let known = match nearest(name, names()) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None if by_connector.is_empty() => String::new(),
        None => format!(" (it does of {})", names().collect::<Vec<_>>().join(", ")),
    };
    Err(CertificateFault::NoConnections {
        connector: name.to_owned(),
        known,
    })
}

/// Writes the report, and what was issued for it beside it; says what came of both.
fn close(
    proved: &Proved,
    run: &RunArguments,
    issued: Result<Certificate, CertificateFault>,
    key: Option<&SigningKey>,
    earlier: Option<&Certificate>,
) -> Done {
    let file = issued.as_ref().ok().map(|certificate| {
        let statement = Statement::from(certificate).to_json();
        match key {
            Some(key) => (CERTIFICATE, seal(statement.as_bytes(), key)),
            None => (STATEMENT, format!("{statement}\n")),
        }
    });
    let mut closing = closing::write_with(&proved.out, &proved.report, &run.reports.format, file);
    // Why the target could not be tested, or who stopped the run, is said by the report, and so is how it ends.
    if is_told(proved.report.end.kind) {
        return Ok(closing.print(run.loudness));
    }
    closing.print_of_run(run.loudness);
    // Nothing is issued without the report that it rests on.
    if closing.written.is_lacking() {
        return Ok(ExitCode::from(closing.written.ending(0)));
    }
    let certificate = issued.map_err(of)?;
    terminal::print(&issued_line(&certificate, key))?;
    if let Some(earlier) = earlier {
        terminal::print(&renewal(earlier, &certificate))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a run of this end has its own exit code, and nothing to certify.
fn is_told(end: EndKind) -> bool {
    matches!(
        end,
        EndKind::TargetUnusable | EndKind::Interrupted | EndKind::HarnessFault
    )
}

fn issued_line(certificate: &Certificate, key: Option<&SigningKey>) -> String {
    let what = match &certificate.connector {
        Some(connector) => format!("{} {}", certificate.set.set, connector.connector),
        None => certificate.set.set.to_string(),
    };
    let by = match key {
        Some(key) => format!("signed by {}", key.public().id()),
        None => "unsigned".to_owned(),
    };
    let warned: Vec<_> = certificate.warned.iter().map(ToString::to_string).collect();
    let warned = match warned.is_empty() {
        true => String::new(),
        false => format!("; it warns of {}", warned.join(", ")),
    };
    format!("{}\n", log_line(&format!("certified: {what}, {by}{warned}")))
}

fn renewal(earlier: &Certificate, now: &Certificate) -> String {
    let since = earlier.run.finished_at;
    match changes(earlier, now).as_slice() {
        [] => format!("nothing changed since the certificate of {since}\n"),
        changes => {
            let lines: String = changes.iter().map(|line| format!("  {line}\n")).collect();
            format!("since the certificate of {since}:\n{lines}")
        }
    }
}
