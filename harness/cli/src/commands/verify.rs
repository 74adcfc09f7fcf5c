//! `hubproof verify`: whether a certificate is genuine, and all that is demanded of it; offline.

use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

use hubproof_certificate::verify::{Demands, verify as verified};
use hubproof_certificate::{badge, told};

use crate::arguments::certificates::VerifyArguments;
use crate::certificates::{self, CertificateFault};
use crate::usage::Complaint;
use crate::whole_file::write_whole;
use crate::{Done, stored_report, terminal};

/// Verifies the certificate that the arguments name.
pub(crate) fn verify(arguments: &VerifyArguments) -> Done {
    let key = certificates::public_key(&arguments.key).map_err(Complaint::from)?;
    let (path, text) = certificates::certificate("FILE", &arguments.certificate).map_err(Complaint::from)?;
    let report = arguments.report.as_deref().map(bytes_of).transpose()?;
    let demands = Demands {
        now: SystemTime::now(),
        max_age: arguments.max_age,
        subjects: arguments.subjects.clone(),
        set: arguments.set,
        connector: arguments.connector.clone(),
        report: report.as_deref(),
    };
    let verified = verified(&text, &key, &demands).map_err(|fault| {
        Complaint::from(CertificateFault::Unverified {
            path,
            fault: Box::new(fault),
        })
    })?;
    terminal::print(&told::lines(&verified))?;
    if let Some(badge) = &arguments.badge {
        write_whole(badge, &badge::svg(&verified)).map_err(|fault| {
            Complaint::from(CertificateFault::UnwritableBadge {
                path: badge.clone(),
                fault,
            })
        })?;
        terminal::print(&format!("badge      {}\n", badge.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The bytes of a report, whatever they say: their digest is what counts.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Complaint> {
    let file = stored_report::file_of(path)?;
    std::fs::read(&file).map_err(|fault| Complaint::UnreadableReport { path: file, fault })
}
