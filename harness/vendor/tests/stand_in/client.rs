//! A client that sees what comes over the wire, whole or not.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use hubproof_vendor::{StandIn, Vendor};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// A bundled vendor on a free port.
pub(crate) async fn stand_in(connector: &str) -> StandIn {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    StandIn::start(Vendor::bundled(connector).unwrap(), address)
        .await
        .unwrap()
}

/// An answer, as far as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    /// How the connection ended.
    pub(crate) end: std::io::Result<()>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|fault| panic!("{fault}: {self:?}"))
    }
}

/// Sends a request with the vendor's credentials, and reads until the connection ends or 1.5 seconds are over.
pub(crate) async fn send(vendor: &StandIn, method: &str, path: &str, body: &str) -> Option<Answer> {
    let (header, value) = vendor.vendor().credentials();
    send_with(vendor, method, path, body, &format!("{header}: {value}\r\n")).await
}

pub(crate) async fn send_with(vendor: &StandIn, method: &str, path: &str, body: &str, headers: &str) -> Option<Answer> {
    let mut stream = request(vendor, method, path, body, headers).await?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 65_536];
    let deadline = Instant::now() + Duration::from_millis(1500);
    let end = loop {
        match timeout_at(deadline, stream.read(&mut chunk)).await {
            Ok(Ok(0)) => break Ok(()),
            Ok(Ok(read)) if bytes.len() < 1 << 20 => bytes.extend_from_slice(&chunk[..read]),
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => break Err(fault),
            Err(_) => break Err(std::io::ErrorKind::TimedOut.into()),
        }
    };
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
    Some(Answer {
        status,
        head: head.to_lowercase(),
        body: body.to_owned(),
        end,
    })
}

/// Sends a request, and gives its connection; none where that is refused.
pub(crate) async fn request(
    vendor: &StandIn,
    method: &str,
    path: &str,
    body: &str,
    headers: &str,
) -> Option<TcpStream> {
    let url = vendor.url();
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    Some(stream)
}
