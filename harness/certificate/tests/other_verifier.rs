//! An envelope of ours, verified by Python's `securesystemslib` (PyPI), which shares no code with the library that signed it; and one of
//! its, verified by us.
//!
//! Ignored where that package is missing, and failed there with `HUBPROOF_REQUIRE_DSSE=1`. `HUBPROOF_PYTHON` names another interpreter.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, ExitCode};

use hubproof_certificate::envelope;
use hubproof_certificate::keys::{PublicKey, SigningKey};
use libtest_mimic::{Arguments, Failed, Trial};

/// Verifies the envelope with a public key in PEM, shows the payload, and says whether it takes one with another payload.
const VERIFIER: &str = r#"
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

def verified(envelope, key):
    try:
        Envelope.from_dict(envelope).verify([key], 1)
    except VerificationError:
        return False
    return True

envelope = json.load(open(sys.argv[1]))
key = SSlibKey.from_crypto(load_pem_public_key(open(sys.argv[2], "rb").read()), keyid=envelope["signatures"][0]["keyid"])
own = Envelope.from_dict(envelope)
altered = own.to_dict() | {"payload": "e30="}
print(json.dumps({"verified": verified(own.to_dict(), key), "altered": verified(altered, key), "payload": own.payload.decode()}))
"#;

/// Signs a payload with a private key in PEM.
const SIGNER: &str = r#"
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner

signer = CryptoSigner(load_pem_private_key(open(sys.argv[1], "rb").read(), None))
envelope = Envelope(sys.argv[2].encode(), "application/vnd.in-toto+json", {})
envelope.sign(signer)
print(json.dumps(envelope.to_dict()))
"#;

const PAYLOAD: &str = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"é\":1}";

fn main() -> ExitCode {
    let is_required = std::env::var("HUBPROOF_REQUIRE_DSSE").is_ok_and(|value| value == "1");
    let is_there = python(&["-c", "import securesystemslib.dsse, cryptography"]).is_ok();
    let named = |name: &str| match is_there {
        true => name.to_owned(),
        false => format!("{name} [not installed: pip install securesystemslib cryptography]"),
    };
    let trials = vec![
        Trial::test(named("python_verifies_our_envelope"), || {
            python_verifies_our_envelope().map_err(Failed::from)
        }),
        Trial::test(named("we_verify_pythons_envelope"), || {
            we_verify_pythons_envelope().map_err(Failed::from)
        }),
    ];
    let is_ignored = !is_there && !is_required;
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(is_ignored));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

fn python_verifies_our_envelope() -> Result<(), String> {
    let key = SigningKey::generate().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (sealed, public) = (directory.path().join("sealed.json"), directory.path().join("key.pub"));
    std::fs::write(&sealed, envelope::seal(PAYLOAD.as_bytes(), &key)).unwrap();
    std::fs::write(&public, key.public().to_pem().unwrap()).unwrap();
    let said = python(&["-c", VERIFIER, sealed.to_str().unwrap(), public.to_str().unwrap()])?;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let wanted = serde_json::json!({"verified": true, "altered": false, "payload": PAYLOAD});
    match said == wanted {
        true => Ok(()),
        false => Err(said.to_string()),
    }
}

fn we_verify_pythons_envelope() -> Result<(), String> {
    let key = SigningKey::generate().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let private = directory.path().join("key.pem");
    std::fs::write(&private, key.to_pem().unwrap().as_bytes()).unwrap();
    let sealed = python(&["-c", SIGNER, private.to_str().unwrap(), PAYLOAD])?;
    let public = PublicKey::from_pem(&key.public().to_pem().unwrap()).unwrap();
    let payload = envelope::open(sealed.as_bytes(), &public).map_err(|fault| format!("{fault}: {sealed}"))?;
    match payload == PAYLOAD.as_bytes() {
        true => Ok(()),
        false => Err(sealed),
    }
}

/// What the interpreter prints.
fn python(arguments: &[&str]) -> Result<String, String> {
    let interpreter = std::env::var("HUBPROOF_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(&interpreter).args(arguments).output();
    let output = output.map_err(|fault| format!("{interpreter}: {fault}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
