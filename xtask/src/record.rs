//! `cargo xtask record-exchanges`: takes from the clean reference hub, and from each of its defects, the smallest piece of
//! evidence that shows a requirement held or violated.

use std::collections::BTreeMap;
use std::path::Path;

use hubproof_cli::Bundled;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Surface;
use hubproof_requirements::check::{Check, Scope};
use hubproof_requirements::transcript::Transcript;
use hubproof_runner::execute::execute;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::{DEFAULT_JOBS, RunOptions};
use hubproof_runner::plan::plan;
use hubproof_runner::select::{Selection, ToolGlobs, ids_of};

/// Larger pieces than this are not worth keeping: the case should be cut.
const LARGEST: usize = 256 * 1024;

/// Records the transcripts of some requirements, or of all.
pub(crate) fn record(root: &Path, patterns: &[String]) -> Result<String, String> {
    let ids = ids_of(patterns).map_err(|fault| fault.to_string())?;
    let checks = Selection::all().checks();
    let checks = checks.iter().filter(|check| ids.is_empty() || ids.contains(&check.requirement().id));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|fault| fault.to_string())?;
    let (mut written, mut failed) = (0, Vec::new());
    for check in checks {
        let id = check.requirement().id;
        let named = |defect: &&&reference_server::defects::Defect| defect.requirement == id.to_string();
        let defects = reference_server::defects::all().iter();
        let defects = defects.collect::<Vec<_>>();
        let hubs = std::iter::once(None).chain(defects.iter().filter(named).map(|defect| Some(defect.name)));
        for defect in hubs {
            let recorded = runtime.block_on(record_one(*check, defect));
            match recorded.and_then(|transcript| keep(root, &transcript)) {
                Ok(()) => written += 1,
                Err(why) => failed.push(format!("{id} {}: {why}", defect.unwrap_or("clean"))),
            }
        }
    }
    let said = format!("recorded {written} transcripts in fixtures/exchanges");
    if failed.is_empty() { Ok(said) } else { Err(format!("{said}; not recorded:\n  {}", failed.join("\n  "))) }
}

fn keep(root: &Path, transcript: &Transcript) -> Result<(), String> {
    let directory = root.join("fixtures/exchanges").join(transcript.requirement.to_string());
    let name = match &transcript.defect {
        None => "held.json".to_owned(),
        Some(defect) => format!("violated-{defect}.json"),
    };
    let mut text = serde_json::to_string_pretty(transcript).map_err(|fault| fault.to_string())?;
    text.push('\n');
    if text.len() > LARGEST {
        return Err(format!("the smallest piece of evidence has {} KiB", text.len() / 1024));
    }
    std::fs::create_dir_all(&directory).map_err(|fault| fault.to_string())?;
    std::fs::write(directory.join(name), text).map_err(|fault| fault.to_string())
}

async fn record_one(check: &'static dyn Check, defect: Option<&str>) -> Result<Transcript, String> {
    let hub = Bundled::start(&defect.map(str::to_owned).into_iter().collect::<Vec<_>>()).await?;
    let options = RunOptions {
        requirements: Selection::all(),
        tools: ToolGlobs::default(),
        allow: Allow::Admin,
        seed: 1,
        cases: 20,
        jobs: DEFAULT_JOBS,
        rate: None,
        time_limit: None,
    };
    let ground = Ground::discover(hub.profile.clone(), &options, &|_| {}).await;
    let mut ground = ground.map_err(|fault| fault.to_string())?;
    ground.survey(&options).await;
    let plan = plan(&[check], &ground.site(&options)).map_err(|fault| fault.to_string())?;
    let mut pieces: Vec<(Option<Case>, Vec<Exchange>)> = Vec::new();
    execute(&ground.session, &plan, options.jobs, &Interrupt::default(), &|_| {}, |executed| {
        pieces.push((Some(plan.cases[executed.index].case.clone()), executed.exchanges));
    })
    .await;
    hub.shutdown().await;
    if check.scope() == Scope::Log {
        let mut opening: BTreeMap<&str, Vec<Exchange>> = BTreeMap::new();
        for exchange in &ground.opening {
            opening.entry(&exchange.case).or_default().push(exchange.clone());
        }
        pieces.extend(opening.into_values().map(|exchanges| (None, exchanges)));
        let all = pieces.iter().flat_map(|(_, exchanges)| exchanges.clone()).collect();
        // What only the whole log shows, such as a repetition between cases.
        pieces.push((None, all));
        pieces.iter_mut().for_each(|(case, _)| *case = None);
    }
    let transcripts = pieces.into_iter().flat_map(|(case, exchanges)| {
        let pruned = pruned(&ground.surface, &case, &exchanges);
        [pruned, ground.surface.clone()].map(|surface| Transcript {
            requirement: check.requirement().id,
            defect: defect.map(str::to_owned),
            surface,
            case: case.clone(),
            exchanges: exchanges.clone(),
        })
    });
    let shows = |transcript: &Transcript| match defect {
        None => transcript.shows_held(check),
        Some(_) => transcript.shows_violated(check),
    };
    let size = |transcript: &Transcript| serde_json::to_vec(transcript).map_or(usize::MAX, |text| text.len());
    let smallest = transcripts.filter(shows).min_by_key(size).ok_or("no piece of the run shows it")?;
    Ok(thinned(smallest, shows))
}

/// Leaves out every exchange without which the transcript still shows what it shows.
fn thinned(mut transcript: Transcript, shows: impl Fn(&Transcript) -> bool) -> Transcript {
    if transcript.case.is_some() {
        return transcript;
    }
    // Halves first, so that a long log gets short quickly.
    let mut step = transcript.exchanges.len() / 2;
    while step > 0 {
        let mut start = 0;
        while start < transcript.exchanges.len() {
            let end = (start + step).min(transcript.exchanges.len());
            let mut without = transcript.clone();
            without.exchanges.drain(start..end);
            if shows(&without) {
                transcript = without;
            } else {
                start = end;
            }
        }
        step /= 2;
    }
    transcript
}

/// The surface with only the tools that the exchanges name.
fn pruned(surface: &Surface, case: &Option<Case>, exchanges: &[Exchange]) -> Surface {
    let mut surface = surface.clone();
    let named = |key: &str| {
        case.as_ref().and_then(|case| case.tool.as_deref()) == Some(key)
            || exchanges.iter().any(|exchange| exchange.call.tool() == Some(key))
    };
    surface.tools.retain(|tool| named(&tool.key));
    surface.survey.retain(|key, _| named(key));
    surface
}
