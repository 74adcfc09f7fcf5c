//! How long an answer is waited for.

use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::profile::Profile;

/// What a call is given beyond the limit of its connection: the contract's tolerance for times, and time to be late by more than that.
const BEYOND_LIMIT: Duration = Duration::from_millis(1500);

/// The longest that the answer to a call is waited for. A hub may take the whole limit of [upstream] to say that a vendor gives no answer: to
/// call it late, one must have waited for longer (UPS-04).
pub(crate) fn patience(call: &Call, profile: &Profile) -> Duration {
    let named = call.json().and_then(|body| body.get("connection_id")?.as_str());
    let mut upstream = profile.upstream.iter();
    let played = upstream.find(|upstream| Some(upstream.connection.id.as_str()) == named);
    let of_vendor = played.map(|upstream| upstream.limit.saturating_add(BEYOND_LIMIT));
    of_vendor.map_or(profile.target.timeout, |own| own.max(profile.target.timeout))
}
