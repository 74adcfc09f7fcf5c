//! A run that is stopped while the vendor that it plays fails: it takes back what it made, with the vendor sound again, and leaves nobody
//! listening.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hubproof_model::event::Event;
use hubproof_model::profile::Profile;
use hubproof_model::record::{RunEnd, Target};
use hubproof_model::safety::Allow;
use hubproof_model::side_effects::Fate;
use hubproof_runner::interrupt::{Interrupt, StopReason};
use hubproof_runner::options::RunOptions;
use hubproof_runner::run::run;
use hubproof_runner::select::Selection;
use reference_server::Hub;
use reference_server::connectors::http::VendorLink;
use tokio::net::{TcpListener, TcpStream};

const CONNECTION: &str = "conn_itsm_servicenow_staging";

/// An address that nobody listens on.
async fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap()
}

/// Passes what the hub sends on to the vendor, and stops the run with the second request since `armed`: the one that meets the fault.
async fn relay(listener: TcpListener, vendor: SocketAddr, armed: &AtomicBool, interrupt: &Interrupt) {
    let mut since = 0;
    loop {
        let (mut hub, _) = listener.accept().await.unwrap();
        since += usize::from(armed.load(Ordering::SeqCst));
        if since == 2 {
            interrupt.stop(StopReason::Signal);
        }
        tokio::spawn(async move {
            // It may refuse, and then hangs up.
            let Ok(mut vendor) = TcpStream::connect(vendor).await else {
                return;
            };
            let _ = tokio::io::copy_bidirectional(&mut hub, &mut vendor).await;
        });
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_in_a_vendors_fault_cleans_up_and_leaves_its_port() {
    let vendor = free().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let link = VendorLink::new(CONNECTION, format!("http://{}", listener.local_addr().unwrap()));
    let hub = Hub::builder().vendor(link.time_limit(Duration::from_secs(2)));
    let hub = hub.start().await.unwrap();
    let text = format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"{}\"\n[upstream.{CONNECTION}]\ndomain = \"itsm\"\nvendor = \"servicenow\"\n\
         listen = \"{vendor}\"\n",
        hub.base_url(),
        hub.ready().keys["primary"]
    );
    let profile = Profile::parse(&text, &|_| None).unwrap();
    let options = RunOptions {
        jobs: 1,
        ..RunOptions::new(Selection::new(&["UPS-04".to_owned()], &[]).unwrap(), Allow::Destructive)
    };
    let (interrupt, armed) = (Interrupt::default(), AtomicBool::new(false));
    let on_event = |event: Event| {
        if matches!(event, Event::CaseStarted { case } if case.contains("/stall/")) {
            armed.store(true, Ordering::SeqCst);
        }
    };
    let target = Target::of_url(hub.base_url());
    let record = tokio::select! {
        record = run(profile, target, &options, &interrupt, &on_event) => record.unwrap(),
        () = relay(listener, vendor, &armed, &interrupt) => unreachable!("it has no end"),
    };
    assert!(matches!(record.end, RunEnd::Interrupted(_)), "{:?}", record.end);
    let created = &record.side_effects.created;
    assert!(!created.is_empty(), "the controls made nothing");
    for made in created {
        assert_eq!(made.fate, Fate::Removed, "{made:?}");
    }
    assert!(TcpListener::bind(vendor).await.is_ok(), "the vendor listens still");
    hub.shutdown().await;
}
