//! Judges an input by its tool's schema.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::catalogue::Tool;
use crate::error::ApiError;

/// How many faults a refusal names.
const MAX_ERRORS: usize = 20;

/// Accepts exactly what the published schema accepts (EXE-01, EXE-02).
pub(crate) fn validate(tool: &Tool, input: &Value) -> Result<(), ApiError> {
    judge(&tool.input, input)
}

/// Accepts what a validator accepts.
pub(crate) fn judge(validator: &Validator, input: &Value) -> Result<(), ApiError> {
    if validator.is_valid(input) {
        return Ok(());
    }
    Err(refusal(validator.iter_errors(input)))
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
