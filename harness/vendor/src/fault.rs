//! How a vendor fails on demand.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One way in which a vendor fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This status, 400 to 599, in the vendor's error shape. Nothing is carried out.
    Status(u16),
    /// 429 with `Retry-After`. Nothing is carried out.
    Throttle(Duration),
    /// The port is closed. Nothing is carried out.
    Refuse,
    /// The connection is reset before anything is answered. Nothing is carried out.
    Reset,
    /// The request is carried out, and the connection reset in the middle of the answer's body.
    ResetInBody,
    /// Nothing is answered, and nothing carried out.
    Stall,
    /// The request is carried out; the answer's body comes a byte at a time and has no end.
    Drip,
    /// The request is carried out; the answer ends before its `Content-Length`.
    Truncate,
    /// 200 with the page of a login, as proxies answer for a session that is over. Nothing is carried out.
    LoginPage,
    /// The request is carried out; the answer is declared as JSON and is none.
    NotJson,
    /// The request is carried out; the answer is valid JSON of 32 MiB.
    Huge,
    /// The request is carried out; in the answer every text is a number and every number a text.
    WrongTypes,
    /// The request is carried out; in the answer the scalars of one member's name have the other type. The names are counted from 0 on
    /// in their order, and over again from the first.
    WrongType(usize),
    /// The request is carried out once the client has gone, and never answered.
    LateSuccess,
}

/// The names of the faults that take nothing along.
const NAMED: [(&str, Fault); 11] = [
    ("refuse", Fault::Refuse),
    ("reset", Fault::Reset),
    ("reset-in-body", Fault::ResetInBody),
    ("stall", Fault::Stall),
    ("drip", Fault::Drip),
    ("truncate", Fault::Truncate),
    ("login-page", Fault::LoginPage),
    ("not-json", Fault::NotJson),
    ("huge", Fault::Huge),
    ("wrong-types", Fault::WrongTypes),
    ("late-success", Fault::LateSuccess),
];

impl Fault {
    /// One of each kind.
    #[must_use]
    pub fn each() -> Vec<Self> {
        let statuses = [400, 401, 403, 404, 409, 500, 503].map(Self::Status);
        let with_more = [Self::Throttle(Duration::from_secs(7)), Self::WrongType(0)];
        let named = NAMED.iter().map(|(_, fault)| *fault);
        statuses.into_iter().chain(with_more).chain(named).collect()
    }

    /// Whether a request that meets it is carried out all the same.
    #[must_use]
    pub fn carries_out(self) -> bool {
        match self {
            Self::Status(_) | Self::Throttle(_) | Self::Refuse | Self::Reset | Self::Stall | Self::LoginPage => false,
            Self::ResetInBody
            | Self::Drip
            | Self::Truncate
            | Self::NotJson
            | Self::Huge
            | Self::WrongTypes
            | Self::WrongType(_)
            | Self::LateSuccess => true,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status:{status}"),
            Self::Throttle(after) => write!(f, "throttle:{}", after.as_secs()),
            Self::WrongType(member) => write!(f, "wrong-type:{member}"),
            named => {
                let name = NAMED.iter().find(|(_, fault)| fault == named);
                f.write_str(name.map_or("", |(name, _)| name))
            }
        }
    }
}

/// A text names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "give status:N (400 to 599), throttle:SECONDS, wrong-type:N, or one of {}",
    NAMED.map(|(name, _)| name).join(", ")
)]
pub struct UnknownFault;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(status) = text.strip_prefix("status:") {
            let status = status.parse().ok().filter(|status| (400..=599).contains(status));
            return status.map(Self::Status).ok_or(UnknownFault);
        }
        if let Some(seconds) = text.strip_prefix("throttle:") {
            let seconds = seconds.parse().map(Duration::from_secs);
            return seconds.map(Self::Throttle).map_err(|_| UnknownFault);
        }
        if let Some(member) = text.strip_prefix("wrong-type:") {
            return member.parse().map(Self::WrongType).map_err(|_| UnknownFault);
        }
        let named = NAMED.iter().find(|(name, _)| *name == text);
        named.map(|(_, fault)| *fault).ok_or(UnknownFault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_as_it_is_written() {
        for fault in Fault::each() {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        for text in ["", "status:200", "status:600", "status:", "throttle:soon", "Refuse"] {
            assert_eq!(text.parse::<Fault>(), Err(UnknownFault), "{text}");
        }
    }
}
