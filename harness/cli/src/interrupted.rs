//! Ctrl-C: the first stops the run in order, the second at once.

use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::{Interrupt, StopReason};

/// Listens for Ctrl-C as long as the process runs.
pub(crate) fn listen(interrupt: &Interrupt) {
    let interrupt = interrupt.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        crate::terminal::note("stopping: what is in flight ends first; press Ctrl-C again to leave at once");
        interrupt.stop(StopReason::Signal);
        if tokio::signal::ctrl_c().await.is_ok() {
            leave();
        }
    });
}

#[allow(clippy::exit, reason = "a person asked twice to leave, and nothing may hold that up")]
fn leave() -> ! {
    std::process::exit(Exit::Interrupted.code().into())
}
