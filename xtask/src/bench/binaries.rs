//! The programs that are measured: built from this tree, or found beside it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The release builds of this tree.
pub(crate) struct Binaries {
    /// The harness.
    pub(crate) hubproof: PathBuf,
    /// The reference hub.
    pub(super) reference_hub: PathBuf,
    /// A server that answers everything with the same bytes.
    pub(super) static_server: PathBuf,
}

impl Binaries {
    /// Builds them.
    pub(crate) fn build(root: &Path) -> Result<Self, String> {
        cargo(root, &["build", "--release", "--locked", "--bins"])?;
        let folder = target_folder(root)?.join("release");
        Ok(Self {
            hubproof: folder.join("hubproof"),
            reference_hub: folder.join("reference-hub"),
            static_server: folder.join("static-server"),
        })
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(env!("CARGO")).current_dir(root).args(arguments).status();
    let status = status.map_err(|fault| format!("cargo cannot be run: {fault}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("`cargo {}` failed", arguments.join(" "))),
    }
}

fn target_folder(root: &Path) -> Result<PathBuf, String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .output()
        .map_err(|fault| format!("cargo cannot be run: {fault}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|fault| format!("cargo metadata: {fault}"))?;
    let folder = metadata["target_directory"].as_str().map(PathBuf::from);
    folder.ok_or_else(|| "cargo metadata tells no target directory".to_owned())
}

/// The program of this name on the PATH.
pub(super) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH");
    let folders = folders.as_deref().unwrap_or(OsStr::new(""));
    let found = std::env::split_paths(folders).map(|folder| folder.join(name));
    found.into_iter().find(|program| program.is_file())
}
