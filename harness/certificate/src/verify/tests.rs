//! Each demand, and each way in which a certificate is not what it should be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::canned;
use crate::envelope::seal;
use crate::keys::SigningKey;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// What comes of a certificate, an hour after its run, under further demands.
fn verified(certificate: &Certificate, demand: impl FnOnce(&mut Demands<'_>)) -> Result<Verified, Unverified> {
    let key = canned::key();
    let mut demands = Demands::at(canned::finished() + HOUR);
    demand(&mut demands);
    verify(canned::sealed(certificate, &key).as_bytes(), &key.public(), &demands)
}

fn exit(certificate: &Certificate, demand: impl FnOnce(&mut Demands<'_>)) -> VerifyExit {
    verified(certificate, demand).map_or_else(|fault| fault.exit(), |_| VerifyExit::Verified)
}

#[test]
fn a_genuine_certificate_is_verified() {
    for certificate in canned::all() {
        let verified = verified(&certificate, |_| {}).unwrap();
        assert_eq!(verified.certificate(), &certificate);
        assert_eq!((verified.age(), verified.has_report()), (HOUR, false));
    }
}

/// Changes each byte of what a member of the envelope decodes to, and each character of its text.
fn every_change(at: &str) {
    let key = SigningKey::generate().unwrap();
    let sealed = canned::sealed(&canned::certificate(), &key);
    let envelope: Value = serde_json::from_str(&sealed).unwrap();
    let text = envelope.pointer(at).unwrap().as_str().unwrap().to_owned();
    let demands = Demands::at(canned::finished());
    let refused = |changed: String| {
        let mut envelope = envelope.clone();
        *envelope.pointer_mut(at).unwrap() = json!(changed);
        let envelope = envelope.to_string();
        match verify(envelope.as_bytes(), &key.public(), &demands) {
            Err(Unverified::Envelope(fault)) => fault,
            other => panic!("{changed}: {other:?}"),
        }
    };
    assert!(verify(envelope.to_string().as_bytes(), &key.public(), &demands).is_ok());
    let bytes = STANDARD.decode(&text).unwrap();
    for index in 0..bytes.len() {
        for mask in [0x01, 0x80] {
            let mut changed = bytes.clone();
            changed[index] ^= mask;
            let fault = refused(STANDARD.encode(changed));
            assert!(matches!(fault, EnvelopeFault::Signature { .. }), "{index}: {fault}");
        }
    }
    for index in 0..text.len() {
        let (before, own, after) = (&text[..index], &text[index..=index], &text[index + 1..]);
        let next = if own == "A" { "B" } else { "A" };
        // The text of an envelope is all that its signature stands for: no other text decodes to the same.
        for other in [next, "=", "-", ""] {
            if other != own {
                refused(format!("{before}{other}{after}"));
            }
        }
    }
}

#[test]
fn every_change_of_the_payload_is_refused() {
    every_change("/payload");
}

#[test]
fn every_change_of_the_signature_is_refused() {
    every_change("/signatures/0/sig");
}

#[test]
fn a_signature_moved_by_the_order_of_the_group_is_refused() {
    // S + L makes the same point: lax verifiers take it (RFC 8032 §8.4).
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = canned::key();
    let mut envelope: Value = serde_json::from_str(&canned::sealed(&canned::certificate(), &key)).unwrap();
    let mut signature = STANDARD
        .decode(envelope["signatures"][0]["sig"].as_str().unwrap())
        .unwrap();
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    envelope["signatures"][0]["sig"] = json!(STANDARD.encode(signature));
    let fault = verify(
        envelope.to_string().as_bytes(),
        &key.public(),
        &Demands::at(canned::finished()),
    )
    .unwrap_err();
    assert_eq!(fault.exit(), VerifyExit::BadSignature);
}

#[test]
fn what_is_no_certificate_is_told_from_a_bad_signature() {
    let key = canned::key();
    let at = Demands::at(canned::finished());
    let exit = |text: &str| verify(text.as_bytes(), &key.public(), &at).unwrap_err().exit();
    assert_eq!(exit("{}"), VerifyExit::Unreadable);
    assert_eq!(exit(&seal(b"{}", &key)), VerifyExit::Unreadable);
    assert_eq!(exit(&seal(b"{}", &canned::key())), VerifyExit::BadSignature);
}

#[test]
fn age_counts_from_the_end_of_the_run() {
    let certificate = canned::certificate();
    let within = |max_age| exit(&certificate, |demands| demands.max_age = Some(max_age));
    assert_eq!(within(HOUR), VerifyExit::Verified);
    assert_eq!(within(HOUR - Duration::from_millis(1)), VerifyExit::Stale);
    let stale = verified(&certificate, |demands| {
        demands.now = canned::finished() + 24 * 40 * HOUR;
        demands.max_age = Some(24 * 30 * HOUR);
    });
    let said = stale.unwrap_err().to_string();
    assert!(
        said.contains("2026-01-02T00:00:00.000Z, 40 d ago, and may be 30 d old"),
        "{said}"
    );
}

#[test]
fn clocks_may_differ_by_five_minutes() {
    let ahead = |by| exit(&canned::certificate(), |demands| demands.now = canned::finished() - by);
    assert_eq!(ahead(CLOCK_TOLERANCE), VerifyExit::Verified);
    assert_eq!(ahead(CLOCK_TOLERANCE + Duration::from_secs(1)), VerifyExit::Future);
}

#[test]
fn a_subject_is_wanted_by_name_and_digest() {
    let certificate = canned::certificate();
    let about = |subject: Subject| exit(&certificate, |demands| demands.subjects = vec![subject]);
    let subject = |name, digest: &str| Subject::new(name, "sha256", digest).unwrap();
    assert_eq!(about(certificate.subjects[0].clone()), VerifyExit::Verified);
    let catalogue = subject(crate::subject::CATALOGUE, &certificate.catalogue.to_string());
    assert_eq!(about(catalogue), VerifyExit::Verified);
    assert_eq!(
        about(subject("registry.example/hub", &"cd".repeat(32))),
        VerifyExit::OtherSubject
    );
    assert_eq!(about(subject("hub", &"ab".repeat(32))), VerifyExit::OtherSubject);
}

#[test]
fn the_report_is_the_one_that_it_was_issued_for() {
    let certificate = canned::certificate();
    let of = |report: &'static str| verified(&certificate, |demands| demands.report = Some(report.as_bytes()));
    assert!(of(canned::REPORT).unwrap().has_report());
    assert_eq!(of("{}").unwrap_err().exit(), VerifyExit::OtherReport);
}

#[test]
fn the_set_and_the_connector_are_those_that_are_wanted() {
    let of_hub = |set| exit(&canned::certificate(), |demands| demands.set = Some(set));
    assert_eq!(of_hub(SetName::HubCore), VerifyExit::Verified);
    assert_eq!(of_hub(SetName::HubFull), VerifyExit::Incomplete);
    let connector =
        |certificate: &Certificate, name: &str| exit(certificate, |demands| demands.connector = Some(name.to_owned()));
    assert_eq!(connector(&canned::of_connector(), "servicenow"), VerifyExit::Verified);
    assert_eq!(connector(&canned::of_connector(), "jira"), VerifyExit::Incomplete);
    assert_eq!(connector(&canned::certificate(), "servicenow"), VerifyExit::Incomplete);
}

#[test]
fn a_certificate_shows_all_of_its_set() {
    let changed = |change: &dyn Fn(&mut Certificate)| {
        let mut certificate = canned::certificate();
        change(&mut certificate);
        verified(&certificate, |_| {}).unwrap_err()
    };
    let must = canned::first_of(&canned::certificate(), Level::Must);
    let missing = changed(&|own| own.passed.retain(|id| *id != must));
    assert_eq!(missing, Unverified::Incomplete(vec![must]));
    // A MUST does not warn.
    let warned = changed(&|own| {
        own.passed.retain(|id| *id != must);
        own.warned = vec![must];
    });
    assert_eq!(warned, Unverified::Incomplete(vec![must]));
    let other_set = changed(&|own| own.set_digest = Sha256::of("another set"));
    assert_eq!(other_set, Unverified::OtherSet(SetName::HubCore));
    let no_connector = changed(&|own| own.connector = canned::of_connector().connector);
    assert_eq!(no_connector, Unverified::OtherSet(SetName::HubCore));
    let newer = changed(&|own| own.set.revision = "99".to_owned());
    assert!(matches!(newer, Unverified::UnknownSet(_)), "{newer}");
    assert_eq!(
        changed(&|own| own.run.tools.clear()),
        Unverified::Incomplete(Vec::new())
    );
    for fault in [missing, other_set, newer] {
        assert_eq!(fault.exit(), VerifyExit::Incomplete);
    }
}

#[test]
fn a_connector_that_writes_shows_more() {
    let mut certificate = canned::of_connector();
    certificate
        .run
        .tools
        .insert("itsm.tickets.create".to_owned(), "write".to_owned());
    assert_eq!(exit(&certificate, |_| {}), VerifyExit::Verified);
    certificate.run.allow = hubproof_model::safety::Allow::Write;
    assert_eq!(exit(&certificate, |_| {}), VerifyExit::Incomplete);
}

#[test]
fn every_exit_has_a_code_of_its_own_in_order() {
    let codes = VerifyExit::ALL.map(VerifyExit::code);
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
}
