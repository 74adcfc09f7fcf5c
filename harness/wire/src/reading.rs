//! Reads an answer within its bound, and takes the secrets out of it.

use http::HeaderMap;
use hubproof_model::exchange::{Leak, Response};
use hubproof_model::role::Role;

use crate::masking::Masker;

/// An answer as it came: never recorded, never shown.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bounded,
}

impl Answer {
    /// The answer as it is recorded.
    pub(crate) fn record(self, masker: &Masker) -> Response {
        let mut leaks = Vec::new();
        let mut note = |place: &str, keys: Vec<Role>| {
            for role in keys {
                let place = place.to_owned();
                leaks.push(Leak { role, place });
            }
        };
        let mut headers = Vec::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            let name = masker.bytes(name.as_str().into());
            let value = masker.header(value.as_bytes());
            let keys = [name.keys, value.keys].concat();
            let name = text(name.shown);
            note(&name, keys);
            headers.push((name, value.shown));
        }
        let truncated = self.body.truncated;
        let body = if truncated {
            masker.beginning(self.body.bytes)
        } else {
            masker.bytes(self.body.bytes)
        };
        note("body", body.keys);
        Response {
            truncated,
            leaks,
            ..Response::new(self.status, headers, body.shown)
        }
    }
}

/// Bytes as a text; what is no UTF-8 in them is replaced.
pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into_owned())
}

/// A body that is read up to a bound.
pub(crate) struct Bounded {
    bytes: Vec<u8>,
    truncated: bool,
    most: usize,
}

impl Bounded {
    /// An empty body that takes at most so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            bytes: Vec::new(),
            truncated: false,
            most,
        }
    }

    /// A body that was read already.
    pub(crate) fn read(bytes: Vec<u8>, truncated: bool) -> Self {
        Self {
            most: bytes.len(),
            bytes,
            truncated,
        }
    }

    /// Takes in a chunk, and says whether there is room for more.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> bool {
        let room = self.most - self.bytes.len();
        self.truncated = chunk.len() > room;
        self.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        !self.truncated
    }
}
