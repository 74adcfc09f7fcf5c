//! Who sent what when: the exchanges of a case of several steps, as arrows between those who call and the hub.

use std::time::Duration;

use maud::{Markup, html};

use super::exchange::path;
use crate::document::exchange::{EndpointKind, Exchange, Sender};
use crate::figures::short_milliseconds;
use crate::printable::visible;

/// The most exchanges that a diagram shows.
const MOST: usize = 30;
/// Pixels: the column of times, from one line of life to the next, a row, and what is above the first.
const TIMES: usize = 90;
const COLUMN: usize = 340;
const ROW: usize = 26;
const TOP: usize = 46;
/// The most characters of a label.
const LABEL: usize = 50;

/// Something that happens at a moment.
struct Event<'e> {
    at: Duration,
    exchange: &'e Exchange,
    is_answer: bool,
}

/// The diagram, if there is more than one exchange.
pub(super) fn diagram(exchanges: &[Exchange]) -> Markup {
    let (shown, hidden) = exchanges.split_at(exchanges.len().min(MOST));
    if shown.len() < 2 {
        return html! {};
    }
    let senders = senders(shown);
    let events = events(shown);
    let lane = |sender: Sender| TIMES + COLUMN * senders.iter().position(|own| *own == sender).unwrap_or_default();
    let hub = TIMES + COLUMN * senders.len();
    let (width, height) = (hub + 60, TOP + ROW * events.len() + 10);
    let first = events.first().map_or(Duration::ZERO, |event| event.at);
    let described = format!("Who sent what when: {} exchanges", shown.len());
    html! {
        div.diagram tabindex="0" role="group" aria-label="Sequence diagram" {
            svg viewBox=(format!("0 0 {width} {height}")) width=(width) height=(height) role="img" aria-label=(described) {
                @for sender in &senders { (life(lane(*sender), height, &sender.to_string())) }
                (life(hub, height, "hub"))
                @for (index, event) in events.iter().enumerate() {
                    @let y = TOP + ROW * index + 16;
                    text.time x="4" y=(y + 4) { "+" (short_milliseconds(event.at.saturating_sub(first))) }
                    (arrow(event, lane(event.exchange.sender), hub, y))
                }
            }
        }
        @if !hidden.is_empty() { p.muted { "… and " (hidden.len()) " more exchanges" } }
    }
}

/// Those who send, in the order in which they first do.
fn senders(exchanges: &[Exchange]) -> Vec<Sender> {
    let mut senders = Vec::new();
    for exchange in exchanges {
        if !senders.contains(&exchange.sender) {
            senders.push(exchange.sender);
        }
    }
    senders
}

/// Requests and answers in the order of time; of one moment the request comes first.
fn events(exchanges: &[Exchange]) -> Vec<Event<'_>> {
    let of = |exchange| {
        let sent: &Exchange = exchange;
        let at = sent.sent_after.duration();
        [(at, false), (at + sent.elapsed.duration(), true)].map(|(at, is_answer)| Event {
            at,
            exchange: sent,
            is_answer,
        })
    };
    let mut events: Vec<_> = exchanges.iter().flat_map(of).collect();
    events.sort_by_key(|event| event.at);
    events
}

fn life(x: usize, height: usize, name: &str) -> Markup {
    html! {
        text.actor x=(x) y="20" text-anchor="middle" { (visible(name)) }
        line.life x1=(x) y1="30" x2=(x) y2=(height) {}
    }
}

fn arrow(event: &Event<'_>, from: usize, hub: usize, y: usize) -> Markup {
    let (label, class) = match (event.is_answer, &event.exchange.result) {
        (false, _) => (request(event.exchange), "sent"),
        (true, Ok(answer)) => (format!("#{} {}", event.exchange.number, answer.status), "answered"),
        (true, Err(_)) => (format!("#{} no answer", event.exchange.number), "lost"),
    };
    let (x1, x2) = if event.is_answer { (hub, from) } else { (from, hub) };
    let tip = if event.is_answer { x2 + 7 } else { x2 - 7 };
    let head = format!("{x2},{y} {tip},{} {tip},{}", y - 4, y + 4);
    html! {
        g class=(class) {
            line x1=(x1) y1=(y) x2=(x2) y2=(y) {}
            polygon points=(head) {}
            text x=((from + hub) / 2) y=(y - 5) text-anchor="middle" { (label) }
        }
    }
}

/// A request in a few words.
fn request(exchange: &Exchange) -> String {
    let what = match (exchange.endpoint, exchange.tool.as_deref()) {
        (EndpointKind::Execute, Some(tool)) => tool.to_owned(),
        (_, _) => format!("{} {}", exchange.method, path(&exchange.url)),
    };
    let label = match exchange.label.as_str() {
        "" => what,
        label => format!("{label}: {what}"),
    };
    let label = visible(&format!("#{} {label}", exchange.number)).into_owned();
    match label.char_indices().nth(LABEL) {
        Some((at, _)) => format!("{}…", &label[..at]),
        None => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;

    fn exchange(number: u64, sender: Sender, sent: u64, elapsed: u64) -> Exchange {
        let report = canned::report(&canned::complete());
        let violations = report.requirements.iter().flat_map(|own| &own.violations);
        let any = violations.flat_map(|violation| &violation.exchanges).next().unwrap();
        Exchange {
            number,
            sender,
            sent_after: Duration::from_millis(sent).into(),
            elapsed: Duration::from_millis(elapsed).into(),
            ..any.clone()
        }
    }

    #[test]
    fn calls_at_once_go_out_before_either_is_answered() {
        let exchanges = [
            exchange(1, Sender::Nobody, 10, 30),
            exchange(2, Sender::Other, 11, 5),
            exchange(3, Sender::Nobody, 40, 1),
        ];
        let told: Vec<_> = events(&exchanges)
            .iter()
            .map(|event| (event.exchange.number, event.is_answer))
            .collect();
        assert_eq!(
            told,
            [(1, false), (2, false), (2, true), (1, true), (3, false), (3, true)]
        );
        assert_eq!(senders(&exchanges), [Sender::Nobody, Sender::Other]);
    }

    #[test]
    fn a_single_exchange_needs_no_diagram() {
        let one = [exchange(1, Sender::Nobody, 0, 1)];
        assert_eq!(diagram(&one).0, "");
    }
}
