//! Whether keys travel encrypted, to a host that proves its name.

use std::net::IpAddr;

use hubproof_model::exchange::{Exchange, Fault};

use super::verdict::{Blame, Check, Group};
use crate::tls_advice::advice;

const WHAT: &str = "TLS";

/// The verdict, of a call that was sent.
pub(super) fn check(url: &str, host: &str, exchange: &Exchange) -> Check {
    let is_https = url
        .get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
    match (&exchange.result, is_https) {
        (_, false) if is_loopback(host) => Check::ok(Group::Network, WHAT, "not used, and not needed on this machine"),
        (_, false) => Check::warning(
            Group::Network,
            WHAT,
            "not used: keys and data travel in the clear",
            "use the hub's https address, or a key that is there for testing alone",
        ),
        (Err(Fault::Connect(why)), true) => Check::problem(Blame::Target, Group::Network, WHAT, why, fix(why)),
        (Err(_), true) => Check::not_tried(Group::Network, WHAT, "no answer came over it"),
        (Ok(_), true) => Check::ok(
            Group::Network,
            WHAT,
            "the host's certificate is verified and valid today",
        ),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn fix(why: &str) -> &'static str {
    advice(why).unwrap_or("see what speaks at this port: is it https?")
}

#[cfg(test)]
mod tests {
    use super::super::sample::{answered, failed};
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn plain_http_is_fine_on_this_machine_alone() {
        let exchange = answered(200, &[], "{}");
        assert_eq!(check("http://127.0.0.1:1", "127.0.0.1", &exchange).verdict, Verdict::Ok);
        assert_eq!(
            check("http://hub.test", "hub.test", &exchange).verdict,
            Verdict::Warning
        );
        assert_eq!(check("https://hub.test", "hub.test", &exchange).verdict, Verdict::Ok);
    }

    #[test]
    fn what_is_wrong_with_a_certificate_says_what_to_do() {
        for (why, word) in [
            ("invalid peer certificate: Expired", "renew"),
            ("invalid peer certificate: UnknownIssuer", "ca_file"),
            ("invalid peer certificate: certificate not valid for name \"a\"", "name"),
            ("received corrupt message of type InvalidContentType", "https"),
        ] {
            let check = check("https://hub.test", "hub.test", &failed(Fault::Connect(why.to_owned())));
            assert_eq!(check.verdict, Verdict::Problem(Blame::Target));
            assert!(check.fix.unwrap().contains(word), "{why}");
        }
    }
}
