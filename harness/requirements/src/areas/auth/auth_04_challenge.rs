//! AUTH-04: a refusal for want of a key carries a `Bearer` challenge.

use hubproof_model::case::Case;
use hubproof_model::exchange::{Exchange, Response};
use hubproof_model::judgment::{Finding, Unexercised, Violation};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::requirement::{Area, Basis, Level, Requirement, RequirementId};
use hubproof_model::safety::Allow;

use crate::check::{Check, Scope};
use crate::evidence::Evidence;
use crate::judging::violated;
use crate::site::Site;
use crate::traffic;

const REQUIREMENT: Requirement = Requirement {
    id: RequirementId::new(Area::Auth, 4),
    level: Level::Should,
    basis: Basis::Http,
    source: "RFC 9110 §15.5.2; RFC 6750 §3",
    title: "UNAUTHORIZED carries a Bearer challenge",
    statement: "A hub SHOULD send 401 with `WWW-Authenticate: Bearer` for UNAUTHORIZED (RFC 9110 §15.5.2, RFC 6750 §3).",
    rationale: "HTTP clients learn from the challenge which credentials to send; some do not treat a 401 without one as such.",
    method: "Looks for a challenge of the scheme Bearer in every answer of the run that is a 401 or UNAUTHORIZED; ENV-11 judges \
             their status.",
    mend: "Send `WWW-Authenticate: Bearer` with every 401, best where all of them are made: the middleware that checks keys.",
    needs: &[],
    reach: Allow::Read,
    since: "0.1.0",
};

pub(crate) struct Auth04;
pub(crate) const CHECK: Auth04 = Auth04;

impl Check for Auth04 {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn scope(&self) -> Scope {
        Scope::Log
    }

    fn plan(&self, site: &Site<'_>) -> Result<Vec<Case>, Unexercised> {
        Ok(traffic::errors(site))
    }

    fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let judged = |exchange: &&Exchange| judge_exchange(exchange);
        evidence.exchanges.iter().filter_map(judged).collect()
    }
}

/// `None` where the answer is no refusal for want of a key.
fn judge_exchange(exchange: &Exchange) -> Option<Finding> {
    let response = exchange.response()?;
    if response.status != 401 && !Outcome::of(exchange).is(&ErrorCode::Unauthorized) {
        return None;
    }
    if is_bearer_challenged(response) {
        return Some(Finding::Held);
    }
    let challenges: Vec<_> = response.header_values("www-authenticate").collect();
    let observed = match challenges.as_slice() {
        [] => "no WWW-Authenticate".to_owned(),
        challenges => format!("WWW-Authenticate: {}", challenges.join(", ")),
    };
    Some(Finding::Violated(Violation {
        observed: format!("HTTP {} with {observed}", response.status),
        ..violated(
            exchange,
            "UNAUTHORIZED without a Bearer challenge",
            "WWW-Authenticate: Bearer",
        )
    }))
}

fn is_bearer_challenged(response: &Response) -> bool {
    let names_bearer = |item: &str| {
        let scheme = item.split_ascii_whitespace().next();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    };
    response
        .header_values("www-authenticate")
        .any(|value| unquoted(value).split(',').any(names_bearer))
}

/// The value without its quoted strings, in which commas separate nothing (RFC 9110 §11.6.1).
fn unquoted(value: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = String::new();
    for character in value.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            other if !quoted => rest.push(other),
            _ => {}
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use hubproof_model::call::Call;

    use super::*;
    use crate::exchanges::{Hub, all_held, failed, violations, with_bytes};

    fn judge(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Finding> {
        let exchange = with_bytes(Call::listing(None), status, headers, body.as_bytes());
        Hub::small().judge(&CHECK, None, &[exchange])
    }

    #[test]
    fn a_challenge_holds_wherever_it_stands() {
        for value in [
            "Bearer",
            "bearer realm=\"hub\"",
            "Basic realm=\"a, b\", Bearer realm=\"hub\", error=\"invalid_token\"",
            "Negotiate,Bearer",
        ] {
            assert!(all_held(&judge(401, &[("www-authenticate", value)], "")), "{value}");
        }
        let lines = [("www-authenticate", "Basic"), ("www-authenticate", "Bearer")];
        assert!(all_held(&judge(401, &lines, "")));
    }

    #[test]
    fn no_challenge_and_one_of_another_scheme_are_violations() {
        let headers: [&[(&str, &str)]; 4] = [
            &[],
            &[("www-authenticate", "Basic realm=\"x, Bearer \\\", Bearer\"")],
            &[("www-authenticate", "BearerToken")],
            &[("authorization", "Bearer")],
        ];
        for headers in headers {
            assert_eq!(
                violations(&judge(401, headers, "")),
                ["UNAUTHORIZED without a Bearer challenge"]
            );
        }
    }

    #[test]
    fn the_code_counts_whatever_the_status() {
        let found = Hub::small().judge(&CHECK, None, &[failed(Call::listing(None), 403, "UNAUTHORIZED")]);
        assert_eq!(violations(&found).len(), 1);
    }

    #[test]
    fn other_answers_are_not_judged() {
        assert!(judge(403, &[], "{}").is_empty());
        assert!(judge(200, &[], "{}").is_empty());
        assert!(!Hub::small().plan(&CHECK).unwrap().is_empty());
    }
}
