//! The vendor behind a connection, where the harness plays it (`[upstream]`), and what reached it.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::profile::DomainConnection;
use crate::secret::Secret;

/// The longest that a hub may take to say that its vendor does not answer, unless the profile says otherwise (UPS-04).
pub const DEFAULT_LIMIT: Duration = Duration::from_secs(30);

/// How the placeholder of a vendor's secret begins, as records show it: `<vendor:NAME>`.
pub const PLACEHOLDER: &str = "<vendor:";

/// How long a program has to begin or end a fault, unless the profile says otherwise.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// An entry of `[upstream]`: a connection whose vendor the harness has fail.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// The connection.
    pub connection: DomainConnection,
    /// Who has it fail.
    pub player: Player,
    /// The longest that the hub may take to say that the vendor does not answer.
    pub limit: Duration,
    /// What only the hub and the vendor may know, by name: to be masked wherever it stands. Known once the vendor is played.
    pub secrets: Vec<(String, Secret)>,
}

impl Upstream {
    /// Whether it is known what reaches the vendor.
    pub fn is_watched(&self) -> bool {
        matches!(self.player, Player::StandIn { .. })
    }
}

/// Who has a vendor fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Player {
    /// The run, in the vendor's place.
    StandIn {
        /// Where the hub expects the vendor.
        listen: SocketAddr,
        /// Which vendor is played: the name of a bundled one, or the path of a file.
        vendor: String,
    },
    /// A program of the user's, which triggers faults in a sandbox or a proxy of theirs.
    Program {
        /// The program and its arguments.
        command: Vec<String>,
        /// The longest that it may take to begin or to end a fault.
        wait: Duration,
    },
}

/// A step from which on the vendor does something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorStep {
    /// The deed's label. The deed is what reached the vendor from here to the next such step, or to the end of the case.
    pub label: String,
    /// The connection whose vendor it is.
    pub connection: String,
    /// How it fails, as `hubproof vendor --fault` spells it. `None` where it is sound.
    pub fault: Option<String>,
    /// Whether only requests that ask for a change meet the fault: what a hub reads before it changes something is served.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changes_only: bool,
    /// Only so many requests meet the fault, and what comes then is served; all, where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<usize>,
}

impl VendorStep {
    /// The vendor is sound.
    pub fn sound(label: &str, connection: &str) -> Self {
        Self {
            label: label.to_owned(),
            connection: connection.to_owned(),
            fault: None,
            changes_only: false,
            first: None,
        }
    }

    /// The vendor fails in this way.
    pub fn failing(label: &str, connection: &str, fault: &str) -> Self {
        Self {
            fault: Some(fault.to_owned()),
            ..Self::sound(label, connection)
        }
    }

    /// The same, of the requests that ask for a change.
    #[must_use]
    pub fn changes_only(self) -> Self {
        Self {
            changes_only: true,
            ..self
        }
    }

    /// The same, of the first so many requests alone.
    #[must_use]
    pub fn first(self, requests: usize) -> Self {
        Self {
            first: Some(requests),
            ..self
        }
    }
}

/// A request that reached the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// Whether it asks for a change.
    pub changes_state: bool,
    /// Whether the vendor did what it asks for.
    pub carried_out: bool,
    /// What it sent as the vendor's own idempotency key: the vendor takes requests of one key for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}
