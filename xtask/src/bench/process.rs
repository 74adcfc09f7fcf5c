//! A program that was started for a measurement: its processor time and its memory, from `/proc`. It ends with its handle.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions};

/// Ticks of processor time in a second: what Linux tells programs, whatever its own clock does.
const TICKS: u64 = 100;
/// How often the memory of a program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// A running program.
pub(super) struct Running {
    child: Child,
    name: String,
}

/// What a program said and took, from its start to its end.
pub(super) struct Finished {
    /// What it wrote to its standard output.
    pub(super) output: Vec<u8>,
    /// What it wrote to its standard error.
    pub(super) complaint: String,
    /// Processor time, in user and system mode together.
    pub(super) cpu: Duration,
    /// Its exit code; `None` where a signal ended it.
    pub(super) code: Option<i32>,
}

impl Running {
    /// Starts a program; its output is kept.
    pub(super) fn start(command: &mut Command) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("{name} cannot be started: {fault}"))?;
        Ok(Self { child, name })
    }

    /// Starts a server, and gives the line that it prints when it is ready. What it complains of is shown.
    pub(super) fn start_server(command: &mut Command) -> Result<(Self, String), String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|fault| format!("{name} cannot be started: {fault}"))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            // What a server prints later is nobody's business, and is little.
            let read = BufReader::new(output).read_line(&mut line);
            read.map_err(|fault| format!("{name} does not tell its address: {fault}"))?;
        }
        let running = Self { child, name };
        if line.is_empty() {
            return Err(format!("{} ended before it was ready", running.name));
        }
        Ok((running, line))
    }

    /// The processor time that it has taken so far.
    pub(super) fn cpu(&self) -> Result<Duration, String> {
        let stat = self.proc("stat")?;
        cpu_of(&stat).ok_or_else(|| format!("/proc tells no processor time of {}", self.name))
    }

    /// The most memory that it has held so far, in bytes. `None` once it has ended.
    pub(super) fn peak(&self) -> Option<u64> {
        peak_of(&self.proc("status").ok()?)
    }

    /// Waits for its end.
    pub(super) fn finish(self) -> Result<Finished, String> {
        self.finish_watched(|_| ())
    }

    /// Waits for its end, and gives the most memory that it was seen to hold.
    pub(super) fn finish_with_peak(self) -> Result<(Finished, u64), String> {
        let mut peak = 0;
        let finished = self.finish_watched(|running| {
            while !running.has_ended() {
                peak = running.peak().unwrap_or(0).max(peak);
                std::thread::sleep(LOOK);
            }
        })?;
        Ok((finished, peak))
    }

    fn finish_watched(mut self, watch: impl FnOnce(&Self)) -> Result<Finished, String> {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let read = |pipe: Option<Box<dyn Read + Send>>| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                pipe.map(|mut pipe| pipe.read_to_end(&mut text));
                text
            })
        };
        let output = read(stdout.map(|pipe| Box::new(pipe) as _));
        let complaint = read(stderr.map(|pipe| Box::new(pipe) as _));
        watch(&self);
        // Its end is waited for and left in place: until it is reaped, `/proc` still tells what it took.
        self.ended(WaitIdOptions::empty())?;
        let cpu = self.cpu()?;
        let status = self.child.wait().map_err(|fault| format!("{}: {fault}", self.name))?;
        let complaint = complaint.join().unwrap_or_default();
        Ok(Finished {
            output: output.join().unwrap_or_default(),
            complaint: String::from_utf8_lossy(&complaint).into_owned(),
            cpu,
            code: status.code(),
        })
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended(WaitIdOptions::NOHANG).unwrap_or(true)
    }

    fn ended(&self, how: WaitIdOptions) -> Result<bool, String> {
        let pid = Pid::from_child(&self.child);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | how;
        let status = rustix::process::waitid(WaitId::Pid(pid), options);
        status
            .map(|status| status.is_some())
            .map_err(|fault| format!("{}: {fault}", self.name))
    }

    fn proc(&self, file: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).map_err(|fault| format!("{path}: {fault}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// User and system time of `/proc/PID/stat` (proc(5)): fields 14 and 15. The name, field 2, may hold spaces.
fn cpu_of(stat: &str) -> Option<Duration> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS))
}

/// `VmHWM` of `/proc/PID/status` (proc(5)), in bytes.
fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_past_a_name_with_spaces_and_parentheses() {
        let stat = "42 (a b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 7 20 0 4 0 100 0 0";
        assert_eq!(cpu_of(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu_of("42 (a) S 1"), None);
    }

    #[test]
    fn peak_memory_is_read_in_bytes() {
        assert_eq!(peak_of("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2 << 20));
        assert_eq!(peak_of("Name:\tx\n"), None);
    }

    #[test]
    fn a_program_that_ended_still_tells_what_it_took() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo said; echo complained >&2; exit 3"]);
        let finished = Running::start(&mut command).unwrap().finish().unwrap();
        assert_eq!(finished.output, b"said\n");
        assert_eq!((finished.complaint.as_str(), finished.code), ("complained\n", Some(3)));
    }
}
