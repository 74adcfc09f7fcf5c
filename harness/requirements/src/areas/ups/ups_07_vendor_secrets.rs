//! UPS-07: the vendor's secrets stay with the hub.

use hubproof_model::case::Case;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Need, Requirement, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_model::upstream::PLACEHOLDER;

use crate::check::Check;
use crate::evidence::Evidence;
use crate::judging::{findings, violated};
use crate::site::Site;
use crate::vendor_faults::{CONTROL, FEW, met};

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Ups, 7),
    level: Level::Must,
    basis: Basis::Safe,
    source: "Common error codes",
    title: "the vendor's secrets stay out of answers",
    statement: "A hub MUST keep the vendor's credentials and raw headers out of its answers.",
    rationale: "Whoever holds the vendor's token needs no hub, no permission and no approval any more.",
    method: "Plays the vendor of a connection and lets it fail with 400, 401 and 500 in errors that repeat the credentials they were sent, \
             with a token and a session's cookie in the headers; looks for these in the answers, those of the controls too.",
    mend: "Pass on a message of your own and the vendor's status; take credentials out of whatever is quoted, and copy no header.",
    needs: &[Need::Upstream],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Ups07;
pub(crate) const CHECK: Ups07 = Ups07;

impl Check for Ups07 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        site.faulted_where_watched("UPS-07", &["status:400", "status:401", "status:500"], FEW)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        findings(judge_case(evidence))
    }
}

fn judge_case(evidence: &Evidence<'_>) -> Result<Finding, Finding> {
    let call = met(evidence)?;
    for exchange in [call, evidence.answered(CONTROL)?] {
        if let Some((place, secret)) = leak(exchange) {
            return Ok(Finding::Violated(Violation {
                observed: format!("{secret} in {place}"),
                ..violated(
                    exchange,
                    "an answer holds a secret of the vendor's",
                    "nothing of the vendor's credentials and headers",
                )
            }));
        }
    }
    Ok(Finding::Held)
}

/// Where a secret of the vendor's stands in an answer, and which: secrets are masked where they enter, and leave their name.
fn leak(exchange: &Exchange) -> Option<(String, String)> {
    let response = exchange.response()?;
    let in_headers = response
        .headers
        .iter()
        .find_map(|(name, value)| Some((format!("the header `{name}`"), named(value)?)));
    let body = String::from_utf8_lossy(&response.body);
    in_headers.or_else(|| Some(("the body".to_owned(), named(&body)?)))
}

/// The first placeholder of a vendor's secret in a text.
fn named(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(PLACEHOLDER)?;
    let (name, _) = rest.split_once('>')?;
    Some(format!("the vendor's `{name}`"))
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;

    use super::*;
    use crate::exchanges::{all_held, violations, with_bytes};
    use crate::vendor_faults::played::found;

    const CLEAN: &str =
        r#"{"success": false, "error": {"code": "UPSTREAM_ERROR", "message": "", "details": {"vendor_status": 401}}}"#;

    fn success(call: Call, data: &str) -> Exchange {
        with_bytes(
            call,
            200,
            &[],
            format!(r#"{{"success": true, "data": {{"id": "{data}"}}}}"#).as_bytes(),
        )
    }

    #[test]
    fn answers_of_the_hubs_own_hold() {
        let held = found(&CHECK, |fault, call| match fault {
            Some(_) => (with_bytes(call, 502, &[], CLEAN.as_bytes()), 1),
            None => (success(call, "1"), 1),
        });
        assert!(all_held(&held) && held.len() == 9, "{held:?}");
    }

    #[test]
    fn a_secret_in_body_or_header_is_a_violation_in_the_control_too() {
        let leaking = CLEAN.replace("401}", "401, \"said\": \"bad token <vendor:authorization>\"}");
        let in_body = found(&CHECK, |fault, call| match fault {
            Some(_) => (with_bytes(call, 502, &[], leaking.as_bytes()), 1),
            None => (success(call, "1"), 1),
        });
        let in_header = found(&CHECK, |fault, call| match fault {
            Some(_) => (
                with_bytes(
                    call,
                    502,
                    &[("x-vendor-token", "<vendor:x-vendor-token>")],
                    CLEAN.as_bytes(),
                ),
                1,
            ),
            None => (success(call, "1"), 1),
        });
        let in_control = found(&CHECK, |fault, call| match fault {
            Some(_) => (with_bytes(call, 502, &[], CLEAN.as_bytes()), 1),
            None => (success(call, "<vendor:set-cookie>"), 1),
        });
        for (found, shown) in [
            (in_body, "the vendor's `authorization` in the body"),
            (
                in_header,
                "the vendor's `x-vendor-token` in the header `x-vendor-token`",
            ),
            (in_control, "the vendor's `set-cookie` in the body"),
        ] {
            assert_eq!(violations(&found).len(), 9);
            let Finding::Violated(violation) = &found[0] else {
                panic!("{found:?}")
            };
            assert_eq!(violation.observed, shown);
        }
    }
}
