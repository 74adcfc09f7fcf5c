//! Whether each key is what the profile says that it is.

use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_requirements::judging::observed;

use super::verdict::{Blame, Check, Group};

/// What a key's call for the listing came to.
enum Taken {
    Accepted,
    /// UNAUTHORIZED or FORBIDDEN, by its status.
    Refused(u16),
    Throttled,
    Unclear,
}

/// The verdict on the key of a role, of its call for the listing.
pub(super) fn check(role: Role, exchange: &Exchange, profile: &Profile) -> Check {
    let what = format!("{role} key");
    let problem = |seen: String, fix: String| Check::problem(Blame::Target, Group::Keys, &what, seen, fix);
    match (taken(exchange), role) {
        (Taken::Refused(status), Role::Revoked) => {
            Check::ok(Group::Keys, what, format!("refused ({status}), as it should be"))
        }
        (Taken::Accepted, Role::Revoked) => problem(
            "accepted, though it is said to be revoked".to_owned(),
            "revoke the key at the hub, or delete [keys] revoked; a hub that takes a revoked key breaks AUTH-02"
                .to_owned(),
        ),
        (Taken::Accepted, _) => Check::ok(Group::Keys, what, "accepted"),
        (Taken::Refused(403), Role::Restricted) => {
            Check::ok(Group::Keys, what, "known to the hub, and may not list tools (403)")
        }
        (Taken::Refused(status), _) => problem(format!("refused ({status})"), replacement(role, profile)),
        (Taken::Throttled, _) => Check::warning(
            Group::Keys,
            what,
            "throttled (429)",
            "try again once its rate limit is reset",
        ),
        (Taken::Unclear, _) => Check::not_tried(
            Group::Keys,
            what,
            format!("neither accepted nor refused: {}", observed(exchange)),
        ),
    }
}

/// The verdict where there is no primary key.
pub(super) fn without_primary() -> Check {
    Check::problem(
        Blame::Target,
        Group::Keys,
        "primary key",
        "none is given",
        "give one with --key-env VAR, or as [keys] primary in the profile",
    )
}

fn taken(exchange: &Exchange) -> Taken {
    match exchange.response().map(|response| response.status) {
        // A page for people is answered to anybody.
        Some(200..=299) if exchange.json().is_some() => Taken::Accepted,
        Some(status @ (401 | 403)) => Taken::Refused(status),
        Some(429) => Taken::Throttled,
        _ => Taken::Unclear,
    }
}

fn replacement(role: Role, profile: &Profile) -> String {
    let variable = profile.keys.get(role).and_then(|key| key.variable.as_deref());
    match variable {
        Some(variable) => format!("put a key of this hub that is valid into ${variable}"),
        None => format!("give a key of this hub that is valid as [keys] {role}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::answered;
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn each_role_has_its_own_right_answer() {
        let profile = Profile::of_url("http://hub.test");
        let verdict = |role, status| check(role, &answered(status, &[], "{}"), &profile).verdict;
        let wrong = Verdict::Problem(Blame::Target);
        for (role, status, expected) in [
            (Role::Primary, 200, Verdict::Ok),
            (Role::Primary, 401, wrong),
            (Role::Primary, 403, wrong),
            (Role::Primary, 429, Verdict::Warning),
            (Role::Primary, 500, Verdict::NotTried),
            (Role::Revoked, 401, Verdict::Ok),
            (Role::Revoked, 200, wrong),
            (Role::Restricted, 403, Verdict::Ok),
            (Role::Foreign, 403, wrong),
        ] {
            assert_eq!(verdict(role, status), expected, "{role} {status}");
        }
        let page = answered(200, &[("content-type", "text/html")], "<html>");
        let check = check(Role::Primary, &page, &profile);
        assert_eq!(check.verdict, Verdict::NotTried, "{check:?}");
    }
}
