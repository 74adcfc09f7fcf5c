//! Requests whose path leaves byte for byte. URL libraries normalise `..` and `%2e%2e` away (CAT-11 needs them), so these go over
//! a connection of their own, without one.

use http_body_util::{BodyExt, Full};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::SessionError;
use crate::fill::Filled;
use crate::reading::{Answer, Bounded};
use crate::session::{chain, is_protocol};

/// Opens a connection a request.
pub(crate) struct Verbatim {
    connect_timeout: std::time::Duration,
    #[cfg(feature = "tls")]
    tls: tokio_rustls::TlsConnector,
}

impl std::fmt::Debug for Verbatim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verbatim")
    }
}

impl Verbatim {
    /// For the target of a profile.
    ///
    /// # Errors
    /// A CA file that cannot be used.
    pub(crate) fn new(profile: &Profile) -> Result<Self, SessionError> {
        Ok(Self {
            connect_timeout: profile.target.connect_timeout,
            #[cfg(feature = "tls")]
            tls: std::sync::Arc::new(crate::tls::config(profile)?).into(),
        })
    }

    /// Sends a request below the base URL, and reads its answer.
    pub(crate) async fn exchange(&self, base: &reqwest::Url, filled: Filled, most: usize) -> Result<Answer, Fault> {
        let host = base.host_str().unwrap_or_default();
        let port = base.port_or_known_default().unwrap_or(80);
        let address = (host.trim_start_matches('[').trim_end_matches(']'), port);
        let stream = tokio::time::timeout(self.connect_timeout, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| Fault::TimedOut(self.connect_timeout))?;
        let stream = stream.map_err(|fault| Fault::Connect(fault.to_string()))?;
        if base.scheme() == "https" {
            self.exchange_over_tls(stream, base, filled, most).await
        } else {
            speak(stream, base, filled, most).await
        }
    }

    #[cfg(feature = "tls")]
    async fn exchange_over_tls(
        &self,
        stream: TcpStream,
        base: &reqwest::Url,
        filled: Filled,
        most: usize,
    ) -> Result<Answer, Fault> {
        let name = rustls::pki_types::ServerName::try_from(base.host_str().unwrap_or_default().to_owned());
        let name = name.map_err(|fault| Fault::Connect(fault.to_string()))?;
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|fault| Fault::Connect(fault.to_string()))?;
        speak(stream, base, filled, most).await
    }

    #[cfg(not(feature = "tls"))]
    async fn exchange_over_tls(&self, _: TcpStream, _: &reqwest::Url, _: Filled, _: usize) -> Result<Answer, Fault> {
        Err(Fault::Connect("this build has no TLS".to_owned()))
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    base: &reqwest::Url,
    filled: Filled,
    most: usize,
) -> Result<Answer, Fault> {
    let target = format!("{}{}", base.path().trim_end_matches('/'), filled.path);
    let unsendable = |fault: &dyn std::fmt::Display| Fault::Unsendable(format!("`{target}`: {fault}"));
    let uri: http::Uri = target
        .parse()
        .map_err(|fault: http::uri::InvalidUri| unsendable(&fault))?;
    let authority = base.authority();
    let mut request = http::Request::builder()
        .method(filled.method)
        .uri(uri)
        .header("host", authority);
    for (name, value) in &filled.headers {
        request = request.header(name, value);
    }
    let request = request
        .body(Full::new(Bytes::from(filled.body)))
        .map_err(|fault| unsendable(&fault))?;

    let connected = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = connected.map_err(|fault| fault_of(&fault))?;
    // Ends when the answer is read and `sender` is gone.
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|fault| fault_of(&fault))?;
    let (parts, mut body) = response.into_parts();
    let mut bounded = Bounded::new(most);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|fault| fault_of(&fault))?;
        if frame.data_ref().is_some_and(|chunk| !bounded.push(chunk)) {
            break;
        }
    }
    connection.abort();
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: bounded.body,
        truncated: bounded.truncated,
    })
}

fn fault_of(fault: &hyper::Error) -> Fault {
    if is_protocol(fault) {
        Fault::Protocol(chain(fault))
    } else {
        Fault::Broken(chain(fault))
    }
}
