//! A clock that the test moves.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reference_server::clock::Clock;

/// Where it stands at first, in seconds since 1970: the beginning of a window of any length in use.
pub(crate) const BEGINNING: u64 = 1_700_000_040;

/// A clock that stands still until it is moved.
pub(crate) struct Still(AtomicU64);

impl Default for Still {
    fn default() -> Self {
        Self(AtomicU64::new(BEGINNING * 1000))
    }
}

impl Still {
    pub(crate) fn pass(&self, milliseconds: u64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for Still {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
