//! The bundled reference hub: started in this process on threads of its own, with a profile that grants everything.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hubproof_model::profile::Profile;
use hubproof_runner::vendors::PlayedVendors;
use hubproof_vendor::{StandIn, Vendor};
use reference_server::catalogue::Catalogue;
use reference_server::connectors::Connector;
use reference_server::connectors::http::VendorLink;
use reference_server::connectors::memory::MemoryVendors;
use reference_server::{Hub, RunningHub};
use serde_json::Value;

use crate::own_threads::OwnThreads;
use crate::usage::Complaint;

/// The profile of the bundled hub, in the language that users write.
pub(crate) const PROFILE: &str = include_str!("../../../fixtures/profiles/bundled.toml");

/// The connections of the bundled hub whose vendors are played, and which vendors these are. Both are of connectors of their names.
const UPSTREAM: [(&str, &str); 2] = [
    ("conn_itsm_servicenow_staging", "servicenow"),
    ("conn_itsm_jira_staging", "jira"),
];

/// How long the hub waits for such a vendor: a run tries five times what happens then.
const LONGEST_VENDOR_CALL: Duration = Duration::from_millis(1500);

/// A running bundled hub.
pub struct Bundled {
    hub: RunningHub,
    vendors: Arc<MemoryVendors>,
    /// The hub and its vendors live there.
    _threads: OwnThreads,
    /// Its profile, with the keys of this start.
    pub profile: Profile,
    /// The vendors that are played behind it, for the options of runs.
    pub played: PlayedVendors,
}

impl Bundled {
    /// Starts the hub on a free port of the loopback, with these defects.
    ///
    /// # Errors
    /// What keeps it from starting, in words.
    pub async fn start(defects: &[String]) -> Result<Self, String> {
        Self::start_with(defects, None).await
    }

    /// The same with another catalogue than the bundled one.
    ///
    /// # Errors
    /// What keeps it from starting, in words.
    pub async fn start_with(defects: &[String], catalogue: Option<Arc<Catalogue>>) -> Result<Self, String> {
        let started = Self::try_start(defects, catalogue, None).await;
        started.map_err(|complaint| complaint.to_string())
    }

    /// The same for a run of this connector, if it is of one.
    pub(crate) async fn try_start(
        defects: &[String],
        catalogue: Option<Arc<Catalogue>>,
        connector: Option<&str>,
    ) -> Result<Self, Complaint> {
        let threads = OwnThreads::new().map_err(|fault| unusable(&fault))?;
        let started = threads.run(Started::new(defects.to_vec(), catalogue)).await;
        let started = started.ok_or_else(|| unusable(&"it panicked"))??;
        let Started {
            hub,
            vendors,
            played,
            addresses,
        } = started;
        let profile = profile_of(&hub, &addresses);
        let mut profile = profile.map_err(|fault| Complaint::Bundled(format!("its profile: {fault}")))?;
        // A run has one vendor fail: the other would show the same, in as much time again.
        let of_connector = UPSTREAM.iter().find(|(_, vendor)| Some(*vendor) == connector);
        let (failing, _) = of_connector.unwrap_or(&UPSTREAM[0]);
        profile.upstream.retain(|upstream| upstream.connection.id == *failing);
        played.tell_secrets(&mut profile.upstream);
        Ok(Self {
            hub,
            vendors,
            _threads: threads,
            profile,
            played,
        })
    }

    /// All that the vendors behind the hub hold: the connection's id, the collection, and the record.
    #[must_use]
    pub fn records(&self) -> Vec<(String, String, Value)> {
        self.vendors.records()
    }

    /// Stops the hub.
    pub async fn shutdown(self) {
        self.hub.shutdown().await;
    }
}

/// The hub and the vendors behind it.
struct Started {
    hub: RunningHub,
    vendors: Arc<MemoryVendors>,
    played: PlayedVendors,
    /// Where the vendors that are played are, by their names in the profile.
    addresses: BTreeMap<String, SocketAddr>,
}

impl Started {
    async fn new(defects: Vec<String>, catalogue: Option<Arc<Catalogue>>) -> Result<Self, Complaint> {
        let catalogue = match catalogue {
            Some(catalogue) => catalogue,
            None => Catalogue::bundled().map_err(|fault| unusable(&fault))?,
        };
        let vendors = MemoryVendors::new(Arc::clone(&catalogue)).map_err(|fault| unusable(&fault))?;
        let vendors = Arc::new(vendors);
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut builder = Hub::builder()
            .listen(any_port)
            .catalogue(catalogue)
            .connector(Arc::clone(&vendors) as Arc<dyn Connector>);
        let (mut played, mut addresses) = (PlayedVendors::default(), BTreeMap::new());
        for (connection, name) in UPSTREAM {
            let vendor = Vendor::bundled(name).map_err(|fault| unusable(&fault))?;
            let stand_in = StandIn::start(vendor, any_port).await;
            let stand_in = stand_in.map_err(|fault| unusable(&fault))?;
            builder = builder.vendor(VendorLink::new(connection, stand_in.url()).time_limit(LONGEST_VENDOR_CALL));
            addresses.insert(name.to_uppercase(), stand_in.address());
            played = played.with(connection, stand_in);
        }
        for defect in &defects {
            builder = builder
                .defect(defect)
                .map_err(|fault| Complaint::Defect(fault.to_string()))?;
        }
        Ok(Self {
            hub: builder.start().await.map_err(|fault| unusable(&fault))?,
            vendors,
            played,
            addresses,
        })
    }
}

fn unusable(fault: &dyn Display) -> Complaint {
    Complaint::Bundled(fault.to_string())
}

/// Fills the profile's variables from what the hub says when it is ready.
fn profile_of(
    hub: &RunningHub,
    vendors: &BTreeMap<String, SocketAddr>,
) -> Result<Profile, hubproof_model::profile::ProfileError> {
    let ready = hub.ready();
    let value = |name: &str| match name.strip_prefix("VENDOR_") {
        Some(vendor) => vendors.get(vendor).map(SocketAddr::to_string),
        None if name == "URL" => Some(hub.base_url().to_owned()),
        None => ready.keys.get(name.to_lowercase().as_str()).cloned(),
    };
    Profile::parse(PROFILE, &|variable| value(variable.strip_prefix("HUBPROOF_BUNDLED_")?))
}
