//! How long `hubproof bench` takes from its start to the first byte that it sends.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Figure, Measure};
use crate::bench::goal::{Goal, Unit};
use crate::bench::own::KEY;
use crate::bench::process::Running;
use crate::bench::scene::Scene;

/// How often the listener is looked at: a hundredth of what is measured, and less.
const LOOK: Duration = Duration::from_micros(100);

pub(super) struct Start;

impl Measure for Start {
    fn name(&self) -> &'static str {
        "start"
    }

    fn figures(&self) -> &'static [Figure] {
        &[Figure {
            what: "start to first request",
            unit: Unit::Milliseconds,
            goal: Goal::AtMost(20.0),
        }]
    }

    fn measure(&self, scene: &Scene, _: u32) -> Result<Vec<f64>, String> {
        let failed = |fault: std::io::Error| format!("the listener: {fault}");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mut command = Command::new(&scene.binaries.hubproof);
        command
            .args(["bench", &format!("http://{address}/api/v1"), "--key-env", KEY])
            .env(KEY, &scene.hub.key)
            .current_dir(scene.folder.path());
        listener.set_nonblocking(true).map_err(failed)?;
        let began = Instant::now();
        let running = Running::start(&mut command)?;
        let (mut stream, _) = loop {
            match listener.accept() {
                Ok(connection) => break connection,
                Err(fault) if fault.kind() != ErrorKind::WouldBlock => return Err(failed(fault)),
                Err(_) if running.has_ended() => {
                    let complaint = running.finish()?.complaint;
                    return Err(format!("`hubproof bench` sent nothing: {}", complaint.trim()));
                }
                Err(_) => std::thread::sleep(LOOK),
            }
        };
        stream.set_nonblocking(false).map_err(failed)?;
        let read = stream.read(&mut [0]).map_err(failed)?;
        let took = began.elapsed();
        match read {
            0 => Err("`hubproof bench` ended without a request".to_owned()),
            _ => Ok(vec![took.as_secs_f64() * 1000.0]),
        }
    }
}
