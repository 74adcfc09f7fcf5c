//! The cheap check against the judges, over every exchange that was ever recorded: what it calls ordinary, no judge finds wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::outcome::Outcome;
use hubproof_requirements::lone::LoneJudges;
use hubproof_requirements::ordinary::{AnswerParts, Asked, Look, OrdinaryCheck};
use hubproof_requirements::schemas::Schemas;
use hubproof_requirements::transcript::Transcript;

fn transcripts() -> Vec<Transcript> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/exchanges");
    let mut paths: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|directory| std::fs::read_dir(directory).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    paths.iter().map(read).collect()
}

fn headers(response: &Response) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn look(check: &mut OrdinaryCheck, tools: &[String], exchange: &Exchange) -> Option<Look> {
    let asked = Asked::of(&exchange.call)?;
    let response = exchange.response().filter(|response| !response.truncated)?;
    let tool = tools
        .iter()
        .position(|key| Some(key.as_str()) == exchange.call.tool())?;
    let parts = AnswerParts {
        status: response.status,
        headers: &headers(response),
        body: &response.body,
    };
    Some(check.look(tool, asked, parts, exchange.elapsed))
}

#[test]
fn no_judge_finds_anything_wrong_in_what_is_ordinary() {
    let judges = LoneJudges::default();
    let (mut ordinary, mut violating) = (0, 0);
    for transcript in transcripts() {
        let schemas = Arc::new(Schemas::of(&transcript.surface));
        let mut tools: Vec<_> = transcript
            .exchanges
            .iter()
            .filter_map(|exchange| exchange.call.tool())
            .collect();
        tools.sort_unstable();
        tools.dedup();
        let tools: Vec<_> = tools.into_iter().map(str::to_owned).collect();
        let mut check = OrdinaryCheck::new(Arc::clone(&schemas), &transcript.surface.dialect, tools.clone());
        for exchange in &transcript.exchanges {
            // Twice: what the check remembers of the first look must not change the second.
            let looks = [0, 1].map(|_| look(&mut check, &tools, exchange));
            assert_eq!(looks[0], looks[1]);
            let wrong = judges.violations(&transcript.surface, &schemas, exchange);
            violating += usize::from(looks[0].is_some() && !wrong.is_empty());
            if let Some(Look::Ordinary { .. }) = looks[0] {
                ordinary += 1;
                assert_eq!(Outcome::of(exchange), Outcome::Success);
                assert!(wrong.is_empty(), "{:?}: {wrong:?}\n{exchange:?}", transcript.defect);
            }
        }
    }
    assert!(
        ordinary > 500 && violating > 20,
        "{ordinary} ordinary, {violating} wrong"
    );
}

#[test]
fn every_sound_success_of_the_clean_hub_is_ordinary() {
    let judges = LoneJudges::default();
    for transcript in transcripts()
        .into_iter()
        .filter(|transcript| transcript.defect.is_none())
    {
        let schemas = Arc::new(Schemas::of(&transcript.surface));
        for exchange in &transcript.exchanges {
            let tools: Vec<_> = exchange.call.tool().map(str::to_owned).into_iter().collect();
            let mut check = OrdinaryCheck::new(Arc::clone(&schemas), &transcript.surface.dialect, tools.clone());
            let is_success = Outcome::of(exchange) == Outcome::Success
                && judges.violations(&transcript.surface, &schemas, exchange).is_empty();
            if let Some(look) = look(&mut check, &tools, exchange).filter(|_| is_success) {
                assert!(matches!(look, Look::Ordinary { .. }), "{exchange:?}");
            }
        }
    }
}
