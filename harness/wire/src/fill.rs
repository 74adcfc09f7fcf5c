//! Makes a call into the parts of a request: keys in place of their placeholders, bodies as bytes.

use hubproof_model::call::{Body, Call, Credentials, Template};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;

/// A request with its secrets in place: never recorded, never shown.
pub(crate) struct Filled {
    pub(crate) method: http::Method,
    /// Path and query below the base URL.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Fills in a call.
///
/// # Errors
/// A call that names a key which the profile does not have, or a method that is none.
pub(crate) fn fill(call: &Call, profile: &Profile) -> Result<Filled, Fault> {
    let method = http::Method::from_bytes(call.method.as_bytes())
        .map_err(|_| Fault::Unsendable(format!("`{}` is no method", call.method)))?;
    let mut headers = Vec::new();
    match &call.credentials {
        Credentials::Absent => {}
        Credentials::Bearer(role) => {
            headers.push(("authorization".to_owned(), format!("Bearer {}", key(profile, *role)?)))
        }
        Credentials::Values(values) => {
            for value in values {
                headers.push(("authorization".to_owned(), text(profile, value)?));
            }
        }
    }
    headers.extend(
        call.content_type
            .iter()
            .map(|media_type| ("content-type".to_owned(), media_type.clone())),
    );
    headers.push(("accept".to_owned(), "application/json".to_owned()));
    headers.push((
        "user-agent".to_owned(),
        concat!("hubproof/", env!("CARGO_PKG_VERSION")).to_owned(),
    ));
    for (name, value) in &profile.target.headers {
        headers.push((name.clone(), value.expose().to_owned()));
    }
    for (name, value) in &call.headers {
        headers.push((name.clone(), text(profile, value)?));
    }
    Ok(Filled {
        method,
        path: text(profile, &call.path)?,
        headers,
        body: body(profile, &call.body)?,
    })
}

fn body(profile: &Profile, body: &Body) -> Result<Vec<u8>, Fault> {
    Ok(match body {
        Body::Empty => Vec::new(),
        Body::Json(value) => text(profile, &Template(value.to_string()))?.into_bytes(),
        Body::Text(template) => text(profile, template)?.into_bytes(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Repeat {
            head,
            unit,
            times,
            tail,
        } => [head, &unit.repeat(*times), tail].map(String::as_bytes).concat(),
    })
}

fn text(profile: &Profile, template: &Template) -> Result<String, Fault> {
    let mut filled = template.0.clone();
    if !filled.contains("<key:") {
        return Ok(filled);
    }
    for role in Role::ALL {
        let placeholder = Template::placeholder(role);
        if filled.contains(&placeholder) {
            filled = filled.replace(&placeholder, key(profile, role)?);
        }
    }
    Ok(filled)
}

fn key(profile: &Profile, role: Role) -> Result<&str, Fault> {
    let key = profile.keys.get(role).map(|key| key.secret.expose());
    key.ok_or_else(|| Fault::Unsendable(format!("the profile has no {role} key")))
}
