//! A connection under load. It is driven by whoever waits for its answer, so that a call costs no switch between tasks.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Full};
use hubproof_model::exchange::Fault;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep};

use super::{LoadAnswer, LoadTarget, MOST_BYTES, Prepared};
use crate::direct::Stream;
use crate::fault::{of_connection, slow_connect};

/// A connection to a target, for one call at a time. Where it has closed, the next call opens it anew.
pub struct LoadConnection {
    target: LoadTarget,
    open: Option<Open>,
    timer: Timer,
}

impl std::fmt::Debug for LoadConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadConnection")
            .field("is_open", &self.open.is_some())
            .finish_non_exhaustive()
    }
}

impl LoadConnection {
    pub(super) fn new(target: LoadTarget) -> Self {
        Self {
            target,
            open: None,
            timer: Timer::default(),
        }
    }

    /// Opens it, unless it is open.
    ///
    /// # Errors
    /// That the target cannot be connected to within the profile's time.
    pub async fn open(&mut self) -> Result<(), Fault> {
        if let Some(open) = &mut self.open
            && open.is_ready().await
        {
            return Ok(());
        }
        self.open = None;
        let limit = self.target.shared.profile.target.connect_timeout;
        let connecting = tokio::time::timeout(limit, self.target.shared.direct.connect());
        let stream = connecting.await.unwrap_or_else(|_| Err(slow_connect(limit)))?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|fault| of_connection(&fault))?;
        self.open = Some(Open {
            sender,
            driver,
            has_ended: false,
        });
        Ok(())
    }

    /// Sends a request, and reads its answer.
    ///
    /// # Errors
    /// What kept the whole answer from coming within the profile's time. The connection is closed then.
    pub async fn send(&mut self, prepared: &Prepared) -> Result<LoadAnswer, Fault> {
        let deadline = Instant::now() + self.target.shared.profile.target.timeout;
        self.send_by(prepared, deadline).await
    }

    /// The same, for an answer that is of no use after `last`: the same moment for all calls of the connection.
    ///
    /// # Errors
    /// What kept the whole answer from coming within the profile's time and by then. The connection is closed then.
    pub async fn send_until(&mut self, prepared: &Prepared, last: std::time::Instant) -> Result<LoadAnswer, Fault> {
        let deadline = Instant::now() + self.target.shared.profile.target.timeout;
        self.send_by(prepared, deadline.min(last.into())).await
    }

    async fn send_by(&mut self, prepared: &Prepared, deadline: Instant) -> Result<LoadAnswer, Fault> {
        self.open().await?;
        let Some(open) = &mut self.open else {
            return Err(Fault::Broken("the connection is gone".to_owned()));
        };
        let limit = self.target.shared.profile.target.timeout;
        let timer = &mut self.timer;
        let result = {
            let mut exchange = pin!(open.exchange(prepared));
            poll_fn(|cx| match exchange.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(result),
                Poll::Pending => timer.poll(deadline, cx).map(|()| Err(Fault::TimedOut(limit))),
            })
            .await
        };
        if result.as_ref().map_or(true, |answer| answer.truncated) {
            self.open = None;
        }
        result
    }
}

struct Open {
    sender: http1::SendRequest<Full<Bytes>>,
    driver: http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>,
    /// Whether the driver has come to its end, and may not be driven any more.
    has_ended: bool,
}

impl Open {
    /// Whether it takes a request: false where the peer has closed it.
    async fn is_ready(&mut self) -> bool {
        let Self {
            sender,
            driver,
            has_ended,
        } = self;
        drive(driver, has_ended, poll_fn(|cx| sender.poll_ready(cx)))
            .await
            .is_some_and(|ready| ready.is_ok())
            && !self.has_ended
    }

    async fn exchange(&mut self, prepared: &Prepared) -> Result<LoadAnswer, Fault> {
        let broken = || Fault::Broken("the connection closed before the answer was whole".to_owned());
        let fault = |fault: hyper::Error| of_connection(&fault);
        let Self {
            sender,
            driver,
            has_ended,
        } = self;
        let sending = sender.send_request(prepared.request.clone());
        let response = drive(driver, has_ended, sending).await;
        let (parts, body) = response.ok_or_else(broken)?.map_err(fault)?.into_parts();
        let (body, truncated) = read(driver, has_ended, body).await.ok_or_else(broken)?.map_err(fault)?;
        Ok(LoadAnswer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            truncated,
        })
    }
}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// Drives the connection until the future is done. `None` where the connection ends first.
async fn drive<F: Future>(driver: &mut Driver, has_ended: &mut bool, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if !*has_ended {
            // What ended it is told to the future.
            *has_ended = Pin::new(&mut *driver).poll(cx).is_ready();
        }
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if *has_ended => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Reads a body up to the bound, and says whether it goes on beyond. A body of one piece is not copied. `None` where the connection ends
/// first.
async fn read(
    driver: &mut Driver,
    has_ended: &mut bool,
    mut body: Incoming,
) -> Option<Result<(Bytes, bool), hyper::Error>> {
    let mut whole = Bytes::new();
    let mut more: Vec<u8> = Vec::new();
    while let Some(frame) = drive(driver, has_ended, body.frame()).await? {
        let chunk = match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(chunk)) => chunk,
            // Trailers.
            Ok(Err(_)) => continue,
            Err(fault) => return Some(Err(fault)),
        };
        if more.len() + whole.len() + chunk.len() > MOST_BYTES {
            return Some(Ok((joined(whole, more), true)));
        }
        match (whole.is_empty(), more.is_empty()) {
            (true, true) => whole = chunk,
            (false, true) => {
                more = [whole.as_ref(), chunk.as_ref()].concat();
                whole = Bytes::new();
            }
            (_, false) => more.extend_from_slice(&chunk),
        }
    }
    Some(Ok((joined(whole, more), false)))
}

fn joined(whole: Bytes, more: Vec<u8>) -> Bytes {
    if more.is_empty() { whole } else { more.into() }
}

/// The time-out of call after call by one timer: it is set anew only when it goes off, not for each call.
#[derive(Default)]
struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Timer {
    /// Whether the deadline has passed. No deadline is before that of an earlier call.
    fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                self.sleep = None;
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
