//! CAT-01: the listing names each tool by a key of its own.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::call::Endpoint;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue;
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 1),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Listing tools",
    title: "the listing gives each tool a unique key",
    statement: "A hub MUST list its tools, each with a unique, non-empty key.",
    rationale: "Agents pick tools by key: a tool without one cannot be called, and of two with the same key one is called by mistake.",
    method: "Looks at every listing of the run, all its pages together.",
    mend: "Make tool keys unique where tools are registered, and list from that registry in a fixed order, so that no page repeats \
           or drops one.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat01;
pub(crate) const CHECK: Cat01 = Cat01;

impl Check for Cat01 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::catalogue())
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        // Discovery labels the pages of its listing alike; every other call is a listing by itself.
        let mut listings: BTreeMap<(&str, u64), Vec<&Exchange>> = BTreeMap::new();
        for exchange in &evidence.exchanges {
            if matches!(exchange.call.endpoint, Endpoint::Listing { .. }) {
                let page_of = if exchange.call.label == "listing" {
                    0
                } else {
                    exchange.number
                };
                listings.entry((&exchange.case, page_of)).or_default().push(exchange);
            }
        }
        listings
            .into_values()
            .filter_map(|pages| judge_listing(&pages, evidence))
            .collect()
    }
}

/// `None` where none of the answers is a page of the listing.
fn judge_listing(pages: &[&Exchange], evidence: &Evidence<'_>) -> Option<Finding> {
    let dialect = &evidence.surface.dialect;
    let mut seen = BTreeSet::new();
    let mut was_listed = false;
    for page in pages {
        let Some(entries) = catalogue::entries(page, dialect) else {
            continue;
        };
        was_listed = true;
        for entry in entries {
            let wrong = match catalogue::key(entry, dialect) {
                None => "the listing has an entry without a key".to_owned(),
                Some(key) if !seen.insert(key) => format!("the listing names `{key}` more than once"),
                Some(_) => continue,
            };
            return Some(Finding::Violated(violated(page, wrong, REQUIREMENT.statement)));
        }
    }
    was_listed.then_some(Finding::Held)
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, violations};

    fn judge(pages: &[Value]) -> Vec<Finding> {
        let page = |body: &Value| answered(Call::listing(None).labelled("listing"), 200, json!({"tools": body}));
        let pages: Vec<_> = pages.iter().map(page).collect();
        Hub::small().judge(&CHECK, None, &pages)
    }

    #[test]
    fn keys_of_all_pages_are_unique() {
        assert!(all_held(&judge(&[
            json!([{"key": "a.b.c"}]),
            json!([{"key": "a.b.d"}, "a.b.e"])
        ])));
        let repeated = judge(&[json!([{"key": "a.b.c"}]), json!([{"key": "a.b.c"}])]);
        assert_eq!(violations(&repeated), ["the listing names `a.b.c` more than once"]);
    }

    #[test]
    fn an_entry_without_a_key_is_a_violation() {
        for entry in [
            json!({"name": "List tickets"}),
            json!({"key": ""}),
            json!({"key": 5}),
            json!(""),
        ] {
            assert_eq!(
                violations(&judge(&[json!([entry])])),
                ["the listing has an entry without a key"]
            );
        }
    }
}
