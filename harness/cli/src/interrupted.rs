//! Ctrl-C, and the signal by which supervisors end a job (SIGTERM): the first stops the run in order, the second at once.

use hubproof_runner::exit::Exit;
use hubproof_runner::interrupt::{Interrupt, StopReason};

/// What a person is told at the first signal, and at the second.
pub(crate) struct Words {
    pub(crate) stopping: &'static str,
    pub(crate) left: &'static str,
}

/// Those of a run.
pub(crate) const RUN: Words = Words {
    stopping: "stopping: what is in flight ends first, and what the run made is removed; press Ctrl-C again to leave at once",
    left: "left at once: records with the run's marker may be left on the target",
};

/// Those of a bench.
pub(crate) const BENCH: Words = Words {
    stopping: "stopping: what was measured is reported; press Ctrl-C again to leave at once",
    left: "left at once: nothing is reported",
};

/// Listens for signals as long as the process runs.
pub(crate) fn listen(interrupt: &Interrupt, words: &'static Words) {
    let interrupt = interrupt.clone();
    // On a thread of its own: whoever asks twice to leave is heard, whatever the run is busy with.
    let heard = async move {
        if signalled().await.is_err() {
            return;
        }
        crate::terminal::note(words.stopping);
        interrupt.stop(StopReason::Signal);
        if signalled().await.is_ok() {
            crate::terminal::note(words.left);
            leave();
        }
    };
    let listening = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            runtime.block_on(heard);
        }
    };
    // Without the thread a signal ends the process at once, as it does with any other program.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(listening);
}

/// Ends at the next signal.
#[cfg(unix)]
pub(crate) async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Ends at the next signal.
#[cfg(not(unix))]
pub(crate) async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[allow(clippy::exit, reason = "a person asked twice to leave, and nothing may hold that up")]
fn leave() -> ! {
    std::process::exit(Exit::Interrupted.code().into())
}
