//! The values of options: what is taken for one, and what is said of others.

use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use hubproof_bench::options::MOST_CONNECTIONS;
use hubproof_model::gate::FailOn;
use hubproof_model::profile::parse_duration;
use hubproof_model::safety::{Allow, LEAST_RATE, MOST_RATE};
use hubproof_reports::formats::{FORMATS, Format, of_name};

pub(super) fn allow_parser() -> impl TypedValueParser<Value = Allow> {
    // The names are the possible values, so that parsing one cannot fail.
    PossibleValuesParser::new(Allow::ALL.map(Allow::name)).try_map(|name| name.parse::<Allow>())
}

pub(super) fn fail_on_parser() -> impl TypedValueParser<Value = FailOn> {
    let abouts = ["A violated MUST", "A violated SHOULD too"];
    let values = FailOn::ALL.iter().zip(abouts);
    let values = values.map(|(level, about)| PossibleValue::new(level.name()).help(about));
    PossibleValuesParser::new(values).map(|name| {
        let named = FailOn::ALL.into_iter().find(|level| level.name() == name);
        named.unwrap_or_default()
    })
}

pub(super) fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.iter().map(|format| {
        let about = format!("{}: {}", format.file, format.about);
        PossibleValue::new(format.name).help(about)
    });
    PossibleValuesParser::new(values).try_map(|name| of_name(&name).ok_or(name))
}

pub(super) fn parse_seed(text: &str) -> Result<u64, String> {
    use std::hash::{BuildHasher, RandomState};
    match text {
        "random" => Ok(RandomState::new().hash_one(std::process::id()) >> 32),
        number => number
            .parse()
            .map_err(|_| "a seed is a whole number, or `random`".to_owned()),
    }
}

pub(super) fn parse_cases(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|cases| *cases > 0)
        .ok_or_else(|| "give a whole number from 1 on: without inputs nothing is tried".to_owned())
}

pub(super) fn parse_jobs(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|jobs| (1..=512).contains(jobs))
        .ok_or_else(|| "give a number from 1 to 512".to_owned())
}

pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let rate = number
        .parse::<f64>()
        .ok()
        .filter(|rate| (LEAST_RATE..=MOST_RATE).contains(rate));
    rate.ok_or_else(|| format!("give requests a second, from {LEAST_RATE} to {MOST_RATE}, such as 50/s"))
}

pub(super) fn parse_connections(text: &str) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|connections| (1..=MOST_CONNECTIONS).contains(connections))
        .ok_or_else(|| format!("give a number from 1 to {MOST_CONNECTIONS}"))
}

pub(super) fn parse_time(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|_| "give a time such as 0s or 5s".to_owned())
}

pub(super) fn parse_weight(text: &str) -> Result<(String, u32), String> {
    let weight = text.rsplit_once('=').and_then(|(glob, weight)| {
        let weight = weight.parse().ok()?;
        (!glob.is_empty()).then(|| (glob.to_owned(), weight))
    });
    weight.ok_or_else(|| "give a glob and a whole number, such as itsm.*=3".to_owned())
}

pub(super) fn parse_limit(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .ok()
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| "give a time such as 90s or 5m".to_owned())
}
