//! The thread that sums up blocks when they are over, so that no worker's calls wait for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use super::calls::Calls;
use super::summed::Summed;

/// The thread, and the way to it.
#[derive(Debug)]
pub(super) struct Summing {
    /// A block's number and its calls; nothing, where no more are to come.
    blocks: mpsc::Sender<Option<(usize, Calls)>>,
    thread: Mutex<Option<JoinHandle<BTreeMap<usize, Summed>>>>,
}

impl Summing {
    /// Starts the thread, which ends with this at the latest.
    ///
    /// # Errors
    /// That it does not start, in words.
    pub(super) fn start() -> Result<Self, String> {
        let (blocks, coming) = mpsc::channel::<Option<(usize, Calls)>>();
        let sum_up = move || {
            let coming = coming.iter().map_while(|block| block);
            coming.map(|(number, calls)| (number, calls.summed_up())).collect()
        };
        let thread = thread::Builder::new().name("blocks".to_owned()).spawn(sum_up);
        let thread = thread.map_err(|fault| format!("a thread does not start: {fault}"))?;
        Ok(Self {
            blocks,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Has a block summed up that is over.
    pub(super) fn sum_up(&self, number: usize, calls: Calls) {
        // It takes all until it is told to end.
        let _ = self.blocks.send(Some((number, calls)));
    }

    /// All that were summed up, by number.
    ///
    /// # Errors
    /// That the thread panicked, in words.
    pub(super) fn end(&self) -> Result<BTreeMap<usize, Summed>, String> {
        let _ = self.blocks.send(None);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let summed = thread.map(JoinHandle::join).transpose();
        summed
            .map(Option::unwrap_or_default)
            .map_err(|_| "the thread of the blocks panicked".to_owned())
    }
}
