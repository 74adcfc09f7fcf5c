//! Scales and frames of the charts: plain SVG, in the colours of the page.

use maud::{Markup, html};

/// The inside of a chart, in pixels.
pub(super) const WIDTH: f64 = 640.0;
/// Its height.
pub(super) const HEIGHT: f64 = 220.0;
const LEFT: f64 = 64.0;
const BELOW: f64 = 34.0;
const ABOVE: f64 = 12.0;
const RIGHT: f64 = 30.0;

/// How values lie along an axis, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// Evenly, from 0 on.
    Linear {
        /// Where the axis ends.
        highest: f64,
        /// From one tick to the next.
        step: f64,
    },
    /// By their logarithm, between two powers of ten.
    Logarithmic(f64, f64),
}

impl Scale {
    /// From zero to the first tick that is not below the highest value.
    pub(super) fn linear(highest: f64) -> Self {
        let step = round_up(highest / 5.0);
        let steps = (highest / step * 0.999_999).ceil().max(1.0);
        Scale::Linear {
            highest: step * steps,
            step,
        }
    }

    /// From zero to the highest value.
    pub(super) fn up_to(highest: f64) -> Self {
        let highest = if highest > 0.0 { highest } else { 1.0 };
        Scale::Linear {
            highest,
            step: round_up(highest / 6.0),
        }
    }

    /// Over whole decades that hold both.
    pub(super) fn logarithmic(lowest: f64, highest: f64) -> Self {
        let lowest = lowest.max(1e-6);
        let (from, to) = (lowest.log10().floor(), highest.max(lowest).log10().ceil());
        Scale::Logarithmic(10f64.powf(from), 10f64.powf(if to > from { to } else { from + 1.0 }))
    }

    /// Where a value lies.
    pub(super) fn part(self, value: f64) -> f64 {
        let part = match self {
            Scale::Linear { highest, .. } => value / highest,
            Scale::Logarithmic(lowest, highest) => (value.max(lowest) / lowest).log10() / (highest / lowest).log10(),
        };
        part.clamp(0.0, 1.0)
    }

    /// The values that are written beside the axis.
    pub(super) fn ticks(self) -> Vec<f64> {
        let numbers = (0..=12u8).map(f64::from);
        match self {
            Scale::Linear { highest, step } => {
                let ticks = numbers.map(|number| number * step);
                ticks.take_while(|tick| *tick <= highest * 1.000_001).collect()
            }
            Scale::Logarithmic(lowest, highest) => {
                let decades = (highest / lowest).log10().round().clamp(1.0, 12.0);
                let reached = numbers.take_while(|decade| *decade <= decades);
                reached.map(|decade| lowest * 10f64.powf(decade)).collect()
            }
        }
    }
}

/// The next of 1, 2, 2.5, 5 and their tenfolds.
fn round_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let decade = 10f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * decade);
    steps
        .into_iter()
        .find(|step| *step >= value * 0.999_999)
        .unwrap_or(10.0 * decade)
}

/// A number as a tick has it.
pub(super) fn tick(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        v if v.abs() < 0.01 => format!("{v:.0e}"),
        v if v.abs() < 1.0 => format!("{v:.2}").trim_end_matches('0').to_owned(),
        v if v.fract() > 0.001 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

/// A position along the axis to the right.
pub(super) fn x(part: f64) -> f64 {
    LEFT + part * WIDTH
}

/// A position along the axis upwards.
pub(super) fn y(part: f64) -> f64 {
    ABOVE + (1.0 - part) * HEIGHT
}

/// A coordinate as SVG has it.
pub(super) fn at(coordinate: f64) -> String {
    format!("{coordinate:.1}")
}

/// A chart: axes with the ticks that are given (where, and what is written there), and what is drawn within.
pub(super) fn frame(described: &str, below: &[(f64, String)], beside: &[(f64, String)], within: &Markup) -> Markup {
    let (width, height) = (LEFT + WIDTH + RIGHT, ABOVE + HEIGHT + BELOW);
    html! {
        svg.chart viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(described) {
            @for (part, label) in beside {
                line.grid x1=(at(x(0.0))) x2=(at(x(1.0))) y1=(at(y(*part))) y2=(at(y(*part))) {}
                text x=(at(x(0.0) - 8.0)) y=(at(y(*part) + 4.0)) text-anchor="end" { (label) }
            }
            @for (part, label) in below {
                line.tick x1=(at(x(*part))) x2=(at(x(*part))) y1=(at(y(0.0))) y2=(at(y(0.0) + 5.0)) {}
                text x=(at(x(*part))) y=(at(y(0.0) + 20.0)) text-anchor="middle" { (label) }
            }
            line.axis x1=(at(x(0.0))) x2=(at(x(1.0))) y1=(at(y(0.0))) y2=(at(y(0.0))) {}
            (within)
        }
    }
}

/// The ticks of an upright axis.
pub(super) fn beside(scale: Scale, unit: &str) -> Vec<(f64, String)> {
    let label = |value: f64| format!("{} {unit}", tick(value)).trim_end().to_owned();
    scale
        .ticks()
        .into_iter()
        .map(|value| (scale.part(value), label(value)))
        .collect()
}

/// What each line of a chart is: its class, and its name.
pub(super) fn legend<T: maud::Render>(lines: &[(&str, T)]) -> Markup {
    html! {
        ul.legend {
            @for (class, name) in lines {
                li {
                    svg width="34" height="10" aria-hidden="true" { line class={ "series " (class) } x1="0" x2="34" y1="5" y2="5" {} }
                    " " (name)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!(
            [0.0, 0.3, 1.0, 2.1, 37.0, 99.0].map(round_up),
            [1.0, 0.5, 1.0, 2.5, 50.0, 100.0]
        );
        assert_eq!(Scale::linear(37.0).ticks(), [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(Scale::up_to(30.2).ticks(), [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(Scale::linear(0.0).ticks(), [0.0, 1.0]);
        assert_eq!(Scale::logarithmic(0.2, 30.0), Scale::Logarithmic(0.1, 100.0));
        assert_eq!(Scale::logarithmic(1.0, 1.0), Scale::Logarithmic(1.0, 10.0));
    }

    #[test]
    fn values_lie_where_the_scale_has_them() {
        let scale = Scale::logarithmic(1.0, 100.0);
        let parts = [0.0, 1.0, 10.0, 100.0, 1e9].map(|value| scale.part(value));
        assert_eq!(parts, [0.0, 0.0, 0.5, 1.0, 1.0]);
        assert_eq!(Scale::up_to(4.0).part(1.0), 0.25);
        assert_eq!(
            [0.0, 0.25, 1.0, 12.5, 1000.0].map(tick),
            ["0", "0.25", "1", "12.5", "1000"]
        );
    }
}
