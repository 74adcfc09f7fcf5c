//! Notes the certificate of a connection over which nothing is sent.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::PeerCertificate;

/// Notes the certificate of a host, and has the connection go on whatever it says: it is for nothing else.
#[derive(Debug)]
pub(crate) struct Noted {
    provider: Arc<CryptoProvider>,
    certificate: Mutex<Option<PeerCertificate>>,
}

impl Noted {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            certificate: Mutex::default(),
        })
    }

    /// A client that notes; `None` where its provider has no protocol version that is safe.
    pub(crate) fn client(self: &Arc<Self>) -> Option<ClientConfig> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder = builder.with_safe_default_protocol_versions().ok()?;
        let verifier = Arc::clone(self) as Arc<dyn ServerCertVerifier>;
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        Some(builder.with_no_client_auth())
    }

    /// What was noted.
    pub(crate) fn certificate(&self) -> Option<PeerCertificate> {
        let noted = self.certificate.lock().unwrap_or_else(PoisonError::into_inner);
        noted.clone()
    }
}

impl ServerCertVerifier for Noted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let mut noted = self.certificate.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = read(end_entity);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn read(der: &[u8]) -> Option<PeerCertificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let seconds = u64::try_from(certificate.validity().not_after.timestamp()).unwrap_or(0);
    Some(PeerCertificate {
        issuer: certificate.issuer().to_string(),
        expires: UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?,
    })
}
