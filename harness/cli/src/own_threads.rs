//! Threads of its own for what a command talks to and is not part of: the bundled hub answers beside a run, as another process would.

use tokio::runtime::{Builder, Runtime};

/// Threads with a runtime on them. What runs there ends when this is dropped.
pub(crate) struct OwnThreads(Option<Runtime>);

impl OwnThreads {
    /// As many threads as the machine has cores.
    ///
    /// # Errors
    /// That the system gives none.
    pub(crate) fn new() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        Ok(Self(Some(runtime)))
    }

    /// What a future comes to there; what it spawns stays there. `None` where it panicked.
    pub(crate) async fn run<F>(&self, future: F) -> Option<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        self.0.as_ref()?.spawn(future).await.ok()
    }
}

impl Drop for OwnThreads {
    fn drop(&mut self) {
        // A runtime may not be waited for on another one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
