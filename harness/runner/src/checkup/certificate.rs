//! How long the host's certificate is still good.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use hubproof_wire::PeerCertificate;

use super::verdict::{Blame, Check, Group};

const WHAT: &str = "certificate";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// From here on it is to be renewed: authorities renew by themselves a third of its time before, which are thirty days mostly.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// The verdict at a moment.
pub(super) fn check(certificate: &PeerCertificate, now: SystemTime) -> Check {
    let PeerCertificate { issuer, expires } = certificate;
    let on = DateTime::<Utc>::from(*expires).format("%Y-%m-%d");
    match expires.duration_since(now) {
        Ok(left) if left >= SOON => Check::ok(
            Group::Network,
            WHAT,
            format!("of {issuer}, valid until {on}, for {}", days(left)),
        ),
        Ok(left) => Check::warning(
            Group::Network,
            WHAT,
            format!("of {issuer}, expires in {}, on {on}", days(left)),
            "have it renewed: from that day on nobody can call the hub, and no run can test it",
        ),
        Err(past) => Check::problem(
            Blame::Target,
            Group::Network,
            WHAT,
            format!("of {issuer}, expired {} ago, on {on}", days(past.duration())),
            "renew the host's certificate, and see why it was not renewed by itself",
        ),
    }
}

fn days(time: Duration) -> String {
    match time.as_secs() / DAY.as_secs() {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::verdict::Verdict;
    use super::*;

    #[test]
    fn a_certificate_is_fine_soon_to_be_renewed_or_expired() {
        let now = SystemTime::UNIX_EPOCH + DAY * 20_000;
        let seen = |expires| {
            let issuer = "CN=An Authority".to_owned();
            let Check { verdict, seen, .. } = check(&PeerCertificate { issuer, expires }, now);
            (verdict, seen)
        };
        let of = |text: &str| format!("of CN=An Authority, {text}");
        assert_eq!(
            seen(now + SOON),
            (Verdict::Ok, of("valid until 2024-10-18, for 14 days"))
        );
        assert_eq!(
            seen(now + SOON - Duration::from_secs(1)),
            (Verdict::Warning, of("expires in 13 days, on 2024-10-17"))
        );
        assert_eq!(seen(now).0, Verdict::Warning);
        assert_eq!(
            seen(now - DAY),
            (Verdict::Problem(Blame::Target), of("expired 1 day ago, on 2024-10-03"))
        );
    }
}
