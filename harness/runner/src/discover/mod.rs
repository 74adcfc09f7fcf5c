//! Discovery: reads the listing and the definitions, and finds out how the hub spells what the reference leaves open.

mod definition;
mod listing;
mod survey;
mod unusable;

use std::collections::HashSet;

use futures::StreamExt;
use futures::stream;
use hubproof_model::call::{Call, Endpoint, encode_segment};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_model::surface::{Surface, Tool};
use hubproof_wire::Session;

use crate::throttle::{Sent, ThrottledSession};

pub use self::survey::survey;
pub use self::unusable::TargetUnusable;

/// The case id of the listing's exchanges: one a page.
pub const LISTING: &str = "discovery/listing";
/// How the case ids of the definitions' exchanges begin; the tool's key follows.
pub const DEFINITION: &str = "discovery/definition/";
/// How the case ids of the survey's exchanges begin; the tool's key follows.
pub const SURVEY: &str = "survey/";

/// How many definitions are fetched at once.
const AT_ONCE: usize = 16;
/// The most pages that a listing may have, and the most tools: what goes on beyond has no end.
const MOST_PAGES: usize = 1000;
const MOST_TOOLS: usize = 50_000;

/// What discovery found.
#[derive(Debug)]
pub struct Discovery {
    /// Dialect and tools.
    pub surface: Surface,
    /// What was sent and answered.
    pub exchanges: Vec<Exchange>,
    /// What was assumed, in words.
    pub notes: Vec<String>,
}

/// Reads a target's listing and definitions with the primary key. Definitions are large: without `keep_definitions` the body of each is
/// let go as soon as its tool has what it says.
///
/// # Errors
/// Why the target cannot be tested, and what to do about it.
pub async fn discover(
    session: &Session,
    profile: &Profile,
    keep_definitions: bool,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Discovery, TargetUnusable> {
    let session = ThrottledSession::new(session, &profile.dialect, events);
    let mut surface = Surface {
        dialect: profile.dialect.clone(),
        ..Surface::default()
    };
    let mut exchanges = list(&session, profile, &mut surface).await?;
    let mut notes = Vec::new();
    let calls: Vec<_> = surface
        .tools
        .iter()
        .map(|tool| {
            let call = credentialed(profile, Call::definition(&tool.key)).labelled("definition");
            (format!("{DEFINITION}{}", tool.key), call)
        })
        .collect();
    let mut answers = stream::iter(&calls)
        .map(|(case, call)| session.send(case, call))
        .buffered(AT_ONCE);
    let Surface { dialect, tools, .. } = &mut surface;
    let mut undefined = 0;
    for tool in tools.iter_mut() {
        let Some(sent) = answers.next().await else { break };
        match sent
            .exchange
            .json()
            .and_then(|body| definition::find(body, &tool.key, dialect))
        {
            Some(object) => definition::merge(tool, object, dialect),
            None => undefined += 1,
        }
        exchanges.extend(sent.into_exchanges().map(|exchange| match keep_definitions {
            true => exchange,
            false => exchange.without_body(),
        }));
    }
    if undefined > 0 {
        notes.push(format!(
            "{undefined} of {} definitions could not be read; the listing's own fields are used",
            tools.len()
        ));
    }
    notes.extend(definition::describe(dialect));
    Ok(Discovery {
        surface,
        exchanges,
        notes,
    })
}

/// The whole listing, page after page.
async fn list(
    session: &ThrottledSession<'_>,
    profile: &Profile,
    surface: &mut Surface,
) -> Result<Vec<Exchange>, TargetUnusable> {
    let mut exchanges = Vec::new();
    let (mut seen_pages, mut seen_keys) = (HashSet::new(), HashSet::new());
    let mut next = Some("/tools".to_owned());
    while let Some(path) = next.take().filter(|path| seen_pages.insert(path.clone())) {
        if seen_pages.len() > MOST_PAGES || seen_keys.len() > MOST_TOOLS {
            return Err(TargetUnusable::without_end(
                seen_pages.len() - 1,
                seen_keys.len(),
                exchanges,
            ));
        }
        let call = Call::get(Endpoint::Listing { domain: None }, path).labelled("listing");
        let Sent { exchange, throttled } = session.send(LISTING, &credentialed(profile, call)).await;
        exchanges.extend(throttled);
        let page = listing::read(&exchange, &mut surface.dialect);
        exchanges.push(exchange);
        let page = match page {
            Ok(page) => page,
            Err(reason) => return Err(TargetUnusable::of(reason, exchanges, profile)),
        };
        let (known, was_empty) = (seen_keys.len(), page.entries.is_empty());
        for entry in page.entries {
            let tool = definition::from_listing(entry, &mut surface.dialect);
            // Of a key that stands twice the first counts; CAT-01 judges the exchange.
            if let Some(tool) = tool.filter(|tool| seen_keys.insert(tool.key.clone())) {
                surface.tools.push(tool);
            }
        }
        // A page of known tools alone is the listing begun anew.
        let goes_on = was_empty || seen_keys.len() > known;
        next = page.next.filter(|_| goes_on).map(|cursor| match cursor {
            listing::Next::Cursor { parameter, value } => format!("/tools?{parameter}={}", encode_segment(&value)),
            listing::Next::Path(path) => path,
        });
    }
    surface.tools.sort_by(|a: &Tool, b: &Tool| a.key.cmp(&b.key));
    if surface.tools.is_empty() {
        return Err(TargetUnusable::without_tools(exchanges));
    }
    Ok(exchanges)
}

/// Without a primary key the call goes out bare: a hub that answers it all the same breaks AUTH-01, and one that does not says so.
fn credentialed(profile: &Profile, call: Call) -> Call {
    use hubproof_model::call::Credentials;
    use hubproof_model::role::Role;
    if profile.keys.get(Role::Primary).is_some() {
        call
    } else {
        call.with_credentials(Credentials::Absent)
    }
}
