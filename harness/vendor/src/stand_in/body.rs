//! Bodies that come whole, or do not.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::socket::Wire;

/// What a body does next.
#[derive(Debug)]
pub(super) enum Step {
    Send(Bytes),
    /// Sends the same once more and once more, so many times.
    Repeat(Bytes, usize),
    Wait(Duration),
    /// A space, a wait, and so on without end.
    Drip(Duration),
    HangUp,
    Reset(Wire),
}

/// The connection ends before its answer does.
#[derive(Debug, thiserror::Error)]
#[error("the vendor hangs up")]
pub(super) struct HangUp;

/// A body as a list of steps.
#[derive(Debug)]
pub(super) struct Steps {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// How long a body is that is sent whole: it then needs no chunks.
    length: Option<u64>,
}

impl Steps {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self {
            length: Some(bytes.len() as u64),
            ..Self::new([Step::Send(bytes)])
        }
    }

    pub(super) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            sleep: None,
            length: None,
        }
    }
}

impl Body for Steps {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                std::task::ready!(sleep.as_mut().poll(context));
                self.sleep = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Send(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Step::Repeat(_, 0)) => {}
                Some(Step::Repeat(bytes, times)) => {
                    self.steps.push_front(Step::Repeat(bytes.clone(), times - 1));
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Some(Step::Wait(duration)) => self.sleep = Some(Box::pin(sleep(duration))),
                Some(Step::Drip(pause)) => {
                    self.steps.push_front(Step::Drip(pause));
                    self.sleep = Some(Box::pin(sleep(pause)));
                    return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))));
                }
                Some(Step::HangUp) => return Poll::Ready(Some(Err(HangUp))),
                Some(Step::Reset(wire)) => {
                    wire.reset();
                    return Poll::Ready(Some(Err(HangUp)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
