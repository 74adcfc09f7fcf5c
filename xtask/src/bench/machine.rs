//! What the figures were measured on.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

/// The machine and the versions of what ran on it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// The model of its processor.
    pub(crate) cpu: String,
    /// How many processors programs see.
    pub(crate) cpus: usize,
    /// The load average over a minute, before and after.
    pub(crate) load: (f64, f64),
    /// The compiler.
    pub(crate) rustc: String,
    /// oha, where it took part.
    pub(super) oha: Option<String>,
    /// Schemathesis, where it took part.
    pub(super) schemathesis: Option<String>,
}

impl Machine {
    /// Looks at the machine before the first round.
    pub(crate) fn look(oha: Option<&Path>, schemathesis: Option<&Path>) -> Self {
        let now = load();
        Self {
            cpu: cpu_model(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default()),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            load: (now, now),
            rustc: version(Path::new("rustc")).unwrap_or_else(|| "unknown".to_owned()),
            oha: oha.and_then(version),
            schemathesis: schemathesis.and_then(version),
        }
    }

    /// Looks at its load after the last round.
    pub(crate) fn look_again(&mut self) {
        self.load.1 = load();
    }
}

/// What a program says of its version, in a line.
pub(super) fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| said.lines().next().unwrap_or_default().trim().to_owned())
}

fn load() -> f64 {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = told.split_whitespace().next();
    minute.and_then(|minute| minute.parse().ok()).unwrap_or(f64::NAN)
}

fn cpu_model(cpuinfo: &str) -> String {
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(':'));
    model.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |(_, model)| model.trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_by_its_model() {
        let told = "processor\t: 0\nvendor_id\t: X\nmodel name\t: Fast 9000 @ 3 GHz\nprocessor\t: 1\n";
        assert_eq!(cpu_model(told), "Fast 9000 @ 3 GHz");
        assert_eq!(cpu_model(""), std::env::consts::ARCH);
    }
}
