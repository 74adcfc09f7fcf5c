//! Knows the scheme's name only as `Bearer`.

use http::request::Parts;

use super::Defect;
use crate::credentials::{self, unauthorized};
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "scheme-case-sensitive",
    requirement: "AUTH-06",
    summary: "Knows the scheme's name only as `Bearer`.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.token = token;
}

fn token(head: &Parts) -> Result<String, ApiError> {
    let (scheme, token) = credentials::authorization(&head.headers)?;
    match scheme {
        "Bearer" => Ok(token.to_owned()),
        _ => Err(unauthorized("Authorization must have the form `Bearer <API key>`.")),
    }
}
