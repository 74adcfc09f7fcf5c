//! The API's own description.

use http::StatusCode;
use serde_json::{Value, json};

use crate::envelope::Answer;

const DOCUMENT: &str = include_str!("../../fixtures/openapi.json");

/// `GET /openapi.json`: the description, with this hub as its server.
pub(crate) fn describe(base_url: &str) -> Result<Answer, serde_json::Error> {
    let mut document: Value = serde_json::from_str(DOCUMENT)?;
    document["servers"] = json!([{"url": base_url}]);
    Ok(Answer::json(StatusCode::OK, document))
}
