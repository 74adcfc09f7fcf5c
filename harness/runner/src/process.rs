//! A program that is asked one question: given on its standard input, answered on its standard output.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The most of what a program writes that is read.
const MOST: u64 = 16 * 1024 * 1024;
/// How long the rest of what a program wrote is waited for once it has ended.
const GRACE: Duration = Duration::from_millis(500);
/// How much of what a program writes is shown.
const SHOWN: usize = 300;

/// What came of a program.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs a program to its end, whatever it leaves running. Whoever drops this before ends the program, with all that it has started.
///
/// # Errors
/// What kept it from being run.
pub(crate) async fn ask(program: &[String], question: &str) -> io::Result<Ended> {
    let (name, arguments) = program
        .split_first()
        .ok_or_else(|| io::Error::other("no program is named"))?;
    let mut command = Command::new(name);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.kill_on_drop(true).spawn()?;
    let group = Group::of(&child);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let tell = async {
        if let Some(mut stdin) = stdin {
            // A program that does not read its input still may do its work.
            let _ = stdin.write_all(question.as_bytes()).await;
        }
    };
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let status = {
        let told = async {
            let (output, errors, ()) = tokio::join!(read(stdout, &mut output), read(stderr, &mut errors), tell);
            output.and(errors)
        };
        tokio::pin!(told);
        tokio::select! {
            biased;
            all = &mut told => {
                all?;
                child.wait().await?
            }
            status = child.wait() => {
                // What it has started may hold its pipes for as long as it likes, and is none of the answer.
                if let Ok(all) = timeout(GRACE, &mut told).await {
                    all?;
                }
                status?
            }
        }
    };
    group.leave();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ended {
        status,
        output: text(output),
        errors: text(errors),
    })
}

/// The beginning of what a program wrote.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Reads to the end; what has come so far is there whenever it is given up.
async fn read(pipe: Option<impl AsyncRead + Unpin>, bytes: &mut Vec<u8>) -> io::Result<()> {
    if let Some(pipe) = pipe {
        let mut pipe = pipe.take(MOST);
        while pipe.read_buf(bytes).await? > 0 {}
    }
    Ok(())
}

/// The process group of a program: what it starts belongs to it, too. Ended when this is dropped, unless it was left.
struct Group(Option<u32>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// Lets what the program has left behind go on.
    fn leave(mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let id = self.0.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = id {
            // What is gone already need not be ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
