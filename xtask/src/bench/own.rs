//! `hubproof bench`: run on a hub, and read back from the file that it writes.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::bench_json::Report;
use super::process::Running;
use super::scene::{Scene, TOOL};
use super::servers::Hub;

/// The environment variable that holds the hub's key.
pub(super) const KEY: &str = "HUBPROOF_XTASK_KEY";

/// How calls are paced.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pace {
    /// Closed loop, over so many connections.
    Closed(u32),
    /// Open loop, so many calls a second.
    Open(f64),
}

/// A bench that is about to run.
pub(super) struct Own<'a> {
    scene: &'a Scene,
    hub: &'a Hub,
    live: bool,
    tool: Option<&'static str>,
}

/// A bench that is over.
pub(super) struct Benched {
    /// What it measured.
    pub(super) report: Report,
    /// Its processor time.
    pub(super) cpu: Duration,
    /// The most memory that it held, in bytes.
    pub(super) peak: u64,
}

impl<'a> Own<'a> {
    /// On this hub, with the tool that oha calls too.
    pub(super) fn new(scene: &'a Scene, hub: &'a Hub) -> Self {
        Self {
            scene,
            hub,
            live: false,
            tool: Some(TOOL),
        }
    }

    /// With inputs drawn as it goes.
    pub(super) fn live(self, live: bool) -> Self {
        Self { live, ..self }
    }

    /// With every read tool of the hub.
    pub(super) fn every_tool(self) -> Self {
        Self { tool: None, ..self }
    }

    /// Runs it.
    ///
    /// # Errors
    /// That it found fault with the hub, or failed.
    pub(super) fn run(&self, pace: Pace, time: Duration) -> Result<Benched, String> {
        let out: PathBuf = self.scene.folder.path().join("bench");
        let milliseconds = |time: Duration| format!("{}ms", time.as_millis());
        let mut command = Command::new(&self.scene.binaries.hubproof);
        command
            .args(["bench", &self.hub.url, "--key-env", KEY])
            .args([
                "--duration",
                &milliseconds(time),
                "--warm-up",
                &milliseconds(self.scene.extent.warm_up),
            ])
            .arg("--out")
            .arg(&out)
            .env(KEY, &self.hub.key);
        match pace {
            Pace::Closed(connections) => command.args(["--concurrency", &connections.to_string()]),
            Pace::Open(rate) => command.args(["--rate", &rate.to_string()]),
        };
        if let Some(tool) = self.tool {
            command.args(["--tools", tool]);
        }
        if self.live {
            command.arg("--live");
        }
        let (finished, peak) = Running::start(&mut command)?.finish_with_peak()?;
        if finished.code != Some(0) {
            let said = String::from_utf8_lossy(&finished.output).into_owned();
            let code = finished.code;
            return Err(format!(
                "`hubproof bench` ended with {code:?}: {}{}",
                said, finished.complaint
            ));
        }
        let file = out.join("bench.json");
        let text = std::fs::read(&file).map_err(|fault| format!("{}: {fault}", file.display()))?;
        let report = serde_json::from_slice(&text).map_err(|fault| format!("{}: {fault}", file.display()))?;
        Ok(Benched {
            report,
            cpu: finished.cpu,
            peak,
        })
    }
}
