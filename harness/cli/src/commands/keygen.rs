//! `hubproof keygen`: a key pair that signs and verifies certificates.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use hubproof_certificate::keys::{KeyFault, SigningKey};
use hubproof_reports::shell;

use crate::Done;
use crate::arguments::certificates::KeygenArguments;
use crate::certificates::CertificateFault;
use crate::terminal;
use crate::usage::Complaint;

/// Writes a new key pair.
pub(crate) fn keygen(arguments: &KeygenArguments) -> Done {
    let told = write(&arguments.out).map_err(Complaint::from)?;
    terminal::print(&told)?;
    Ok(ExitCode::SUCCESS)
}

fn write(private: &Path) -> Result<String, CertificateFault> {
    let public = private.with_extension("pub");
    if public == private {
        return Err(CertificateFault::PublicName(private.to_owned()));
    }
    let fault = |fault| CertificateFault::Key {
        place: "keygen".to_owned(),
        fault,
    };
    let key = SigningKey::generate().map_err(fault)?;
    let (secret, shown): (_, Result<_, KeyFault>) = (key.to_pem().map_err(fault)?, key.public().to_pem());
    // The one that may lie about first: a private key without it is of no use.
    put(&public, shown.map_err(fault)?.as_bytes(), 0o644)?;
    if let Err(fault) = put(private, secret.as_bytes(), 0o600) {
        // Its own, of a moment ago.
        let _ = std::fs::remove_file(&public);
        return Err(fault);
    }
    let word = |path: &Path| shell::word(&path.display().to_string());
    Ok(format!(
        "private key: {} (signs; show it to nobody)\npublic key:  {} (verifies; give it to whoever relies on your certificates)\n\
         key id:      {}\n",
        word(private),
        word(&public),
        key.public().id()
    ))
}

/// Writes a file that is not there yet, with these permissions from the first moment on.
fn put(path: &Path, text: &[u8], mode: u32) -> Result<(), CertificateFault> {
    let written = create(path, mode).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()
    });
    written.map_err(|fault| match fault.kind() {
        ErrorKind::AlreadyExists => CertificateFault::KeyExists(path.to_owned()),
        _ => CertificateFault::UnwritableKey {
            path: path.to_owned(),
            fault,
        },
    })
}

#[cfg(unix)]
fn create(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
