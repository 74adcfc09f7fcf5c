//! `cargo xtask bench`: the figures of README's table, measured on this machine.
//!
//! Only ratios travel between machines. So whatever is compared runs back to back, in alternating order, and all of it several times
//! over; what counts is the median. What a figure is measured by is in `measures`, what it is held to stands beside it there.

use std::path::{Path, PathBuf};

use clap::Args;

mod bench_json;
pub(crate) mod binaries;
mod goal;
mod load;
pub(crate) mod machine;
mod measures;
mod oha;
mod own;
mod process;
mod scene;
mod servers;
mod stall;
mod table;

use self::goal::{Row, Samples};
use self::machine::Machine;
use self::measures::{Figure, Measure};
use self::scene::{Extent, Scene};

/// What is measured, and how often.
#[derive(Args)]
pub(crate) struct Bench {
    /// How often each pair is measured
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Shorter loads, a stall of 0.2 s in every 2 s, and three rounds at most: to see that it works
    #[arg(long)]
    quick: bool,
    /// The oha to compare with, where it is not on the PATH
    #[arg(long, value_name = "PATH")]
    oha: Option<PathBuf>,
    /// The Schemathesis to compare with (`schemathesis` of a virtual environment); without it, that row is not measured
    #[arg(long, value_name = "PATH")]
    schemathesis: Option<PathBuf>,
    /// Only the measures whose name holds this (hub, closed, live, stall, conformance, memory, start)
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Write the figures to this file as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Bench {
    /// Builds, measures, and gives the table.
    ///
    /// # Errors
    /// That something cannot be built or started. What cannot be measured is a row that says so.
    pub(crate) fn measure(&self, root: &Path) -> Result<String, String> {
        let oha = self.oha.clone().or_else(|| binaries::on_path("oha"));
        let extent = if self.quick { Extent::QUICK } else { Extent::WHOLE };
        let rounds = if self.quick { self.rounds.min(3) } else { self.rounds };
        let mut machine = Machine::look(oha.as_deref(), self.schemathesis.as_deref());
        let scene = Scene::set(root, extent, oha.as_deref(), self.schemathesis.as_deref())?;
        let mut measures = measures::all();
        measures.retain(|measure| self.only.as_ref().is_none_or(|only| measure.name().contains(only)));
        if measures.is_empty() {
            return Err("no measure has that in its name: `cargo xtask bench --help` names them".to_owned());
        }
        let mut series: Vec<_> = measures.into_iter().map(Series::new).collect();
        for round in 0..rounds {
            for one in &mut series {
                eprintln!("round {} of {rounds}: {}", round + 1, one.measure.name());
                one.take(&scene, round);
            }
        }
        machine.look_again();
        let rows: Vec<_> = series.into_iter().flat_map(Series::rows).collect();
        if let Some(file) = &self.json {
            let text = format!("{:#}\n", table::json(&rows, &machine));
            std::fs::write(file, text).map_err(|fault| format!("{}: {fault}", file.display()))?;
        }
        Ok(table::markdown(&rows, &machine))
    }
}

/// A measure with what its rounds came to.
struct Series {
    measure: Box<dyn Measure>,
    taken: Result<Vec<Samples>, String>,
}

impl Series {
    fn new(measure: Box<dyn Measure>) -> Self {
        let taken = Ok(vec![Samples::default(); measure.figures().len()]);
        Self { measure, taken }
    }

    /// Measures once more. What failed once is not tried again: its figures would be of other rounds than the rest.
    fn take(&mut self, scene: &Scene, round: u32) {
        let Ok(taken) = &mut self.taken else { return };
        if self.measure.most_rounds().is_some_and(|most| round >= most) {
            return;
        }
        match self.measure.measure(scene, round) {
            Ok(values) => taken
                .iter_mut()
                .zip(values)
                .for_each(|(samples, value)| samples.push(value)),
            Err(why) => self.taken = Err(why),
        }
    }

    fn rows(self) -> Vec<Row> {
        let figures = self.measure.figures().iter().enumerate();
        let measured = |at: usize| self.taken.clone().map(|taken| taken[at].clone());
        let row = |(at, figure): (usize, &Figure)| Row {
            what: figure.what,
            unit: figure.unit,
            goal: figure.goal,
            measured: measured(at),
        };
        figures.map(row).collect()
    }
}
