//! What goes on in a bench, on standard error: live where that is a terminal, else a line now and then, as a log wants it.

use std::cell::Cell;
use std::sync::Mutex;
use std::time::Duration;

use hubproof_bench::beat::Beat;
use hubproof_model::event::Event;

use crate::bar::Bar;
use crate::terminal;

/// How often a log is told.
const IN_LOGS: Duration = Duration::from_secs(10);

/// Shows a bench as it goes on.
pub(crate) struct Beats {
    bar: Bar,
    /// Whether it is told in lines.
    plain: bool,
    /// When the last line was told, in the load's time.
    told: Mutex<Cell<Duration>>,
}

impl Beats {
    /// A view on standard error; hidden where that is no terminal, or where the user wants quiet.
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = Bar::new(quiet, "{bar:24} {wide_msg}");
        Self {
            plain: !quiet && bar.is_hidden(),
            bar,
            told: Mutex::default(),
        }
    }

    /// Takes in what happens before the load.
    pub(crate) fn on(&self, event: Event) {
        match event {
            Event::Discovering { target } if self.plain => terminal::note(&format!("discovering {target}")),
            Event::Discovering { target } => self.bar.say(&format!("discovering {target}")),
            Event::Discovered { tools } => self.bar.say(&format!("{tools} tools found; trying inputs")),
            Event::Mistaken { text } => self.bar.note(&text),
            _ => {}
        }
    }

    /// Takes in a second of the load.
    pub(crate) fn beat(&self, beat: &Beat) {
        let seconds = |time: Duration| time.as_millis() as u64;
        self.bar.set_length(seconds(beat.planned));
        self.bar.set_position(seconds(beat.elapsed.min(beat.planned)));
        self.bar.say(&line(beat));
        if let (true, Ok(told)) = (self.plain, self.told.lock())
            && beat.elapsed >= told.get() + IN_LOGS
        {
            told.set(beat.elapsed);
            terminal::note(&line(beat));
        }
    }

    /// Takes the view away, so that results can be printed.
    pub(crate) fn finish(&self) {
        self.bar.finish();
    }
}

fn line(beat: &Beat) -> String {
    let milliseconds = |latency: Duration| latency.as_secs_f64() * 1000.0;
    let mut line = format!(
        "{:.0} s of {:.0} s · {:.0}/s · p50 {:.2} ms · p99 {:.2} ms · {} failed · {} wrong",
        beat.elapsed.as_secs_f64(),
        beat.planned.as_secs_f64(),
        beat.rate,
        milliseconds(beat.p50),
        milliseconds(beat.p99),
        beat.failed,
        beat.wrong
    );
    if beat.waiting > 0 {
        line.push_str(&format!(" · {} wait for a connection", beat.waiting));
    }
    if beat.is_warm_up {
        line.push_str(" · warming up");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_a_line() {
        let beat = Beat {
            elapsed: Duration::from_millis(3_002),
            planned: Duration::from_secs(12),
            is_warm_up: false,
            rate: 998.4,
            p50: Duration::from_micros(1_234),
            p99: Duration::from_millis(20),
            failed: 3,
            wrong: 0,
            waiting: 0,
        };
        let all_is_well = line(&beat);
        assert_eq!(
            all_is_well,
            "3 s of 12 s · 998/s · p50 1.23 ms · p99 20.00 ms · 3 failed · 0 wrong"
        );
        let stalled = Beat {
            waiting: 40,
            is_warm_up: true,
            ..beat
        };
        assert_eq!(
            line(&stalled),
            format!("{all_is_well} · 40 wait for a connection · warming up")
        );
    }
}
