//! All that the measures share: the programs, the servers that run, and how long each load lasts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use schema_gen::{Generator, Options};
use serde_json::json;
use tempfile::TempDir;

use super::binaries::Binaries;
use super::oha::{self, Oha};
use super::servers::{Hub, Static};
use super::stall::Stall;

/// The tool that is called: a read tool whose input and answer have something to check.
pub(super) const TOOL: &str = "itsm.tickets.list";
/// A call of it.
const INPUT: &str = r#"{"input":{"limit":5}}"#;
/// How many connections a closed loop has.
pub(super) const CONNECTIONS: u32 = 32;
/// How many drawn inputs oha sends in turn, so that the hub works as hard for it as for a pool of ours.
const POOL: usize = 64;

/// How long the loads last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// A closed loop.
    pub(super) load: Duration,
    /// What comes before, and is not measured.
    pub(super) warm_up: Duration,
    /// The stall of the open loop, and how many periods of it are measured.
    pub(super) stall: (Stall, u32),
    /// How many inputs of each kind a tool gets in a `run`.
    pub(super) cases: u32,
    /// How long Schemathesis may take.
    pub(super) conformance: Duration,
    /// The shorter of the loads whose memory is compared; the other is ten times as long.
    pub(super) memory: Duration,
}

impl Extent {
    /// What README quotes.
    pub(super) const WHOLE: Self = Self {
        load: Duration::from_secs(4),
        warm_up: Duration::from_secs(1),
        stall: (
            Stall {
                length: Duration::from_secs(1),
                period: Duration::from_secs(10),
            },
            2,
        ),
        cases: 200,
        conformance: Duration::from_secs(20),
        memory: Duration::from_secs(2),
    };

    /// Enough to see that it works.
    pub(super) const QUICK: Self = Self {
        load: Duration::from_secs(1),
        warm_up: Duration::from_millis(300),
        stall: (
            Stall {
                length: Duration::from_millis(200),
                period: Duration::from_secs(2),
            },
            3,
        ),
        cases: 20,
        conformance: Duration::from_secs(5),
        memory: Duration::from_millis(500),
    };
}

/// What measures are taken on.
pub(super) struct Scene {
    /// The release builds.
    pub(super) binaries: Binaries,
    /// A hub that runs throughout.
    pub(super) hub: Hub,
    /// A server that answers every request with the hub's answer to `fixed`.
    pub(super) plain: Static,
    /// A file with one body.
    pub(super) fixed: PathBuf,
    /// A file with many, drawn from the tool's input schema.
    pub(super) pool: PathBuf,
    /// How long the loads last.
    pub(super) extent: Extent,
    /// Where reports go.
    pub(super) folder: TempDir,
    oha: Option<Oha>,
    schemathesis: Option<PathBuf>,
}

impl Scene {
    /// Builds the programs, and starts the servers.
    pub(super) fn set(
        root: &Path,
        extent: Extent,
        oha: Option<&Path>,
        schemathesis: Option<&Path>,
    ) -> Result<Self, String> {
        let binaries = Binaries::build(root)?;
        let hub = Hub::start(&binaries, None)?;
        let folder = tempfile::tempdir().map_err(|fault| format!("no folder for reports: {fault}"))?;
        let plain = Static::start(&binaries, folder.path(), &hub.answer(TOOL, INPUT)?)?;
        let write = |name: &str, text: String| {
            let file = folder.path().join(name);
            let written = std::fs::write(&file, text);
            written.map_err(|fault| format!("{}: {fault}", file.display()))?;
            Ok::<_, String>(file)
        };
        Ok(Self {
            fixed: write("fixed.jsonl", INPUT.to_owned())?,
            pool: write("pool.jsonl", drawn(&hub)?)?,
            oha: oha.map(Oha::at),
            schemathesis: schemathesis.map(Path::to_owned),
            binaries,
            hub,
            plain,
            extent,
            folder,
        })
    }

    /// oha.
    ///
    /// # Errors
    /// That it is not there, and how to come by it.
    pub(super) fn oha(&self) -> Result<&Oha, String> {
        self.oha.as_ref().ok_or_else(|| oha::MISSING.to_owned())
    }

    /// Schemathesis.
    ///
    /// # Errors
    /// That it is not there, and how to come by it.
    pub(super) fn schemathesis(&self) -> Result<&Path, String> {
        let missing =
            "no Schemathesis was named: `pip install schemathesis` in a virtual environment, and `--schemathesis PATH`";
        self.schemathesis.as_deref().ok_or_else(|| missing.to_owned())
    }
}

/// Bodies with inputs that the tool's schema accepts, one a line.
fn drawn(hub: &Hub) -> Result<String, String> {
    let schema = hub.input_schema(TOOL)?;
    let generator =
        Generator::compile(&schema, &Options::default()).map_err(|declined| format!("{TOOL}: {declined}"))?;
    let bodies = generator.valid(1, POOL).into_iter();
    let lines: Vec<_> = bodies
        .map(|valid| json!({"input": valid.instance}).to_string())
        .collect();
    Ok(lines.join("\n"))
}
