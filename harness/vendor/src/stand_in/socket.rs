//! A connection that can be reset instead of closed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Says how a connection ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Wire {
    is_reset: Arc<AtomicBool>,
}

impl Wire {
    /// Lets the connection end with a reset.
    pub(super) fn reset(&self) {
        self.is_reset.store(true, Ordering::SeqCst);
    }

    fn is_reset(&self) -> bool {
        self.is_reset.load(Ordering::SeqCst)
    }
}

/// The connection.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    wire: Wire,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, wire: Wire) -> Self {
        Self { stream, wire }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.wire.is_reset() {
            // Closed with a linger of nothing, TCP sends a reset. Where the system refuses that, the client sees an end instead.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.wire.is_reset() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
