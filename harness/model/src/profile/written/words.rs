//! The kinds of values that a profile is written in. Each but a pattern's own text may come from an environment variable.

use schemars::JsonSchema;

/// Whole numbers with `ms`, `s`, `m`, `h`, the longest unit first: `"250ms"`, `"30s"`, `"1m30s"`.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "duration",
    extend("pattern" = r"^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$|\$\{")
)]
pub struct Duration(pub String);

/// A JSON Pointer (RFC 6901): `"/data/tools"`.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "pointer", extend("pattern" = r"^(/([^~]|~[01])*)?$|\$\{"))]
pub struct Pointer(pub String);

/// A tool's key with `*`: `"itsm.*"`; one that matches no tool is a mistake.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "glob", extend("minLength" = 1))]
pub struct Glob(pub String);

/// Requests a second: `50` or `"50/s"`.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "rate", untagged, extend("x-type" = "number or `\"50/s\"`"))]
pub enum Rate {
    /// A number.
    Number(#[schemars(extend("exclusiveMinimum" = 0))] f64),
    /// A number and `/s`.
    Text(#[schemars(extend("pattern" = r"^[0-9.eE+-]+ */s$|\$\{"))] String),
}

/// A part of all calls: `0.001` or `"0.1%"`.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "share", untagged, extend("x-type" = "number or `\"0.1%\"`"))]
pub enum Share {
    /// From 0 to 1.
    Number(#[schemars(range(min = 0.0, max = 1.0))] f64),
    /// In percent.
    Text(#[schemars(extend("pattern" = r"^[0-9.eE+-]+ *%$|\$\{"))] String),
}

/// How far a run may go.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "level", untagged, extend("x-type" = "string"))]
pub enum Allow {
    /// One of these.
    Level(#[schemars(extend("enum" = ["read", "probe", "write", "destructive", "admin"]))] String),
    /// Such as `"${ALLOW}"`.
    Variable(#[schemars(extend("pattern" = r"\$\{"))] String),
}

/// Who decides on approvals.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "driver", untagged, extend("x-type" = "string"))]
pub enum DriverName {
    /// One of these.
    Name(#[schemars(extend("enum" = ["http", "command", "manual"]))] String),
    /// Such as `"${DRIVER}"`.
    Variable(#[schemars(extend("pattern" = r"\$\{"))] String),
}

/// The unit of the header that tells when a limit's window ends.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "reset_unit", untagged, extend("x-type" = "string"))]
pub enum ResetUnit {
    /// One of these.
    Unit(#[schemars(extend("enum" = ["delta_seconds", "epoch_seconds", "epoch_milliseconds", "date"]))] String),
    /// Such as `"${UNIT}"`.
    Variable(#[schemars(extend("pattern" = r"\$\{"))] String),
}

/// GET, POST, PUT, PATCH or DELETE, in any case.
#[derive(Debug, JsonSchema)]
#[schemars(
    rename = "method",
    extend("pattern" = r"^([Gg][Ee][Tt]|[Pp][Oo][Ss][Tt]|[Pp][Uu][Tt]|[Pp][Aa][Tt][Cc][Hh]|[Dd][Ee][Ll][Ee][Tt][Ee])$|\$\{"),
    extend("x-type" = "string")
)]
pub struct Method(pub String);
