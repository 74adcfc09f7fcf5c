//! Takes connections in, or refuses them by closing the port.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use super::Stage;
use super::service::answer;
use super::socket::{Socket, Wire};

/// The port of a stand-in.
pub(crate) struct Door {
    stage: Arc<Stage>,
    address: SocketAddr,
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many keep it shut.
    shut_by: usize,
    taking_in: Option<JoinHandle<()>>,
}

impl Door {
    /// Takes in what comes to the listener.
    pub(super) fn open(listener: TcpListener, address: SocketAddr, stage: Arc<Stage>) -> Self {
        let taking_in = tokio::spawn(take_in(listener, Arc::clone(&stage)));
        Self {
            stage,
            address,
            runtime: Handle::current(),
            state: Mutex::new(State {
                shut_by: 0,
                taking_in: Some(taking_in),
            }),
        }
    }

    /// Closes the port and every connection. It is closed when this ends.
    pub(super) async fn shut(&self) {
        let taking_in = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.shut_by += 1;
            state.taking_in.take()
        };
        if let Some(taking_in) = taking_in {
            taking_in.abort();
            let _ = taking_in.await;
        }
    }

    /// Opens the port again, once nobody keeps it shut. A port that another program has taken meanwhile stays shut: connections
    /// are then refused, or reach that program, and nothing is received.
    pub(crate) fn open_again(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.shut_by = state.shut_by.saturating_sub(1);
        if state.shut_by > 0 {
            return;
        }
        let _context = self.runtime.enter();
        let listener = std::net::TcpListener::bind(self.address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        });
        if let Ok(listener) = listener {
            state.taking_in = Some(self.runtime.spawn(take_in(listener, Arc::clone(&self.stage))));
        }
    }

    fn abort(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taking_in) = state.taking_in.take() {
            taking_in.abort();
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.abort();
    }
}

/// Serves each connection in a task of its own; all end with this one.
async fn take_in(listener: TcpListener, stage: Arc<Stage>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        // What accept fails at (a client gone already, too many open files) passes.
        let Ok((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        let wire = Wire::default();
        let socket = TokioIo::new(Socket::new(stream, wire.clone()));
        let stage = Arc::clone(&stage);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&stage), wire.clone(), request));
            // An error here is a client that went, or a fault that was asked for.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(socket, service)
                .await;
        });
    }
}
