//! Resolves what the arguments say of the target into a profile, and starts the bundled hub where there is none.

use std::collections::BTreeMap;
use std::path::Path;

use hubproof_certificate::digest::Sha256;
use hubproof_model::profile::{Key, Profile, presentable};
use hubproof_model::record::Target;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_model::secret::Secret;
use hubproof_runner::vendors::PlayedVendors;

use crate::arguments::TargetArguments;
use crate::bundled::{self, Bundled};
use crate::usage::Complaint;

/// A target that is ready to be proved.
pub(crate) struct ResolvedTarget {
    pub(crate) profile: Profile,
    pub(crate) record: Target,
    /// The bundled hub, where it is the target; it runs as long as this lives.
    pub(crate) bundled: Option<Bundled>,
}

impl ResolvedTarget {
    /// How far a run may go: the flag, else the profile, else what is safe for the target.
    pub(crate) fn allow(&self, flag: Option<Allow>) -> Allow {
        let default = if self.bundled.is_some() {
            Allow::Admin
        } else {
            Allow::Read
        };
        flag.or(self.profile.safety.allow).unwrap_or(default)
    }

    /// The vendors that are played already: the bundled hub's.
    pub(crate) fn played(&self) -> PlayedVendors {
        self.bundled
            .as_ref()
            .map(|bundled| bundled.played.clone())
            .unwrap_or_default()
    }

    /// Stops the bundled hub, if it was started.
    pub(crate) async fn close(self) {
        if let Some(bundled) = self.bundled {
            bundled.shutdown().await;
        }
    }
}

/// The target that the arguments name, for a run of this connector, if it is of one.
pub(crate) async fn resolve(arguments: &TargetArguments, connector: Option<&str>) -> Result<ResolvedTarget, Complaint> {
    let (mut profile, text) = match (&arguments.profile, &arguments.url) {
        (Some(path), _) => {
            let (profile, text) = read_profile(path, arguments.url.as_deref())?;
            (Some(profile), Some(text))
        }
        (None, Some(url)) => (Some(Profile::of_url(url.trim_end_matches('/'))), None),
        (None, None) => (None, None),
    };
    let mut key_env = None;
    if let Some(variable) = &arguments.key_env {
        // A report's lines name it for a shell.
        if !is_nameable(variable) {
            return Err(Complaint::UnnameableVariable(variable.clone()));
        }
        let profile = profile.as_mut().ok_or(Complaint::KeyWithoutTarget)?;
        let key = std::env::var(variable).ok().filter(|key| !key.trim().is_empty());
        let key = key.ok_or_else(|| Complaint::MissingKeyVariable(variable.clone()))?;
        let key = Key {
            secret: Secret::new(key.trim()),
            variable: Some(variable.clone()),
        };
        let before = profile.keys.by_role.insert(Role::Primary, key);
        let is_said = before.is_some_and(|before| before.variable.as_ref() == Some(variable));
        key_env = Some(variable.clone()).filter(|_| !is_said);
    }
    match profile {
        Some(profile) => Ok(ResolvedTarget {
            record: Target {
                key_env,
                ..record(&profile, text.as_deref(), arguments, false)
            },
            profile,
            bundled: None,
        }),
        None => {
            let bundled = Bundled::try_start(&arguments.defects, None, connector).await?;
            let profile = bundled.profile.clone();
            Ok(ResolvedTarget {
                record: record(&profile, Some(bundled::PROFILE), arguments, true),
                profile,
                bundled: Some(bundled),
            })
        }
    }
}

/// Whether a shell and a profile can name the variable.
fn is_nameable(variable: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    variable.bytes().all(is_name) && variable.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

fn read_profile(path: &Path, url: Option<&str>) -> Result<(Profile, String), Complaint> {
    let text = std::fs::read_to_string(path).map_err(|fault| Complaint::UnreadableProfile {
        path: path.to_owned(),
        fault,
    })?;
    let environment = |variable: &str| std::env::var(variable).ok();
    let read = Profile::parse_with_url(&text, url, &environment);
    let profile = read.map_err(|fault| Complaint::Profile {
        path: path.to_owned(),
        // Lines around the mistake are shown, and they may hold keys.
        text: presentable(&text),
        fault,
    })?;
    Ok((profile, text))
}

/// What is said of a target whose profile has this text.
fn record(profile: &Profile, text: Option<&str>, arguments: &TargetArguments, bundled: bool) -> Target {
    let key_variables: BTreeMap<_, _> = profile
        .keys
        .by_role
        .iter()
        .filter_map(|(role, key)| Some((*role, key.variable.clone()?)))
        .collect();
    Target {
        url: profile.target.url.clone(),
        bundled,
        defects: arguments.defects.clone(),
        profile: arguments.profile.as_ref().map(|path| path.display().to_string()),
        profile_sha256: text.map(|text| Sha256::of(text).to_string()),
        key_variables,
        key_env: None,
    }
}
