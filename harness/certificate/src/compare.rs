//! What changed since the last certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use hubproof_model::requirement::RequirementId;
use hubproof_reports::printable::log_line;

use crate::certificate::Certificate;

/// What changed from one certificate to the next, a line each; nothing where they say the same of the same hub.
#[must_use]
pub fn changes(old: &Certificate, new: &Certificate) -> Vec<String> {
    let mut changes: Vec<_> = values(old, new).into_iter().flatten().collect();
    changes.extend(requirements(old, new));
    changes.extend(tools(old, new));
    changes.extend(results(old, new));
    changes.iter().map(|line| log_line(line)).collect()
}

/// What is a single value of a certificate.
fn values(old: &Certificate, new: &Certificate) -> Vec<Option<String>> {
    let profile = |own: &Certificate| {
        own.profile
            .map_or_else(|| "none".to_owned(), |digest| digest.to_string())
    };
    let connector = |own: &Certificate| {
        let connector = own.connector.as_ref();
        connector.map_or_else(|| "none".to_owned(), |own| own.connector.clone())
    };
    let connections = |own: &Certificate| match own.connector.as_ref().map(|own| own.connections.as_slice()) {
        None | Some([]) => "none".to_owned(),
        Some(some) => some.join(", "),
    };
    let subjects = |own: &Certificate| match own.subjects.as_slice() {
        [] => "none".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let set = |own: &Certificate| format!("{} of revision {}", own.set.set, own.set.revision);
    vec![
        changed("set", &set(old), &set(new)),
        changed("hubproof", &old.suite, &new.suite),
        changed("connector", &connector(old), &connector(new)),
        changed("connections", &connections(old), &connections(new)),
        changed("subject", &subjects(old), &subjects(new)),
        changed("target", &old.target.url, &new.target.url),
        changed("tool catalogue", &old.catalogue, &new.catalogue),
        changed("profile", &profile(old), &profile(new)),
        changed("--allow", &old.run.allow, &new.run.allow),
        changed("seed", &old.run.seed, &new.run.seed),
        changed("cases", &old.run.cases, &new.run.cases),
    ]
}

fn changed<T: Display + PartialEq>(what: &str, old: &T, new: &T) -> Option<String> {
    (old != new).then(|| format!("{what}: {old} → {new}"))
}

fn requirements(old: &Certificate, new: &Certificate) -> Vec<String> {
    let sorted = |ids: &[RequirementId]| ids.iter().copied().collect::<BTreeSet<_>>();
    let (was, is) = (sorted(&old.passed), sorted(&new.passed));
    let (warned, warns) = (sorted(&old.warned), sorted(&new.warned));
    let groups = [
        ("hold now", is.difference(&was).collect::<Vec<_>>()),
        ("hold no more, or were not tried", was.difference(&is).collect()),
        ("warn now", warns.difference(&warned).collect()),
        ("warn no more", warned.difference(&warns).collect()),
    ];
    let told = groups.iter().filter(|(_, ids)| !ids.is_empty());
    let line = |(what, ids): &(&str, Vec<&RequirementId>)| format!("requirements that {what}: {}", joined(ids));
    told.map(line).collect()
}

fn tools(old: &Certificate, new: &Certificate) -> Vec<String> {
    let (was, is) = (&old.run.tools, &new.run.tools);
    let beyond = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
        let keys = these.keys().filter(|key| !those.contains_key(*key)).cloned();
        keys.collect::<Vec<_>>()
    };
    let (added, gone) = (beyond(is, was), beyond(was, is));
    let mut lines = Vec::new();
    if !added.is_empty() {
        lines.push(format!("tools that are new: {}", joined(&added)));
    }
    if !gone.is_empty() {
        lines.push(format!("tools that are gone: {}", joined(&gone)));
    }
    for (key, risk) in is {
        if let Some(old) = was.get(key).filter(|old| *old != risk) {
            lines.push(format!("risk of {key}: {old} → {risk}"));
        }
    }
    lines
}

/// The tools whose results are equal to another connector's now, are no more, or are so to another one's.
fn results(old: &Certificate, new: &Certificate) -> Vec<String> {
    let equal = |own: &Certificate| own.connector.as_ref().map(|own| own.equal.clone()).unwrap_or_default();
    let (was, is) = (equal(old), equal(new));
    let reason = |tool: &String| {
        let connector = new.connector.as_ref();
        let why = connector.and_then(|own| own.uncompared.get(tool));
        why.map(|why| format!(" ({why})")).unwrap_or_default()
    };
    let tools: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let told = |tool: &String| match (was.get(tool), is.get(tool)) {
        (None, Some(with)) => Some(format!("results of {tool}: equal to those at {with} now")),
        (Some(with), None) => Some(format!(
            "results of {tool}: shown equal to those at {with} no more{}",
            reason(tool)
        )),
        (Some(old), Some(new)) if old != new => Some(format!("results of {tool}: equal to those at {old} → {new}")),
        _ => None,
    };
    tools.into_iter().filter_map(told).collect()
}

fn joined(names: &[impl Display]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Allow;

    use super::*;
    use crate::canned;
    use crate::digest::Sha256;

    #[test]
    fn a_certificate_of_the_same_hub_changes_nothing() {
        let old = canned::certificate();
        let mut later = old.clone();
        later.report = Sha256::of("another report");
        later.run.requests += 1;
        later.run.finished_at = later.run.started_at;
        assert!(changes(&old, &later).is_empty());
    }

    #[test]
    fn all_that_changed_is_told() {
        let old = canned::certificate();
        let mut new = old.clone();
        new.suite = "0.2.0".to_owned();
        new.catalogue = Sha256::of("another catalogue");
        new.run.allow = Allow::Admin;
        let id = new.passed.pop().unwrap();
        new.warned.push(id);
        new.run.tools.insert("crm.deals.get".to_owned(), "read".to_owned());
        new.run.tools.insert("itsm.tickets.get".to_owned(), "write".to_owned());
        let gone = new.run.tools.remove("itsm.tickets.list").unwrap();
        assert_eq!(gone, "read");
        let wanted = [
            format!("hubproof: {} → 0.2.0", old.suite),
            format!("tool catalogue: {} → {}", old.catalogue, new.catalogue),
            "--allow: read → admin".to_owned(),
            format!("requirements that hold no more, or were not tried: {id}"),
            format!("requirements that warn now: {id}"),
            "tools that are new: crm.deals.get".to_owned(),
            "tools that are gone: itsm.tickets.list".to_owned(),
            "risk of itsm.tickets.get: read → write".to_owned(),
        ];
        assert_eq!(changes(&old, &new), wanted);
    }

    #[test]
    fn what_changed_of_a_connectors_results_and_connections_is_told() {
        let mut old = canned::of_connector();
        let (get, list) = ("itsm.tickets.get".to_owned(), "itsm.tickets.list".to_owned());
        let mut new = old.clone();
        let connector = new.connector.as_mut().unwrap();
        connector.connections.push("conn_2".to_owned());
        connector.equal = [(list.clone(), "jira".to_owned())].into();
        connector.uncompared = [(get.clone(), "a person must approve it".to_owned())].into();
        assert_eq!(
            changes(&old, &new),
            [
                "connections: conn_1 → conn_1, conn_2",
                "results of itsm.tickets.get: shown equal to those at jira no more (a person must approve it)",
                "results of itsm.tickets.list: equal to those at jira now",
            ]
        );
        let connector = old.connector.as_mut().unwrap();
        connector.connections.push("conn_2".to_owned());
        connector.equal = [(list, "zendesk".to_owned())].into();
        assert_eq!(
            changes(&old, &new),
            ["results of itsm.tickets.list: equal to those at zendesk → jira"]
        );
    }
}
