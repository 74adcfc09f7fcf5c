//! A vendor that is played: a port, its records, and what reached it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use crate::account::Account;
use crate::fault::Fault;
use crate::received::{Log, Received, Reception};
use crate::script::{Script, Scripted, Scripts};
use crate::vendor::Vendor;

mod body;
mod door;
mod response;
mod service;
mod socket;

pub(crate) use door::Door;

/// Plays a vendor until it is dropped.
pub struct StandIn {
    stage: Arc<Stage>,
    door: Arc<Door>,
    address: SocketAddr,
}

/// What all connections of a stand-in share.
#[derive(Debug)]
struct Stage {
    vendor: Arc<Vendor>,
    account: Mutex<Account>,
    scripts: Arc<Scripts>,
    log: Log,
}

/// A stand-in cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {fault}")]
pub struct StartError {
    /// Where.
    pub address: SocketAddr,
    /// What the system said.
    pub fault: std::io::Error,
}

impl StandIn {
    /// Starts playing a vendor; port 0 is any free one.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(vendor: Vendor, address: SocketAddr) -> Result<Self, StartError> {
        let refused = |fault| StartError { address, fault };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let bound = listener.local_addr().map_err(refused)?;
        let vendor = Arc::new(vendor);
        let stage = Arc::new(Stage {
            account: Mutex::new(Account::new(Arc::clone(&vendor))),
            vendor,
            scripts: Arc::default(),
            log: Log::new(),
        });
        let door = Arc::new(Door::open(listener, bound, Arc::clone(&stage)));
        Ok(Self {
            stage,
            door,
            address: bound,
        })
    }

    /// Its base URL, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The vendor that it plays.
    #[must_use]
    pub fn vendor(&self) -> &Vendor {
        &self.stage.vendor
    }

    /// Fails from now on, until what this gives is dropped. Of several scripts the latest holds.
    pub async fn script(&self, script: impl Into<Script>) -> Scripted {
        let script = script.into();
        let shut = script.fault() == Fault::Refuse;
        if shut {
            self.door.shut().await;
        }
        let door = shut.then(|| Arc::clone(&self.door));
        Scripted::new(Arc::clone(&self.stage.scripts), script, door)
    }

    /// What was received, the oldest first: the latest 10,000 at most.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.stage.log.all()
    }

    /// How much was received.
    #[must_use]
    pub fn reception(&self) -> Reception {
        self.stage.log.counts()
    }

    /// Ends once what was received is enough.
    pub async fn received_until(&self, is_enough: impl Fn(&[Received]) -> bool) {
        self.stage.log.until(is_enough).await;
    }

    /// Listens no more, for good: the port is free when this ends, which it is only some moments after a stand-in is dropped.
    pub async fn close(&self) {
        self.door.shut().await;
    }

    /// Goes back to the vendor's seeds, and forgets what was received. Scripts stay in force.
    pub fn reset(&self) {
        let fresh = Account::new(Arc::clone(&self.stage.vendor));
        *self.stage.account.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.stage.log.clear();
    }
}
