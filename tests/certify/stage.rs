//! Commands that are run, and a certificate that was issued once for all tests.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use hubproof_certificate::certificate::Certificate;
use hubproof_certificate::envelope::{peek, seal};
use hubproof_certificate::keys::SigningKey;
use hubproof_certificate::statement::Statement;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const CERTIFICATE: &str = "certificate.dsse.json";
pub(crate) const IMAGE: &str =
    "registry.example/hub=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// What a command came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn hubproof(folder: &Path, arguments: &[&str]) -> Ended {
    ended(command(folder, arguments).output().unwrap())
}

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The arguments of a quick run for the least set, signed by `own.key`.
pub(crate) const CORE: [&str; 12] = [
    "certify",
    "--set",
    "hub-core",
    "--allow",
    "read",
    "--cases",
    "4",
    "--signing-key",
    "own.key",
    "--subject",
    IMAGE,
    "-q",
];

/// A folder with the keys `own` and `other`, and in `out` the certificate that `own` signed for the bundled hub. Nobody changes it.
pub(crate) fn issued() -> &'static Path {
    static ISSUED: OnceLock<(TempDir, Ended)> = OnceLock::new();
    let (folder, certified) = ISSUED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        for key in ["own.key", "other.key"] {
            assert_eq!(hubproof(folder.path(), &["keygen", "--out", key]).code, 0);
        }
        let certified = hubproof(folder.path(), &[&CORE[..], &["--out", "out"]].concat());
        (folder, certified)
    });
    assert_eq!(certified.code, 0, "{}{}", certified.out, certified.err);
    assert!(
        certified.out.contains("certified: hub-core, signed by sha256:"),
        "{}",
        certified.out
    );
    folder.path()
}

pub(crate) fn key(name: &str) -> SigningKey {
    SigningKey::from_pem(&fs::read_to_string(issued().join(name)).unwrap()).unwrap()
}

pub(crate) fn envelope() -> Value {
    serde_json::from_slice(&fs::read(issued().join("out").join(CERTIFICATE)).unwrap()).unwrap()
}

/// Verifies a text in the certificate's place.
pub(crate) fn verify(text: &str, arguments: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("given.json");
    fs::write(&file, text).unwrap();
    let given = ["verify", file.to_str().unwrap(), "--key", "own.pub"];
    hubproof(issued(), &[&given[..], arguments].concat())
}

/// Verifies the certificate itself.
pub(crate) fn verify_own(arguments: &[&str]) -> Ended {
    hubproof(
        issued(),
        &[&["verify", "out", "--key", "own.pub"][..], arguments].concat(),
    )
}

/// The certificate with something changed in it, signed again by its own key.
pub(crate) fn signed_again(change: impl FnOnce(&mut Certificate)) -> String {
    let payload = peek(envelope().to_string().as_bytes()).unwrap();
    let mut certificate = Statement::read(&payload).unwrap().certificate().unwrap();
    change(&mut certificate);
    seal(Statement::from(&certificate).to_json().as_bytes(), &key("own.key"))
}
