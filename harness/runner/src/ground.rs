//! The ground that a run stands on: the target as discovered, its tools selected, its schemas at hand.

use std::sync::Arc;

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_model::rate_limit::reset_unit;
use hubproof_model::role::Role;
use hubproof_model::surface::{Surface, Tool};
use hubproof_requirements::effects::{Effects, mistakes};
use hubproof_requirements::inputs::Generators;
use hubproof_requirements::routing;
use hubproof_requirements::schemas::Schemas;
use hubproof_requirements::site::Site;
use hubproof_wire::{Session, SessionError, SessionOptions};

use crate::discover::{self, TargetUnusable};
use crate::named_tools;
use crate::options::RunOptions;
use crate::select::SelectError;
use crate::vendors::keep_own;

/// A discovered target.
pub struct Ground {
    /// What the user says of it.
    pub profile: Profile,
    /// The open session.
    pub session: Session,
    /// What discovery and survey found.
    pub surface: Surface,
    /// The keys of the tools that the run takes in, sorted.
    pub selected: Vec<String>,
    /// The keys of those that it would take in without `--tools` and `--connector`, sorted.
    pub left_out: Vec<String>,
    /// The keys of those that the profile's safety section keeps out of it, sorted.
    pub denied: Vec<String>,
    /// The generators of the run.
    pub generators: Generators,
    /// How the tools' effects show.
    pub effects: Effects,
    /// Tells the run from all others.
    pub run: String,
    /// The schemas of the run, compiled as they are asked for.
    pub schemas: Arc<Schemas>,
    /// The exchanges of discovery and survey.
    pub opening: Vec<Exchange>,
    /// What discovery assumed, in words.
    pub notes: Vec<String>,
}

/// Why there is no ground to stand on.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// The profile or a flag cannot be used for a session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A pattern or a name in the profile selects nothing.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// The target cannot be tested.
    #[error(transparent)]
    Unusable(#[from] TargetUnusable),
}

impl Ground {
    /// Discovers the target: its listing and definitions. Executes nothing.
    ///
    /// # Errors
    /// A profile that cannot be used, an unusable target, or patterns that select nothing.
    pub async fn discover(
        mut profile: Profile,
        options: &RunOptions,
        events: &(dyn Fn(Event) + Sync),
    ) -> Result<Self, GroundError> {
        events(Event::Discovering {
            target: profile.target.url.clone(),
        });
        let session_options = SessionOptions {
            allow: options.allow,
            max_requests: profile.safety.max_requests,
            max_effects: profile.safety.max_effects,
            rate: options.rate.or(profile.safety.rate),
            ..SessionOptions::default()
        };
        let session = Session::new(&profile, session_options)?;
        let discovery = discover::discover(&session, &profile, options.keep_definitions, events).await?;
        events(Event::Discovered {
            tools: discovery.surface.tools.len(),
        });
        named_tools::check(&profile, &discovery.surface)?;
        if profile.keys.get(Role::Primary).is_none() {
            return Err(TargetUnusable::without_key(&profile.target.url, discovery.exchanges).into());
        }
        let selected = options.tools.select(&discovery.surface)?;
        keep_own(&mut profile, options.tools.connector.as_deref());
        if let Some(connector) = &options.tools.connector {
            if let Some(open) = routing::unplaced(connector, &profile, &discovery.surface) {
                let connector = connector.clone();
                return Err(SelectError::UnplacedConnections { connector, open }.into());
            }
            let named = routing::connections_of(connector, &profile, &discovery.surface);
            // Whatever looks for the default finds the connection that calls without one go to.
            profile.connections.default.extend(named.clone());
            profile.connections.named = named;
        }
        let schemas = Arc::new(Schemas::of(&discovery.surface));
        let ground = Self {
            effects: Effects::default(),
            run: options.run.clone(),
            left_out: options.tools.left_out(&discovery.surface, &selected)?,
            denied: options.tools.kept_out(&discovery.surface, &selected)?,
            selected,
            generators: Generators::new(Arc::clone(&schemas)),
            schemas,
            surface: discovery.surface,
            opening: discovery.exchanges,
            notes: discovery.notes,
            profile,
            session,
        };
        let effects = Effects::of(&ground.surface, &ground.profile, &ground.site(options));
        let mut ground = Self { effects, ..ground };
        for text in mistakes(&ground.site(options)) {
            events(Event::Mistaken { text });
        }
        ground.note_reset_unit();
        Ok(ground)
    }

    /// Executes a few read tools with likely inputs, to learn which succeed and each domain's default connection.
    pub async fn survey(&mut self, options: &RunOptions, events: &(dyn Fn(Event) + Sync)) {
        let mut surface = self.surface.clone();
        let site = self.site(options);
        let call = |tool: &Tool| {
            let mut call = Call::execute(tool, ExecuteBody::new(site.good_input(tool)?)).labelled("survey");
            routing::route(&mut call, &self.profile, &self.surface);
            Some(call)
        };
        let exchanges = discover::survey(&self.session, &mut surface, call, &self.selected, events).await;
        self.surface = surface;
        self.opening.extend(exchanges);
        self.note_reset_unit();
    }

    /// Notes in which unit the hub tells Reset, once all answers that tell one agree.
    fn note_reset_unit(&mut self) {
        let dialect = &mut self.surface.dialect;
        if dialect.reset_unit.is_some() {
            return;
        }
        let mut units = self
            .opening
            .iter()
            .filter_map(|exchange| reset_unit(exchange.response()?, dialect));
        let Some(first) = units.next() else { return };
        if units.all(|unit| unit == first) {
            dialect.reset_unit = Some(first);
            self.notes
                .push(format!("the end of a rate limit's window is told in {first}"));
        }
    }

    /// The site on which checks plan.
    pub fn site<'a>(&'a self, options: &RunOptions) -> Site<'a> {
        Site {
            surface: &self.surface,
            profile: &self.profile,
            allow: options.allow,
            cases: options.cases,
            seed: options.seed,
            selected: &self.selected,
            generators: &self.generators,
            effects: &self.effects,
            run: &self.run,
            part: "",
        }
    }
}
