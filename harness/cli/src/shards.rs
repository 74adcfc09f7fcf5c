//! Which shard a run is: as it is told, or as the machine that starts many of them has it in the environment.

use std::str::FromStr;

use hubproof_model::shard::{NoShard, Shard};

/// `--shard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardArgument {
    /// This one.
    Given(Shard),
    /// The one that the environment names, of so many where the environment does not say.
    FromEnvironment(Option<u32>),
}

/// The variables in which a machine that starts shards tells which one it is.
struct Variables {
    /// Who sets them.
    of: &'static str,
    index: &'static str,
    /// The index of the first shard.
    first: First,
    /// How many there are; none where nobody says.
    total: Option<&'static str>,
}

/// Where a machine begins to count.
enum First {
    /// At a number.
    At(u32),
    /// At what another variable says.
    In(&'static str),
}

const KNOWN: [Variables; 6] = [
    Variables {
        of: "GitLab",
        index: "CI_NODE_INDEX",
        first: First::At(1),
        total: Some("CI_NODE_TOTAL"),
    },
    Variables {
        of: "CircleCI",
        index: "CIRCLE_NODE_INDEX",
        first: First::At(0),
        total: Some("CIRCLE_NODE_TOTAL"),
    },
    Variables {
        of: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        first: First::At(0),
        total: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
    },
    Variables {
        of: "Azure Pipelines",
        index: "SYSTEM_JOBPOSITIONINPHASE",
        first: First::At(1),
        total: Some("SYSTEM_TOTALJOBSINPHASE"),
    },
    Variables {
        of: "a Slurm array",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::In("SLURM_ARRAY_TASK_MIN"),
        total: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    Variables {
        of: "a Kubernetes Indexed Job",
        index: "JOB_COMPLETION_INDEX",
        first: First::At(0),
        total: None,
    },
];

/// Why the environment names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShardFault {
    /// None of the variables is there.
    #[error(
        "--shard auto: the environment names no shard ({}); give it as --shard 2/8 (GitHub Actions: --shard ${{{{ matrix.shard }}}}/8)",
        known()
    )]
    Nowhere,
    /// It says which, and not of how many.
    #[error("--shard auto: {0} says which shard it is, and not of how many: give --shard auto/8")]
    NoTotal(&'static str),
    /// It says of how many, and so does the flag.
    #[error("--shard auto/{given}: {variable} says that there are {told}")]
    Contradicted {
        /// By the flag.
        given: u32,
        /// The variable.
        variable: &'static str,
        /// What it says.
        told: u32,
    },
    /// A variable that holds no number.
    #[error("--shard auto: {variable} is `{value}`, which is no whole number")]
    NoNumber {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        value: String,
    },
    /// Numbers that make no shard.
    #[error("--shard auto: by {variable}, {fault}")]
    NoShard {
        /// The variable.
        variable: &'static str,
        /// Why not.
        fault: NoShard,
    },
}

fn known() -> String {
    KNOWN.map(|own| format!("{} of {}", own.index, own.of)).join(", ")
}

impl FromStr for ShardArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "give 2/8 (the second of eight), auto, or auto/8".to_owned();
        match text.strip_prefix("auto") {
            Some("") => Ok(Self::FromEnvironment(None)),
            Some(rest) => {
                let of = rest.strip_prefix('/').and_then(|of| of.parse().ok()).ok_or_else(form)?;
                Shard::new(1, of).map_err(|fault| fault.to_string())?;
                Ok(Self::FromEnvironment(Some(of)))
            }
            None => match text.parse() {
                Ok(shard) => Ok(Self::Given(shard)),
                Err(NoShard::Form) => Err(form()),
                Err(fault) => Err(fault.to_string()),
            },
        }
    }
}

impl ShardArgument {
    /// The shard that is meant.
    pub(crate) fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Result<Shard, ShardFault> {
        let given = match self {
            Self::Given(shard) => return Ok(shard),
            Self::FromEnvironment(given) => given,
        };
        let told = KNOWN
            .iter()
            .find(|own| variable(own.index).is_some_and(|value| !value.is_empty()));
        let own = told.ok_or(ShardFault::Nowhere)?;
        let number = |name: &'static str| match variable(name).filter(|value| !value.is_empty()) {
            None => Ok(None),
            Some(value) => match value.parse::<u32>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(ShardFault::NoNumber { variable: name, value }),
            },
        };
        let total = own.total.map(number).transpose()?.flatten();
        let of = match (given, total, own.total) {
            (Some(given), Some(told), Some(variable)) if given != told => {
                return Err(ShardFault::Contradicted { given, variable, told });
            }
            (given, total, _) => given.or(total).ok_or(ShardFault::NoTotal(own.index))?,
        };
        let first = match own.first {
            First::At(first) => first,
            First::In(name) => number(name)?.unwrap_or_default(),
        };
        let index = number(own.index)?.unwrap_or_default();
        let index = (u64::from(index) + 1).saturating_sub(u64::from(first));
        Shard::new(u32::try_from(index).unwrap_or(u32::MAX), of).map_err(|fault| ShardFault::NoShard {
            variable: own.index,
            fault,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(argument: &str, environment: &[(&str, &str)]) -> Result<String, String> {
        let argument: ShardArgument = argument.parse()?;
        let variable = |name: &str| {
            let named = environment.iter().find(|(own, _)| *own == name);
            named.map(|(_, value)| (*value).to_owned())
        };
        let shard = argument.resolve(variable).map_err(|fault| fault.to_string())?;
        Ok(shard.to_string())
    }

    #[test]
    fn the_machines_that_start_shards_are_understood() {
        let of = |argument: &str, environment: &[(&str, &str)]| resolved(argument, environment).unwrap();
        assert_eq!(of("2/8", &[("CI_NODE_INDEX", "5")]), "2/8", "what is told goes first");
        assert_eq!(of("auto", &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]), "1/3");
        assert_eq!(
            of("auto", &[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "3")]),
            "1/3"
        );
        assert_eq!(
            of(
                "auto",
                &[("BUILDKITE_PARALLEL_JOB", "2"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")]
            ),
            "3/3"
        );
        assert_eq!(
            of(
                "auto",
                &[("SYSTEM_JOBPOSITIONINPHASE", "2"), ("SYSTEM_TOTALJOBSINPHASE", "4")]
            ),
            "2/4"
        );
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "12"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_COUNT", "5"),
        ];
        assert_eq!(of("auto", &slurm), "3/5");
        assert_eq!(of("auto/8", &[("JOB_COMPLETION_INDEX", "7")]), "8/8");
    }

    #[test]
    fn what_names_no_shard_says_why() {
        let fault = |argument: &str, environment: &[(&str, &str)]| resolved(argument, environment).unwrap_err();
        assert!(fault("auto", &[]).contains("the environment names no shard (CI_NODE_INDEX of GitLab"));
        assert!(fault("auto", &[]).contains("--shard ${{ matrix.shard }}/8"));
        assert!(fault("auto", &[("JOB_COMPLETION_INDEX", "0")]).contains("give --shard auto/8"));
        assert!(fault("auto/2", &[("JOB_COMPLETION_INDEX", "2")]).contains("there is no shard 3 of 2"));
        assert!(fault("auto/4", &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]).contains("says that there are 3"));
        assert!(fault("auto", &[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "3")]).contains("CI_NODE_INDEX is `x`"));
        assert!(fault("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")]).contains("there is no shard 0 of 3"));
        for text in ["", "2", "autos", "auto/", "auto/x"] {
            assert!(fault(text, &[]).starts_with("give 2/8"), "{text}");
        }
        assert_eq!(fault("9/8", &[]), "there is no shard 9 of 8: they count from 1 to 8");
    }
}
