//! A program of the user's that triggers a vendor's faults: it is asked to begin one, and to end it, by JSON on its standard input.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hubproof_model::profile::DomainConnection;
use serde_json::json;

use crate::process::{Ended, ask, shown};

/// How often the program may hang before it is asked for no further fault: each time costs the whole wait.
const MOST_HANGS: usize = 2;

/// The program of a connection.
pub(super) struct Program {
    connection: DomainConnection,
    command: Vec<String>,
    wait: Duration,
    hangs: AtomicUsize,
}

/// A fault that has begun, and must be ended.
pub(crate) struct Begun<'p> {
    program: &'p Program,
    fault: String,
    tool: Option<String>,
}

impl Program {
    /// Of this connection: each question is given so long.
    pub(super) fn new(connection: &DomainConnection, command: Vec<String>, wait: Duration) -> Self {
        Self {
            connection: connection.clone(),
            command,
            wait,
            hangs: AtomicUsize::new(0),
        }
    }

    /// Has the vendor fail, for calls of this tool.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub(super) async fn begin(&self, fault: &str, tool: Option<&str>) -> Result<Begun<'_>, String> {
        if self.hangs.load(Ordering::Relaxed) >= MOST_HANGS {
            return Err(self.hung());
        }
        let begun = Begun {
            program: self,
            fault: fault.to_owned(),
            tool: tool.map(str::to_owned),
        };
        match self.ask("begin", &begun).await {
            Ok(()) => Ok(begun),
            Err(why) => {
                // Half of it may have been done.
                let _ = self.ask("end", &begun).await;
                Err(why)
            }
        }
    }

    async fn ask(&self, action: &str, fault: &Begun<'_>) -> Result<(), String> {
        let question = json!({
            "action": action,
            "fault": fault.fault,
            "connection": self.connection.id,
            "domain": self.connection.domain,
            "tool": fault.tool,
        });
        let question = question.to_string();
        let Ok(ended) = tokio::time::timeout(self.wait, ask(&self.command, &question)).await else {
            self.hangs.fetch_add(1, Ordering::Relaxed);
            return Err(self.hung());
        };
        let (name, place) = (self.name(), self.place());
        let Ended { status, errors, .. } =
            ended.map_err(|fault| format!("{name} cannot be run: {fault}: see {place} command"))?;
        if status.success() {
            return Ok(());
        }
        let said = match errors.trim() {
            "" => "it says nothing on its standard error".to_owned(),
            said => format!("`{}`", shown(said)),
        };
        Err(format!(
            "{name} does not {action} {} ({status}): {said}: see {place} command",
            fault.fault
        ))
    }

    fn hung(&self) -> String {
        let (name, place) = (self.name(), self.place());
        format!(
            "{name} did not end within {:?}, and was ended: see {place} wait",
            self.wait
        )
    }

    fn name(&self) -> &str {
        self.command.first().map_or("the program", String::as_str)
    }

    fn place(&self) -> String {
        format!("[upstream.{}]", self.connection.id)
    }
}

impl Begun<'_> {
    /// Has the vendor be sound again.
    ///
    /// # Errors
    /// Why it may not be, in words.
    pub(super) async fn end(self) -> Result<(), String> {
        self.program.ask("end", &self).await
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// A program of this script, which finds its folder in `$0`.
    fn program(folder: &TempDir, script: &str, wait: Duration) -> Program {
        let connection = DomainConnection {
            domain: "itsm".to_owned(),
            id: "conn_1".to_owned(),
        };
        let folder = folder.path().to_str().unwrap().to_owned();
        let command = ["sh".to_owned(), "-c".to_owned(), script.to_owned(), folder];
        Program::new(&connection, command.to_vec(), wait)
    }

    fn asked(folder: &TempDir) -> String {
        std::fs::read_to_string(folder.path().join("asked")).unwrap_or_default()
    }

    #[tokio::test]
    async fn what_fails_to_begin_is_ended_too() {
        let folder = TempDir::new().unwrap();
        let script = "cat >> $0/asked; echo >> $0/asked; echo not that one >&2; exit 4";
        let program = program(&folder, script, Duration::from_secs(20));
        let why = program.begin("drip", None).await.err().unwrap();
        assert_eq!(
            why,
            "sh does not begin drip (exit status: 4): `not that one`: see [upstream.conn_1] command"
        );
        let question = |action: &str| {
            format!(
                "{{\"action\":\"{action}\",\"fault\":\"drip\",\"connection\":\"conn_1\",\"domain\":\"itsm\",\"tool\":null}}\n"
            )
        };
        assert_eq!(asked(&folder), question("begin") + &question("end"));
    }

    #[tokio::test]
    async fn a_program_that_leaves_another_running_has_ended_all_the_same() {
        let folder = TempDir::new().unwrap();
        // The one in the background holds the pipes of the program, which says why it does not do what it is asked for.
        let script = "cat > /dev/null; sleep 20 & echo no such fault >&2; exit 3";
        let program = program(&folder, script, Duration::from_secs(10));
        let why = program.begin("stall", None).await.err().unwrap();
        assert!(why.contains("(exit status: 3): `no such fault`"), "{why}");
        let lasting = super::Program::new(
            &program.connection,
            ["sh", "-c", "sleep 20 &"].map(str::to_owned).to_vec(),
            program.wait,
        );
        assert!(lasting.begin("stall", None).await.is_ok());
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_asked_for_no_further_fault() {
        let folder = TempDir::new().unwrap();
        let program = program(
            &folder,
            "echo asked >> $0/asked; exec sleep 600",
            Duration::from_millis(300),
        );
        for _ in 0..2 {
            let why = program.begin("stall", Some("itsm.tickets.get")).await.err().unwrap();
            assert_eq!(
                why,
                "sh did not end within 300ms, and was ended: see [upstream.conn_1] wait"
            );
        }
        // Asked to begin and to end it the first time, and then no more.
        assert_eq!(asked(&folder), "asked\nasked\n");
    }
}
