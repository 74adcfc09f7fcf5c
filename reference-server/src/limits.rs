//! Rate limits: fixed windows for each key and each workspace (reference: Rate limits).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::catalogue::{ApiKey, Limit, Tenancy};

/// How many counted calls each key and each workspace has left.
pub(crate) struct Limits {
    of_workspaces: HashMap<String, Limit>,
    windows: Mutex<HashMap<String, Window>>,
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
        self.look(key, now, true)
    }

    /// What the key has left.
    pub(crate) fn show(&self, key: &ApiKey, now: SystemTime) -> Quota {
        match self.look(key, now, false) {
            Ok(quota) | Err(quota) => quota,
        }
    }

    fn look(&self, key: &ApiKey, now: SystemTime, count: bool) -> Result<Quota, Quota> {
        let now = milliseconds(now);
        // One lock over both: a burst from many connections gets no more than the limit (RTL-12).
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let workspace = self
            .of_workspaces
            .get(&key.workspace)
            .map(|limit| (&key.workspace, *limit));
        let subjects: Vec<_> = std::iter::once((&key.id, key.limits)).chain(workspace).collect();
        let tightest = |windows: &HashMap<String, Window>| {
            let quotas = subjects.iter().map(|(id, limit)| quota(windows.get(*id), *limit, now));
            quotas.min_by_key(|quota| (quota.remaining, quota.limit))
        };
        let left = tightest(&windows).unwrap_or(Quota {
            limit: 0,
            remaining: 0,
            ends: now,
        });
        if !count {
            return Ok(left);
        }
        if left.remaining == 0 {
            return Err(left);
        }
        for (id, limit) in &subjects {
            let window = windows.entry((*id).clone()).or_default();
            let start = now - now % limit.window_ms;
            if window.start != start {
                *window = Window { start, used: 0 };
            }
            window.used += 1;
        }
        Ok(tightest(&windows).unwrap_or(left))
    }
}

fn quota(window: Option<&Window>, limit: Limit, now: u64) -> Quota {
    let start = now - now % limit.window_ms;
    let used = window
        .filter(|window| window.start == start)
        .map_or(0, |window| window.used);
    Quota {
        limit: limit.per_window,
        remaining: limit.per_window.saturating_sub(used),
        ends: start + limit.window_ms,
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
