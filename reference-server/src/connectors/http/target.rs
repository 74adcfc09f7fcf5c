//! Where a vendor is, and how a path becomes a request to it.

use std::time::Duration;

use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::catalogue::Secret;

/// A vendor's address, and who calls it.
#[derive(Debug)]
pub(super) struct Target {
    /// Host and port, to connect to.
    pub(super) authority: String,
    /// The value of `Host`.
    pub(super) host: HeaderValue,
    /// What stands before every path.
    base: String,
    /// The whole value of the credentials' header.
    pub(super) credentials: Secret,
    /// How long a call may take, all its requests.
    pub(super) time_limit: Duration,
}

/// Why there is no path to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathFault {
    /// No record can be called so.
    NamesNothing,
    /// What should be its name is no text.
    NoText,
}

/// Why a URL leads to no vendor.
pub(super) const UNUSABLE: &str =
    "give a URL such as http://127.0.0.1:8801: vendors are reached over plain HTTP, without a query";

/// What stays as it is in a path's segment (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Target {
    pub(super) fn new(url: &str, credentials: Secret, time_limit: Duration) -> Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| UNUSABLE)?;
        let authority = uri.authority().ok_or(UNUSABLE)?;
        if uri.scheme_str() != Some("http") || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(UNUSABLE);
        }
        let port = authority.port_u16().unwrap_or(80);
        Ok(Self {
            authority: format!("{}:{port}", authority.host()),
            host: HeaderValue::from_str(authority.as_str()).map_err(|_| UNUSABLE)?,
            base: uri.path().trim_end_matches('/').to_owned(),
            credentials,
            time_limit,
        })
    }

    /// The path and query of a request.
    pub(super) fn path_and_query(&self, path: &str, parameters: &Value, query: &Value) -> Result<String, PathFault> {
        let mut whole = self.base.clone();
        for segment in path.split('/').skip(1) {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let text = match name {
                Some(name) => named(parameters.get(name))?,
                None => segment.to_owned(),
            };
            whole.push('/');
            whole.extend(utf8_percent_encode(&text, SEGMENT));
        }
        if let Some(query) = query.as_object().map(written).filter(|query| !query.is_empty()) {
            whole.push('?');
            whole.push_str(&query);
        }
        Ok(whole)
    }
}

/// What a parameter of a path is: a text that leads nowhere else.
fn named(value: Option<&Value>) -> Result<String, PathFault> {
    match value {
        Some(Value::String(text)) if !matches!(text.as_str(), "" | "." | "..") => Ok(text.clone()),
        Some(Value::String(_)) => Err(PathFault::NamesNothing),
        _ => Err(PathFault::NoText),
    }
}

/// A query without what is null.
fn written(query: &Map<String, Value>) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if let Some(text) = text(value) {
            pairs.append_pair(name, &text);
        }
    }
    pairs.finish()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secret() -> Secret {
        serde_json::from_value(json!("s")).unwrap()
    }

    #[test]
    fn parameters_cannot_lead_elsewhere() {
        let target = Target::new("http://localhost:8801/base/", secret(), Duration::ZERO).unwrap();
        let path = |key: Value| target.path_and_query("/issue/{key}/x", &json!({"key": key}), &Value::Null);
        assert_eq!(path(json!("INC-1")).as_deref(), Ok("/base/issue/INC-1/x"));
        assert_eq!(
            path(json!("a/../b?c#d")).as_deref(),
            Ok("/base/issue/a%2F..%2Fb%3Fc%23d/x")
        );
        for key in ["..", ".", ""] {
            assert_eq!(path(json!(key)), Err(PathFault::NamesNothing), "{key}");
        }
        for key in [json!(7), json!([]), Value::Null] {
            assert_eq!(path(key.clone()), Err(PathFault::NoText), "{key}");
        }
    }

    #[test]
    fn queries_are_encoded_and_nulls_left_out() {
        let target = Target::new("http://vendor.test", secret(), Duration::ZERO).unwrap();
        assert_eq!(target.authority, "vendor.test:80");
        let query = json!({"q": "a=b&c^d", "none": null, "limit": 5});
        let whole = target.path_and_query("/list", &Value::Null, &query);
        assert_eq!(whole.unwrap(), "/list?q=a%3Db%26c%5Ed&limit=5");
    }

    #[test]
    fn only_plain_http_leads_to_a_vendor() {
        for url in [
            "https://vendor.test",
            "vendor.test",
            "http://",
            "http://a@b",
            "http://a/?b",
            "ftp://a",
            "",
        ] {
            assert!(Target::new(url, secret(), Duration::ZERO).is_err(), "{url}");
        }
    }
}
