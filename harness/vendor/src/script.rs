//! For how long, and for which requests, a vendor fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::fault::Fault;
use crate::stand_in::Door;

/// Which requests meet a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Requests {
    All,
    Changes,
    Reads,
}

impl Requests {
    fn takes(self, changes_state: bool) -> bool {
        match self {
            Self::All => true,
            Self::Changes => changes_state,
            Self::Reads => !changes_state,
        }
    }
}

/// A fault, and which requests meet it: every one, unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    fault: Fault,
    first: Option<usize>,
    requests: Requests,
    echoes_credentials: bool,
}

impl Script {
    /// Every request meets this fault.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        Self {
            fault,
            first: None,
            requests: Requests::All,
            echoes_credentials: false,
        }
    }

    /// Only the first so many do. A port that is closed counts nothing: [`Fault::Refuse`] holds until the end.
    #[must_use]
    pub fn first(mut self, requests: usize) -> Self {
        self.first = Some(requests);
        self
    }

    /// Only requests that change state do; [`Fault::Refuse`] cannot tell.
    #[must_use]
    pub fn changes_only(mut self) -> Self {
        self.requests = Requests::Changes;
        self
    }

    /// Only requests that read do: what changes state is carried out. [`Fault::Refuse`] cannot tell.
    #[must_use]
    pub fn reads_only(mut self) -> Self {
        self.requests = Requests::Reads;
        self
    }

    /// Errors repeat the credentials that they were sent, as careless vendors do.
    #[must_use]
    pub fn echoing_credentials(mut self) -> Self {
        self.echoes_credentials = true;
        self
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }
}

impl From<Fault> for Script {
    fn from(fault: Fault) -> Self {
        Self::of(fault)
    }
}

/// What a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) fault: Fault,
    pub(crate) echoes_credentials: bool,
}

/// The scripts in force.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    active: Mutex<Vec<Active>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Active {
    id: u64,
    script: Script,
    met: usize,
}

impl Scripts {
    fn add(&self, script: Script) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let active = Active { id, script, met: 0 };
        self.active.lock().unwrap_or_else(PoisonError::into_inner).push(active);
        id
    }

    fn remove(&self, id: u64) {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.retain(|script| script.id != id);
    }

    /// The fault that a request meets: that of the latest script which is for it.
    pub(crate) fn meet(&self, changes_state: bool) -> Option<Met> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        let applies = |active: &&mut Active| {
            active.script.first.is_none_or(|first| active.met < first) && active.script.requests.takes(changes_state)
        };
        let latest = active.iter_mut().rev().find(applies)?;
        latest.met += 1;
        Some(Met {
            fault: latest.script.fault,
            echoes_credentials: latest.script.echoes_credentials,
        })
    }
}

/// Keeps a script in force until it is dropped.
#[must_use = "the script ends when this is dropped"]
pub struct Scripted {
    scripts: Arc<Scripts>,
    id: u64,
    /// The door that it keeps shut.
    door: Option<Arc<Door>>,
}

impl Scripted {
    pub(crate) fn new(scripts: Arc<Scripts>, script: Script, door: Option<Arc<Door>>) -> Self {
        Self {
            id: scripts.add(script),
            scripts,
            door,
        }
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.scripts.remove(self.id);
        if let Some(door) = &self.door {
            door.open_again();
        }
    }
}
