//! The certificate of a target over TLS: trusted, expired, of nobody, and none.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::date_time_ymd;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::opening::{get, open, profile};

/// What a target over TLS is, and who vouches for it.
struct Secured {
    port: u16,
    /// The authority's certificate, in PEM form.
    authority: tempfile::NamedTempFile,
    /// The bytes that were sent over all connections, once they have ended.
    received: tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>,
}

/// A target whose certificate is valid until a day.
async fn target(until: (i32, u8, u8)) -> Secured {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "An Authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    own.not_before = date_time_ymd(2020, 1, 1);
    own.not_after = date_time_ymd(until.0, until.1, until.2);
    let own = own.signed_by(&key, &authority).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut chunk = [0; 4096];
                    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                        bytes.extend_from_slice(&chunk[..read]);
                        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                        let _ = stream.write_all(answer).await;
                    }
                }
                let _ = sender.send(bytes);
            });
        }
    });
    Secured {
        port,
        authority: file,
        received,
    }
}

fn profile_of(target: &Secured, is_trusted: bool) -> hubproof_model::profile::Profile {
    let mut profile = profile(([127, 0, 0, 1], target.port).into());
    profile.target.url = format!("https://localhost:{}/api/v1", target.port);
    profile.target.ca_file = is_trusted.then(|| target.authority.path().to_owned());
    profile
}

fn at(year: i32, month: u8, day: u8) -> SystemTime {
    let seconds = date_time_ymd(year, month, day).unix_timestamp();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap())
}

#[tokio::test]
async fn a_certificate_is_shown_whether_it_is_valid_or_not() {
    for (until, is_trusted, is_answered) in [
        ((2999, 3, 4), true, true),
        ((2021, 3, 4), true, false),
        ((2999, 3, 4), false, false),
    ] {
        let mut target = target(until).await;
        let session = open(&profile_of(&target, is_trusted));
        let shown = session.certificate().await.unwrap();
        assert_eq!(shown.issuer, "CN=An Authority");
        assert_eq!(shown.expires, at(until.0, until.1, until.2));
        let sent = target.received.recv().await.unwrap();
        assert_eq!(sent, b"", "neither a key nor a request goes over it");
        // Calls trust what they trusted before.
        let exchange = session.send("case", &get("/tools")).await;
        assert_eq!(
            exchange.response().is_some(),
            is_answered,
            "{until:?}: {:?}",
            exchange.result
        );
    }
}

#[tokio::test]
async fn without_tls_there_is_no_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let session = open(&profile(listener.local_addr().unwrap()));
    assert_eq!(session.certificate().await, None);
}
