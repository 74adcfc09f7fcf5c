//! CAT-10: the listing is the same twice in a row.

use std::collections::BTreeSet;

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::catalogue;
use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, observed, violated};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Cat, 10),
    level: Level::Should,
    basis: Basis::Safe,
    source: "Listing tools",
    title: "the listing is the same twice in a row",
    statement: "A hub SHOULD list the same set twice in a row.",
    rationale: "A listing that changes with the instance that answers it makes tools come and go under an agent's hands.",
    method: "Asks for the listing twice, one after the other, and compares the sets of keys.",
    mend: "List from one consistent store in a fixed order, and let all instances learn of changed tools before any of them serves \
           the change.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Cat10;
pub(crate) const CHECK: Cat10 = Cat10;

impl Check for Cat10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, _: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let calls = ["first", "second"]
            .map(|label| Call::listing(None).labelled(label))
            .to_vec();
        Ok(vec![Case::new("CAT-10/twice", "the listing twice in a row", calls)])
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_both(evidence))
    }
}

fn judge_both(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let (first, second) = (evidence.answered("first")?, evidence.answered("second")?);
    let dialect = &evidence.surface.dialect;
    let (before, after) = (keys(first, evidence)?, keys(second, evidence)?);
    if [first, second].iter().any(|page| catalogue::goes_on(page, dialect)) {
        // The order within a set is free, so its first page may lawfully hold other tools.
        let why = "the listing goes on behind its first page".to_owned();
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    let changed: Vec<_> = before.symmetric_difference(&after).copied().collect();
    if changed.is_empty() {
        return Ok(Finding::Held);
    }
    Ok(Finding::Violated(Violation {
        exchanges: vec![first.number, second.number],
        observed: format!("only one of two listings has {}", changed.join(", ")),
        ..violated(second, "two listings in a row differ", "the same set of tools")
    }))
}

fn keys<'e>(page: &'e Exchange, evidence: &Evidence<'_>) -> Result<BTreeSet<&'e str>, Finding> {
    let dialect = &evidence.surface.dialect;
    let no_list = || Finding::Inconclusive(format!("the {} call got no list: {}", page.call.label, observed(page)));
    let entries = catalogue::entries(page, dialect).ok_or_else(no_list)?;
    Ok(entries
        .iter()
        .filter_map(|entry| catalogue::key(entry, dialect))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, shows_nothing, violations};

    fn judge(second: Value) -> Vec<Finding> {
        let mut hub = Hub::small();
        hub.surface.dialect.cursor_at = Some("/next_cursor".to_owned());
        hub.found(&CHECK, |call| match call.label.as_str() {
            "first" => answered(call.clone(), 200, json!({"tools": ["a.b.c", "a.b.d"]})),
            _ => answered(call.clone(), 200, second.clone()),
        })
    }

    #[test]
    fn the_same_set_in_any_order_holds() {
        assert!(all_held(&judge(json!({"tools": ["a.b.d", "a.b.c"]}))));
    }

    #[test]
    fn a_tool_that_comes_or_goes_is_a_violation() {
        assert_eq!(
            violations(&judge(json!({"tools": ["a.b.c"]}))),
            ["two listings in a row differ"]
        );
        assert_eq!(
            violations(&judge(json!({"tools": ["a.b.c", "a.b.d", "a.b.e"]}))),
            ["two listings in a row differ"]
        );
    }

    #[test]
    fn pages_and_refusals_show_nothing() {
        assert!(shows_nothing(&judge(json!({"tools": ["a.b.c"], "next_cursor": "2"}))));
        assert!(shows_nothing(&Hub::small().found(&CHECK, |call| failed(
            call.clone(),
            429,
            "RATE_LIMITED"
        ))));
    }
}
