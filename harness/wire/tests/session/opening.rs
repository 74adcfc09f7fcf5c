//! Profiles and sessions for the tests.

use std::net::SocketAddr;
use std::time::Duration;

use hubproof_model::call::{Body, Call, Endpoint, Intent};
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::{Key, Profile};
use hubproof_model::role::Role;
use hubproof_model::secret::Secret;
use hubproof_wire::{Session, SessionOptions};

/// Has characters that percent-encoding, JSON and base64 write differently.
pub(crate) const KEY: &str = r#"sk_live+/"01\23?>~"#;

/// Longer than any test takes, so that a test which hangs fails by its time-out.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The profile of a target with a primary key.
pub(crate) fn profile(address: SocketAddr) -> Profile {
    let mut profile = Profile::of_url(format!("http://{address}/api/v1"));
    profile.target.timeout = TIMEOUT;
    with_key(profile, Role::Primary, KEY)
}

/// The same, with a further key.
pub(crate) fn with_key(mut profile: Profile, role: Role, key: &str) -> Profile {
    let key = Key {
        secret: Secret::new(key),
        variable: None,
    };
    profile.keys.by_role.insert(role, key);
    profile
}

/// A session with a profile's target that may do anything.
pub(crate) fn open(profile: &Profile) -> Session {
    let options = SessionOptions {
        allow: hubproof_model::safety::Allow::Admin,
        ..SessionOptions::default()
    };
    Session::new(profile, options).unwrap()
}

/// The exchange of one call in a session of its own.
pub(crate) async fn exchange(profile: &Profile, call: &Call) -> Exchange {
    open(profile).send("case", call).await
}

/// A call each way that a request can take: through the pool, and over a connection of its own.
pub(crate) fn both_ways() -> [Call; 2] {
    let pooled = Call::listing(None);
    let direct = Call {
        verbatim_path: true,
        ..pooled.clone()
    };
    [pooled.labelled("pooled"), direct.labelled("direct")]
}

/// An execute whose body has this many bytes.
pub(crate) fn large(bytes: usize) -> Call {
    let body = Body::Repeat {
        head: String::new(),
        unit: "x".to_owned(),
        times: bytes,
        tail: String::new(),
    };
    let call = Call::post_execute("itsm.tickets.create", serde_json::Value::Null, Intent::Read);
    call.with_body(body)
}

/// A `GET` of a path outside the API.
pub(crate) fn get(path: &str) -> Call {
    Call::get(Endpoint::Outside, path)
}
