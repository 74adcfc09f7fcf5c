//! Takes the key under any authentication scheme.

use http::request::Parts;

use super::Defect;
use crate::credentials;
use crate::error::ApiError;
use crate::flow::Flow;

pub(super) const DEFECT: Defect = Defect {
    name: "any-scheme",
    requirement: "AUTH-03",
    summary: "Takes the key under any authentication scheme.",
    plant,
};

fn plant(flow: &mut Flow) {
    flow.token = token;
}

fn token(head: &Parts) -> Result<String, ApiError> {
    credentials::authorization(&head.headers).map(|(_, token)| token.to_owned())
}
