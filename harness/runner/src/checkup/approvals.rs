//! Whether somebody decides on gated calls, and can be asked.

use std::path::Path;

use hubproof_model::approval::{Approvals, CommandDriver, Driver, HttpDriver};
use hubproof_model::call::{Call, Credentials, Endpoint};
use hubproof_model::exchange::Exchange;
use hubproof_model::role::Role;
use hubproof_requirements::judging::observed;

use super::verdict::{Blame, Check, Group};

const WHAT: &str = "driver";

/// The call that shows whether an approver's requests are taken: the list of entries, where a plain GET gets it.
pub(super) fn listing(approvals: &Approvals) -> Option<Call> {
    let Some(Driver::Http(driver)) = &approvals.driver else {
        return None;
    };
    let is_plain = driver.list.method == "GET";
    is_plain.then(|| {
        Call::get(Endpoint::Approvals, &driver.list.path).with_credentials(Credentials::Bearer(Role::Approver))
    })
}

/// The verdict, of the profile and of the answer to that call.
pub(super) fn check(approvals: &Approvals, listed: Option<&Exchange>) -> Check {
    match &approvals.driver {
        None if approvals.gated.is_empty() => {
            Check::not_tried(Group::Approvals, WHAT, "no tool is said to need approval")
                .unless("name the gated tools in [approvals] gated, and who decides in driver")
        }
        None => Check::warning(
            Group::Approvals,
            WHAT,
            "tools are gated, and nobody decides on their calls",
            "say in [approvals] driver who does: \"http\", \"command\" or \"manual\"",
        ),
        Some(Driver::Http(driver)) => http(driver, listed),
        Some(Driver::Command(driver)) => command(driver),
        Some(Driver::Manual(driver)) => Check::ok(
            Group::Approvals,
            WHAT,
            format!("a person decides at {}, and is asked while a run waits", driver.place),
        ),
    }
}

fn http(driver: &HttpDriver, listed: Option<&Exchange>) -> Check {
    let request = format!("{} {}", driver.list.method, driver.list.path);
    let Some(exchange) = listed else {
        return Check::not_tried(Group::Approvals, WHAT, format!("{request} may do more than list"));
    };
    let problem = |seen: String, fix: &str| Check::problem(Blame::Profile, Group::Approvals, WHAT, seen, fix);
    let status = exchange.response().map(|response| response.status);
    let entries = exchange
        .json()
        .and_then(|body| body.pointer(&driver.entries)?.as_array());
    match (status, entries) {
        (Some(200..=299), Some(entries)) => Check::ok(
            Group::Approvals,
            WHAT,
            format!("{request} lists {} waiting", entries.len()),
        ),
        (Some(200..=299), None) => problem(
            format!("{request} has no array of entries at `{}`", driver.entries),
            "say in [approvals] list.entries where they stand",
        ),
        (Some(401 | 403), _) => problem(
            format!("{request} refuses the approver key: {}", observed(exchange)),
            "give a key that may decide as [keys] approver",
        ),
        _ => problem(
            format!("{request}: {}", observed(exchange)),
            "say in [approvals] list how the entries are listed",
        ),
    }
}

/// A program is looked for, and not run.
fn command(driver: &CommandDriver) -> Check {
    let program = driver.program.first().map(String::as_str).unwrap_or_default();
    let is_path = program.contains('/') || program.contains('\\');
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = match is_path {
        true => Path::new(program).is_file(),
        false => std::env::split_paths(&path).any(|folder| folder.join(program).is_file()),
    };
    match is_there {
        true => Check::ok(
            Group::Approvals,
            WHAT,
            format!("the program {program} is there (it was not run)"),
        ),
        false => Check::problem(
            Blame::Profile,
            Group::Approvals,
            WHAT,
            format!("the program {program} is not found"),
            "name it in [approvals] program by a path from where a run starts, or put it into $PATH",
        ),
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::approval::{ApprovalRequest, ManualDriver};

    use super::super::sample::answered;
    use super::super::verdict::Verdict;
    use super::*;

    fn approvals(driver: Option<Driver>) -> Approvals {
        Approvals {
            gated: vec!["a.b.c".to_owned()],
            driver,
            ..Approvals::default()
        }
    }

    fn by_http(method: &str) -> Approvals {
        let request = |path: &str| ApprovalRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            body: None,
        };
        approvals(Some(Driver::Http(HttpDriver {
            list: request("/approvals"),
            entries: "/approvals".to_owned(),
            id: "/id".to_owned(),
            approve: request("/approve"),
            reject: request("/reject"),
        })))
    }

    #[test]
    fn an_approver_is_reachable_where_the_entries_are_listed() {
        let verdict = |status, body| check(&by_http("GET"), Some(&answered(status, &[], body))).verdict;
        assert_eq!(verdict(200, r#"{"approvals":[]}"#), Verdict::Ok);
        for (status, body) in [(200, "{}"), (401, "{}"), (404, ""), (500, "")] {
            assert_eq!(
                verdict(status, body),
                Verdict::Problem(Blame::Profile),
                "{status} {body}"
            );
        }
        assert!(listing(&by_http("GET")).is_some() && listing(&by_http("POST")).is_none());
        assert_eq!(check(&by_http("POST"), None).verdict, Verdict::NotTried);
    }

    #[test]
    fn who_else_decides_is_not_asked() {
        let manual = ManualDriver {
            place: "the page".to_owned(),
        };
        assert_eq!(
            check(&approvals(Some(Driver::Manual(manual))), None).verdict,
            Verdict::Ok
        );
        let absent = CommandDriver {
            program: vec!["./hubproof-no-such-program".to_owned()],
        };
        let absent = check(&approvals(Some(Driver::Command(absent))), None);
        assert_eq!(absent.verdict, Verdict::Problem(Blame::Profile));
        assert_eq!(check(&approvals(None), None).verdict, Verdict::Warning);
        assert_eq!(check(&Approvals::default(), None).verdict, Verdict::NotTried);
    }
}
