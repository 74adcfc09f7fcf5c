//! The bundled reference hub: started in this process, with a profile that grants everything.

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

use crate::usage::Complaint;

/// The profile of the bundled hub, in the language that users write.
pub(crate) const PROFILE: &str = include_str!("../../../fixtures/profiles/bundled.toml");

/// The connection of the bundled hub whose vendor is played, and which vendor that is.
const UPSTREAM: (&str, &str) = ("conn_itsm_servicenow_staging", "servicenow");

/// How long the hub waits for that vendor: a run tries five times what happens then.
const LONGEST_VENDOR_CALL: Duration = Duration::from_millis(1500);

/// A running bundled hub.
pub struct Bundled {
    hub: RunningHub,
    vendors: Arc<MemoryVendors>,
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
        let started = Self::try_start(defects, catalogue).await;
        started.map_err(|complaint| complaint.to_string())
    }

    pub(crate) async fn try_start(defects: &[String], catalogue: Option<Arc<Catalogue>>) -> Result<Self, Complaint> {
        let unusable = |fault: &dyn Display| Complaint::Bundled(fault.to_string());
        let catalogue = match catalogue {
            Some(catalogue) => catalogue,
            None => Catalogue::bundled().map_err(|fault| unusable(&fault))?,
        };
        let vendors = MemoryVendors::new(Arc::clone(&catalogue)).map_err(|fault| unusable(&fault))?;
        let vendors = Arc::new(vendors);
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let (connection, vendor) = UPSTREAM;
        let vendor = Vendor::bundled(vendor).map_err(|fault| unusable(&fault))?;
        let stand_in = StandIn::start(vendor, any_port)
            .await
            .map_err(|fault| unusable(&fault))?;
        let mut builder = Hub::builder()
            .listen(any_port)
            .vendor(VendorLink::new(connection, stand_in.url()).time_limit(LONGEST_VENDOR_CALL))
            .catalogue(catalogue)
            .connector(Arc::clone(&vendors) as Arc<dyn Connector>);
        for defect in defects {
            builder = builder
                .defect(defect)
                .map_err(|fault| Complaint::Defect(fault.to_string()))?;
        }
        let hub = builder.start().await.map_err(|fault| unusable(&fault))?;
        let profile = profile_of(&hub, &stand_in);
        let mut profile = profile.map_err(|fault| Complaint::Bundled(format!("its profile: {fault}")))?;
        let played = PlayedVendors::default().with(connection, stand_in);
        played.tell_secrets(&mut profile.upstream);
        Ok(Self {
            hub,
            vendors,
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

/// Fills the profile's variables from what the hub says when it is ready.
fn profile_of(hub: &RunningHub, stand_in: &StandIn) -> Result<Profile, hubproof_model::profile::ProfileError> {
    let ready = hub.ready();
    Profile::parse(PROFILE, &|variable| match variable.strip_prefix("HUBPROOF_BUNDLED_")? {
        "URL" => Some(hub.base_url().to_owned()),
        "VENDOR" => Some(stand_in.address().to_string()),
        role => ready.keys.get(role.to_lowercase().as_str()).cloned(),
    })
}
