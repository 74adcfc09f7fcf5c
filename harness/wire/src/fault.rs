//! Sorts what can go wrong on the way into the faults that an exchange records.

use std::error::Error;
use std::io;
use std::time::Duration;

use hubproof_model::exchange::Fault;

/// A connection that was not there in time. It is no [`Fault::TimedOut`]: nothing was sent, so nothing can have happened.
pub(crate) fn slow_connect(limit: Duration) -> Fault {
    Fault::Connect(format!("no connection within {limit:?}"))
}

/// What became of a request that went through the pool, and was given so long to connect and so long in all.
pub(crate) fn of_reqwest(fault: &reqwest::Error, connecting: Duration, limit: Duration) -> Fault {
    if fault.is_connect() && fault.is_timeout() {
        slow_connect(connecting)
    } else if fault.is_connect() {
        Fault::Connect(root(fault))
    } else if fault.is_timeout() {
        Fault::TimedOut(limit)
    } else {
        of_connection(fault)
    }
}

/// What became of a request on a connection that stood.
pub(crate) fn of_connection(fault: &(dyn Error + 'static)) -> Fault {
    if is_protocol(fault) {
        Fault::Protocol(root(fault))
    } else {
        Fault::Broken(root(fault))
    }
}

/// Whether the target sent something that is not HTTP: no status line, a header or a chunk that is none.
fn is_protocol(fault: &(dyn Error + 'static)) -> bool {
    let is_parse =
        |cause: &&(dyn Error + 'static)| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse);
    let is_bad_framing = |cause: &&(dyn Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        matches!(kind, Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput))
    };
    causes(fault).any(|cause| is_parse(&cause) || is_bad_framing(&cause))
}

/// The innermost cause: what a person can act on. Outer ones say that sending a request failed, and may hold the URL.
pub(crate) fn root(fault: &(dyn Error + 'static)) -> String {
    causes(fault).last().map(ToString::to_string).unwrap_or_default()
}

fn causes<'a>(fault: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(fault), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}
