//! Whether what the user says of the target makes sense in itself.

use std::collections::BTreeSet;

use hubproof_model::profile::Profile;
use hubproof_model::role::Role;
use hubproof_model::surface::Surface;

use super::verdict::{Blame, Check, Group};
use crate::select::nearest;

/// Looks at a profile that could be read.
pub(super) fn checks(profile: &Profile) -> Vec<Check> {
    let mut checks = vec![Check::ok(Group::Profile, "readable", &profile.target.url)];
    let warnings = profile.warnings.iter();
    checks.extend(
        warnings.map(|text| Check::warning(Group::Profile, "a line", text, "complete that line, or delete it")),
    );
    checks.extend(shared_secrets(profile));
    checks
}

/// Roles that have one key between them: what one of them is there to show cannot show.
fn shared_secrets(profile: &Profile) -> Vec<Check> {
    let keys: Vec<_> = profile.keys.by_role.iter().collect();
    let mut checks = Vec::new();
    for (at, (role, key)) in keys.iter().enumerate() {
        let twin = keys[..at]
            .iter()
            .find(|(_, other)| other.secret.expose() == key.secret.expose());
        // One person may well hold the one key that reads and decides.
        if let Some((other, _)) = twin.filter(|_| **role != Role::Approver) {
            checks.push(Check::problem(
                Blame::Profile,
                Group::Profile,
                format!("{role} key"),
                format!("it is the {other} key"),
                format!("give another key as [keys] {role}, or delete the line"),
            ));
        }
    }
    checks
}

/// The domains that `[connections]` names and no tool is of: nothing is tried on them.
pub(super) fn domains(profile: &Profile, surface: &Surface) -> Vec<Check> {
    let connections = &profile.connections;
    let pinned = connections.default.keys().chain(connections.explicit.keys());
    let single = connections
        .inactive
        .iter()
        .chain(&connections.foreign)
        .map(|own| &own.domain);
    let named: BTreeSet<_> = pinned.chain(single).chain(&connections.none).collect();
    let known = surface.domains();
    let unknown = named.into_iter().filter(|domain| !known.contains(&domain.as_str()));
    let check = |domain: &String| {
        let fix = match nearest(domain, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("name one of {}, or delete the line", known.join(", ")),
        };
        let seen = format!("[connections] names the domain {domain}, of which the hub lists no tool");
        Check::warning(Group::Profile, "a domain", seen, fix)
    };
    unknown.map(check).collect()
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::Key;
    use hubproof_model::secret::Secret;
    use hubproof_model::surface::Tool;

    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn one_key_in_two_roles_is_a_mistake_unless_it_approves() {
        let mut profile = Profile::of_url("http://hub.test");
        for (role, text) in [
            (Role::Primary, "a"),
            (Role::Foreign, "a"),
            (Role::Approver, "a"),
            (Role::Revoked, "b"),
        ] {
            let key = Key {
                secret: Secret::new(text),
                variable: None,
            };
            profile.keys.by_role.insert(role, key);
        }
        let found = checks(&profile);
        let problems: Vec<_> = found
            .iter()
            .filter(|check| check.verdict == Verdict::Problem(Blame::Profile))
            .map(|check| (check.what.as_str(), check.seen.as_str()))
            .collect();
        assert_eq!(problems, [("foreign key", "it is the primary key")]);
    }

    #[test]
    fn a_domain_that_no_tool_is_of_meets_the_nearest_one() {
        let tool = Tool {
            key: "itsm.tickets.list".to_owned(),
            domain: "itsm".to_owned(),
            ..Tool::default()
        };
        let surface = Surface {
            tools: vec![tool],
            ..Surface::default()
        };
        let mut profile = Profile::of_url("http://hub.test");
        profile.connections.none = ["itsm", "itms", "zzz"].map(str::to_owned).to_vec();
        let fixes: Vec<_> = domains(&profile, &surface)
            .into_iter()
            .filter_map(|check| check.fix)
            .collect();
        assert_eq!(fixes, ["did you mean `itsm`?", "name one of itsm, or delete the line"]);
    }
}
