//! Exchanges for the tests of verdicts.

use std::time::Duration;

use hubproof_model::call::Call;
use hubproof_model::exchange::{Exchange, Fault, Response, SentRequest};

/// A listing that was answered.
pub(super) fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    of(Ok(Response::new(status, headers.collect(), body.as_bytes().to_vec())))
}

/// A listing without an answer.
pub(super) fn failed(fault: Fault) -> Exchange {
    of(Err(fault))
}

fn of(result: Result<Response, Fault>) -> Exchange {
    Exchange {
        number: 1,
        case: "checkup".to_owned(),
        call: Call::listing(None),
        request: SentRequest {
            method: "GET".to_owned(),
            url: "http://hub.test/api/v1/tools".to_owned(),
            headers: Vec::new(),
        },
        result,
        sent_after: Duration::ZERO,
        elapsed: Duration::from_millis(10),
    }
}
