//! CAT-02: the listing of a domain has that domain's tools, all of them and no others.

use std::collections::BTreeSet;

use hubproof_model::call::{Call, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, is_throttled, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 2),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Listing tools",
    title: "the listing of a domain has exactly its tools",
    statement: "A hub MUST answer `?domain=D` with exactly the listed tools of domain D, for every D.",
    rationale: "An agent that is shown one domain must see all of it, and must not be offered tools of another.",
    method: "Asks for the listing of each domain and compares it with the tools of that domain in the whole listing.",
    mend: "Filter by the same domain that a tool's entry shows, on the same set of tools as the whole listing, and by nothing \
           else: no risk level, no connection.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat02;
pub(crate) const CHECK: Cat02 = Cat02;

impl Check for Cat02 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let case = |domain: &str| {
            let listing = Call::listing(Some(domain));
            Case::new(
                format!("CAT-02/{domain}"),
                format!("the listing of {domain}"),
                vec![listing],
            )
        };
        Ok(site.surface.domains().into_iter().map(case).collect())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(evidence.answered("probe").and_then(|probe| judge_page(probe, evidence)))
    }
}

fn judge_page(probe: &Exchange, evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let Endpoint::Listing { domain: Some(domain) } = &probe.call.endpoint else {
        return Err(Finding::Inconclusive("the call asks for no domain".to_owned()));
    };
    if is_throttled(probe) {
        return Err(Finding::Inconclusive(format!("the listing of {domain} was throttled")));
    }
    let dialect = &evidence.surface.dialect;
    let Some(entries) = catalogue::entries(probe, dialect) else {
        let summary = format!("the listing of domain {domain} is refused");
        return Ok(Finding::Violated(violated(
            probe,
            summary,
            "a list like that of all tools",
        )));
    };
    let listed: BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| catalogue::key(entry, dialect))
        .collect();
    let tools = evidence.surface.tools.iter().filter(|tool| tool.domain == *domain);
    let own: BTreeSet<&str> = tools.map(|tool| tool.key.as_str()).collect();
    let foreign: Vec<_> = listed.difference(&own).copied().collect();
    let lacking: Vec<_> = own.difference(&listed).copied().collect();
    let mut violation = violated(probe, String::new(), format!("exactly {}", in_words(&own)));
    violation.observed = format!("{} with {}", observed(probe), in_words(&listed));
    if !foreign.is_empty() {
        violation.summary = format!(
            "the listing of domain {domain} has tools that are not of it: {}",
            foreign.join(", ")
        );
    } else if lacking.is_empty() {
        return Ok(Finding::Held);
    } else if catalogue::goes_on(probe, dialect) {
        let why = format!("the listing of {domain} goes on behind its first page, which has none but its tools");
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    } else {
        violation.summary = format!("the listing of domain {domain} lacks {}", lacking.join(", "));
    }
    Ok(Finding::Violated(violation))
}

fn in_words(keys: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<_> = keys.iter().copied().take(SHOWN).collect();
    match keys.len() {
        0 => "no tools".to_owned(),
        all @ 1..=SHOWN => format!("{all} tools: {}", shown.join(", ")),
        all => format!("{all} tools: {}, …", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, violations};

    fn judge(itsm: Value) -> Vec<Finding> {
        let mut hub = Hub::small();
        hub.surface.dialect.cursor_at = Some("/next_cursor".to_owned());
        hub.found(&CHECK, |call| match &call.endpoint {
            Endpoint::Listing { domain: Some(domain) } if domain == "itsm" => answered(call.clone(), 200, itsm.clone()),
            _ => answered(
                call.clone(),
                200,
                json!({"tools": ["crm.contacts.list", "crm.contacts.delete"]}),
            ),
        })
    }

    #[test]
    fn exactly_the_domains_tools_hold() {
        assert!(all_held(&judge(
            json!({"tools": ["itsm.tickets.list", "itsm.tickets.create"]})
        )));
    }

    #[test]
    fn a_foreign_or_lacking_tool_is_a_violation() {
        let foreign = judge(json!({"tools": ["itsm.tickets.list", "itsm.tickets.create", "crm.contacts.list"]}));
        assert_eq!(
            violations(&foreign),
            ["the listing of domain itsm has tools that are not of it: crm.contacts.list"]
        );
        let lacking = judge(json!({"tools": ["itsm.tickets.list"], "next_cursor": null}));
        assert_eq!(
            violations(&lacking),
            ["the listing of domain itsm lacks itsm.tickets.create"]
        );
    }

    #[test]
    fn a_first_page_is_not_blamed_for_what_may_follow() {
        let page = judge(json!({"tools": ["itsm.tickets.list"], "next_cursor": "c2"}));
        assert!(violations(&page).is_empty() && !all_held(&page));
    }

    #[test]
    fn a_refused_listing_is_a_violation_and_a_throttled_one_shows_nothing() {
        let hub = Hub::small();
        assert_eq!(
            violations(&hub.found(&CHECK, |call| failed(call.clone(), 400, "INVALID_INPUT"))).len(),
            2
        );
        assert!(shows_nothing(&hub.found(&CHECK, |call| failed(
            call.clone(),
            429,
            "RATE_LIMITED"
        ))));
    }
}
