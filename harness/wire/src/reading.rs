//! Reads an answer within its bound, and takes the secrets out of it.

use http::HeaderMap;
use hubproof_model::exchange::Response;

use crate::masking::Masker;

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) truncated: bool,
}

impl Answer {
    /// The answer as it is recorded.
    pub(crate) fn record(self, masker: &Masker) -> Response {
        let mut leaks = Vec::new();
        let headers = self.headers.iter().map(|(name, value)| {
            let (value, roles) = masker.bytes(value.as_bytes().to_vec());
            leaks.extend(Masker::leaks(name.as_str(), roles));
            (name.as_str().to_owned(), String::from_utf8_lossy(&value).into_owned())
        });
        let headers = headers.collect();
        let (body, roles) = masker.bytes(self.body);
        leaks.extend(Masker::leaks("body", roles));
        Response {
            truncated: self.truncated,
            leaks,
            ..Response::new(self.status, headers, body)
        }
    }
}

/// A body that is read up to a bound.
pub(crate) struct Bounded {
    pub(crate) body: Vec<u8>,
    pub(crate) truncated: bool,
    most: usize,
}

impl Bounded {
    /// An empty body that takes at most so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            body: Vec::new(),
            truncated: false,
            most,
        }
    }

    /// Takes in a chunk, and says whether there is room for more.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> bool {
        let room = self.most - self.body.len();
        self.truncated = chunk.len() > room;
        self.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        !self.truncated
    }
}
