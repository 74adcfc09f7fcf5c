//! Takes the API key from the query string where the header is missing.

use http::request::Parts;

use super::Defect;
use crate::credentials;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "key-in-query",
    requirement: "AUTH-03",
    summary: "Takes the API key from the query string where the header is missing.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.token = token;
}

/// The names under which clients send keys in a query.
const NAMES: [&str; 5] = ["api_key", "apikey", "key", "access_token", "token"];

fn token(head: &Parts) -> Result<String, ApiError> {
    let query = head.uri.query().unwrap_or_default();
    let in_query = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| NAMES.contains(&name.as_ref()));
    match in_query {
        Some((_, key)) => Ok(key.into_owned()),
        None => credentials::token(head),
    }
}
