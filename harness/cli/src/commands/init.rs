//! `hubproof init URL`: writes a commented profile of a hub. It reads the listing and the definitions and executes a few read tools,
//! as the survey of a run does, and nothing else.

mod document;
mod effects;
mod inputs;
mod profile;
mod values;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use hubproof_reports::shell;
use hubproof_runner::ground::Ground;
use hubproof_runner::options::{DEFAULT_CASES, RunOptions};
use hubproof_runner::plan::plan;
use hubproof_runner::select::Selection;

use self::profile::Draft;
use super::plan::complaint;
use super::run::scope_options;
use crate::Done;
use crate::arguments::{DepthArguments, InitArguments, ScopeArguments, TargetArguments};
use crate::progress::Progress;
use crate::target::{ResolvedTarget, resolve};
use crate::terminal;
use crate::usage::Complaint;

/// Writes the profile of the hub at the URL.
pub(crate) async fn init(arguments: &InitArguments) -> Done {
    // Better to say so before the hub is touched than after it.
    create(&arguments.out)?;
    std::fs::remove_file(&arguments.out).map_err(|fault| unwritable(&arguments.out, fault))?;
    let named = TargetArguments {
        url: Some(arguments.url.clone()),
        profile: None,
        key_env: arguments.key_env.clone(),
        defects: Vec::new(),
    };
    let target = resolve(&named, None).await?;
    let drafted = draft(&target).await?;
    let mut file = create(&arguments.out)?;
    let written = file.write_all(drafted.text.as_bytes());
    written.map_err(|fault| Complaint::UnwritableReport {
        path: arguments.out.clone(),
        fault,
    })?;
    terminal::print(&closing(&drafted, &arguments.out))?;
    Ok(ExitCode::SUCCESS)
}

/// A profile that was drafted, with what is to be said of it.
struct Drafted {
    text: String,
    found: String,
}

/// Discovers and surveys the target, and drafts its profile.
async fn draft(target: &ResolvedTarget) -> Result<Drafted, Complaint> {
    let options = options(target, Allow::Read);
    let progress = Progress::new(false);
    let on_event = |event| progress.on(event);
    let ground = Ground::discover(target.profile.clone(), &options, &on_event).await;
    let mut ground = ground.inspect_err(|_| progress.finish()).map_err(complaint)?;
    ground.survey(&options, &on_event).await;
    progress.finish();
    let planned = |options: &RunOptions| {
        let planned = plan(&options.requirements.checks(), &ground.site(options));
        planned.map_err(|fault| Complaint::Harness(fault.to_string()))
    };
    let plans = (planned(&options)?, planned(&self::options(target, Allow::Admin))?);
    let draft = Draft::new(&ground, &options, &plans.0, &plans.1);
    let text = draft.render();
    // Whatever the hub says of itself, what is written must be read again.
    Profile::parse(&text, &|_| Some("key".to_owned()))
        .map_err(|fault| Complaint::Harness(format!("the profile that was drafted is none: {fault}")))?;
    Ok(Drafted {
        text,
        found: draft.summary(),
    })
}

fn options(target: &ResolvedTarget, allow: Allow) -> RunOptions {
    let scope = ScopeArguments {
        only: Vec::new(),
        skip: Vec::new(),
        tools: Vec::new(),
        connector: None,
        depth: DepthArguments {
            allow: Some(allow),
            seed: 1,
            cases: DEFAULT_CASES,
        },
    };
    scope_options(&scope, target, Selection::all())
}

fn create(path: &Path) -> Result<File, Complaint> {
    File::create_new(path).map_err(|fault| match fault.kind() {
        io::ErrorKind::AlreadyExists => Complaint::ProfileExists(path.to_owned()),
        _ => unwritable(path, fault),
    })
}

fn unwritable(path: &Path, fault: io::Error) -> Complaint {
    Complaint::UnwritableProfile {
        path: path.to_owned(),
        fault,
    }
}

fn closing(drafted: &Drafted, out: &Path) -> String {
    let file = shell::word(&out.display().to_string());
    format!(
        "wrote {file}: {}\nnext: hubproof run --profile {file}\nthen: switch on in {file} what your hub has; each line says what it \
         exercises\n",
        drafted.found
    )
}
