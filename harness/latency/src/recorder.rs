//! A histogram for each series that is met.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::histogram::Histogram;
use crate::series::{Kind, Place, Series};

/// A histogram for each series that was met.
///
/// `record` looks the series up and allocates only where it is new. A load that knows its series beforehand asks for their ids, and
/// spares the look-up too.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    ids: BTreeMap<Series, SeriesId>,
    histograms: Vec<Histogram>,
}

/// A series of one recorder: of no meaning to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId(usize);

impl Recorder {
    /// The id of a series, under which its latencies are recorded.
    pub fn id(&mut self, series: &Series) -> SeriesId {
        if let Some(id) = self.ids.get(series) {
            return *id;
        }
        let id = SeriesId(self.histograms.len());
        self.histograms.push(Histogram::default());
        self.ids.insert(series.clone(), id);
        id
    }

    /// Takes in one latency of a series.
    pub fn record(&mut self, series: &Series, latency: Duration) {
        let id = self.id(series);
        self.record_at(id, latency);
    }

    /// Takes in one latency of the series that this recorder gave the id: neither looks up nor allocates.
    ///
    /// # Panics
    /// Where another recorder gave the id.
    pub fn record_at(&mut self, id: SeriesId, latency: Duration) {
        self.histograms[id.0].record(latency);
    }

    /// Takes in all of another histogram of a series, without loss.
    pub fn add_to(&mut self, series: &Series, histogram: &Histogram) {
        let id = self.id(series);
        self.histograms[id.0].add(histogram);
    }

    /// Takes in all of another recorder, without loss.
    pub fn add(&mut self, other: &Recorder) {
        other
            .all()
            .for_each(|(series, histogram)| self.add_to(series, histogram));
    }

    /// Forgets what was recorded, and keeps the ids.
    pub fn reset(&mut self) {
        self.histograms.iter_mut().for_each(Histogram::reset);
    }

    /// The histograms in which there is something, sorted by series.
    pub fn all(&self) -> impl Iterator<Item = (&Series, &Histogram)> {
        let all = self.ids.iter().map(|(series, id)| (series, &self.histograms[id.0]));
        all.filter(|(_, histogram)| !histogram.is_empty())
    }

    /// How many were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histograms.iter().map(Histogram::count).sum()
    }

    /// All of one kind together.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Histogram {
        self.together(|series| series.kind == kind)
    }

    /// All of one place and of these kinds together.
    #[must_use]
    pub fn of_place(&self, place: &Place, kinds: &[Kind]) -> Histogram {
        self.together(|series| series.place == *place && kinds.contains(&series.kind))
    }

    /// All of the chosen series together.
    fn together(&self, is_chosen: impl Fn(&Series) -> bool) -> Histogram {
        let mut sum = Histogram::default();
        let chosen = self.all().filter(|(series, _)| is_chosen(series));
        chosen.for_each(|(_, histogram)| sum.add(histogram));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(tool: &str, kind: Kind) -> Series {
        Series {
            place: Place::Execute(tool.to_owned()),
            kind,
        }
    }

    #[test]
    fn ids_and_series_record_into_the_same_histogram() {
        let mut recorder = Recorder::default();
        let (list, get) = (series("a.list", Kind::Success), series("a.get", Kind::Success));
        let id = recorder.id(&list);
        recorder.record(&get, Duration::from_millis(3));
        recorder.record_at(id, Duration::from_millis(1));
        recorder.record(&list, Duration::from_millis(2));
        assert_eq!(recorder.id(&list), id);
        let seen: Vec<_> = recorder
            .all()
            .map(|(series, own)| (series.clone(), own.count()))
            .collect();
        assert_eq!(seen, [(get, 1), (list, 2)]);
        assert_eq!(recorder.count(), 3);
    }

    #[test]
    fn a_series_that_was_only_named_is_not_shown() {
        let mut recorder = Recorder::default();
        let id = recorder.id(&series("a.list", Kind::Success));
        assert_eq!(recorder.all().count(), 0);
        recorder.record_at(id, Duration::from_millis(1));
        recorder.reset();
        assert_eq!((recorder.all().count(), recorder.count()), (0, 0));
        recorder.record_at(id, Duration::from_millis(1));
        assert_eq!(recorder.all().count(), 1);
    }

    #[test]
    fn another_recorder_is_taken_in_by_series_and_not_by_id() {
        let (mut first, mut second) = (Recorder::default(), Recorder::default());
        let (list, get) = (series("a.list", Kind::Success), series("a.get", Kind::NoAnswer));
        first.record(&list, Duration::from_millis(1));
        second.record(&get, Duration::from_millis(2));
        second.record(&list, Duration::from_millis(3));
        first.add(&second);
        let place = Place::Execute("a.list".to_owned());
        assert_eq!(first.of_place(&place, &[Kind::Success, Kind::NoAnswer]).count(), 2);
        assert_eq!(first.of_place(&place, &[Kind::NoAnswer]).count(), 0);
        assert_eq!(first.of_kind(Kind::NoAnswer).count(), 1);
    }
}
