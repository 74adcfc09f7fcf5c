//! What is going on now, on standard error: live where that is a terminal, else a line for each stage, as a log wants it.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hubproof_model::event::{Event, Throttling};
use hubproof_model::requirement::RequirementId;
use hubproof_model::role::Role;
use hubproof_reports::figures::counted;

use crate::bar::Bar;
use crate::terminal;

/// Shows events as they come.
pub(crate) struct Progress {
    bar: Bar,
    /// Whether anybody sees the bar.
    live: bool,
    /// Whether stages are told in lines.
    plain: bool,
    violated: AtomicUsize,
    seen: Mutex<BTreeSet<RequirementId>>,
}

impl Progress {
    /// A view on standard error; hidden where that is no terminal, or where the user wants quiet.
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = Bar::new(quiet, "{spinner} {wide_msg}");
        bar.tick_every(Duration::from_millis(100));
        let live = !bar.is_hidden();
        Self {
            live,
            plain: !quiet && !live,
            bar,
            violated: AtomicUsize::new(0),
            seen: Mutex::default(),
        }
    }

    /// Takes in an event.
    pub(crate) fn on(&self, event: Event) {
        if self.plain {
            tell(&event);
        }
        match event {
            Event::Discovering { target } => self.bar.say(&format!("discovering {target}")),
            Event::Discovered { tools } => self.bar.say(&format!("{tools} tools found; planning")),
            Event::Planned { cases, .. } => {
                self.bar.set_length(cases as u64);
                self.bar.reshape("{bar:24} {pos}/{len} {elapsed} {wide_msg}");
                self.bar.say("");
            }
            // There are thousands of them.
            Event::CaseStarted { case } if self.live => self.bar.say(&self.message(&case)),
            Event::CaseFinished { violated, .. } => {
                if let Ok(mut seen) = self.seen.lock() {
                    seen.extend(violated);
                    self.violated.store(seen.len(), Ordering::Relaxed);
                }
                self.bar.step();
            }
            Event::Throttled { role, wait, why } => self.bar.say(&throttled(role, wait, why)),
            Event::AwaitingReset { wait } => self.bar.say(&resetting(wait)),
            // A person must see these, whatever comes next.
            Event::Mistaken { text } => self.bar.note(&text),
            Event::AwaitingApproval { text, wait } => self.bar.note(&asking(&text, wait)),
            Event::CleaningUp { records } => self.bar.say(&cleaning_up(records)),
            Event::Shrinking { id, tool } => self.bar.say(&shrinking(id, tool.as_deref())),
            Event::Shortening { id, tool } => self.bar.say(&shortening(id, tool.as_deref())),
            Event::Interrupted => self.bar.say("stopping"),
            Event::CaseStarted { .. } | Event::Judged { .. } => {}
        }
    }

    fn message(&self, case: &str) -> String {
        match self.violated.load(Ordering::Relaxed) {
            0 => case.to_owned(),
            violated => format!("{violated} violated · {case}"),
        }
    }

    /// Takes the view away, so that results can be printed.
    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}

fn shrinking(id: RequirementId, tool: Option<&str>) -> String {
    let tool = tool.map(|tool| format!(" on {tool}")).unwrap_or_default();
    format!("looking for the smallest input that violates {id}{tool}")
}

fn throttled(role: Option<Role>, wait: Duration, why: Throttling) -> String {
    let whose = role.map_or("what has no key".to_owned(), |role| format!("the {role} key"));
    format!("throttled: {whose} waits {:.1} s, since {why}", wait.as_secs_f64())
}

fn shortening(id: RequirementId, tool: Option<&str>) -> String {
    let tool = tool.map(|tool| format!(" on {tool}")).unwrap_or_default();
    format!("looking for the shortest sequence that violates {id}{tool}")
}

fn resetting(wait: Duration) -> String {
    format!(
        "a limit was exhausted on purpose: {:.1} s until it is reset",
        wait.as_secs_f64()
    )
}

fn asking(text: &str, wait: Duration) -> String {
    format!("please {text} (waiting up to {wait:?})")
}

fn cleaning_up(records: usize) -> String {
    format!("removing what the run made ({records})")
}

fn tell(event: &Event) {
    match event {
        Event::Discovering { target } => terminal::note(&format!("discovering {target}")),
        Event::Planned { cases, requirements } => {
            let (cases, requirements) = (*cases as u64, *requirements as u64);
            terminal::note(&format!(
                "sending {} for {}",
                counted(cases, "case"),
                counted(requirements, "requirement")
            ));
        }
        Event::Shrinking { id, tool } => terminal::note(&shrinking(*id, tool.as_deref())),
        Event::Shortening { id, tool } => terminal::note(&shortening(*id, tool.as_deref())),
        Event::Throttled { role, wait, why } => terminal::note(&throttled(*role, *wait, *why)),
        Event::AwaitingReset { wait } => terminal::note(&resetting(*wait)),
        Event::CleaningUp { records } => terminal::note(&cleaning_up(*records)),
        _ => {}
    }
}
