//! A hub without a socket: requests in, answers out, for benchmarks and for tests whose clock stands still.

use axum::Router;
use axum::body::{Body, Bytes};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::hub::Ready;

/// A hub that answers what it is handed in its own process.
#[derive(Clone)]
pub struct InProcessHub {
    router: Router,
    ready: Ready,
}

impl InProcessHub {
    pub(crate) fn new(router: Router, ready: Ready) -> Self {
        Self { router, ready }
    }

    /// What a client needs to know. Its URLs lead nowhere: only their paths count.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The whole answer to a request, which is routed by its path. Needs a tokio runtime around it.
    pub async fn answer(&self, request: Request<impl Into<Body>>) -> Response<Bytes> {
        let Ok(response) = self.router.clone().oneshot(request.map(Into::into)).await;
        let (head, body) = response.into_parts();
        // The hub writes its bodies whole: there is nothing to fail on the way.
        let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        Response::from_parts(head, bytes)
    }
}
