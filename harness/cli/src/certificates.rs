//! The files of keys and certificates, and what is complained about of them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hubproof_certificate::certificate::Certificate;
use hubproof_certificate::envelope::{self, EnvelopeFault};
use hubproof_certificate::issue::REFUSED;
use hubproof_certificate::keys::{KeyFault, PublicKey, SigningKey};
use hubproof_certificate::shortfall::Refusal;
use hubproof_certificate::statement::{Statement, StatementFault};
use hubproof_certificate::verify::{Unverified, VerifyExit};
use hubproof_runner::exit::Exit;
use zeroize::Zeroizing;

use crate::closing::CERTIFICATE;
use crate::terminal;

/// Why a key or a certificate is not what it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateFault {
    /// A file cannot be read.
    #[error("{flag}: cannot read {path}: {fault}")]
    Unreadable {
        /// Where it was named.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A directory without a certificate.
    #[error(
        "{0} holds no {CERTIFICATE}: give the directory that `hubproof certify` wrote to (--out), or a certificate"
    )]
    NoCertificate(PathBuf),
    /// The variable of the private key is not there.
    #[error(
        "--signing-key-env: the environment variable {0} is not set; put the private key into it (export {0}=\"$(cat hubproof.key)\")"
    )]
    MissingKeyVariable(String),
    /// No key.
    #[error("{place}: {fault}")]
    Key {
        /// The flag, with the file or the variable.
        place: String,
        /// What is wrong.
        fault: KeyFault,
    },
    /// A file that a key must not overwrite.
    #[error("--out: {0} is there already, and is left as it is; name another file with --out")]
    KeyExists(PathBuf),
    /// A private key that would have the name of its public key.
    #[error("--out: {0} is the name of a public key; give the private one another ending")]
    PublicName(PathBuf),
    /// A key cannot be written.
    #[error("--out: cannot write {path}: {fault}")]
    UnwritableKey {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A connector of which nobody said which connections are its own.
    #[error(
        "--connector: the profile does not say which connections are of `{connector}`{known}; add to it:\n  [connections.by_connector]\n  \
         {connector} = [\"conn_…\"]"
    )]
    NoConnections {
        /// The connector.
        connector: String,
        /// Those that it names, in words.
        known: String,
    },
    /// A connector, and a set that is of none.
    #[error("--connector: the set {0} is of a whole hub; use --set connector")]
    ConnectorOfHub(hubproof_certificate::set::SetName),
    /// The set of this version.
    #[error(transparent)]
    Set(#[from] hubproof_certificate::set::SetFault),
    /// A certificate that cannot be compared with.
    #[error("--compare: {path}: {fault}")]
    OldEnvelope {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: EnvelopeFault,
    },
    /// A certificate that cannot be compared with.
    #[error("--compare: {path}: {fault}")]
    OldStatement {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: StatementFault,
    },
    /// A report that shows too little.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A certificate that is not what was demanded.
    #[error("not verified: {path}: {fault}")]
    Unverified {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: Box<Unverified>,
    },
    /// A badge cannot be written.
    #[error("--badge: cannot write {path}: {fault}")]
    UnwritableBadge {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
}

impl CertificateFault {
    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            CertificateFault::Refused(_) => REFUSED,
            CertificateFault::NoConnections { .. } => Exit::UnknownConnector.code(),
            CertificateFault::Unverified { fault, .. } => fault.exit().code(),
            CertificateFault::UnwritableBadge { .. } => VerifyExit::HarnessFault.code(),
            CertificateFault::Key {
                fault: KeyFault::Entropy(_),
                ..
            } => Exit::HarnessFault.code(),
            _ => Exit::Usage.code(),
        }
    }
}

/// The private key of a file; warns of a file that others can read.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey, CertificateFault> {
    const FLAG: &str = "--signing-key";
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|fault| CertificateFault::Unreadable {
        flag: FLAG,
        path: path.to_owned(),
        fault,
    })?;
    if let Some(mode) = open_mode(path) {
        let path = path.display();
        terminal::note(&format!(
            "warning: {path} can be read by others (mode {mode:04o}); close it (chmod 600 {path}), and make a new key if others were there"
        ));
    }
    SigningKey::from_pem(&text).map_err(|fault| CertificateFault::Key {
        place: format!("{FLAG}: {}", path.display()),
        fault,
    })
}

/// The permissions of a file that the group, or everybody, has some on.
#[cfg(unix)]
fn open_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_mode(_: &Path) -> Option<u32> {
    None
}

/// The private key in an environment variable.
pub(crate) fn signing_key_of(variable: &str) -> Result<SigningKey, CertificateFault> {
    let text = std::env::var(variable).ok().map(Zeroizing::new);
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| CertificateFault::MissingKeyVariable(variable.to_owned()))?;
    SigningKey::from_pem(&text).map_err(|fault| CertificateFault::Key {
        place: format!("--signing-key-env: {variable}"),
        fault,
    })
}

/// The public key of a file.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey, CertificateFault> {
    let text = std::fs::read(path).map_err(|fault| CertificateFault::Unreadable {
        flag: "--key",
        path: path.to_owned(),
        fault,
    })?;
    PublicKey::from_pem(&String::from_utf8_lossy(&text)).map_err(|fault| CertificateFault::Key {
        place: format!("--key: {}", path.display()),
        fault,
    })
}

/// The text of a certificate, and its file: the one that is named, or the one of the directory that is named.
pub(crate) fn certificate(flag: &'static str, path: &Path) -> Result<(PathBuf, Vec<u8>), CertificateFault> {
    let file = match path.is_dir() {
        true => path.join(CERTIFICATE),
        false => path.to_owned(),
    };
    match std::fs::read(&file) {
        Ok(text) => Ok((file, text)),
        Err(fault) if fault.kind() == ErrorKind::NotFound && path.is_dir() => {
            Err(CertificateFault::NoCertificate(path.to_owned()))
        }
        Err(fault) => Err(CertificateFault::Unreadable {
            flag,
            path: file,
            fault,
        }),
    }
}

/// An earlier certificate, to tell what changed since; says so where it is not signed by the key.
pub(crate) fn earlier(path: &Path, key: Option<&PublicKey>) -> Result<Certificate, CertificateFault> {
    let (path, text) = certificate("--compare", path)?;
    let payload = envelope::peek(&text).map_err(|fault| CertificateFault::OldEnvelope {
        path: path.clone(),
        fault,
    })?;
    let read = Statement::read(&payload).and_then(|statement| statement.certificate());
    let certificate = read.map_err(|fault| CertificateFault::OldStatement {
        path: path.clone(),
        fault,
    })?;
    if key.is_some_and(|key| envelope::open(&text, key).is_err()) {
        terminal::note(&format!(
            "--compare: {} is not signed by the key that signs now: what it says is told as it stands there",
            path.display()
        ));
    }
    Ok(certificate)
}
