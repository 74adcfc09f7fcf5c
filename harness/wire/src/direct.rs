//! Requests over a connection of their own: those whose path must leave byte for byte (URL libraries normalise `..` and `%2e%2e`
//! away, CAT-11 needs them), and those with large bodies, whose answer may come before they have left (EXE-10).

use std::time::Duration;

use http::{Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hubproof_model::exchange::Fault;
use hubproof_model::profile::Profile;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::SessionError;
#[cfg(feature = "tls")]
use crate::certificate::{PeerCertificate, noted::Noted};
use crate::fault::{of_connection, slow_connect};
use crate::fill::Filled;
use crate::half_deaf::HalfDeaf;
use crate::reading::{Answer, Bounded};

/// A request that is ready to go out.
pub(crate) type Ready = Request<Full<Bytes>>;

/// Opens a connection a request.
pub(crate) struct Direct {
    host: String,
    port: u16,
    /// The value of `Host` (RFC 9112 §3.2).
    authority: String,
    /// What stands before the paths, without a slash at the end.
    base_path: String,
    connect_timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<(tokio_rustls::TlsConnector, rustls::pki_types::ServerName<'static>)>,
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Direct")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

impl Direct {
    /// For the target at a base URL.
    ///
    /// # Errors
    /// A CA file that cannot be used, a host that no certificate can name.
    pub(crate) fn new(base: &Url, profile: &Profile) -> Result<Self, SessionError> {
        let host = base.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self {
            port: base.port_or_known_default().unwrap_or(80),
            authority: base.authority().to_owned(),
            base_path: base.path().trim_end_matches('/').to_owned(),
            connect_timeout: profile.target.connect_timeout,
            #[cfg(feature = "tls")]
            tls: if base.scheme() == "https" {
                let name = rustls::pki_types::ServerName::try_from(host.clone());
                let name = name.map_err(|fault| SessionError::Client(format!("`{host}`: {fault}")))?;
                let config = std::sync::Arc::new(crate::tls::config(profile)?);
                Some((config.into(), name))
            } else {
                None
            },
            host,
        })
    }

    /// The host and the port of the target.
    pub(crate) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Makes a request of what is below the base URL.
    ///
    /// # Errors
    /// A path that HTTP cannot carry as it is.
    pub(crate) fn request(&self, filled: Filled) -> Result<Ready, Fault> {
        let target = format!("{}{}", self.base_path, filled.path);
        // Without the path: it has keys in it, and short ones would not be masked. The exchange has it as planned.
        let unsendable = |why: &str| Fault::Unsendable(format!("the path cannot leave as it is: {why}"));
        let uri: Uri = target
            .parse()
            .map_err(|fault: http::uri::InvalidUri| unsendable(&fault.to_string()))?;
        if uri.path_and_query().is_none_or(|sent| sent.as_str() != target) {
            return Err(unsendable("it has a fragment"));
        }
        let mut request = Request::new(Full::new(Bytes::from(filled.body)));
        *request.method_mut() = filled.method;
        *request.uri_mut() = uri;
        let host = header::HeaderValue::from_str(&self.authority).map_err(|fault| unsendable(&fault.to_string()))?;
        request.headers_mut().append(header::HOST, host);
        for header in filled.headers {
            request.headers_mut().append(header.name, header.value);
        }
        Ok(request)
    }

    /// Sends a request, and reads its answer.
    pub(crate) async fn exchange(&self, request: Ready, most: usize) -> Result<Answer, Fault> {
        let connecting = tokio::time::timeout(self.connect_timeout, self.connect());
        let stream = connecting
            .await
            .unwrap_or_else(|_| Err(slow_connect(self.connect_timeout)))?;
        speak(stream, request, most).await
    }

    /// The certificate that the target shows on a connection of its own, over which nothing is sent. None without TLS, or where no
    /// certificate came.
    #[cfg(feature = "tls")]
    pub(crate) async fn certificate(&self) -> Option<PeerCertificate> {
        let (_, name) = self.tls.as_ref()?;
        let noted = Noted::new();
        let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(noted.client()?));
        let connecting = async {
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            connector.connect(name.clone(), stream).await
        };
        // What was noted counts, also where the connection did not come about.
        let _ = tokio::time::timeout(self.connect_timeout, connecting).await;
        noted.certificate()
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// That the target cannot be reached.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, Fault> {
        let connect = |fault: std::io::Error| Fault::Connect(fault.to_string());
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(connect)?;
        stream.set_nodelay(true).map_err(connect)?;
        let stream = HalfDeaf::new(stream);
        #[cfg(feature = "tls")]
        if let Some((tls, name)) = &self.tls {
            return Ok(Box::new(tls.connect(name.clone(), stream).await.map_err(connect)?));
        }
        Ok(Box::new(stream))
    }
}

/// What requests go over: TCP, or TLS on it.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn speak(stream: Box<dyn Stream>, request: Ready, most: usize) -> Result<Answer, Fault> {
    let fault = |fault: hyper::Error| of_connection(&fault);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(fault)?;
    // Ends with this function, also when that is dropped: the connection serves one request.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let (parts, mut body) = sender.send_request(request).await.map_err(fault)?.into_parts();
    let mut bounded = Bounded::new(most);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(fault)?;
        if frame.data_ref().is_some_and(|chunk| !bounded.push(chunk)) {
            break;
        }
    }
    Ok(Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: bounded,
    })
}
