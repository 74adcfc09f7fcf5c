//! TLS as the session speaks it: rustls with the ring provider, Mozilla's roots, and the profile's own authorities.

use std::path::Path;
use std::sync::Arc;

use hubproof_model::profile::Profile;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::SessionError;

/// The client configuration for a profile's target.
///
/// # Errors
/// A CA file that cannot be used.
pub(crate) fn config(profile: &Profile) -> Result<ClientConfig, SessionError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = &profile.target.ca_file {
        add_file(&mut roots, path).map_err(|reason| SessionError::BadCaFile {
            path: path.clone(),
            reason,
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|fault| SessionError::Client(fault.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let mut added = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|fault| fault.to_string())? {
        let certificate = certificate.map_err(|fault| fault.to_string())?;
        roots.add(certificate).map_err(|fault| fault.to_string())?;
        added += 1;
    }
    if added == 0 {
        Err("it holds no certificate in PEM form".to_owned())
    } else {
        Ok(())
    }
}
