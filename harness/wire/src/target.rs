//! Checks what a profile says of its target, before anything is sent there.

use hubproof_model::profile::Profile;
use reqwest::Url;

use crate::SessionError;

/// Headers that the harness sets, or that would make the message mean something else (RFC 9112 §6).
const RESERVED: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "transfer-encoding",
    "upgrade",
];

/// The base URL of a target.
///
/// # Errors
/// What keeps it from being one.
pub(crate) fn base_url(given: &str) -> Result<Url, SessionError> {
    let bad = |reason: &str| SessionError::BadUrl {
        url: presentable(given),
        reason: reason.to_owned(),
    };
    // Without this, `localhost:8080` would be a URL of the scheme `localhost`.
    let Some((scheme, _)) = given.split_once("://") else {
        return Err(bad("it does not begin with http:// or https://"));
    };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(bad(&format!("the scheme is `{scheme}`, not http or https")));
    }
    if given.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(bad("it has white space"));
    }
    let url = Url::parse(given).map_err(|fault| bad(&fault.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it has a user name or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it has a query or a fragment"));
    }
    Ok(url)
}

/// The URL without the parts that may hold credentials.
fn presentable(given: &str) -> String {
    let given = given.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = given.split_once("://").unwrap_or(("", given));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let scheme = if scheme.is_empty() {
        String::new()
    } else {
        format!("{scheme}://")
    };
    format!("{scheme}{host}{path}")
}

/// Checks that the profile's headers and keys can be sent.
///
/// # Errors
/// The first that cannot.
pub(crate) fn check_headers(profile: &Profile) -> Result<(), SessionError> {
    for (role, key) in &profile.keys.by_role {
        let key = key.secret.expose();
        // A space at an end would be trimmed on the way (RFC 9110 §5.5), and then be another key.
        if key.is_empty() || key.trim() != key || http::HeaderValue::from_str(key).is_err() {
            return Err(SessionError::BadKey(*role));
        }
    }
    for (name, value) in &profile.target.headers {
        let sound = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && http::HeaderValue::from_str(value.expose()).is_ok();
        if !sound {
            return Err(SessionError::BadHeader(name.clone()));
        }
        if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
            return Err(SessionError::ReservedHeader(name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_no_hub_can_have_says_what_is_wrong() {
        for (given, said) in [
            ("localhost:8080/api/v1", "does not begin with http://"),
            ("hub.example/api/v1", "does not begin with http://"),
            ("", "does not begin with http://"),
            ("ftp://hub.example", "the scheme is `ftp`"),
            ("http://hub.example/api v1", "white space"),
            ("http://", "empty host"),
            ("http://hub.example:99999", "invalid port"),
            ("https://hub.example/api?key=hub_sk_secret", "a query"),
            ("https://hub.example/api#hub_sk_secret", "a query or a fragment"),
            ("https://me:hub_sk_secret@hub.example/api", "a user name or a password"),
        ] {
            let refused = base_url(given).unwrap_err().to_string();
            assert!(refused.contains(said), "{given}: {refused}");
            assert!(!refused.contains("hub_sk_secret"), "{refused}");
        }
    }

    #[test]
    fn a_base_url_may_have_a_port_a_path_and_an_address() {
        for given in [
            "http://127.0.0.1:1/",
            "HTTPS://[::1]:8443/a/b/",
            "https://hub.example/api/v1",
        ] {
            assert!(base_url(given).is_ok(), "{given}");
        }
    }
}
