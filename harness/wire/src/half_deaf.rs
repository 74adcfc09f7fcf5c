//! A stream whose peer may stop listening and still have something to say: a server that refuses a large body answers 413 and
//! closes while the body is still being sent, and the broken write would hide the answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Once the peer has stopped listening, what is written goes nowhere; what the peer said before can still be read.
pub(crate) struct HalfDeaf<S> {
    stream: S,
    is_deaf: bool,
}

impl<S> HalfDeaf<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, is_deaf: false }
    }

    /// What a write came to, with `unheard` where nobody listens any more.
    fn heard<T>(&mut self, written: Poll<io::Result<T>>, unheard: T) -> Poll<io::Result<T>> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected};
        match written {
            Poll::Ready(Err(fault))
                if matches!(
                    fault.kind(),
                    BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected
                ) =>
            {
                self.is_deaf = true;
                Poll::Ready(Ok(unheard))
            }
            other => other,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HalfDeaf<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HalfDeaf<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_deaf {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.heard(written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = pieces.iter().map(|piece| piece.len()).sum();
        if self.is_deaf {
            return Poll::Ready(Ok(length));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.heard(written, length)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.heard(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.heard(shut, ())
    }
}
