//! DSSE envelopes: a payload, and the signature that stands for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::keys::{PublicKey, SigningKey};
use crate::{pae, strict_json};

/// The type of the payload: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Why an envelope does not show who says what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    /// Not an envelope.
    #[error("it is no DSSE envelope: {0}")]
    Malformed(String),
    /// An envelope of something else.
    #[error("it holds a payload of type `{0}`, and a certificate is of type `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// None, or several.
    #[error("it has {0} signatures, and a certificate has one")]
    Signatures(usize),
    /// Text that decodes to nothing, or that is not the one text for what it decodes to.
    #[error("its {what} is no canonical base64: {fault}")]
    Base64 {
        /// Which member.
        what: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// Not signed by the key, or altered since.
    #[error("the signature is not that of the key {key} for what the envelope holds: it was altered, or signed by another key{}", named(.claimed))]
    Signature {
        /// The key that was given.
        key: String,
        /// The key that the envelope names, where that is another.
        claimed: Option<String>,
    },
}

fn named(claimed: &Option<String>) -> String {
    claimed
        .as_ref()
        .map(|key| format!(" (it names {key})"))
        .unwrap_or_default()
}

/// An envelope as it is written. Unknown members are passed over, as DSSE wants it: nothing is told of them.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Signature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// Signs a payload: the envelope's text.
#[must_use]
pub fn seal(payload: &[u8], key: &SigningKey) -> String {
    let signature = key.sign(&pae::encode(PAYLOAD_TYPE, payload));
    let envelope = Envelope {
        payload: STANDARD.encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures: vec![Signature {
            keyid: key.public().id().to_string(),
            sig: STANDARD.encode(signature),
        }],
    };
    // Texts alone: writing them to memory does not fail.
    let text = serde_json::to_string_pretty(&envelope).unwrap_or_default();
    format!("{text}\n")
}

/// The payload of an envelope that a key has signed.
///
/// # Errors
/// Why it does not show that.
pub fn open(text: &[u8], key: &PublicKey) -> Result<Vec<u8>, EnvelopeFault> {
    let (payload, signature, claimed) = taken_apart(text)?;
    if key.has_signed(&pae::encode(PAYLOAD_TYPE, &payload), &signature) {
        return Ok(payload);
    }
    let key = key.id().to_string();
    Err(EnvelopeFault::Signature {
        claimed: Some(claimed).filter(|claimed| !claimed.is_empty() && *claimed != key),
        key,
    })
}

/// The payload of an envelope, whoever signed it: nothing of it is proved.
///
/// # Errors
/// Why it is no envelope of a certificate.
pub fn peek(text: &[u8]) -> Result<Vec<u8>, EnvelopeFault> {
    taken_apart(text).map(|(payload, _, _)| payload)
}

/// The payload, the signature, and the key that the envelope names.
fn taken_apart(text: &[u8]) -> Result<(Vec<u8>, Vec<u8>, String), EnvelopeFault> {
    let envelope: Envelope = strict_json::read(text).map_err(EnvelopeFault::Malformed)?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(EnvelopeFault::PayloadType(envelope.payload_type));
    }
    let [signature] = envelope.signatures.as_slice() else {
        return Err(EnvelopeFault::Signatures(envelope.signatures.len()));
    };
    Ok((
        decoded("payload", &envelope.payload)?,
        decoded("signature", &signature.sig)?,
        signature.keyid.clone(),
    ))
}

/// What a text decodes to. The engine takes neither other padding nor trailing bits, so that each text decodes to something else.
fn decoded(what: &'static str, text: &str) -> Result<Vec<u8>, EnvelopeFault> {
    STANDARD.decode(text).map_err(|fault| EnvelopeFault::Base64 {
        what,
        fault: fault.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn key() -> SigningKey {
        SigningKey::generate().unwrap()
    }

    /// An envelope with something changed in it.
    fn changed(key: &SigningKey, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut envelope = serde_json::from_str(&seal(b"{\"a\":1}", key)).unwrap();
        change(&mut envelope);
        envelope.to_string().into_bytes()
    }

    #[test]
    fn what_is_sealed_is_opened() {
        let key = key();
        let sealed = seal(b"{\"a\":1}", &key);
        assert_eq!(open(sealed.as_bytes(), &key.public()).unwrap(), b"{\"a\":1}");
        assert_eq!(peek(sealed.as_bytes()).unwrap(), b"{\"a\":1}");
        // What DSSE has readers pass over, and what it lets writers leave out.
        let extended = changed(&key, |envelope| envelope["more"] = json!(1));
        assert!(open(&extended, &key.public()).is_ok());
        let nameless = changed(&key, |envelope| {
            envelope["signatures"][0].as_object_mut().unwrap().remove("keyid");
        });
        assert!(open(&nameless, &key.public()).is_ok());
    }

    #[test]
    fn another_key_is_told() {
        let (key, other) = (key(), key());
        let fault = open(seal(b"{}", &key).as_bytes(), &other.public()).unwrap_err();
        let said = fault.to_string();
        assert!(matches!(fault, EnvelopeFault::Signature { .. }));
        assert!(
            said.contains(&other.public().id().to_string()) && said.contains(&key.public().id().to_string()),
            "{said}"
        );
    }

    #[test]
    fn one_signature_is_wanted() {
        let key = key();
        let signed = |count: usize| {
            changed(&key, |envelope| {
                let own = envelope["signatures"][0].clone();
                envelope["signatures"] = Value::from(vec![own; count]);
            })
        };
        for count in [0, 2] {
            assert_eq!(
                open(&signed(count), &key.public()),
                Err(EnvelopeFault::Signatures(count))
            );
        }
    }

    #[test]
    fn the_type_is_signed_too() {
        let key = key();
        let other = changed(&key, |envelope| envelope["payloadType"] = json!("text/plain"));
        assert_eq!(
            open(&other, &key.public()),
            Err(EnvelopeFault::PayloadType("text/plain".to_owned()))
        );
    }

    #[test]
    fn a_text_of_base64_that_is_not_the_one_text_is_refused() {
        let key = key();
        // `{"a":1}` ends in one byte of three: the last digit has four bits that say nothing, and are zero.
        let payload = STANDARD.encode(b"{\"a\":1}");
        assert!(payload.ends_with("fQ=="));
        for other in [
            payload.replace("fQ==", "fR=="),
            payload.replace("==", ""),
            payload.replace("==", "="),
            format!("{payload}\n"),
            payload.replace("fQ==", "fQ=\n="),
        ] {
            let envelope = changed(&key, |envelope| envelope["payload"] = json!(other));
            let fault = open(&envelope, &key.public()).unwrap_err();
            assert!(
                matches!(fault, EnvelopeFault::Base64 { what: "payload", .. }),
                "{other}: {fault}"
            );
        }
        let cut = changed(&key, |envelope| envelope["signatures"][0]["sig"] = json!("AAAA"));
        assert!(matches!(
            open(&cut, &key.public()),
            Err(EnvelopeFault::Signature { .. })
        ));
    }

    #[test]
    fn what_is_no_envelope_is_told_so() {
        let key = key();
        let sealed = seal(b"{}", &key);
        for text in [
            "",
            "{}",
            "[]",
            "-----BEGIN PUBLIC KEY-----",
            &format!("{sealed}{sealed}"),
            &format!("{sealed}."),
        ] {
            assert!(
                matches!(open(text.as_bytes(), &key.public()), Err(EnvelopeFault::Malformed(_))),
                "{text}"
            );
        }
        let twice = sealed.replacen("{", "{\"payload\":\"\",", 1);
        let fault = open(twice.as_bytes(), &key.public()).unwrap_err();
        assert_eq!(
            fault,
            EnvelopeFault::Malformed("the member /payload stands there twice".to_owned())
        );
    }
}
