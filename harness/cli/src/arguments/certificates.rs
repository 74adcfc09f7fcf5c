//! The grammar of keys and certificates.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args};
use hubproof_certificate::set::SetName;
use hubproof_certificate::subject::Subject;
use hubproof_model::gate::FailOn;

use super::values::fail_on_parser;
use super::{DepthArguments, Loudness, PaceArguments, TargetArguments};

/// Which hub, which set, and who signs.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("signer").required(true).args(["signing_key", "signing_key_env", "unsigned"]),
    after_help = "\
A certificate stands for a whole set: there is no --only, --skip, --tools or --shard. It is issued where every requirement of the set was
exercised and holds (a violated SHOULD warns, unless --fail-on should), and is refused with 7 where one was not exercised, is inconclusive,
violated, or excused by a baseline. What is beyond the set runs, and does not count."
)]
pub(crate) struct CertifyArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    /// Which set of requirements
    #[arg(long, value_name = "SET", value_parser = set_parser())]
    pub(crate) set: SetName,

    /// The connector, as the hub's definitions have it (servicenow); its tools alone are tried
    #[arg(long, value_name = "NAME", required_if_eq("set", "connector"))]
    pub(crate) connector: Option<String>,

    /// The private key that signs (PKCS#8 in PEM, Ed25519)
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_key: Option<PathBuf>,

    /// The environment variable that holds the private key
    #[arg(long, value_name = "VAR")]
    pub(crate) signing_key_env: Option<String>,

    /// Write the statement without a signature, for a signer of your own
    #[arg(long)]
    pub(crate) unsigned: bool,

    /// What was tested: an image (NAME=sha256:…) or a commit (NAME=gitCommit:…); may be given more than once
    #[arg(long = "subject", value_name = "NAME=ALG:HEX", value_parser = parse_own_subject)]
    pub(crate) subjects: Vec<Subject>,

    /// Where the evidence can be had, such as the page of the CI job
    #[arg(long, value_name = "URL")]
    pub(crate) evidence_url: Option<String>,

    /// Tell what changed since this certificate
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) compare: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) depth: DepthArguments,

    #[command(flatten)]
    pub(crate) pace: PaceArguments,

    /// From which level on a violation in the set keeps it from being certified
    #[arg(long, value_name = "LEVEL", default_value = FailOn::Must.name(), value_parser = fail_on_parser())]
    pub(crate) fail_on: FailOn,

    /// The failures that are known: what it excuses in the set keeps it from being certified all the same
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Where the reports and the certificate go
    #[arg(long, value_name = "DIR", default_value = "hubproof-out")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) loudness: Loudness,
}

/// Where the key pair goes.
#[derive(Debug, Args)]
pub(crate) struct KeygenArguments {
    /// The private key's file; the public key goes beside it, with the ending .pub. Files that are there already are left as they are
    #[arg(long, value_name = "FILE", default_value = "hubproof.key")]
    pub(crate) out: PathBuf,
}

/// Which certificate, whose, and what is demanded of it.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The certificate (certificate.dsse.json), or the directory that holds it
    #[arg(value_name = "FILE|DIR")]
    pub(crate) certificate: PathBuf,

    /// The public key of whoever is to have signed it (SPKI in PEM, Ed25519)
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,

    /// The report.json that it must have been issued for, or the directory that holds it
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) report: Option<PathBuf>,

    /// How long ago its run may have ended (30d, 12h)
    #[arg(long, value_name = "D", value_parser = parse_age)]
    pub(crate) max_age: Option<Duration>,

    /// The set that it must be of
    #[arg(long, value_name = "SET", value_parser = set_parser())]
    pub(crate) set: Option<SetName>,

    /// The connector that it must be of
    #[arg(long, value_name = "NAME")]
    pub(crate) connector: Option<String>,

    /// What it must be about (NAME=sha256:…); may be given more than once
    #[arg(long = "subject", value_name = "NAME=ALG:HEX")]
    pub(crate) subjects: Vec<Subject>,

    /// Write a badge (SVG), where it is genuine and all that is demanded
    #[arg(long, value_name = "FILE")]
    pub(crate) badge: Option<PathBuf>,
}

fn set_parser() -> impl TypedValueParser<Value = SetName> {
    let values = SetName::ALL.map(|set| PossibleValue::new(set.name()).help(set.about()));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<SetName>())
}

fn parse_own_subject(text: &str) -> Result<Subject, String> {
    let subject = text.parse::<Subject>().and_then(Subject::of_operator);
    subject.map_err(|fault| fault.to_string())
}

fn parse_age(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "give a time such as 30d, 12h or 90m".to_owned())
}
