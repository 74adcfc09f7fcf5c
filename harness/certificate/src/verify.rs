//! Verifying a certificate, offline: who says it, when, of what, and that it shows all that it stands for.

use std::fmt;
use std::time::{Duration, SystemTime};

use hubproof_model::requirement::{Level, RequirementId};
use hubproof_reports::document::time::Moment;

use crate::certificate::Certificate;
use crate::digest::Sha256;
use crate::envelope::{self, EnvelopeFault};
use crate::keys::{KeyId, PublicKey};
use crate::set::{RequirementSet, SetFault, SetName};
use crate::statement::{Statement, StatementFault};
use crate::subject::Subject;

/// How far in the future a certificate may lie: clocks differ.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// What is demanded of a certificate beside a signature.
#[derive(Debug, Clone)]
pub struct Demands<'d> {
    /// The time at which it is verified.
    pub now: SystemTime,
    /// How old it may be; none for any age.
    pub max_age: Option<Duration>,
    /// What it must be about.
    pub subjects: Vec<Subject>,
    /// The set that it must be of; none for any.
    pub set: Option<SetName>,
    /// The connector that it must be of.
    pub connector: Option<String>,
    /// The text of the report that it must be of.
    pub report: Option<&'d [u8]>,
}

impl Demands<'_> {
    /// Nothing but a signature, at this time.
    #[must_use]
    pub fn at(now: SystemTime) -> Self {
        Self {
            now,
            max_age: None,
            subjects: Vec::new(),
            set: None,
            connector: None,
            report: None,
        }
    }
}

/// A certificate that was verified. Nothing else makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    certificate: Certificate,
    set: RequirementSet,
    key: KeyId,
    age: Duration,
    has_report: bool,
}

impl Verified {
    /// What it says.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The set that it stands for.
    #[must_use]
    pub fn set(&self) -> &RequirementSet {
        &self.set
    }

    /// Who says it.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// How long ago the run ended.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Whether the report was there, and is the one.
    #[must_use]
    pub fn has_report(&self) -> bool {
        self.has_report
    }
}

/// Why a certificate is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// The envelope.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// What it holds.
    #[error(transparent)]
    Statement(#[from] StatementFault),
    /// It is of a time that is yet to come.
    #[error("it is of {finished}, which is {by} s from now: one of the two clocks is wrong")]
    Future {
        /// When its run ended.
        finished: Moment,
        /// How far ahead, in seconds.
        by: u64,
    },
    /// It is too old.
    #[error("it is stale: its run ended at {finished}, {} ago, and may be {} old; certify the hub again", span(*.age), span(*.max_age))]
    Stale {
        /// When its run ended.
        finished: Moment,
        /// How long ago.
        age: Duration,
        /// How old it may be.
        max_age: Duration,
    },
    /// It is about something else.
    #[error("it is not about {wanted}, but about {}", listed(.found))]
    Subject {
        /// What it should be about.
        wanted: Subject,
        /// What it is about.
        found: Vec<Subject>,
    },
    /// It is of another set.
    #[error("it is of the set {found}, not of {wanted}")]
    Set {
        /// Which it should be of.
        wanted: SetName,
        /// Which it is of.
        found: SetName,
    },
    /// It is of another connector.
    #[error("it is {}, not of the connector {wanted}", of_connector(.found))]
    Connector {
        /// Which it should be of.
        wanted: String,
        /// Which it is of, if any.
        found: Option<String>,
    },
    /// Its set is not known, or damaged.
    #[error(transparent)]
    UnknownSet(#[from] SetFault),
    /// Its set is not the one that was published.
    #[error("its set {0} is not the published one")]
    OtherSet(SetName),
    /// It does not show what its set asks.
    #[error("it is incomplete: of its set it does not show {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Incomplete(Vec<RequirementId>),
    /// It is of another report.
    #[error(
        "the report is not the one that it was issued for: its digest is {found}, and the certificate has {wanted}"
    )]
    Report {
        /// The certificate's.
        wanted: Sha256,
        /// That of the report.
        found: Sha256,
    },
}

fn listed(subjects: &[Subject]) -> String {
    match subjects {
        [] => "its catalogue of tools alone".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn of_connector(found: &Option<String>) -> String {
    match found {
        Some(connector) => format!("of the connector {connector}"),
        None => "of a hub".to_owned(),
    }
}

/// A span as people say it, in its greatest unit.
pub(crate) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [("d", 86_400), ("h", 3_600), ("min", 60)];
    let unit = units.iter().find(|(_, length)| seconds >= *length);
    unit.map_or_else(
        || format!("{seconds} s"),
        |(name, length)| format!("{} {name}", seconds / length),
    )
}

/// How `hubproof verify` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyExit {
    /// The certificate is what was demanded.
    Verified,
    /// It was altered, or signed by another key.
    BadSignature,
    /// A wrong flag, or a file that is no public key.
    Usage,
    /// It is no certificate.
    Unreadable,
    /// The program itself is at fault.
    HarnessFault,
    /// It is of another set or connector, or does not show all that its set asks.
    Incomplete,
    /// It is older than it may be.
    Stale,
    /// It is about something else.
    OtherSubject,
    /// It is of another report.
    OtherReport,
    /// It is from the future.
    Future,
}

impl VerifyExit {
    /// Every exit, in the order of their codes.
    pub const ALL: [VerifyExit; 10] = [
        VerifyExit::Verified,
        VerifyExit::BadSignature,
        VerifyExit::Usage,
        VerifyExit::Unreadable,
        VerifyExit::HarnessFault,
        VerifyExit::Incomplete,
        VerifyExit::Stale,
        VerifyExit::OtherSubject,
        VerifyExit::OtherReport,
        VerifyExit::Future,
    ];

    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            VerifyExit::Verified => 0,
            VerifyExit::BadSignature => 1,
            VerifyExit::Usage => 2,
            VerifyExit::Unreadable => 3,
            VerifyExit::HarnessFault => 4,
            VerifyExit::Incomplete => 5,
            VerifyExit::Stale => 6,
            VerifyExit::OtherSubject => 7,
            VerifyExit::OtherReport => 8,
            VerifyExit::Future => 9,
        }
    }

    /// What it means, for documents.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            VerifyExit::Verified => "the certificate is genuine, and all that was demanded of it is so",
            VerifyExit::BadSignature => "it was altered since it was signed, or another key has signed it",
            VerifyExit::Usage => "a wrong flag, a file that is not there, or a key that is no Ed25519 public key",
            VerifyExit::Unreadable => "it is no certificate: no envelope, not one signature, no statement of hubproof",
            VerifyExit::HarnessFault => {
                "the harness itself is at fault, or the badge or standard output cannot be written"
            }
            VerifyExit::Incomplete => "it is of another set or connector, or does not show all that its set asks",
            VerifyExit::Stale => "it is older than `--max-age`",
            VerifyExit::OtherSubject => "it is not about `--subject`",
            VerifyExit::OtherReport => "the report of `--report` is not the one that it was issued for",
            VerifyExit::Future => "it is from the future, by more than five minutes",
        }
    }
}

impl Unverified {
    /// How `hubproof verify` ends.
    #[must_use]
    pub const fn exit(&self) -> VerifyExit {
        match self {
            Unverified::Envelope(EnvelopeFault::Signature { .. }) => VerifyExit::BadSignature,
            Unverified::Envelope(_) => VerifyExit::Unreadable,
            Unverified::Statement(StatementFault::Failed(_) | StatementFault::Result) => VerifyExit::Incomplete,
            Unverified::Statement(_) => VerifyExit::Unreadable,
            Unverified::Future { .. } => VerifyExit::Future,
            Unverified::Stale { .. } => VerifyExit::Stale,
            Unverified::Subject { .. } => VerifyExit::OtherSubject,
            Unverified::Set { .. }
            | Unverified::Connector { .. }
            | Unverified::UnknownSet(_)
            | Unverified::OtherSet(_)
            | Unverified::Incomplete(_) => VerifyExit::Incomplete,
            Unverified::Report { .. } => VerifyExit::OtherReport,
        }
    }
}

/// Verifies an envelope: the first that is wrong of signature, statement, set, subject, report and time.
///
/// # Errors
/// What is wrong.
pub fn verify(text: &[u8], key: &PublicKey, demands: &Demands<'_>) -> Result<Verified, Unverified> {
    let payload = envelope::open(text, key)?;
    let certificate = Statement::read(&payload)?.certificate()?;
    let set = complete(&certificate, demands)?;
    for wanted in &demands.subjects {
        about(&certificate, wanted)?;
    }
    if let Some(report) = demands.report {
        let found = Sha256::of(report);
        if found != certificate.report {
            return Err(Unverified::Report {
                wanted: certificate.report,
                found,
            });
        }
    }
    Ok(Verified {
        age: age(&certificate, demands)?,
        set,
        key: key.id(),
        has_report: demands.report.is_some(),
        certificate,
    })
}

/// The set of a certificate, once it is known to show all that the set asks, and to be of what is demanded.
fn complete(certificate: &Certificate, demands: &Demands<'_>) -> Result<RequirementSet, Unverified> {
    let found = certificate.set.set;
    if let Some(wanted) = demands.set.filter(|wanted| *wanted != found) {
        return Err(Unverified::Set { wanted, found });
    }
    let of = certificate.connector.as_ref().map(|own| own.connector.clone());
    if let Some(wanted) = demands.connector.as_ref().filter(|wanted| of.as_ref() != Some(wanted)) {
        return Err(Unverified::Connector {
            wanted: wanted.clone(),
            found: of,
        });
    }
    let set = RequirementSet::published(found, &certificate.set.revision)?;
    let is_of_connector = (found == SetName::Connector) == certificate.connector.is_some();
    if set.digest != certificate.set_digest || !is_of_connector {
        return Err(Unverified::OtherSet(found));
    }
    let scope = certificate.run.scope();
    let is_shown = |level: Level, id: &RequirementId| {
        certificate.passed.contains(id) || (level != Level::Must && certificate.warned.contains(id))
    };
    let missing = set.asks(&scope).filter(|asked| !is_shown(asked.level, &asked.id));
    let missing: Vec<_> = missing.map(|asked| asked.id).collect();
    match missing.is_empty() && !scope.tools.is_empty() {
        true => Ok(set),
        false => Err(Unverified::Incomplete(missing)),
    }
}

fn about(certificate: &Certificate, wanted: &Subject) -> Result<(), Unverified> {
    let mut subjects = certificate.subjects.clone();
    let catalogue = Subject {
        name: crate::subject::CATALOGUE.to_owned(),
        digest: [("sha256".to_owned(), certificate.catalogue.to_string())].into(),
    };
    subjects.push(catalogue);
    match wanted.is_among(&subjects) {
        true => Ok(()),
        false => Err(Unverified::Subject {
            wanted: wanted.clone(),
            found: certificate.subjects.clone(),
        }),
    }
}

/// How long ago the run ended, once that is known to be neither too long nor yet to come.
fn age(certificate: &Certificate, demands: &Demands<'_>) -> Result<Duration, Unverified> {
    let finished = certificate.run.finished_at;
    let age = match demands.now.duration_since(finished.system_time()) {
        Ok(age) => age,
        Err(ahead) if ahead.duration() <= CLOCK_TOLERANCE => Duration::ZERO,
        Err(ahead) => {
            return Err(Unverified::Future {
                finished,
                by: ahead.duration().as_secs(),
            });
        }
    };
    match demands.max_age.filter(|max_age| age > *max_age) {
        Some(max_age) => Err(Unverified::Stale { finished, age, max_age }),
        None => Ok(age),
    }
}

impl fmt::Display for VerifyExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.about())
    }
}

#[cfg(test)]
mod tests;
