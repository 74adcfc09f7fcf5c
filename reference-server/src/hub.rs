//! A hub that can be started in a process, and stopped again.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::api::{BASE, router};
use crate::catalogue::{Catalogue, CatalogueError, ConnectionStatus};
use crate::clock::{Clock, SystemClock};
use crate::connectors::Connector;
use crate::connectors::http::{HttpVendors, VendorLink, VendorLinkError};
use crate::connectors::memory::{MemoryVendors, MemoryVendorsError};
use crate::defects::{self, UnknownDefect};
use crate::flow::Flow;
use crate::in_process::InProcessHub;
use crate::latency::{LatencyRule, Slowed, UnknownTools};
use crate::state::HubState;

/// Builds a hub.
pub struct Hub {
    listen: SocketAddr,
    catalogue: Option<Arc<Catalogue>>,
    clock: Arc<dyn Clock>,
    connector: Option<Arc<dyn Connector>>,
    links: Vec<VendorLink>,
    latencies: Vec<LatencyRule>,
    latency_seed: u64,
    flow: Flow,
}

/// Why a hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A tool's behaviour is not one that vendors in memory have.
    #[error(transparent)]
    Behavior(#[from] MemoryVendorsError),
    /// A connection cannot be linked to a vendor.
    #[error(transparent)]
    Vendor(#[from] VendorLinkError),
    /// A latency is for tools that it does not have.
    #[error(transparent)]
    Latency(#[from] UnknownTools),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {fault}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        fault: std::io::Error,
    },
}

impl Hub {
    /// A sound hub with the bundled catalogue, on a free port of the loopback.
    #[must_use]
    pub fn builder() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            catalogue: None,
            clock: Arc::new(SystemClock),
            connector: None,
            links: Vec::new(),
            latencies: Vec::new(),
            latency_seed: 1,
            flow: Flow::default(),
        }
    }

    /// Listens here; port 0 is any free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Serves this catalogue.
    #[must_use]
    pub fn catalogue(mut self, catalogue: Arc<Catalogue>) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// Lives by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Reaches vendors through this, instead of having them in memory.
    #[must_use]
    pub fn connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.connector = Some(connector);
        self
    }

    /// Reaches the vendor of a connection, or of all connections of a connector, over HTTP; the others stay as they are.
    #[must_use]
    pub fn vendor(mut self, link: VendorLink) -> Self {
        self.links.push(link);
        self
    }

    /// Has vendors that take so long; several latencies add up.
    #[must_use]
    pub fn latency(mut self, latency: impl Into<LatencyRule>) -> Self {
        self.latencies.push(latency.into());
        self
    }

    /// Draws random latencies from this seed, instead of from 1.
    #[must_use]
    pub fn latency_seed(mut self, seed: u64) -> Self {
        self.latency_seed = seed;
        self
    }

    /// Has this defect.
    ///
    /// # Errors
    /// That there is no defect of this name, and which name comes close.
    pub fn defect(mut self, name: &str) -> Result<Self, UnknownDefect> {
        (defects::find(name)?.plant)(&mut self.flow);
        Ok(self)
    }

    /// Starts it.
    ///
    /// # Errors
    /// A catalogue that cannot be used, a latency of tools that it does not have, or an address that cannot be listened on.
    pub async fn start(self) -> Result<RunningHub, StartError> {
        let refused = |fault| StartError::Listen {
            address: self.listen,
            fault,
        };
        let listener = TcpListener::bind(self.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let start = std::process::id().rotate_left(16) ^ u32::from(address.port());
        let state = self.into_state(start)?;
        let ready = Ready::of(&state.catalogue, &address.to_string());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router(state)).with_graceful_shutdown(async {
            // A dropped sender stops it as well.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move { server.await });
        Ok(RunningHub { ready, stop, task })
    }

    /// Starts it without a socket: it answers what the process itself hands it.
    ///
    /// # Errors
    /// A catalogue that cannot be used, or a latency of tools that it does not have.
    pub fn in_process(self) -> Result<InProcessHub, StartError> {
        let state = self.into_state(std::process::id())?;
        let ready = Ready::of(&state.catalogue, "hub.invalid");
        Ok(InProcessHub::new(router(state), ready))
    }

    fn into_state(self, start: u32) -> Result<Arc<HubState>, StartError> {
        let catalogue = match self.catalogue {
            Some(catalogue) => catalogue,
            None => Catalogue::bundled()?,
        };
        let mut connector = match self.connector {
            Some(connector) => connector,
            None => Arc::new(MemoryVendors::new(Arc::clone(&catalogue))?),
        };
        if !self.links.is_empty() {
            let steps = self.flow.vendors;
            connector = Arc::new(HttpVendors::new(&self.links, &catalogue, steps, connector)?);
        }
        if !self.latencies.is_empty() {
            connector = Arc::new(Slowed::new(connector, &catalogue, &self.latencies, self.latency_seed)?);
        }
        Ok(Arc::new(HubState::new(
            catalogue, self.flow, self.clock, connector, start,
        )))
    }
}

/// A hub that runs until it is shut down or dropped.
pub struct RunningHub {
    ready: Ready,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl RunningHub {
    /// The API's base URL, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.ready.url
    }

    /// What a client needs to know.
    #[must_use]
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Takes no new connection, answers the requests on their way, and ends. Idle connections are closed.
    pub async fn shutdown(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// What a hub says when it is ready: the line that `reference-hub` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Ready {
    /// The API's base URL.
    pub url: String,
    /// The API keys, by role.
    pub keys: BTreeMap<String, String>,
    /// The connections of all workspaces.
    pub connections: Vec<ReadyConnection>,
    /// Where a person decides approvals, with the approver's key.
    pub approver: Approver,
    /// The process.
    pub pid: u32,
}

/// A connection, as a profile needs to know it.
#[derive(Debug, Clone, Serialize)]
pub struct ReadyConnection {
    /// Its id.
    pub id: String,
    /// The workspace it belongs to.
    pub workspace: String,
    /// The domain it serves.
    pub domain: String,
    /// Whether calls can take it.
    pub status: ConnectionStatus,
    /// Whether it is its domain's default.
    pub default: bool,
}

/// The Approvals, for a person or a program.
#[derive(Debug, Clone, Serialize)]
pub struct Approver {
    /// The web page.
    pub page: String,
    /// The REST resource.
    pub url: String,
}

impl Ready {
    fn of(catalogue: &Catalogue, address: &str) -> Self {
        let tenancy = &catalogue.tenancy;
        let keys = tenancy.keys.iter();
        let connections = tenancy.connections.iter();
        Self {
            url: format!("http://{address}{BASE}"),
            keys: keys
                .map(|key| (key.role.clone(), key.secret.expose().to_owned()))
                .collect(),
            connections: connections
                .map(|connection| ReadyConnection {
                    id: connection.id.clone(),
                    workspace: connection.workspace.clone(),
                    domain: connection.domain.clone(),
                    status: connection.status,
                    default: connection.default,
                })
                .collect(),
            approver: Approver {
                page: format!("http://{address}/approvals"),
                url: format!("http://{address}{BASE}/approvals"),
            },
            pid: std::process::id(),
        }
    }
}
