//! Rate limits: fixed windows for each key and each workspace (reference: Rate limits).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use rustc_hash::FxHashMap;

use crate::catalogue::{ApiKey, Limit, Tenancy};
use crate::connectors::BoxFuture;
use crate::error::{ApiError, Code};
use crate::state::HubState;

/// How many counted calls each key and each workspace has left.
pub(crate) struct Limits {
    of_workspaces: FxHashMap<String, Limit>,
    windows: Mutex<FxHashMap<String, Window>>,
}

#[derive(Default, Clone, Copy)]
struct Window {
    /// Its start, in milliseconds since 1970.
    start: u64,
    used: u64,
}

/// What is left, as the headers show it: the tighter of the key's and the workspace's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Counted calls in a window.
    pub(crate) limit: u64,
    /// The window's length in milliseconds.
    pub(crate) window_ms: u64,
    /// Those that are left.
    pub(crate) remaining: u64,
    /// When the window ends, in milliseconds since 1970.
    pub(crate) ends: u64,
}

impl Quota {
    /// When the window ends, in whole seconds since 1970, rounded up: by then calls are taken again (RTL-07).
    pub(crate) fn reset_seconds(self) -> u64 {
        self.ends.div_ceil(1000)
    }

    /// The headers that show it.
    pub(crate) fn headers(self) -> QuotaHeaders {
        QuotaHeaders {
            limit: self.limit.to_string(),
            remaining: self.remaining.to_string(),
            reset: self.reset_seconds().to_string(),
        }
    }

    /// From now to the end of the window.
    pub(crate) fn wait(self, now: SystemTime) -> Duration {
        Duration::from_millis(self.ends.saturating_sub(milliseconds(now)))
    }
}

impl Limits {
    pub(crate) fn new(tenancy: &Tenancy) -> Self {
        let of_workspaces = tenancy.workspaces.iter();
        Self {
            of_workspaces: of_workspaces
                .map(|workspace| (workspace.id.clone(), workspace.limits))
                .collect(),
            windows: Mutex::default(),
        }
    }

    /// Counts a call of the key.
    ///
    /// # Errors
    /// The exhausted quota; then nothing is counted.
    pub(crate) fn take(&self, key: &ApiKey, now: SystemTime) -> Result<Quota, Quota> {
        let now = milliseconds(now);
        // One lock over both: a burst from many connections gets no more than the limit (RTL-12).
        let mut windows = self.windows();
        let left = self.tightest(&windows, key, now);
        if left.remaining == 0 {
            return Err(left);
        }
        self.use_up(&mut windows, key, now);
        Ok(self.tightest(&windows, key, now))
    }

    /// Counts a call of the key, though it may be beyond the limit.
    pub(crate) fn count(&self, key: &ApiKey, now: SystemTime) -> Quota {
        let now = milliseconds(now);
        let mut windows = self.windows();
        self.use_up(&mut windows, key, now);
        self.tightest(&windows, key, now)
    }

    /// What the key has left.
    pub(crate) fn show(&self, key: &ApiKey, now: SystemTime) -> Quota {
        self.tightest(&self.windows(), key, milliseconds(now))
    }

    /// What all keys of the workspace together may call.
    pub(crate) fn of_workspace(&self, workspace: &str) -> Option<Limit> {
        self.of_workspaces.get(workspace).copied()
    }

    /// The limits that a call of the key counts towards, by id.
    fn subjects<'a>(&self, key: &'a ApiKey) -> impl Iterator<Item = (&'a String, Limit)> {
        let workspace = self.of_workspace(&key.workspace).map(|limit| (&key.workspace, limit));
        std::iter::once((&key.id, key.limits)).chain(workspace)
    }

    fn use_up(&self, windows: &mut FxHashMap<String, Window>, key: &ApiKey, now: u64) {
        for (id, limit) in self.subjects(key) {
            let start = now - now % limit.window_ms;
            match windows.get_mut(id) {
                Some(window) if window.start == start => window.used += 1,
                Some(window) => *window = Window { start, used: 1 },
                None => drop(windows.insert(id.clone(), Window { start, used: 1 })),
            }
        }
    }

    /// The key's or the workspace's quota. Where both are exhausted, the one that stays so for longer: by the Reset that is told,
    /// calls are taken again (RTL-07).
    fn tightest(&self, windows: &FxHashMap<String, Window>, key: &ApiKey, now: u64) -> Quota {
        let quotas = self.subjects(key).map(|(id, limit)| quota(windows.get(id), limit, now));
        let tightest = quotas.min_by_key(|quota| match quota.remaining {
            0 => (0, u64::MAX - quota.ends),
            remaining => (remaining, quota.limit),
        });
        tightest.unwrap_or(quota(windows.get(&key.id), key.limits, now))
    }

    fn windows(&self) -> MutexGuard<'_, FxHashMap<String, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a call of the key, if the limit allows.
pub(crate) fn take<'a>(hub: &'a HubState, key: &'a ApiKey, now: SystemTime) -> BoxFuture<'a, Result<Quota, Quota>> {
    Box::pin(std::future::ready(hub.limits.take(key, now)))
}

/// The refusal of a call beyond the limit (RTL-04, RTL-06).
pub(crate) fn refuse(quota: Quota, now: SystemTime) -> ApiError {
    let mut error = ApiError::new(Code::RateLimited, "The limit of calls is reached.");
    error.retry_after = Some(quota.wait(now));
    error.with("limit", quota.limit)
}

/// An answer that is about to tell what its caller has left.
#[derive(Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) key: &'a ApiKey,
    pub(crate) face: Told,
    pub(crate) quota: Quota,
    /// Whether the call was beyond the limit.
    pub(crate) is_throttled: bool,
    pub(crate) status: StatusCode,
}

/// What an answer that tells a quota is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Listing,
    Definition,
    Execute,
}

/// The values of `X-RateLimit-Limit`, `-Remaining` and `-Reset`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuotaHeaders {
    pub(crate) limit: String,
    pub(crate) remaining: String,
    pub(crate) reset: String,
}

/// Every answer to a valid key tells the quota (RTL-01, RTL-13).
pub(crate) fn tell(telling: &Telling<'_>) -> Option<QuotaHeaders> {
    Some(telling.quota.headers())
}

fn quota(window: Option<&Window>, limit: Limit, now: u64) -> Quota {
    let start = now - now % limit.window_ms;
    let used = window
        .filter(|window| window.start == start)
        .map_or(0, |window| window.used);
    Quota {
        limit: limit.per_window,
        window_ms: limit.window_ms,
        remaining: limit.per_window.saturating_sub(used),
        ends: start + limit.window_ms,
    }
}

/// Since 1970.
pub(crate) fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
