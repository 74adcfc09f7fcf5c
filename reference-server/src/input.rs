//! Judges an input by its tool's schema.

use serde_json::{Value, json};

use crate::catalogue::Tool;
use crate::error::ApiError;

/// How many faults a refusal names.
const MAX_ERRORS: usize = 20;

/// Accepts exactly what the published schema accepts (EXE-01, EXE-02).
pub(crate) fn validate(tool: &Tool, input: &Value) -> Result<(), ApiError> {
    if tool.input.is_valid(input) {
        return Ok(());
    }
    Err(refusal(tool.input.iter_errors(input)))
}

/// INVALID_INPUT, with the place and the keyword of each fault (EXE-13). The values themselves are the caller's, and stay there.
pub(crate) fn refusal<'e>(faults: impl Iterator<Item = jsonschema::ValidationError<'e>>) -> ApiError {
    let errors: Vec<Value> = faults
        .take(MAX_ERRORS)
        .map(|fault| {
            json!({
                "path": format!("/input{}", fault.instance_path()),
                "keyword": fault.kind().keyword(),
                "message": fault.masked().to_string(),
            })
        })
        .collect();
    ApiError::invalid("The input does not match the tool's input schema.").with("errors", errors)
}

/// Like [`validate`], but blind to some faults.
pub(crate) fn validate_but(
    tool: &Tool,
    input: &Value,
    unseen: impl Fn(&jsonschema::ValidationError<'_>) -> bool,
) -> Result<(), ApiError> {
    let faults: Vec<_> = tool.input.iter_errors(input).filter(|fault| !unseen(fault)).collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(refusal(faults.into_iter()))
}
