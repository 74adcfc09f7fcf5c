//! The vendors that a run plays: stand-ins behind connections of the hub, each for one case at a time that has it fail.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hubproof_model::call::Call;
use hubproof_model::case::{Case, Deed, Done};
use hubproof_model::profile::Profile;
use hubproof_model::secret::Secret;
use hubproof_model::upstream::{Arrival, Upstream, VendorStep};
use hubproof_requirements::vendor_faults::connections_of;
use hubproof_vendor::{Fault, Received, Script, Scripted, StandIn, StartError, UnknownVendor, Vendor, VendorFileError};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Stand-ins by the connection that they are played behind.
#[derive(Clone, Default)]
pub struct PlayedVendors {
    by_connection: BTreeMap<String, Arc<Played>>,
}

struct Played {
    stand_in: StandIn,
    /// Held alone by the case that it is played for: what reaches it must be that case's, and no other must meet its faults.
    turn: RwLock<()>,
}

/// A case's turn with a vendor, until it is dropped.
#[must_use = "the turn ends when this is dropped"]
pub(crate) enum Turn<'v> {
    /// The vendor does what the case says.
    Alone { _guard: RwLockWriteGuard<'v, ()> },
    /// The case merely calls tools on the vendor's connection, beside others that do.
    Beside { _guard: RwLockReadGuard<'v, ()> },
}

/// A vendor cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum NotPlayed {
    /// Nobody knows it.
    #[error("[upstream] {connection}: {fault}")]
    Unknown {
        /// The connection.
        connection: String,
        /// Which there are.
        fault: UnknownVendor,
    },
    /// Its file cannot be opened.
    #[error("[upstream] {connection}: {}: {fault}", .file.display())]
    Unreadable {
        /// The connection.
        connection: String,
        /// The file.
        file: PathBuf,
        /// What the system said.
        fault: std::io::Error,
    },
    /// Its file is none.
    #[error("[upstream] {connection}: {}: {fault}", .file.display())]
    Malformed {
        /// The connection.
        connection: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        fault: VendorFileError,
    },
    /// Its address cannot be listened on.
    #[error(
        "[upstream] {connection}: {fault}; end what listens there, or give another address to the hub and the profile"
    )]
    Start {
        /// The connection.
        connection: String,
        /// What the system said.
        fault: StartError,
    },
}

impl fmt::Debug for PlayedVendors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_connection.keys()).finish()
    }
}

impl PlayedVendors {
    /// The same with one more.
    #[must_use]
    pub fn with(mut self, connection: impl Into<String>, stand_in: StandIn) -> Self {
        let turn = RwLock::default();
        self.by_connection
            .insert(connection.into(), Arc::new(Played { stand_in, turn }));
        self
    }

    /// The same, with those of the profile that are not played yet.
    ///
    /// # Errors
    /// The first that cannot be.
    pub async fn starting(mut self, upstream: &[Upstream]) -> Result<Self, NotPlayed> {
        for wanted in upstream {
            let connection = &wanted.connection.id;
            if !self.by_connection.contains_key(connection) {
                let vendor = vendor(connection, &wanted.vendor)?;
                let refused = |fault| NotPlayed::Start {
                    connection: connection.clone(),
                    fault,
                };
                let stand_in = StandIn::start(vendor, wanted.listen).await.map_err(refused)?;
                self = self.with(connection, stand_in);
            }
        }
        Ok(self)
    }

    /// Tells the secrets of the vendors that are played, so that they are masked and recognised.
    pub fn tell_secrets(&self, upstream: &mut [Upstream]) {
        for told in upstream {
            let Some(played) = self.by_connection.get(&told.connection.id) else {
                continue;
            };
            let secrets = played.stand_in.vendor().secrets().into_iter();
            told.secrets = secrets.map(|(name, secret)| (name, Secret::new(secret))).collect();
        }
    }

    /// Waits until the vendors behind the connections of a case are free for it.
    pub(crate) async fn turns(&self, case: &Case) -> Vec<Turn<'_>> {
        let alone = connections_of([case]);
        let mut turns = Vec::new();
        // In the order of their names: two cases never wait for each other.
        for (connection, played) in &self.by_connection {
            if alone.contains(connection.as_str()) {
                let _guard = played.turn.write().await;
                turns.push(Turn::Alone { _guard });
            } else if names(case, connection) {
                let _guard = played.turn.read().await;
                turns.push(Turn::Beside { _guard });
            }
        }
        turns
    }

    /// Has a vendor do what the step says.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub(crate) async fn begin(&self, step: &VendorStep) -> Result<Stretch<'_>, String> {
        let played = self.by_connection.get(&step.connection);
        let stand_in = &played
            .ok_or_else(|| format!("nobody plays the vendor of {}", step.connection))?
            .stand_in;
        let scripted = match &step.fault {
            None => None,
            Some(fault) => {
                let fault: Fault = fault.parse().map_err(|unknown| format!("{fault}: {unknown}"))?;
                let script = Script::of(fault).echoing_credentials();
                Some(stand_in.script(script).await)
            }
        };
        Ok(Stretch {
            from: stand_in.reception().requests,
            stand_in,
            _scripted: scripted,
        })
    }
}

/// Leaves the run of a connector the vendors of its own connections, as far as the profile says which these are: its verdicts are about
/// them.
pub(crate) fn keep_own(profile: &mut Profile, connector: Option<&str>) {
    if let Some(own) = connector.and_then(|connector| profile.connections.by_connector.get(connector)) {
        profile
            .upstream
            .retain(|upstream| own.contains(&upstream.connection.id));
    }
}

/// Whether a call of the case names a connection.
fn names(case: &Case, connection: &str) -> bool {
    let named = |call: &Call| {
        call.json()?
            .get("connection_id")?
            .as_str()
            .map(|named| named == connection)
    };
    case.calls().into_iter().filter_map(named).any(|is_named| is_named)
}

/// The bundled vendor of this name, or that of a file.
fn vendor(connection: &str, named: &str) -> Result<Vendor, NotPlayed> {
    let connection = || connection.to_owned();
    let unknown = match Vendor::bundled(named) {
        Ok(vendor) => return Ok(vendor),
        Err(unknown) => unknown,
    };
    let file = PathBuf::from(named);
    if !file.exists() {
        return Err(NotPlayed::Unknown {
            connection: connection(),
            fault: unknown,
        });
    }
    let text = std::fs::read_to_string(&file).map_err(|fault| NotPlayed::Unreadable {
        connection: connection(),
        file: file.clone(),
        fault,
    })?;
    Vendor::read(&text).map_err(|fault| NotPlayed::Malformed {
        connection: connection(),
        file,
        fault,
    })
}

/// From one step of a vendor to the next.
pub(crate) struct Stretch<'v> {
    stand_in: &'v StandIn,
    /// The number of the first request that belongs to it.
    from: u64,
    _scripted: Option<Scripted>,
}

impl Stretch<'_> {
    /// What reached the vendor in it.
    fn arrivals(&self) -> Vec<Arrival> {
        let received = self.stand_in.received().into_iter();
        received
            .filter(|received| received.number >= self.from)
            .map(arrival)
            .collect()
    }
}

fn arrival(received: Received) -> Arrival {
    Arrival {
        method: received.method,
        path: received.path,
        changes_state: received.changes_state,
        carried_out: received.carried_out,
        idempotency_key: received.idempotency_key,
    }
}

/// What vendors do while a case is played: one stretch at a time.
#[derive(Default)]
pub(crate) struct Stretches<'v> {
    current: Option<(String, Result<Stretch<'v>, String>)>,
}

impl<'v> Stretches<'v> {
    /// The stretch of this step has begun, or could not.
    pub(crate) fn begin(&mut self, step: &VendorStep, begun: Result<Stretch<'v>, String>) {
        self.current = Some((step.label.clone(), begun));
    }

    /// Ends the current stretch: the vendor is sound again, and what reached it is told.
    pub(crate) fn end(&mut self) -> Option<Deed> {
        let (label, stretch) = self.current.take()?;
        let outcome = stretch.map(|stretch| Done::Reached(stretch.arrivals()));
        Some(Deed { label, outcome })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use hubproof_model::profile::DomainConnection;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    const CONNECTION: &str = "conn_1";

    fn upstream(vendor: &str, listen: SocketAddr) -> Upstream {
        Upstream {
            connection: DomainConnection {
                domain: "itsm".to_owned(),
                id: CONNECTION.to_owned(),
            },
            listen,
            vendor: vendor.to_owned(),
            limit: Duration::from_secs(1),
            secrets: Vec::new(),
        }
    }

    fn any_port() -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    }

    async fn played() -> PlayedVendors {
        let upstream = [upstream("servicenow", any_port())];
        PlayedVendors::default().starting(&upstream).await.unwrap()
    }

    /// Asks the vendor for something, and gives its status line.
    async fn ask(vendors: &PlayedVendors, method: &str) -> String {
        let address = vendors.by_connection[CONNECTION].stand_in.address();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "{method} /api/now/table/incident HTTP/1.1\r\nhost: vendor\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: 2\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    fn reached(deed: Option<Deed>) -> Vec<(String, bool)> {
        match deed.map(|deed| deed.outcome) {
            Some(Ok(Done::Reached(arrivals))) => arrivals
                .into_iter()
                .map(|arrival| (arrival.method, arrival.changes_state))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_stretch_tells_what_reached_the_vendor_in_it_and_its_fault_ends_with_it() {
        let vendors = played().await;
        ask(&vendors, "GET").await;
        let mut stretches = Stretches::default();
        let failing = VendorStep::failing("failing", CONNECTION, "status:503");
        stretches.begin(&failing, vendors.begin(&failing).await);
        assert!(ask(&vendors, "POST").await.contains(" 503 "));
        assert_eq!(reached(stretches.end()), [("POST".to_owned(), true)]);
        let sound = VendorStep::sound("sound", CONNECTION);
        stretches.begin(&sound, vendors.begin(&sound).await);
        // Without credentials: but the vendor itself answers again.
        assert!(ask(&vendors, "GET").await.contains(" 401 "));
        assert_eq!(reached(stretches.end()), [("GET".to_owned(), false)]);
        assert_eq!(stretches.end(), None);
    }

    #[test]
    fn a_connectors_run_plays_its_own_vendors_alone() {
        let left = |connector: Option<&str>| {
            let mut profile = Profile::of_url("https://hub.example");
            let by_connector = &mut profile.connections.by_connector;
            by_connector.insert("servicenow".to_owned(), vec![CONNECTION.to_owned()]);
            by_connector.insert("jira".to_owned(), vec!["conn_2".to_owned()]);
            profile.upstream.push(upstream("servicenow", any_port()));
            keep_own(&mut profile, connector);
            profile.upstream.len()
        };
        assert_eq!(
            [None, Some("servicenow"), Some("jira"), Some("unsaid")].map(left),
            [1, 1, 0, 1]
        );
    }

    #[tokio::test]
    async fn what_cannot_be_played_says_why() {
        let vendors = played().await;
        let why = |step: VendorStep| {
            let vendors = vendors.clone();
            async move { vendors.begin(&step).await.err().unwrap_or_default() }
        };
        assert_eq!(
            why(VendorStep::sound("", "conn_2")).await,
            "nobody plays the vendor of conn_2"
        );
        assert!(
            why(VendorStep::failing("", CONNECTION, "stal"))
                .await
                .starts_with("stal: give ")
        );
        let refused = |upstream: Upstream| async move {
            let started = PlayedVendors::default().starting(&[upstream]).await;
            started.err().map(|fault| fault.to_string()).unwrap_or_default()
        };
        let unknown = refused(upstream("servicnow", any_port())).await;
        assert!(unknown.contains("there is no vendor `servicnow`"), "{unknown}");
        let taken = vendors.by_connection[CONNECTION].stand_in.address();
        let in_use = refused(upstream("jira", taken)).await;
        assert!(in_use.contains(&format!("cannot listen on {taken}")), "{in_use}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "name = 1").unwrap();
        let malformed = refused(upstream(file.path().to_str().unwrap(), any_port())).await;
        assert!(malformed.contains(file.path().to_str().unwrap()), "{malformed}");
    }

    #[tokio::test]
    async fn a_vendor_is_one_cases_at_a_time() {
        let vendors = played().await;
        let case = |step| Case::of_steps("", "", vec![hubproof_model::case::Step::Vendor(step)]);
        let one = case(VendorStep::sound("", CONNECTION));
        let turns = vendors.turns(&one).await;
        assert_eq!(turns.len(), 1);
        let waiting = vendors.turns(&one);
        tokio::pin!(waiting);
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        drop(turns);
        assert_eq!(waiting.await.len(), 1);
    }

    #[tokio::test]
    async fn cases_that_call_a_played_connection_wait_for_the_one_that_has_it_fail() {
        let vendors = played().await;
        let calling = |connection: &str| {
            let body = serde_json::json!({"connection_id": connection, "input": {}});
            let call = Call::post_execute("itsm.tickets.list", body, hubproof_model::call::Intent::Read);
            Case::new("", "", vec![call])
        };
        let failing = VendorStep::failing("", CONNECTION, "status:503");
        let failing = Case::of_steps("", "", vec![hubproof_model::case::Step::Vendor(failing)]);
        let (calls, others) = (calling(CONNECTION), calling("conn_2"));
        assert!(vendors.turns(&others).await.is_empty());
        let beside = [vendors.turns(&calls).await, vendors.turns(&calls).await];
        let waiting = vendors.turns(&failing);
        tokio::pin!(waiting);
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        drop(beside);
        let turns = waiting.await;
        let calling = vendors.turns(&calls);
        tokio::pin!(calling);
        assert!(futures::poll!(calling.as_mut()).is_pending());
        drop(turns);
        assert_eq!(calling.await.len(), 1);
    }

    #[tokio::test]
    async fn the_vendors_secrets_are_told_to_the_profile() {
        let mut told = [upstream("servicenow", any_port())];
        played().await.tell_secrets(&mut told);
        let names: Vec<_> = told[0].secrets.iter().map(|(name, _)| name.as_str()).collect();
        assert!(
            names.contains(&"x-sn-apikey") && names.contains(&"set-cookie"),
            "{names:?}"
        );
    }
}
