//! Makes a call into the parts of a request: keys in place of their placeholders, bodies as bytes.

use http::{HeaderName, HeaderValue, Method};
use hubproof_model::call::{Body, Call, Credentials, Template, encode_segment};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;

use crate::masking::placeholder_of_header;

/// A request with its secrets in place: never recorded, never shown.
pub(crate) struct Filled {
    pub(crate) method: Method,
    /// Path and query below the base URL.
    pub(crate) path: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Vec<u8>,
}

/// A header as it is sent, and as it is shown: with the placeholders that it was planned with, so that secrets of any length are
/// out of the record.
pub(crate) struct Header {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderValue,
    pub(crate) shown: String,
}

/// Fills in a call.
///
/// # Errors
/// A call that names a key which the profile does not have, or that has a method, path or header that is none.
pub(crate) fn fill(call: &Call, profile: &Profile) -> Result<Filled, Fault> {
    let method = Method::from_bytes(call.method.as_bytes())
        .map_err(|_| Fault::Unsendable(format!("`{}` is no method", call.method)))?;
    // Else it would prolong the base URL's last segment, or its host.
    if !call.path.0.starts_with('/') {
        return Err(Fault::Unsendable("the path does not begin with a slash".to_owned()));
    }
    Ok(Filled {
        method,
        path: fill_in(&call.path, profile, encode_segment)?,
        headers: headers(call, profile)?,
        body: body(&call.body, profile)?,
    })
}

fn headers(call: &Call, profile: &Profile) -> Result<Vec<Header>, Fault> {
    let mut headers = Vec::new();
    let mut push = |name: &str, value: &str, shown: String| {
        let unsendable = || Fault::Unsendable(format!("the header `{name}: {shown}` is none"));
        headers.push(Header {
            name: HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?,
            value: HeaderValue::from_str(value).map_err(|_| unsendable())?,
            shown,
        });
        Ok(())
    };
    match &call.credentials {
        Credentials::Absent => {}
        Credentials::Bearer(role) => {
            let shown = format!("Bearer {}", Template::placeholder(*role));
            push("authorization", &format!("Bearer {}", key_of(*role, profile)?), shown)?;
        }
        Credentials::Values(values) => {
            for value in values {
                push("authorization", &fill_in(value, profile, plain)?, value.0.clone())?;
            }
        }
    }
    if let Some(media_type) = &call.content_type {
        push("content-type", media_type, media_type.clone())?;
    }
    // Unless the profile or the call says otherwise.
    let named = |name: &str| {
        let own = call.headers.iter().map(|(own, _)| own);
        let mut all = profile.target.headers.iter().map(|(own, _)| own).chain(own);
        all.any(|own| own.eq_ignore_ascii_case(name))
    };
    for (name, value) in [
        ("accept", "application/json"),
        ("user-agent", concat!("hubproof/", env!("CARGO_PKG_VERSION"))),
    ] {
        if !named(name) {
            push(name, value, value.to_owned())?;
        }
    }
    for (name, value) in &profile.target.headers {
        push(name, value.expose(), placeholder_of_header(name))?;
    }
    for (name, value) in &call.headers {
        push(name, &fill_in(value, profile, plain)?, value.0.clone())?;
    }
    Ok(headers)
}

fn body(body: &Body, profile: &Profile) -> Result<Vec<u8>, Fault> {
    Ok(match body {
        Body::Empty => Vec::new(),
        Body::Json(value) => fill_in(&Template(value.to_string()), profile, json_escaped)?.into_bytes(),
        Body::Text(template) => fill_in(template, profile, plain)?.into_bytes(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Repeat {
            head,
            unit,
            times,
            tail,
        } => [head, &unit.repeat(*times), tail].map(String::as_bytes).concat(),
    })
}

/// The template with each placeholder's key, written as its place asks.
fn fill_in(template: &Template, profile: &Profile, written: fn(&str) -> String) -> Result<String, Fault> {
    let mut filled = template.0.clone();
    // What is no placeholder is text: most templates have none.
    for role in Role::ALL.into_iter().filter(|_| template.0.contains("<key:")) {
        let placeholder = Template::placeholder(role);
        if template.0.contains(&placeholder) {
            filled = filled.replace(&placeholder, &written(key_of(role, profile)?));
        }
    }
    Ok(filled)
}

fn key_of(role: Role, profile: &Profile) -> Result<&str, Fault> {
    let key = profile.keys.get(role).map(|key| key.secret.expose());
    key.ok_or_else(|| Fault::Unsendable(format!("the profile has no {role} key")))
}

fn plain(key: &str) -> String {
    key.to_owned()
}

/// The key as it stands inside a JSON string.
fn json_escaped(key: &str) -> String {
    let quoted = serde_json::Value::from(key).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Endpoint, Intent};
    use hubproof_model::profile::Key;
    use hubproof_model::secret::Secret;
    use serde_json::json;

    use super::*;

    fn profile() -> Profile {
        let mut profile = Profile::of_url("http://hub.test");
        let key = |secret: &str| Key {
            secret: Secret::new(secret),
            variable: None,
        };
        profile.keys.by_role.insert(Role::Primary, key(r#"a"b+c/d\e"#));
        profile
    }

    #[test]
    fn a_key_is_written_as_its_place_asks() {
        let call = Call::post_execute("t", json!({"k": "<key:primary>"}), Intent::Read);
        let filled = fill(&call, &profile()).unwrap();
        assert_eq!(filled.body, br#"{"k":"a\"b+c/d\\e"}"#);
        let call = Call::get(Endpoint::Outside, "/tools?api_key=<key:primary>");
        assert_eq!(
            fill(&call, &profile()).unwrap().path,
            "/tools?api_key=a%22b%2Bc%2Fd%5Ce"
        );
        let call = call.with_body(Body::Text(Template("key=<key:primary>".to_owned())));
        assert_eq!(fill(&call, &profile()).unwrap().body, br#"key=a"b+c/d\e"#);
    }

    #[test]
    fn what_is_shown_of_a_header_has_the_placeholder() {
        let values = ["Bearer <key:primary>, Bearer x", "Basic <key:primary>"].map(|value| Template(value.to_owned()));
        let call = Call::listing(None).with_credentials(Credentials::Values(values.to_vec()));
        let filled = fill(&call, &profile()).unwrap();
        assert_eq!(filled.headers[0].shown, "Bearer <key:primary>, Bearer x");
        assert_eq!(filled.headers[0].value, r#"Bearer a"b+c/d\e, Bearer x"#);
        assert_eq!(filled.headers[1].value, r#"Basic a"b+c/d\e"#);
    }

    #[test]
    fn the_defaults_give_way_to_profile_and_call() {
        let mut profile = profile();
        profile
            .target
            .headers
            .push(("User-Agent".to_owned(), Secret::new("curl")));
        let mut call = Call::listing(None);
        call.headers
            .push(("accept".to_owned(), Template("text/html".to_owned())));
        let filled = fill(&call, &profile).unwrap();
        let headers: Vec<_> = filled
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.to_str().unwrap()))
            .skip(1)
            .collect();
        assert_eq!(headers, [("user-agent", "curl"), ("accept", "text/html")]);
    }

    #[test]
    fn a_call_that_cannot_be_a_request_says_why() {
        let unsendable = |call: &Call| fill(call, &profile()).map(|_| ()).unwrap_err().to_string();
        let call = Call::listing(None).with_credentials(Credentials::Bearer(Role::Approver));
        assert!(unsendable(&call).contains("no approver key"));
        let mut call = Call::listing(None);
        call.method = "GE T".to_owned();
        assert!(unsendable(&call).contains("no method"));
        let mut call = Call::listing(None);
        call.headers
            .push(("x".to_owned(), Template("<key:primary>\n".to_owned())));
        assert!(unsendable(&call).contains("x: <key:primary>"));
    }

    #[test]
    fn a_repeated_body_is_written_out() {
        let repeat = Body::Repeat {
            head: "[".to_owned(),
            unit: "1,".to_owned(),
            times: 2,
            tail: "1]".to_owned(),
        };
        assert_eq!(
            fill(&Call::listing(None).with_body(repeat), &profile()).unwrap().body,
            b"[1,1,1]"
        );
    }
}
