//! The vendors that a run plays: stand-ins behind connections of the hub, each for one case at a time that has it fail.

mod program;
mod stretch;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hubproof_model::call::Call;
use hubproof_model::case::Case;
use hubproof_model::profile::Profile;
use hubproof_model::secret::Secret;
use hubproof_model::upstream::{Player, Upstream, VendorStep};
use hubproof_requirements::vendor_faults::connections_of;
use hubproof_vendor::{StandIn, StartError, UnknownVendor, Vendor, VendorFileError};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use self::program::Program;
pub(crate) use self::stretch::{Stretch, Stretches};

/// Stand-ins by the connection that they are played behind.
#[derive(Clone, Default)]
pub struct PlayedVendors {
    by_connection: BTreeMap<String, Arc<Played>>,
}

struct Played {
    player: Playing,
    /// Held alone by the case that it is played for: what reaches it must be that case's, and no other must meet its faults.
    turn: RwLock<()>,
}

/// Who has a vendor fail.
enum Playing {
    /// The run, in its place.
    StandIn(StandIn),
    /// A program of the user's.
    Program(Program),
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
    pub fn with(self, connection: impl Into<String>, stand_in: StandIn) -> Self {
        self.with_player(connection, Playing::StandIn(stand_in))
    }

    fn with_player(mut self, connection: impl Into<String>, player: Playing) -> Self {
        let turn = RwLock::default();
        self.by_connection
            .insert(connection.into(), Arc::new(Played { player, turn }));
        self
    }

    /// The same, with those of the profile that are not played yet.
    ///
    /// # Errors
    /// The first that cannot be.
    pub async fn starting(mut self, upstream: &[Upstream]) -> Result<Self, NotPlayed> {
        for wanted in upstream {
            let connection = &wanted.connection.id;
            if self.by_connection.contains_key(connection) {
                continue;
            }
            let player = match &wanted.player {
                Player::StandIn { listen, vendor } => {
                    let refused = |fault| NotPlayed::Start {
                        connection: connection.clone(),
                        fault,
                    };
                    let started = StandIn::start(read(connection, vendor)?, *listen).await;
                    Playing::StandIn(started.map_err(refused)?)
                }
                Player::Program { command, wait } => {
                    Playing::Program(Program::new(&wanted.connection, command.clone(), *wait))
                }
            };
            self = self.with_player(connection, player);
        }
        Ok(self)
    }

    /// The same with those that other connectors' connections lead to, as far as they can be played: a run can do without. Of the others the
    /// profile says then that nobody plays them, and why.
    pub(crate) async fn starting_beside(self, profile: &mut Profile) -> Self {
        let mut started = self;
        // A program's vendor is there without the run.
        for beside in profile.beside.iter().filter(|beside| beside.is_watched()) {
            match started.clone().starting(std::slice::from_ref(beside)).await {
                Ok(more) => started = more,
                Err(why) => {
                    let unplayed = &mut profile.connections.unplayed;
                    unplayed.insert(beside.connection.id.clone(), why.to_string());
                }
            }
        }
        started.tell_secrets(&mut profile.beside);
        started
    }

    /// Ends the vendors that are not among these: another run may listen at their addresses when this ends.
    pub(crate) async fn close_but(&self, kept: &Self) {
        for (connection, played) in &self.by_connection {
            if let Playing::StandIn(stand_in) = &played.player
                && !kept.by_connection.contains_key(connection)
            {
                stand_in.close().await;
            }
        }
    }

    /// Tells the secrets of the vendors that are played, so that they are masked and recognised.
    pub fn tell_secrets(&self, upstream: &mut [Upstream]) {
        for told in upstream {
            let played = self.by_connection.get(&told.connection.id);
            let Some(Playing::StandIn(stand_in)) = played.map(|played| &played.player) else {
                continue;
            };
            let secrets = stand_in.vendor().secrets().into_iter();
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

    /// Has a vendor do what the step of a case about this tool says.
    ///
    /// # Errors
    /// Why it cannot, in words.
    pub(crate) async fn begin(&self, step: &VendorStep, tool: Option<&str>) -> Result<Stretch<'_>, String> {
        let played = self.by_connection.get(&step.connection);
        let played = played.ok_or_else(|| format!("nobody plays the vendor of {}", step.connection))?;
        match &played.player {
            Playing::StandIn(stand_in) => Stretch::watched(stand_in, step).await,
            Playing::Program(program) => Stretch::unwatched(program, step.fault.as_deref(), tool).await,
        }
    }
}

/// Leaves the run of a connector the vendors of its own connections to have fail, as far as the profile says which these are: its verdicts
/// are about them. The others are played beside them, sound: results are compared with theirs.
pub(crate) fn keep_own(profile: &mut Profile, connector: Option<&str>) {
    let by_connector = &profile.connections.by_connector;
    if let Some(own) = connector.and_then(|connector| by_connector.get(connector)) {
        let others = profile
            .upstream
            .extract_if(.., |upstream| !own.contains(&upstream.connection.id));
        profile.beside.extend(others);
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
fn read(connection: &str, named: &str) -> Result<Vendor, NotPlayed> {
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

#[cfg(test)]
mod tests;
