//! Who calls: the API key of a request (reference: Authentication).

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::catalogue::{ApiKey, Tool};
use crate::error::{ApiError, Code};
use crate::state::HubState;

/// The face of the API that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face<'a> {
    /// `GET /tools`.
    Listing,
    /// `GET /tools/{tool_key}`.
    Definition(&'a str),
    /// `POST /tools/{tool_key}/execute`.
    Execute(&'a str),
    /// The Approvals.
    Approvals,
}

/// Lets a request in: the key it carries, or why it is refused. The same for every face, before anything else is looked at, so
/// that nobody learns which tools exist (AUTH-08). `None` is a caller without a key: no sound hub lets one in.
pub(crate) fn guard(hub: &HubState, head: &Parts, _face: Face<'_>) -> Result<Option<Arc<ApiKey>>, ApiError> {
    let token = (hub.flow.token)(head)?;
    let key = hub
        .key(&token)
        .filter(|key| (hub.flow.is_valid)(key))
        .ok_or_else(|| unauthorized("The API key is not valid."))?;
    Ok(Some(key))
}

/// The bearer token of the one `Authorization` header (RFC 6750 §2.1; RFC 9110 §11.1: the scheme's name in any case).
pub(crate) fn token(head: &Parts) -> Result<String, ApiError> {
    let (scheme, token) = authorization(&head.headers)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthorized("Authorization must have the form `Bearer <API key>`."));
    }
    Ok(token.to_owned())
}

/// Scheme and token, where there is exactly one header with exactly these two.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<(&str, &str), ApiError> {
    let malformed = || unauthorized("Authorization must have the form `Bearer <API key>`.");
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values
        .next()
        .ok_or_else(|| unauthorized("Authorization is missing: send `Bearer <API key>`."))?;
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?;
    let mut words = text.split_ascii_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(scheme), Some(token), None) => Ok((scheme, token)),
        _ => Err(malformed()),
    }
}

/// Whether a key that exists may be used.
pub(crate) fn is_valid(key: &ApiKey) -> bool {
    !key.revoked
}

/// Whether the key may call the tool (AUTH-05).
pub(crate) fn permits(key: &ApiKey, tool: &Tool) -> bool {
    key.permissions.allow(&tool.key)
}

pub(crate) fn unauthorized(message: &str) -> ApiError {
    ApiError::new(Code::Unauthorized, message)
}
