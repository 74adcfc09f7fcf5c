//! EXE-10: no client's mistake is a 5xx, and the hub stays up.

use hubproof_model::call::{Call, Endpoint};
use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{accepted_control, is_throttled, violated};
use crate::mistakes::{LARGE_BODY, mistakes};
use crate::site::Site;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Exe, 10),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Executing a tool; Request body",
    title: "no client's mistake is a 5xx, and the hub stays up",
    statement: "A hub MUST answer no client's mistake with a 5xx status, and stay up: 10 MiB bodies, 10,000-deep nesting, 1e400, lone \
                surrogates, NUL, duplicate keys.",
    rationale: "A 5xx wakes people and makes clients retry; a body that ends the process ends everyone's calls.",
    method: "Sends such bodies to a read tool and such domains to the listing, with a call that is accepted before and two after: it is \
             down when it answers neither. UPSTREAM_ERROR is the vendor's, and no 5xx of the hub.",
    mend: "Bound size and depth of bodies, and map every parser's error to a 4xx. Catch what a handler throws, so that no request \
           can end the process.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

/// Domains that no tool has, percent-encoded.
const HOSTILE_DOMAINS: [(&str, &str); 3] = [("NUL", "%00"), ("bad UTF-8", "%ff%fe"), ("a quote", "%27%20--")];

pub(crate) struct Exe10;
pub(crate) const CHECK: Exe10 = Exe10;

impl Check for Exe10 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let (tool, control) = site.read_control()?;
        let with_body = |body| control.clone().with_body(body).labelled("probe");
        let probes = mistakes(&control)
            .into_iter()
            .map(|(name, body)| (format!("a body with {name}"), with_body(body)));
        let mut cases: Vec<_> = probes
            .map(|(title, probe)| case(&title, &control, probe).about(&tool.key))
            .collect();
        for (name, domain) in HOSTILE_DOMAINS {
            let endpoint = Endpoint::Listing {
                domain: Some(domain.to_owned()),
            };
            let probe = Call::get(endpoint, format!("/tools?domain={domain}"));
            cases.push(case(&format!("a domain with {name}"), &Call::listing(None), probe));
        }
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        if let Err(finding) = accepted_control(evidence) {
            return vec![finding];
        }
        let title = evidence.case.map_or("a client's mistake", |case| case.title.as_str());
        vec![judge_probe(title, evidence), judge_afterwards(title, evidence)]
    }
}

fn case(title: &str, control: &Call, probe: Call) -> Case {
    let calls = vec![
        control.clone().labelled("control"),
        probe,
        control.clone().labelled("after"),
        // A second one: a connection that the hub closed behind the large body may only be found dead by the call that uses it.
        control.clone().labelled("after-again"),
    ];
    Case::new(format!("EXE-10/{}", title.replace([' ', ','], "-")), title, calls)
}

fn judge_probe(title: &str, evidence: &Evidence<'_>) -> Finding {
    let Some(probe) = labelled(evidence, "probe") else {
        return Finding::Inconclusive(format!("{title} was not sent"));
    };
    match &probe.result {
        // What is refused before it was read to its end shows as a broken pipe, as does a process that ends and is started anew.
        Err(Fault::Broken(_)) if title.contains(LARGE_BODY) => {
            let why = format!("{title} was not taken to its end, and not answered");
            Finding::NotExercised(Unexercised::NotApplicable(why))
        }
        Err(fault) => Finding::Inconclusive(format!("{title} has no answer: {fault}")),
        Ok(_) if is_throttled(probe) => Finding::Inconclusive(format!("{title} was throttled")),
        Ok(_) if is_own_5xx(probe) => {
            let summary = format!("{title} is answered with a 5xx status");
            Finding::Violated(violated(probe, summary, "a 4xx status, or what the hub makes of it"))
        }
        Ok(_) => Finding::Held,
    }
}

fn judge_afterwards(title: &str, evidence: &Evidence<'_>) -> Finding {
    let after: Vec<_> = ["after", "after-again"]
        .iter()
        .filter_map(|label| labelled(evidence, label))
        .collect();
    let was_not_sent =
        |exchange: &&Exchange| matches!(exchange.result, Err(Fault::BudgetSpent(_) | Fault::Interrupted));
    if after.is_empty() || after.iter().any(was_not_sent) {
        return Finding::Inconclusive(format!("no call was sent after {title}"));
    }
    if after
        .iter()
        .any(|exchange| exchange.result.is_ok() && !is_own_5xx(exchange))
    {
        return Finding::Held;
    }
    Finding::Violated(Violation {
        exchanges: evidence.exchanges.iter().map(|exchange| exchange.number).collect(),
        ..violated(
            after[after.len() - 1],
            format!("the hub is down after {title}"),
            "the answer that the call had before",
        )
    })
}

fn labelled<'e>(evidence: &Evidence<'e>, label: &str) -> Option<&'e Exchange> {
    evidence
        .exchanges
        .iter()
        .copied()
        .find(|exchange| exchange.call.label == label)
}

fn is_own_5xx(exchange: &Exchange) -> bool {
    let is_5xx = exchange.response().is_some_and(|response| response.status >= 500);
    is_5xx && !Outcome::of(exchange).is(&ErrorCode::UpstreamError)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, all_held, answered, failed, succeeded, unanswered, violations};

    fn judge(of_probe: impl Fn(&Call) -> Exchange, of_after: impl Fn(&Call) -> Exchange) -> Vec<Finding> {
        Hub::small()
            .allowing(Allow::Read)
            .found(&CHECK, |call| match call.label.as_str() {
                "control" => fine(call),
                "probe" => of_probe(call),
                _ => of_after(call),
            })
    }

    fn fine(call: &Call) -> Exchange {
        match call.endpoint {
            Endpoint::Listing { .. } => answered(call.clone(), 200, json!({"tools": []})),
            _ => succeeded(call.clone(), json!({})),
        }
    }

    fn broken(call: &Call) -> Exchange {
        unanswered(call.clone(), Fault::Broken("reset".to_owned()))
    }

    #[test]
    fn refusals_acceptance_and_the_vendors_errors_hold() {
        assert!(all_held(&judge(
            |call| failed(call.clone(), 400, "INVALID_INPUT"),
            fine
        )));
        assert!(all_held(&judge(
            |call| answered(call.clone(), 413, json!("too large")),
            fine
        )));
        assert!(all_held(&judge(
            |call| failed(call.clone(), 502, "UPSTREAM_ERROR"),
            fine
        )));
    }

    #[test]
    fn a_5xx_is_a_violation_wrapped_or_not() {
        let cases = Hub::small().plan(&CHECK).unwrap().len();
        let wrapped = judge(|call| failed(call.clone(), 500, "INTERNAL"), fine);
        assert_eq!(violations(&wrapped).len(), cases);
        let bare = judge(|call| answered(call.clone(), 500, json!({})), fine);
        assert!(violations(&bare).contains(&"a body with 1e400 is answered with a 5xx status"));
    }

    #[test]
    fn a_hub_that_answers_nothing_afterwards_is_down() {
        let refused = |call: &Call| unanswered(call.clone(), Fault::Connect("refused".to_owned()));
        let found = judge(broken, refused);
        assert!(
            violations(&found)
                .iter()
                .all(|summary| summary.starts_with("the hub is down after "))
        );
        assert!(!violations(&found).is_empty());
    }

    #[test]
    fn a_broken_connection_is_not_down_if_a_later_call_works() {
        let found = judge(broken, |call| {
            if call.label == "after" {
                broken(call)
            } else {
                fine(call)
            }
        });
        assert!(violations(&found).is_empty());
        let held = found.iter().filter(|finding| **finding == Finding::Held).count();
        let unexercised = found
            .iter()
            .filter(|finding| matches!(finding, Finding::NotExercised(_)));
        // Each hub that works afterwards, and the one body that may be refused unread.
        assert_eq!((held, unexercised.count()), (found.len() / 2, 1));
    }

    #[test]
    fn a_refused_control_shows_nothing() {
        let found = Hub::small().found(&CHECK, |call| failed(call.clone(), 500, "INTERNAL"));
        assert!(crate::exchanges::shows_nothing(&found));
    }
}
