//! Answers requests for instances, one JSON object a line: a schema and counts in, valid and broken instances out.

use std::io::{BufRead, BufWriter, Write};

use schema_gen::{Draft, Generator, Options};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str::<Value>(&line?) {
            Ok(request) => answer(&request),
            Err(error) => json!({"id": null, "valid": [], "invalid": [], "error": error.to_string()}),
        };
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(request: &Value) -> Value {
    let count = |name: &str| request[name].as_u64().unwrap_or(0) as usize;
    let draft = match request["draft"].as_str() {
        Some("4") => Some(Draft::Draft4),
        Some("6") => Some(Draft::Draft6),
        Some("7") => Some(Draft::Draft7),
        Some("2019-09") => Some(Draft::Draft201909),
        Some("2020-12") => Some(Draft::Draft202012),
        _ => None,
    };
    let options = Options {
        draft,
        ..Options::default()
    };
    let seed = request["seed"].as_u64().unwrap_or(0);
    match Generator::compile(&request["schema"], &options) {
        Ok(generator) => {
            let valid: Vec<Value> = generator
                .valid(seed, count("n_valid"))
                .into_iter()
                .map(|valid| valid.instance)
                .collect();
            let invalid: Vec<Value> = generator
                .invalid(seed, count("n_invalid"))
                .into_iter()
                .map(|broken| broken.instance)
                .collect();
            json!({"id": request["id"], "valid": valid, "invalid": invalid, "error": null})
        }
        Err(declined) => json!({"id": request["id"], "valid": [], "invalid": [], "error": declined.to_string()}),
    }
}
