//! `fixtures/examples.json`: of each requirement's recordings the one exchange that tells the most, cut to what a person reads.

mod shown;

use std::path::{Path, PathBuf};

use hubproof_cli::examples::{AllExamples, Example, Examples, ViolatedExample};
use hubproof_model::case::Step;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Violation};
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_requirements::areas::REGISTRY;
use hubproof_requirements::check::Check;
use hubproof_requirements::judging;
use hubproof_requirements::transcript::Transcript;

/// The file that `examples` makes, below the workspace's root.
pub(crate) const EXAMPLES: &str = "fixtures/examples.json";

/// The text of the file.
///
/// # Errors
/// A requirement without a recording of either kind.
pub(crate) fn text(root: &Path) -> Result<String, String> {
    let mut all = AllExamples::new();
    for check in REGISTRY {
        let id = check.requirement().id;
        let directory = root.join("fixtures/exchanges").join(id.to_string());
        let examples = examples(*check, &directory).map_err(|fault| format!("{}: {fault}", directory.display()))?;
        all.insert(id, examples);
    }
    let mut text = serde_json::to_string_pretty(&all).map_err(|fault| fault.to_string())?;
    text.push('\n');
    Ok(text)
}

fn examples(check: &dyn Check, directory: &Path) -> Result<Examples, String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .map_err(|fault| fault.to_string())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    let is_of_defect = |path: &&PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("violated-"))
    };
    let broken = read(files.iter().find(is_of_defect).ok_or("no recording of a defect")?)?;
    let sound = read(&directory.join("held.json"))?;
    let findings = broken.judge(check);
    let violation = findings.iter().find_map(|finding| match finding {
        Finding::Violated(violation) => Some(violation),
        _ => None,
    });
    let violation = violation.ok_or("the recording of a defect violates nothing")?;
    let culprit = culprit(&broken, violation).ok_or("a recording without exchanges")?;
    let model = model(&sound, culprit, violation).ok_or("a recording without exchanges")?;
    Ok(Examples {
        held: example(&sound, model),
        violated: ViolatedExample {
            defect: broken.defect.clone().unwrap_or_default(),
            summary: violation.summary.clone(),
            expected: violation.expected.clone(),
            observed: shown::cut(&violation.observed),
            exchange: example(&broken, culprit),
        },
    })
}

fn read(path: &Path) -> Result<Transcript, String> {
    let text = std::fs::read(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    serde_json::from_slice(&text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// The exchange that the violation is about. Its finding may cite several: controls before it, and reads after it that show the effect.
fn culprit<'t>(transcript: &'t Transcript, violation: &Violation) -> Option<&'t Exchange> {
    let cited = transcript
        .exchanges
        .iter()
        .filter(|exchange| violation.exchanges.contains(&exchange.number));
    let cited: Vec<_> = cited.collect();
    let is_call = |exchange: &&&Exchange| is_call(transcript, exchange);
    let is_told = |exchange: &&&Exchange| violation.observed.starts_with(&judging::observed(exchange));
    let is_success = |exchange: &&&Exchange| status(exchange).is_some_and(|status| status < 300);
    let told = cited.iter().filter(is_call).rfind(is_told);
    told.or_else(|| cited.iter().filter(is_call).rfind(is_success))
        .or_else(|| cited.iter().rfind(is_call))
        .or(cited.last())
        .copied()
        .or_else(|| smallest(&transcript.exchanges.iter().collect::<Vec<_>>()))
}

/// The exchange of a sound hub that the culprit is to be compared with: the same call where there is one, and the answer that the
/// culprit should have had.
fn model<'t>(transcript: &'t Transcript, culprit: &Exchange, violation: &Violation) -> Option<&'t Exchange> {
    let all: Vec<&Exchange> = transcript.exchanges.iter().collect();
    let of_face: Vec<_> = all.iter().copied().filter(|own| is_of_face(own, culprit)).collect();
    let calls: Vec<_> = of_face.iter().copied().filter(|own| is_call(transcript, own)).collect();
    let same: Vec<_> = calls
        .iter()
        .copied()
        .filter(|own| stem(&own.call.label) == stem(&culprit.call.label))
        .collect();
    let pools = [same, calls, of_face, all];
    if REFUSING.contains(&transcript.requirement) {
        let throttled = pools.iter().flatten().find(|own| status(own) == Some(429));
        if let Some(throttled) = throttled {
            return Some(throttled);
        }
    }
    // Where nothing but the status and code were observed, they are what is wrong.
    let is_answer_wrong = violation.observed == judging::observed(culprit);
    let is_right = |own: &&Exchange| (status(own) == status(culprit)) != is_answer_wrong;
    let pool = pools.into_iter().find(|pool| !pool.is_empty())?;
    let right: Vec<_> = pool.iter().copied().filter(is_right).collect();
    smallest(&right).or_else(|| smallest(&pool))
}

/// Whose sound answer is the refusal at the limit.
const REFUSING: [RequirementId; 5] = [
    RequirementId::new(Area::Rtl, 4),
    RequirementId::new(Area::Rtl, 5),
    RequirementId::new(Area::Rtl, 6),
    RequirementId::new(Area::Rtl, 10),
    RequirementId::new(Area::Rtl, 12),
];

/// A label without the number that tells calls of one kind apart.
fn stem(label: &str) -> &str {
    label.split_once('/').map_or(label, |(stem, _)| stem)
}

fn is_of_face(own: &Exchange, other: &Exchange) -> bool {
    std::mem::discriminant(&own.call.endpoint) == std::mem::discriminant(&other.call.endpoint)
}

fn status(exchange: &Exchange) -> Option<u16> {
    exchange.response().map(|response| response.status)
}

/// Whether the exchange is a call that the case is about: no control, and no read that looks for an effect.
fn is_call(transcript: &Transcript, exchange: &Exchange) -> bool {
    let label = exchange.call.label.as_str();
    let is_planned = |step: &Step| match step {
        Step::Call(call) => call.label == label,
        Step::AfterReset(call) => call.label == stem(label),
        Step::AtOnce(calls) => calls.iter().any(|call| call.label == label),
        Step::Once(calls) => calls.iter().any(|once| once.call.label == label),
        Step::Exhaust(exhaustion) => stem(label).ends_with(&exhaustion.label),
        Step::Observe(_)
        | Step::Decide(_)
        | Step::CountEntries(_)
        | Step::ShowEntry(_)
        | Step::AwaitReset(_)
        | Step::Vendor(_) => false,
    };
    let case = transcript.case.as_ref();
    label != "control" && case.is_none_or(|case| case.steps.iter().any(is_planned))
}

fn smallest<'t>(exchanges: &[&'t Exchange]) -> Option<&'t Exchange> {
    let length = |exchange: &&&Exchange| exchange.response().map_or(0, |response| response.body.len());
    exchanges.iter().min_by_key(length).copied()
}

fn example(transcript: &Transcript, exchange: &Exchange) -> Example {
    Example {
        tried: transcript.case.as_ref().map(|case| case.title.clone()),
        call: exchange.call.label.clone(),
        request: shown::request(exchange),
        answer: shown::answer(exchange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_current() {
        let root = crate::root();
        let written = std::fs::read_to_string(root.join(EXAMPLES)).unwrap_or_default();
        assert!(
            written == text(&root).unwrap(),
            "{EXAMPLES} is stale: run `cargo xtask codegen`"
        );
    }
}
