//! What axum itself can do: a server that answers every request with the bytes of the file that it is given.
//!
//! `cargo xtask bench` measures the reference hub by it. Prints one JSON line with its address when it is ready, and serves until it is
//! ended.

use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("name the file to answer with")?;
    let body = Bytes::from(std::fs::read(file)?);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    // The same runtime as the reference hub's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let ready = serde_json::json!({"url": format!("http://{}", listener.local_addr()?)});
        writeln!(std::io::stdout(), "{ready}")?;
        axum::serve(listener, Router::new().fallback(answer)).await?;
        Ok(())
    })
}
