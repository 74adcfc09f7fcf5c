//! What is told of a verified certificate: what was proved, by whom, when, how strongly.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::requirement::{Level, RequirementId};
use hubproof_reports::printable::log_line;

use crate::certificate::{Certificate, Connector, Scope};
use crate::set::{Asked, RequirementSet};
use crate::subject::CATALOGUE;
use crate::verify::{Verified, span};

/// The lines of a verified certificate.
#[must_use]
pub fn lines(verified: &Verified) -> String {
    let certificate = verified.certificate();
    let mut rows = vec![
        ("verified", headline(certificate)),
        ("signed by", verified.key().to_string()),
        ("proved", proved(certificate, verified.set())),
    ];
    if !certificate.warned.is_empty() {
        rows.push(("warns", warned(certificate, verified.set())));
    }
    rows.extend(
        certificate
            .connector
            .as_ref()
            .map(|connector| ("results", results(connector))),
    );
    rows.extend(uncompared(certificate).map(|told| ("results", told)));
    rows.push(("hub", hub(certificate)));
    rows.extend(
        certificate
            .subjects
            .iter()
            .map(|subject| ("subject", subject.to_string())),
    );
    rows.push(("subject", format!("{CATALOGUE}=sha256:{}", certificate.catalogue)));
    rows.push(("when", when(verified)));
    rows.push(("how", how(certificate)));
    let report = match verified.has_report() {
        true => "and it is the one that was given",
        false => "not looked at (--report)",
    };
    rows.push(("report", format!("sha256:{}, {report}", certificate.report)));
    rows.extend(certificate.url.iter().map(|url| ("evidence", url.clone())));
    let line = |(name, says): &(&str, String)| format!("{name:<10} {}\n", log_line(says));
    rows.iter().map(line).collect()
}

fn headline(certificate: &Certificate) -> String {
    let set = &certificate.set;
    let of = match &certificate.connector {
        Some(connector) => format!(" {}", connector.connector),
        None => String::new(),
    };
    format!("{}{of}, revision {} of the contract", set.set, set.revision)
}

fn proved(certificate: &Certificate, set: &RequirementSet) -> String {
    let scope = certificate.run.scope();
    let of_level = |level| count(certificate, set, &scope, |asked| asked.level == level);
    let all = count(certificate, set, &scope, |_| true);
    let beyond = certificate
        .passed
        .iter()
        .filter(|id| !is_asked(set, &scope, **id))
        .count();
    format!(
        "{all} of {} requirements of the set hold ({} MUST, {} SHOULD), and {beyond} beyond it",
        set.asks(&scope).count(),
        of_level(Level::Must),
        of_level(Level::Should)
    )
}

fn count(certificate: &Certificate, set: &RequirementSet, scope: &Scope, takes: impl Fn(&Asked) -> bool) -> usize {
    let held = set.asks(scope).filter(|asked| certificate.passed.contains(&asked.id));
    held.filter(|asked| takes(asked)).count()
}

fn is_asked(set: &RequirementSet, scope: &Scope, id: RequirementId) -> bool {
    set.asks(scope).any(|asked| asked.id == id)
}

fn warned(certificate: &Certificate, set: &RequirementSet) -> String {
    let scope = certificate.run.scope();
    let told = certificate.warned.iter().map(|id| match is_asked(set, &scope, *id) {
        true => format!("{id} (a SHOULD that is violated)"),
        false => format!("{id} (violated, and beyond the set)"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// With which other connectors a connector's results are equal.
fn results(connector: &Connector) -> String {
    let others: BTreeSet<_> = connector.equal.values().map(String::as_str).collect();
    match connector.equal.len() {
        0 => "compared with no other connector's".to_owned(),
        tools => format!(
            "of {tools} tool{} equal to those at {}",
            if tools == 1 { "" } else { "s" },
            others.into_iter().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// The tools whose results nobody compared with another connector's, by the reason.
fn uncompared(certificate: &Certificate) -> Option<String> {
    let connector = certificate.connector.as_ref()?;
    let scope = certificate.run.scope();
    let mut by_reason: BTreeMap<Option<&String>, Vec<&str>> = BTreeMap::new();
    for tool in scope.permitted().filter(|tool| !connector.equal.contains_key(*tool)) {
        by_reason.entry(connector.uncompared.get(tool)).or_default().push(tool);
    }
    let told = by_reason.iter().map(|(why, tools)| match why {
        Some(why) => format!("{} ({why})", tools.join(", ")),
        None => tools.join(", "),
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| format!("not compared: {}", told.join("; ")))
}

fn hub(certificate: &Certificate) -> String {
    let bundled = &certificate.target.bundled;
    let what = match (bundled.bundled, bundled.defects.as_slice()) {
        (false, _) => String::new(),
        (true, []) => " (the reference hub that hubproof carries)".to_owned(),
        (true, defects) => format!(
            " (the reference hub that hubproof carries, with the defects {})",
            defects.join(", ")
        ),
    };
    format!("{}{what}", certificate.target.url)
}

fn when(verified: &Verified) -> String {
    let run = &verified.certificate().run;
    format!(
        "{} to {}, {} ago",
        run.started_at,
        run.finished_at,
        span(verified.age())
    )
}

fn how(certificate: &Certificate) -> String {
    let run = &certificate.run;
    format!(
        "hubproof {}, seed {}, {} cases, --allow {}, {} of {} tools, {} requests, {} findings",
        certificate.suite,
        run.seed,
        run.cases,
        run.allow,
        run.tools.len(),
        run.catalogue_tools,
        run.requests,
        run.findings
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    #[test]
    fn it_tells_what_was_proved_by_whom_when_and_how_strongly() {
        let verified = canned::verified(&canned::certificate());
        let told = lines(&verified);
        for part in [
            "verified   hub-core, revision 1 of the contract",
            &format!("signed by  {}", verified.key()),
            "SHOULD), and 1 beyond it",
            "hub        https://hub.example/api/v1",
            "subject    registry.example/hub=sha256:",
            "subject    tool-catalogue=sha256:",
            "when       2026-01-01T23:59:00.000Z to 2026-01-02T00:00:00.000Z, 2 h ago",
            "seed 7, 20 cases, --allow read, 2 of 3 tools, 1000 requests, 500 findings",
            "not looked at (--report)",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        assert!(!told.contains("warns"), "{told}");
    }

    #[test]
    fn what_a_connectors_results_were_compared_with_is_told() {
        let mut certificate = canned::of_connector();
        let told = |certificate: &Certificate| lines(&canned::verified(certificate));
        assert!(told(&certificate).contains("results    of 1 tool equal to those at jira\n"));
        // What nobody compared is told whether or not its issuer says so.
        assert!(told(&certificate).contains("results    not compared: itsm.tickets.list\n"));
        let list = ("itsm.tickets.list".to_owned(), "it has no element".to_owned());
        certificate.connector.as_mut().unwrap().uncompared = [list].into();
        assert!(told(&certificate).contains("results    not compared: itsm.tickets.list (it has no element)\n"));
        let connector = certificate.connector.as_mut().unwrap();
        connector.equal.clear();
        let tools = ["itsm.tickets.get", "itsm.tickets.list"].map(str::to_owned);
        connector.uncompared = tools.map(|tool| (tool, "a person must approve it".to_owned())).into();
        let alone = told(&certificate);
        assert!(
            alone.contains(
                "results    compared with no other connector's\n\
                 results    not compared: itsm.tickets.get, itsm.tickets.list (a person must approve it)\n"
            ),
            "{alone}"
        );
    }

    #[test]
    fn what_warns_is_told_with_why() {
        let told = lines(&canned::verified(&canned::warned()));
        assert!(told.contains("AUTH-04 (a SHOULD that is violated)"), "{told}");
        assert!(told.contains("DRY-01 (violated, and beyond the set)"), "{told}");
    }

    #[test]
    fn what_a_certificate_says_does_not_act_on_the_terminal() {
        let mut hostile = canned::certificate();
        hostile.target.url = "\u{1b}[2J\nverified   hub-full".to_owned();
        let told = lines(&canned::verified(&hostile));
        assert!(
            !told.contains('\u{1b}') && told.matches("\nverified").count() == 0,
            "{told}"
        );
    }
}
