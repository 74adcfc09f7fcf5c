//! What a command complains about: each a single clear message with its exit code.

use std::path::PathBuf;

use hubproof_bench::options::BenchError;
use hubproof_model::bench_record::Incomparable;
use hubproof_model::document::DocumentError;
use hubproof_model::profile::ProfileError;
use hubproof_model::requirement::RequirementId;
use hubproof_reports::bench::StoredFault;
use hubproof_reports::document::ReportFault;
use hubproof_reports::merge::MergeFault;
use hubproof_runner::exit::Exit;
use hubproof_runner::run::UsageError;
use hubproof_runner::select::SelectError;
use hubproof_runner::vendors::NotPlayed;
use hubproof_vendor::{StartError, UnknownVendor};

use crate::certificates::CertificateFault;
use crate::shards::ShardFault;

/// Why a command cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Complaint {
    /// The profile cannot be read.
    #[error("cannot read the profile {path}: {fault}")]
    UnreadableProfile {
        /// Its path.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// The profile is wrong at some place.
    #[error("{}", .fault)]
    Profile {
        /// Its path.
        path: PathBuf,
        /// Its text.
        text: String,
        /// What is wrong, and where.
        fault: ProfileError,
    },
    /// The baseline cannot be read.
    #[error("--baseline: cannot read {path}: {fault}")]
    UnreadableBaseline {
        /// Its path.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// The baseline is wrong at some place.
    #[error("{}", .fault)]
    Baseline {
        /// Its path.
        path: PathBuf,
        /// Its text.
        text: String,
        /// What is wrong, and where.
        fault: DocumentError,
    },
    /// A baseline would overwrite a file that the run has not read.
    #[error(
        "--write-baseline: {0} is there already; give it as --baseline too to bring it up to date, or name another file"
    )]
    BaselineExists(PathBuf),
    /// No baseline can be written there.
    #[error("--write-baseline: cannot write {path}: {fault}")]
    UnwritableBaseline {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A profile would overwrite a file.
    #[error("--out: {0} is there already, and is left as it is; name another file with --out")]
    ProfileExists(PathBuf),
    /// No profile can be written there.
    #[error("--out: cannot write {path}: {fault}")]
    UnwritableProfile {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// The variable of `--key-env` cannot be named in a profile.
    #[error(
        "--key-env: neither a shell nor a profile can name the variable `{0}`: use one of ASCII letters, digits and `_` that begins with no digit, such as HUB_KEY"
    )]
    UnnameableVariable(String),
    /// The variable of `--key-env` is not there.
    #[error("--key-env: the environment variable {0} is not set; put the API key into it (export {0}=…)")]
    MissingKeyVariable(String),
    /// A key, but no hub to use it on.
    #[error("--key-env needs a target: give the hub's URL, or a profile with one")]
    KeyWithoutTarget,
    /// The bundled hub does not start.
    #[error("the bundled hub does not start: {0}")]
    Bundled(String),
    /// No such defect.
    #[error("--defect: {0}")]
    Defect(String),
    /// Defects that no run can find.
    #[error(
        "--defect {name}: it breaks {requirement}, which a bench measures and no run judges: hubproof bench --defect {name}"
    )]
    MeasuredDefect {
        /// The defect.
        name: String,
        /// The requirement that it breaks.
        requirement: RequirementId,
    },
    /// A defect that only the run of a connector shows.
    #[error(
        "--defect {0}: it shows between two connectors: hubproof certify --set connector --connector servicenow --defect {0}"
    )]
    ConnectorDefect(String),
    /// A pattern that selects nothing.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// A mistake that shows once the target is looked at.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The target cannot be tested.
    #[error("{0}")]
    Unusable(String),
    /// The plan is at fault.
    #[error("the harness is at fault: {0}")]
    Harness(String),
    /// No report could be written.
    #[error("--out: cannot write to {path}: {fault}")]
    UnusableOut {
        /// The directory.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A report cannot be written.
    #[error("cannot write {path}: {fault}")]
    UnwritableReport {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A report cannot be read.
    #[error("cannot read the report {path}: {fault}")]
    UnreadableReport {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// There is nothing at the path of a report.
    #[error("there is no {0}: give the directory that a run wrote its reports to (--out), or a report.json")]
    MissingReport(PathBuf),
    /// A directory without a report.
    #[error("{0} holds no report.json: give the directory that a run wrote its reports to (--out), or a report.json")]
    NoReport(PathBuf),
    /// The environment names no shard.
    #[error(transparent)]
    Shard(ShardFault),
    /// Reports that are not the shards of one run.
    #[error(transparent)]
    Merge(MergeFault),
    /// The file of a report is none that can be rendered.
    #[error("{path}: {fault}")]
    StoredReport {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ReportFault,
    },
    /// More than one format for standard output.
    #[error("--format: {0} do not all fit on standard output; give --out DIR, or one format")]
    SeveralFormats(String),
    /// A directory that holds what was not made from the report.
    #[error(
        "--out: {0} holds reports that were not made from this report.json, and is left as it is; name another directory"
    )]
    OutOfOtherRun(PathBuf),
    /// A file that should hold a JSON Schema does not.
    #[error("--schema: cannot read {path}: {fault}")]
    UnreadableSchema {
        /// The file.
        path: PathBuf,
        /// Why: it is not there, or no JSON at some place.
        fault: String,
    },
    /// A schema that is not modelled.
    #[error("{path}: {fault}")]
    DeclinedSchema {
        /// The file.
        path: PathBuf,
        /// What it holds that is not modelled.
        fault: schema_gen::Declined,
    },
    /// Standard input cannot be read.
    #[error("cannot read standard input: {0}")]
    Input(std::io::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// A bench that is to be compared with cannot be read.
    #[error("--compare: cannot read {path}: {fault}")]
    UnreadableBench {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// The file of a bench is none.
    #[error("--compare: {path}: {fault}")]
    StoredBench {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: StoredFault,
    },
    /// An earlier bench that tells nothing of this one.
    #[error("--compare: {0}")]
    Incomparable(#[from] Incomparable),
    /// A mistake that shows before the load begins.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// A key, or a certificate, that is not what it should be.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// A vendor's file cannot be read.
    #[error("--vendor: cannot read {path}: {fault}")]
    UnreadableVendor {
        /// Its path.
        path: PathBuf,
        /// Why.
        fault: std::io::Error,
    },
    /// A vendor's file is wrong at some place.
    #[error("{}", .fault)]
    VendorFile {
        /// Its path.
        path: PathBuf,
        /// Its text.
        text: String,
        /// What is wrong, and where.
        fault: DocumentError,
    },
    /// No such vendor.
    #[error("--vendor: {0}")]
    UnknownVendor(#[from] UnknownVendor),
    /// The address of a vendor cannot be listened on.
    #[error("--listen: {0}; is it in use? Port 0 takes a free one")]
    VendorListen(#[from] StartError),
    /// The asynchronous runtime does not start.
    #[error("cannot start the runtime: {0}")]
    Runtime(std::io::Error),
}

impl Complaint {
    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Complaint::Certificate(fault) => fault.exit_code(),
            Complaint::Unusable(_) => Exit::Inconclusive.code(),
            Complaint::VendorListen(_) | Complaint::Usage(UsageError::Vendor(NotPlayed::Start { .. })) => {
                Exit::AddressUnusable.code()
            }
            Complaint::Select(SelectError::UnknownConnector { .. })
            | Complaint::Usage(UsageError::Select(SelectError::UnknownConnector { .. })) => {
                Exit::UnknownConnector.code()
            }
            Complaint::Runtime(_)
            | Complaint::Harness(_)
            | Complaint::Output(_)
            | Complaint::UnwritableReport { .. } => Exit::HarnessFault.code(),
            _ => Exit::Usage.code(),
        }
    }
}
