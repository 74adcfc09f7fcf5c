//! What keeps a report from being certified, and what is to be done about it.

use std::fmt;

use hubproof_model::requirement::RequirementId;
use hubproof_model::shard::Shard;

use crate::played::TriedWith;
use crate::test_name::OwnTest;

/// Why no certificate is issued: all of it, in the order of the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate is issued:{}", .0.iter().map(|one| format!("\n  {one}")).collect::<String>())]
pub struct Refusal(pub Vec<Shortfall>);

/// Something that a report does not show, and that its certificate would claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The run ended before its time.
    Unfinished(String),
    /// It is a part of a run.
    Part(Shard),
    /// The run left tools out that are not of another connector.
    LeftOut(Vec<String>),
    /// The hub told of no catalogue that can be digested.
    NoCatalogue,
    /// Something of a requirement.
    Requirement(RequirementId, Why),
    /// Nobody played a vendor that these could be tried with.
    Unplayed {
        /// The requirements.
        requirements: Vec<RequirementId>,
        /// The connector that it must be of, if the certificate is of one.
        connector: Option<String>,
    },
    /// Vendors were played, and these requirements were tried in none of these domains.
    UnplayedDomains {
        /// The connector that they must be of.
        connector: String,
        /// The requirements.
        requirements: Vec<RequirementId>,
        /// With which tools they are tried.
        with: TriedWith,
        /// The domains.
        domains: Vec<String>,
    },
    /// Something of a tool of the connector.
    Tool(String, WhyTool),
    /// Of no tool could the results be compared with another connector's; each with why.
    NotCompared(Vec<(String, String)>),
}

/// Why a requirement keeps a report from being certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The run left it out.
    LeftOut,
    /// No case could be sent.
    NotExercised {
        /// Why, in words.
        reason: String,
        /// What would exercise it.
        grants: Vec<String>,
    },
    /// Its cases allowed no verdict; why, in words.
    Inconclusive(String),
    /// It is violated so often.
    Violated(u64),
    /// It is violated, and the baseline excuses it.
    Excused,
    /// It was not tried on these tools.
    Untried(Vec<String>),
}

/// Why a tool keeps a connector from being certified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyTool {
    /// The profile's safety section keeps it out.
    Denied,
    /// No call of it succeeded.
    NoSuccess,
    /// The hub routed calls of it to a connection that is not the connector's.
    Elsewhere(String),
    /// Its results are other ones than at another connector.
    Unequal {
        /// The other connector.
        with: String,
        /// What differs.
        differences: Vec<String>,
    },
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shortfall::Unfinished(why) => write!(f, "the run did not come to its end: {why}"),
            Shortfall::Part(shard) => write!(f, "shard {shard} of a run shows a part alone: run the whole"),
            Shortfall::LeftOut(tools) => write!(f, "the run left out {}: leave --tools out", tools.join(", ")),
            Shortfall::NoCatalogue => f.write_str("the hub told of no catalogue of tools"),
            Shortfall::Requirement(id, why) => write!(f, "{id} {why}"),
            Shortfall::Unplayed {
                requirements,
                connector,
            } => unplayed(f, requirements, connector.as_deref()),
            Shortfall::UnplayedDomains {
                connector,
                requirements,
                with,
                domains,
            } => {
                let ids: Vec<_> = requirements.iter().map(ToString::to_string).collect();
                let beyond = match with {
                    TriedWith::Any => "",
                    TriedWith::StateChanging => {
                        ", with a tool there that makes records, needs no approval and whose effect shows ([effects])"
                    }
                };
                write!(
                    f,
                    "{}: nothing shows what {connector} makes of a vendor that fails in {}: name a connection of it of each such domain \
                     in [upstream]{beyond}",
                    ids.join(", "),
                    domains.join(", ")
                )
            }
            Shortfall::Tool(tool, why) => write!(f, "{tool} {why}"),
            Shortfall::NotCompared(tools) => {
                let why: Vec<_> = tools.iter().map(|(tool, why)| format!("{tool} {why}")).collect();
                write!(
                    f,
                    "{} was not exercised: {}",
                    OwnTest::EqualResults.name(),
                    why.join("; ")
                )
            }
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::LeftOut => f.write_str("was left out of the run"),
            Why::NotExercised { reason, grants } if grants.is_empty() => write!(f, "was not exercised: {reason}"),
            Why::NotExercised { grants, .. } => write!(f, "was not exercised: it needs {}", grants.join(", ")),
            Why::Inconclusive(reason) => write!(f, "is inconclusive: {reason}"),
            Why::Violated(1) => f.write_str("is violated"),
            Why::Violated(count) => write!(f, "is violated, {count} times"),
            Why::Excused => f.write_str("is violated: a baseline excuses it from failing a run, and from nothing else"),
            Why::Untried(tools) => write!(f, "was not tried on {}", tools.join(", ")),
        }
    }
}

impl fmt::Display for WhyTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WhyTool::Denied => {
                f.write_str("is kept out by the profile's [safety]: a connector is certified with all of its tools")
            }
            WhyTool::NoSuccess => {
                f.write_str("never succeeded without a dry run: give inputs that exist ([inputs] in the profile)")
            }
            WhyTool::Elsewhere(connection) => write!(
                f,
                "was answered by the connection {connection}, which is not the connector's: name one of its own for the domain in \
                 [connections.by_connector]"
            ),
            WhyTool::Unequal { with, differences } => write!(
                f,
                "fails {}: its results are other ones than at {with}: {}",
                OwnTest::EqualResults.name(),
                differences.join("; ")
            ),
        }
    }
}

/// The lines of the profile that let a run play a vendor: of any connection, or of the connector's.
fn unplayed(f: &mut fmt::Formatter<'_>, requirements: &[RequirementId], connector: Option<&str>) -> fmt::Result {
    let ids: Vec<_> = requirements.iter().map(ToString::to_string).collect();
    let (of, vendor) = match connector {
        Some(connector) => (format!(" of {connector}"), connector),
        None => (String::new(), "servicenow"),
    };
    write!(
        f,
        "{} were not exercised: the run needs a connection{of} whose vendor it may play; add to the profile:\n    [upstream.conn_123]\n    \
         domain = \"itsm\"\n    vendor = \"{vendor}\"          # or a file: docs/vendors.md says how to write one\n    \
         listen = \"127.0.0.1:9911\"  # where the hub expects the vendor of conn_123",
        ids.join(", ")
    )?;
    match connector {
        Some(connector) => write!(
            f,
            "\n    [connections.by_connector]\n    {connector} = [\"conn_…\", \"conn_123\"]"
        ),
        None => Ok(()),
    }
}
