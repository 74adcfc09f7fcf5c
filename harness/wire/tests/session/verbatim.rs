//! Paths leave byte for byte.

use hubproof_model::call::Call;

use crate::opening::{get, open, profile};
use crate::scripted::Scripted;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_verbatim_path_is_not_normalised() {
    let hub = Scripted::saying(OK).await;
    let session = open(&profile(hub.address));
    let paths = [
        "/tools/../x%2e%2e/%00",
        "/..",
        "/%2E%2e/./a//b?q=../%2e",
        "/tools/%c3%28/%",
    ];
    for path in paths {
        let call = Call {
            verbatim_path: true,
            ..get(path)
        };
        let exchange = session.send("case", &call).await;
        assert_eq!(exchange.response().unwrap().status, 200);
        assert_eq!(exchange.request.url, format!("http://{}/api/v1{path}", hub.address));
    }
    assert_eq!(
        hub.request_lines(),
        paths.map(|path| format!("GET /api/v1{path} HTTP/1.1"))
    );
}

#[tokio::test]
async fn what_is_recorded_was_sent_of_other_paths_too() {
    let hub = Scripted::saying(OK).await;
    let session = open(&profile(hub.address));
    for path in [
        "/a/../b",
        "/a/%2e%2e/b",
        "/a|b^c",
        "/tools?domain=it's",
        "/a\\b",
        "/a?b c",
    ] {
        let exchange = session.send("case", &get(path)).await;
        let prefix = format!("http://{}", hub.address);
        let recorded = exchange.request.url.strip_prefix(&prefix).unwrap();
        // What cannot leave as it is is not sent at all.
        if exchange.result.is_ok() {
            let line = hub.request_lines().pop().unwrap();
            assert_eq!(line, format!("GET {recorded} HTTP/1.1"));
        }
    }
    assert_eq!(session.sent(), u64::try_from(hub.heard().len()).unwrap());
}

#[tokio::test]
async fn a_request_of_its_own_connection_has_one_host() {
    let hub = Scripted::saying(OK).await;
    let call = Call {
        verbatim_path: true,
        ..get("/tools")
    };
    open(&profile(hub.address)).send("case", &call).await;
    let request = String::from_utf8(hub.heard().remove(0)).unwrap();
    let hosts: Vec<_> = request.lines().filter(|line| line.starts_with("host:")).collect();
    assert_eq!(hosts, [format!("host: {}", hub.address)]);
}
