//! `hubproof report merge`: the shards of a run put together, with the exit code that the whole run would have had.

use hubproof_reports::merge::{Part, merge as put_together};

use crate::arguments::MergeArguments;
use crate::closing;
use crate::out::Out;
use crate::usage::Complaint;
use crate::{Done, stored_report};

/// Puts the reports together that the arguments name.
pub(crate) fn merge(arguments: &MergeArguments) -> Done {
    let parts = arguments.reports.iter().map(|path| {
        let report = stored_report::read(path)?;
        let name = path.display().to_string();
        Ok::<_, Complaint>(Part { name, report })
    });
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    let mut report = put_together(parts).map_err(Complaint::Merge)?;
    closing::decide(&mut report);
    let out = Out::open(&arguments.written.out)?;
    let closing = closing::write(&out, &report, &arguments.written.format);
    Ok(closing.print(arguments.loudness))
}
