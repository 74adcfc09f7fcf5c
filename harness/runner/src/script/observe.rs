//! Observes: reads rounds of pages until something shows, or until it had the time to.

use std::time::Duration;

use hubproof_model::call::{Body, Intent};
use hubproof_model::case::{Case, Observation, Until};
use hubproof_model::exchange::Exchange;
use hubproof_model::outcome::Outcome;
use hubproof_requirements::effects::scene::again;
use hubproof_requirements::observing::{MOST_PAGES, State, count, differs, next_page, state};
use tokio::time::Instant;

use super::{Played, Stage};
use crate::throttle::Sent;

/// The time between the first two rounds; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest time between two rounds.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Stage<'_> {
    /// Reads until the observation has seen enough, or the settle time is over; the last round counts.
    pub(super) async fn observe(&self, case: &Case, observation: &Observation, played: &mut Played) {
        let began = Instant::now();
        let of = acting_tool(played).filter(|_| observation.until.expects_something());
        let of = of.map(|tool| (tool.to_owned(), observation.read.tool().unwrap_or_default().to_owned()));
        let of = of.as_ref().map(|(acting, read)| (acting.as_str(), read.as_str()));
        // Where nothing succeeded there is nothing to wait for.
        let patience = of.map_or(Duration::ZERO, |of| self.sightings.patience(of));
        let ends = began + patience.max(self.profile.target.settle);
        let mut pause = FIRST_PAUSE;
        loop {
            let is_last = Instant::now() >= ends;
            let round = self.round(case, observation, played).await;
            let reads: Vec<_> = round.iter().map(|sent| &sent.exchange).collect();
            let has_seen = has_seen(observation, &reads, played);
            if is_last || reads.iter().any(|read| read.response().is_none()) || has_seen {
                if let Some(of) = of.filter(|_| is_last || has_seen) {
                    self.sightings.note(of, began.elapsed(), has_seen);
                }
                round.into_iter().for_each(|sent| played.take(sent));
                return;
            }
            played.beside.extend(round.into_iter().flat_map(Sent::into_exchanges));
            self.pause(pause.min(ends - Instant::now().min(ends))).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// All pages once.
    async fn round(&self, case: &Case, observation: &Observation, played: &Played) -> Vec<Sent> {
        let mut round: Vec<Sent> = Vec::new();
        let mut read = observation.read.clone();
        loop {
            round.push(self.call(case, &read, played).await);
            let reads: Vec<_> = round.iter().map(|sent| &sent.exchange).collect();
            let next = observation.pages.as_ref().and_then(|pages| next_page(pages, &reads));
            let Some((at, value)) = next.filter(|_| round.len() < MOST_PAGES) else {
                return round;
            };
            let input = match &mut read.body {
                Body::Json(body) => body.get_mut("input"),
                _ => None,
            };
            // Pages are told by members of the input itself.
            match (input.and_then(|input| input.as_object_mut()), at.strip_prefix('/')) {
                (Some(input), Some(name)) => drop(input.insert(name.to_owned(), value)),
                _ => return round,
            }
        }
    }
}

/// The tool of the last call that succeeded and was to have an effect.
fn acting_tool(played: &Played) -> Option<&str> {
    let has_acted =
        |exchange: &&Exchange| exchange.call.intent != Intent::Read && Outcome::of(exchange) == Outcome::Success;
    played
        .exchanges
        .iter()
        .rfind(has_acted)
        .and_then(|last| last.call.tool())
}

fn has_seen(observation: &Observation, reads: &[&Exchange], played: &Played) -> bool {
    let holding = observation.holding.as_deref();
    let differs_from = |label: &str| {
        let labelled = |label: &str| {
            let before = played.exchanges.iter().filter(|read| read.call.label == label);
            before.collect::<Vec<_>>()
        };
        let (before, again) = (labelled(label), labelled(&again(label)));
        differs([&before, &again, reads], holding) == Ok(true)
    };
    match &observation.until {
        Until::Once => true,
        Until::Present => matches!(state(reads, holding), Ok(State::Is(_))),
        Until::Reaches { marker, count: least } => count(reads, marker).is_ok_and(|seen| seen >= *least),
        Until::Exceeds { marker, count: most } => count(reads, marker).is_ok_and(|seen| seen > *most),
        Until::Differs { from } | Until::Strays { from } => differs_from(from),
    }
}
