//! Ed25519 keys in the files that OpenSSL and others read: PKCS#8 and SPKI, in PEM.

use std::fmt;

use ed25519_dalek::pkcs8::spki::{self, der::pem::LineEnding};
use ed25519_dalek::pkcs8::{self, DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use zeroize::Zeroizing;

use crate::digest::Sha256;

/// A private key. It is wiped from memory when it is dropped, and nothing shows it but [`SigningKey::to_pem`].
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// What tells a public key from others: the SHA-256 of its SPKI in DER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(Sha256);

/// Why a text is no key that signs, or verifies, certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Of another algorithm.
    #[error("it is a key of another algorithm: certificates are signed with Ed25519 (`hubproof keygen`)")]
    Algorithm,
    /// A public key where a private one is wanted.
    #[error("it holds a public key: signing needs the private one")]
    Public,
    /// A private key where a public one is wanted.
    #[error(
        "it holds a private key: give the public one (`hubproof keygen` wrote it beside it), and show the private one to nobody"
    )]
    Private,
    /// A private key under a password.
    #[error("it is encrypted: give it without a password, as an environment variable if not as a file")]
    Encrypted,
    /// A public key for which anybody can make signatures.
    #[error("it is a weak key: signatures of it prove nothing")]
    Weak,
    /// Something else.
    #[error("it holds no {wanted} in PEM: {what}")]
    Malformed {
        /// What is wanted.
        wanted: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(String),
}

impl SigningKey {
    /// A new key, from the system's random numbers.
    ///
    /// # Errors
    /// The system gives none.
    pub fn generate() -> Result<Self, KeyFault> {
        let mut secret = Zeroizing::new([0; ed25519_dalek::SECRET_KEY_LENGTH]);
        getrandom::fill(secret.as_mut_slice()).map_err(|fault| KeyFault::Entropy(fault.to_string()))?;
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&secret)))
    }

    /// Reads PKCS#8 in PEM.
    ///
    /// # Errors
    /// Why it is none that signs certificates.
    pub fn from_pem(text: &str) -> Result<Self, KeyFault> {
        const WANTED: &str = "private key (PKCS#8)";
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(KeyFault::Encrypted);
        }
        if text.contains("BEGIN PUBLIC KEY") && !text.contains("PRIVATE KEY") {
            return Err(KeyFault::Public);
        }
        let read = ed25519_dalek::SigningKey::from_pkcs8_pem(text.trim());
        read.map(Self).map_err(|fault| match fault {
            pkcs8::Error::PublicKey(spki::Error::OidUnknown { .. }) => KeyFault::Algorithm,
            other => malformed(WANTED, &other),
        })
    }

    /// As PKCS#8 in PEM, of the version that every reader knows: without the public key.
    ///
    /// # Errors
    /// It cannot be encoded, which is a fault of this program.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyFault> {
        let secret = Zeroizing::new(self.0.to_bytes());
        let mut pair = KeypairBytes {
            secret_key: *secret,
            public_key: None,
        };
        let pem = pair.to_pkcs8_pem(LineEnding::LF);
        zeroize::Zeroize::zeroize(&mut pair.secret_key);
        pem.map_err(|fault| malformed("private key (PKCS#8)", &fault))
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Its signature of some bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; Signature::BYTE_SIZE] {
        self.0.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public().id()).finish()
    }
}

impl PublicKey {
    /// Reads SPKI in PEM.
    ///
    /// # Errors
    /// Why it is none that verifies certificates.
    pub fn from_pem(text: &str) -> Result<Self, KeyFault> {
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyFault::Private);
        }
        let read = VerifyingKey::from_public_key_pem(text.trim()).map_err(|fault| match fault {
            spki::Error::OidUnknown { .. } => KeyFault::Algorithm,
            other => malformed("public key (SPKI)", &other),
        })?;
        match read.is_weak() {
            true => Err(KeyFault::Weak),
            false => Ok(Self(read)),
        }
    }

    /// As SPKI in PEM.
    ///
    /// # Errors
    /// It cannot be encoded, which is a fault of this program.
    pub fn to_pem(&self) -> Result<String, KeyFault> {
        let pem = self.0.to_public_key_pem(LineEnding::LF);
        pem.map_err(|fault| malformed("public key (SPKI)", &fault))
    }

    /// What tells it from others.
    #[must_use]
    pub fn id(&self) -> KeyId {
        // The DER of an Ed25519 key is its bytes after these (RFC 8410 §4); a test compares it with what the library encodes.
        const HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        KeyId(Sha256::of([&HEAD, self.0.as_bytes().as_slice()].concat()))
    }

    /// Whether a signature of some bytes is of this key, and the only one that it could have made of them.
    pub(crate) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(bytes, &signature).is_ok())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}

fn malformed(wanted: &'static str, what: &dyn fmt::Display) -> KeyFault {
    KeyFault::Malformed {
        wanted,
        what: what.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8410 §10.1 and §10.3: the examples of the standard, which open nothing.
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
                          MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                          -----END PUBLIC KEY-----\n";
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
                           MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                           -----END PRIVATE KEY-----\n";
    const P256: &str = "-----BEGIN PUBLIC KEY-----\n\
                        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n\
                        6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n\
                        -----END PUBLIC KEY-----\n";

    #[test]
    fn the_keys_of_rfc_8410_are_read_and_written() {
        let private = SigningKey::from_pem(PRIVATE).unwrap();
        let public = PublicKey::from_pem(PUBLIC).unwrap();
        assert_eq!(private.public(), public);
        assert_eq!(*private.to_pem().unwrap(), PRIVATE);
        assert_eq!(public.to_pem().unwrap(), PUBLIC);
    }

    #[test]
    fn the_id_is_the_digest_of_the_spki() {
        let public = PublicKey::from_pem(PUBLIC).unwrap();
        let der = public.0.to_public_key_der().unwrap();
        assert_eq!(public.id(), KeyId(Sha256::of(der.as_bytes())));
        assert!(public.id().to_string().starts_with("sha256:"));
    }

    #[test]
    fn new_keys_differ() {
        let (one, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        assert_ne!(one.public(), other.public());
    }

    #[test]
    fn each_wrong_key_has_its_own_words() {
        assert_eq!(PublicKey::from_pem(P256), Err(KeyFault::Algorithm));
        assert_eq!(PublicKey::from_pem(PRIVATE), Err(KeyFault::Private));
        assert_eq!(SigningKey::from_pem(PUBLIC).unwrap_err(), KeyFault::Public);
        let encrypted = PRIVATE.replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert_eq!(SigningKey::from_pem(&encrypted).unwrap_err(), KeyFault::Encrypted);
        for nothing in [
            "",
            "sha256:abcd",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        ] {
            assert!(
                matches!(PublicKey::from_pem(nothing), Err(KeyFault::Malformed { .. })),
                "{nothing}"
            );
        }
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        // The neutral element, 1: whatever is signed, (0, 0) is a signature of it by the plain equation.
        let mut bytes = [0; 32];
        bytes[0] = 1;
        let weak = PublicKey(VerifyingKey::from_bytes(&bytes).unwrap());
        assert_eq!(PublicKey::from_pem(&weak.to_pem().unwrap()), Err(KeyFault::Weak));
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!weak.has_signed(b"anything", &signature));
    }

    #[test]
    fn nothing_shows_a_private_key() {
        let private = SigningKey::from_pem(PRIVATE).unwrap();
        let shown = format!("{private:?}");
        assert!(
            shown.starts_with("SigningKey(KeyId(") && !shown.contains("d4ee72db") && !shown.contains("212, 238"),
            "{shown}"
        );
    }
}
