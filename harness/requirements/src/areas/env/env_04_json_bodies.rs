//! ENV-04: every body is JSON, and declared as such.

use hubproof_model::case::Case;
use hubproof_model::exchange::Response;
use hubproof_model::json_body::BodyFault;
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::api_answers::{api_answers, declares_json};
use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Env, 4),
    level: Level::Must,
    basis: Basis::Ref,
    source: "Response envelope; RFC 8259 §4, §8.1 and §11",
    title: "every body is UTF-8 JSON and declared as application/json",
    statement: "A hub MUST send every body as `application/json`, valid UTF-8 JSON with no duplicate keys.",
    rationale: "Clients pick their decoder by the declared type, and of two members of one name some take the first, some the last.",
    method: "Looks at the header and the bytes of every answer of the run that has a body, those of frameworks and proxies aside.",
    mend: "Write bodies with a JSON library, in UTF-8 with each member once, and declare them as `application/json`: errors, \
           gateways' answers and empty lists too.",
    needs: &[],
    reach: Allow::Admin,
    since: "0.1.0",
};

pub(crate) struct Env04;
pub(crate) const CHECK: Env04 = Env04;

impl Check for Env04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        let mut cases = traffic::catalogue();
        cases.extend(traffic::successes(site));
        cases.extend(traffic::errors(site));
        Ok(cases)
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        api_answers(evidence)
            .filter(|(_, response)| response.json != Err(BodyFault::Empty))
            .map(|(exchange, response)| match wrong(response) {
                None => Finding::Held,
                Some((summary, observed)) => Finding::Violated(Violation {
                    observed: format!("HTTP {}, {observed}", response.status),
                    ..violated(
                        exchange,
                        summary,
                        "a JSON text in UTF-8, declared as `application/json`",
                    )
                }),
            })
            .collect()
    }
}

/// What is wrong with a body, and what shows it.
fn wrong(response: &Response) -> Option<(&'static str, String)> {
    let json = match &response.json {
        Err(fault @ BodyFault::NotUtf8(_)) => return Some(("a body is not UTF-8", fault.to_string())),
        Err(fault) => return Some(("a body is not JSON", fault.to_string())),
        Ok(json) => json,
    };
    if !json.duplicate_keys.is_empty() {
        let keys = json.duplicate_keys.join(", ");
        return Some(("a body has duplicate keys", format!("more than once: {keys}")));
    }
    let types: Vec<_> = response.header_values("content-type").collect();
    match types.as_slice() {
        [only] if declares_json(only) => None,
        [] => Some(("a body has no `Content-Type`", "no `Content-Type`".to_owned())),
        _ => Some((
            "a body is not declared as `application/json`",
            format!("`Content-Type: {}`", types.join(", ")),
        )),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::{Call, Endpoint};

    use super::*;
    use crate::exchanges::{Hub, all_held, violations, with_bytes};

    const JSON: (&str, &str) = ("content-type", "application/json");

    fn judge(headers: &[(&str, &str)], body: &[u8]) -> Vec<Finding> {
        judge_call(Call::listing(None), headers, body)
    }

    fn judge_call(call: Call, headers: &[(&str, &str)], body: &[u8]) -> Vec<Finding> {
        Hub::small().judge(&CHECK, None, &[with_bytes(call, 200, headers, body)])
    }

    #[test]
    fn json_declared_as_json_holds_with_a_charset_too() {
        assert!(all_held(&judge(&[JSON], b"{}")));
        assert!(all_held(&judge(
            &[("content-type", "Application/Json;charset=UTF-8")],
            b"[1]"
        )));
    }

    #[test]
    fn another_declaration_or_none_is_a_violation() {
        let undeclared = ["a body is not declared as `application/json`"];
        assert_eq!(violations(&judge(&[("content-type", "text/plain")], b"{}")), undeclared);
        assert_eq!(
            violations(&judge(&[("content-type", "application/json5")], b"{}")),
            undeclared
        );
        assert_eq!(
            violations(&judge(&[JSON, ("content-type", "text/html")], b"{}")),
            undeclared
        );
        assert_eq!(violations(&judge(&[], b"{}")), ["a body has no `Content-Type`"]);
    }

    #[test]
    fn other_bytes_and_duplicate_keys_are_violations() {
        assert_eq!(violations(&judge(&[JSON], b"<html>")), ["a body is not JSON"]);
        assert_eq!(violations(&judge(&[JSON], b"\xef\xbb\xbf{}")), ["a body is not JSON"]);
        assert_eq!(violations(&judge(&[JSON], b"\"\xff\"")), ["a body is not UTF-8"]);
        let found = judge(&[JSON], br#"{"data":{"a":1,"a":2}}"#);
        assert_eq!(violations(&found), ["a body has duplicate keys"]);
        let Finding::Violated(violation) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(violation.observed, "HTTP 200, more than once: /data/a");
    }

    #[test]
    fn no_body_and_a_frameworks_page_are_not_judged() {
        assert!(judge(&[], b"").is_empty());
        assert!(judge_call(Call::get(Endpoint::Outside, "/nowhere"), &[], b"<html>").is_empty());
    }
}
