//! `hubproof generate`: instances of JSON Schemas, for a person from a file, for a program as JSON Lines.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use schema_gen::{Acceptance, Draft, Generator, Options};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::Done;
use crate::arguments::{DraftArgument, GenerateArguments};
use crate::terminal;
use crate::usage::Complaint;

/// Of a request's time, what is kept for writing the answer.
const RESERVE: f64 = 0.1;

/// Prints instances.
pub(crate) fn generate(arguments: &GenerateArguments) -> Done {
    match &arguments.schema {
        Some(path) => from_file(path, arguments),
        None => answer_requests(),
    }
}

fn from_file(path: &Path, arguments: &GenerateArguments) -> Done {
    let unreadable = |fault: String| Complaint::UnreadableSchema {
        path: path.to_owned(),
        fault,
    };
    let text = fs::read_to_string(path).map_err(|fault| unreadable(fault.to_string()))?;
    let schema: Value = serde_json::from_str(&text).map_err(|fault| unreadable(fault.to_string()))?;
    let options = Options {
        draft: arguments.draft.map(draft),
        assert_format: arguments.assert_format,
        ..Options::default()
    };
    let generator = Generator::compile(&schema, &options).map_err(|fault| Complaint::DeclinedSchema {
        path: path.to_owned(),
        fault,
    })?;
    let valid = generator.valid(arguments.seed, arguments.count);
    let invalid = generator.invalid(arguments.seed, arguments.count);
    let mut text = String::new();
    for row in &valid {
        text += &format!("{}\n", json!({"valid": row.instance, "note": row.note}));
    }
    for row in &invalid {
        let row = json!({
            "invalid": row.instance,
            "keyword": row.keyword,
            "instance_pointer": row.instance_pointer,
            "schema_pointer": row.schema_pointer,
        });
        text += &format!("{row}\n");
    }
    terminal::print(&text)?;
    for (side, is_empty) in [("valid", valid.is_empty()), ("invalid", invalid.is_empty())] {
        if is_empty && arguments.count > 0 {
            terminal::note(&format!(
                "no {side} instance: {}",
                why_empty(generator.acceptance(), side)
            ));
        }
    }
    if generator.dropped() > 0 {
        terminal::note(&format!(
            "{} values were contradicted and left out",
            generator.dropped()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn why_empty(acceptance: Acceptance, side: &str) -> &'static str {
    match acceptance {
        Acceptance::Nothing => "no instance satisfies the schema, nor is one assertion alone to blame",
        Acceptance::Everything => "every instance satisfies the schema",
        Acceptance::Undecided if side == "valid" => "the search found none; whether there is any is not proved",
        Acceptance::Undecided => "the search found none that breaks a single assertion",
    }
}

/// A request for instances. Unknown members are passed over.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(default)]
    id: Value,
    #[serde(borrow)]
    schema: &'a RawValue,
    #[serde(default)]
    draft: Option<DraftArgument>,
    #[serde(default)]
    n_valid: usize,
    #[serde(default)]
    n_invalid: usize,
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    time_limit_s: Option<f64>,
    #[serde(default)]
    assert_format: bool,
}

#[derive(Serialize)]
struct Answer {
    id: Value,
    valid: Vec<Value>,
    invalid: Vec<Value>,
    error: Option<String>,
}

fn answer_requests() -> Done {
    if io::stdin().is_terminal() {
        terminal::note(
            "reading requests from standard input, one JSON object a line (--help shows one; or give --schema FILE)",
        );
    }
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(ExitCode::SUCCESS),
            Ok(_) if line.trim_ascii().is_empty() => continue,
            Ok(_) => {}
            Err(fault) => return Err(Box::new(Complaint::Input(fault))),
        }
        let mut text = serde_json::to_vec(&answer(&line)).unwrap_or_default();
        text.push(b'\n');
        // A reader that has gone away is no fault.
        if output.write_all(&text).and_then(|()| output.flush()).is_err() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn answer(line: &[u8]) -> Answer {
    let begun = Instant::now();
    let declined = |id: Value, error: String| Answer {
        id,
        valid: Vec::new(),
        invalid: Vec::new(),
        error: Some(error),
    };
    let request: Request<'_> = match serde_json::from_slice(line) {
        Ok(request) => request,
        Err(fault) => return declined(id_of(line), format!("not a request: {fault}")),
    };
    let schema: Value = match serde_json::from_str(request.schema.get()) {
        Ok(schema) => schema,
        Err(fault) => return declined(request.id, format!("cannot read the schema: {fault}")),
    };
    let limit = request.time_limit_s.filter(|limit| limit.is_finite() && *limit >= 0.0);
    let deadline = limit
        .and_then(|limit| Duration::try_from_secs_f64(limit * (1.0 - RESERVE)).ok())
        .and_then(|limit| begun.checked_add(limit));
    let options = Options {
        draft: request.draft.map(draft),
        assert_format: request.assert_format,
        deadline,
        ..Options::default()
    };
    match Generator::compile(&schema, &options) {
        Ok(generator) => Answer {
            id: request.id,
            valid: instances(generator.valid(request.seed, request.n_valid), |row| row.instance),
            invalid: instances(generator.invalid(request.seed, request.n_invalid), |row| row.instance),
            error: None,
        },
        Err(fault) => declined(request.id, fault.to_string()),
    }
}

fn instances<T>(rows: Vec<T>, instance: impl Fn(T) -> Value) -> Vec<Value> {
    rows.into_iter().map(instance).collect()
}

/// The id of a line that is no request otherwise, so that its answer can be told from others.
fn id_of(line: &[u8]) -> Value {
    #[derive(Deserialize)]
    struct Identified {
        #[serde(default)]
        id: Value,
    }
    serde_json::from_slice::<Identified>(line).map_or(Value::Null, |line| line.id)
}

fn draft(named: DraftArgument) -> Draft {
    match named {
        DraftArgument::Draft4 => Draft::Draft4,
        DraftArgument::Draft6 => Draft::Draft6,
        DraftArgument::Draft7 => Draft::Draft7,
        DraftArgument::Draft201909 => Draft::Draft201909,
        DraftArgument::Draft202012 => Draft::Draft202012,
    }
}
