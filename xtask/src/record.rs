//! `cargo xtask record-exchanges`: takes from the clean reference hub, and from each of its defects, the smallest piece of
//! evidence that shows a requirement held or violated.

use std::path::Path;
use std::sync::Arc;

use hubproof_cli::Bundled;
use hubproof_model::case::{Case, Deed};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::Finding;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Surface;
use hubproof_requirements::check::{Check, Scope};
use hubproof_requirements::evidence::Evidence;
use hubproof_requirements::schemas::Schemas;
use hubproof_requirements::transcript::Transcript;
use hubproof_runner::execute::execute;
use hubproof_runner::ground::Ground;
use hubproof_runner::interrupt::Interrupt;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::plan;
use hubproof_runner::select::{Selection, ids_of};
use reference_server::catalogue::Catalogue;

/// Larger pieces than this are not worth keeping: the case should be cut.
const LARGEST: usize = 256 * 1024;
/// Larger cases than this, in bytes, are thinned as the log is.
const LARGE: usize = 24 * 1024;

/// Records the transcripts of some requirements, or of all.
pub(crate) fn record(root: &Path, patterns: &[String]) -> Result<String, String> {
    let ids = ids_of(patterns).map_err(|fault| fault.to_string())?;
    let checks = Selection::all().checks();
    let checks = checks
        .iter()
        .filter(|check| ids.is_empty() || ids.contains(&check.requirement().id));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| fault.to_string())?;
    let (mut written, mut failed) = (0, Vec::new());
    for check in checks {
        let id = check.requirement().id;
        let named = |defect: &&&reference_server::defects::Defect| defect.requirement == id.to_string();
        let defects = reference_server::defects::all().iter();
        let defects = defects.collect::<Vec<_>>();
        let hubs = std::iter::once(None).chain(defects.iter().filter(named).map(|defect| Some(defect.name)));
        for defect in hubs {
            let from_whole = runtime.block_on(record_one(*check, defect, None));
            let kept = from_whole.and_then(|transcript| keep(root, &transcript)).or_else(|_| {
                let from_small = runtime.block_on(record_one(*check, defect, Some(small_catalogue(root)?)))?;
                keep(root, &from_small)
            });
            match kept {
                Ok(()) => written += 1,
                Err(why) => failed.push(format!("{id} {}: {why}", defect.unwrap_or("clean"))),
            }
        }
    }
    let said = format!("recorded {written} transcripts in fixtures/exchanges");
    if failed.is_empty() {
        Ok(said)
    } else {
        Err(format!("{said}; not recorded:\n  {}", failed.join("\n  ")))
    }
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

/// The reference catalogue with two of its domains: for judges that need to see every tool.
fn small_catalogue(root: &Path) -> Result<Arc<Catalogue>, String> {
    let (whole, small) = (root.join("fixtures/catalogue"), root.join("target/small-catalogue"));
    std::fs::create_dir_all(small.join("domains")).map_err(|fault| fault.to_string())?;
    for file in ["hub.json", "domains/documents.json", "domains/payments.json"] {
        std::fs::copy(whole.join(file), small.join(file)).map_err(|fault| format!("{file}: {fault}"))?;
    }
    Catalogue::load(&small).map_err(|fault| fault.to_string())
}

async fn record_one(
    check: &'static dyn Check,
    defect: Option<&str>,
    small: Option<Arc<Catalogue>>,
) -> Result<Transcript, String> {
    let defects: Vec<_> = defect.map(str::to_owned).into_iter().collect();
    let mut hub = Bundled::start_with(&defects, small.clone()).await?;
    if small.is_some() {
        // The bundled profile knows the whole catalogue.
        hub.profile.inputs.clear();
        hub.profile.keys.restricted_tool = None;
    }
    let options = RunOptions {
        cases: 20,
        run: "recorded".to_owned(),
        vendors: hub.played.clone(),
        ..RunOptions::new(Selection::all(), Allow::Admin)
    };
    let ground = Ground::discover(hub.profile.clone(), &options, &|_| {}).await;
    let mut ground = ground.map_err(|fault| fault.to_string())?;
    ground.survey(&options, &|_| {}).await;
    let plan = plan(&[check], &ground.site(&options)).map_err(|fault| fault.to_string())?;
    let mut pieces: Vec<Piece> = Vec::new();
    execute(
        (&ground.session, &ground.profile),
        &options.vendors,
        &plan,
        options.jobs,
        &Interrupt::default(),
        &|_| {},
        |executed| {
            pieces.push(Piece {
                case: Some(plan.cases[executed.index].case.clone()),
                exchanges: executed.exchanges,
                deeds: executed.deeds,
            });
        },
    )
    .await;
    hub.shutdown().await;
    if check.scope() == Scope::Log {
        let opening = ground.opening.iter().cloned();
        let all = opening
            .chain(pieces.drain(..).flat_map(|piece| piece.exchanges))
            .collect();
        pieces.push(Piece {
            exchanges: all,
            ..Piece::default()
        });
    }
    let surface = &ground.surface;
    let schemas = Schemas::of(surface);
    let shows = |piece: &Piece| {
        let evidence = Evidence {
            surface,
            schemas: &schemas,
            case: piece.case.as_ref(),
            exchanges: piece.exchanges.iter().collect(),
            deeds: &piece.deeds,
        };
        let findings = check.judge(&evidence);
        match defect {
            None => !findings.is_empty() && findings.iter().all(|finding| *finding == Finding::Held),
            Some(_) => findings.iter().any(|finding| matches!(finding, Finding::Violated(_))),
        }
    };
    let size = |piece: &Piece| serde_json::to_vec(&piece.exchanges).map_or(usize::MAX, |text| text.len());
    let showing = pieces.into_iter().filter(shows);
    let mut piece = showing.min_by_key(size).ok_or("no piece of the run shows it")?;
    // Some cases send as many calls as a limit takes.
    if piece.case.is_none() || size(&piece) > LARGE {
        let (case, deeds) = (piece.case.clone(), piece.deeds.clone());
        let shows = |exchanges: &[Exchange]| {
            shows(&Piece {
                case: case.clone(),
                exchanges: exchanges.to_vec(),
                deeds: deeds.clone(),
            })
        };
        piece.exchanges = thinned(piece.exchanges, shows);
    }
    let Piece { case, exchanges, deeds } = piece;
    let transcript = |surface: Surface| Transcript {
        requirement: check.requirement().id,
        defect: defect.map(str::to_owned),
        surface,
        case: case.clone(),
        exchanges: exchanges.clone(),
        deeds: deeds.clone(),
    };
    // Some judges need more of the surface than the tools that were called.
    let pruned = transcript(pruned(surface, &case, &exchanges));
    let still_shows = match defect {
        None => pruned.shows_held(check),
        Some(_) => pruned.shows_violated(check),
    };
    Ok(if still_shows {
        pruned
    } else {
        transcript(surface.clone())
    })
}

/// Something that a judge looks at by itself: what a case left, or the log.
#[derive(Debug, Default)]
struct Piece {
    case: Option<Case>,
    exchanges: Vec<Exchange>,
    deeds: Vec<Deed>,
}

/// Leaves out every exchange without which the rest still shows what it shows.
fn thinned(mut exchanges: Vec<Exchange>, shows: impl Fn(&[Exchange]) -> bool) -> Vec<Exchange> {
    // Halves first, so that a long log gets short quickly.
    let mut step = exchanges.len().div_ceil(2);
    while step > 0 {
        let mut start = 0;
        while start < exchanges.len() {
            let end = (start + step).min(exchanges.len());
            let mut without = exchanges.clone();
            without.drain(start..end);
            if shows(&without) {
                exchanges = without;
            } else {
                start = end;
            }
        }
        step /= 2;
    }
    exchanges
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
