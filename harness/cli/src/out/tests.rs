//! What becomes of the reports that are there already.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use super::*;

const FAMILY: [&str; 3] = ["report.json", "junit.xml", "latency.hlog"];

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn previous(directory: &Path) -> Vec<PathBuf> {
    let all = names(directory)
        .into_iter()
        .filter(|name| name.starts_with("previous-"));
    all.map(|name| directory.join(name)).collect()
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_set_before_moves_aside_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let out = Out::open(directory.path()).unwrap();
    let first = [("report.json", "1"), ("junit.xml", "1"), ("latency.hlog", "1")];
    let written = out.replace(&FAMILY, first.map(|(name, text)| (name, text.to_owned())));
    assert_eq!((written.paths.len(), &written.previous), (3, &None));
    fs::write(directory.path().join("notes.md"), "mine").unwrap();
    let written = out.replace(&FAMILY, [("report.json", "2".to_owned())]);
    let kept = written.previous.unwrap();
    assert_eq!(names(&kept), FAMILY.map(str::to_owned).into());
    assert_eq!(read(kept.join("report.json")), "1");
    assert_eq!(read(directory.path().join("report.json")), "2");
    let left = ["notes.md", "report.json", kept.file_name().unwrap().to_str().unwrap()];
    assert_eq!(names(directory.path()), left.map(str::to_owned).into());
    out.replace(&FAMILY, [("junit.xml", "3".to_owned())]);
    assert_eq!(previous(directory.path()).len(), 2, "in the same second too");
}

#[test]
fn of_a_name_that_comes_twice_one_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let out = Out::open(&directory.path().join("new/deep")).unwrap();
    let twice = [("report.json", "1".to_owned()), ("report.json", "1".to_owned())];
    let written = out.replace(&FAMILY, twice);
    assert_eq!(written.named().lines().count(), 1);
}

#[test]
fn commands_that_end_at_once_never_mix() {
    let directory = tempfile::tempdir().unwrap();
    let (runs, at_once) = (8, Barrier::new(8));
    thread::scope(|scope| {
        for run in 0..runs {
            let (directory, at_once) = (directory.path(), &at_once);
            scope.spawn(move || {
                let out = Out::open(directory).unwrap();
                at_once.wait();
                let own = if run % 2 == 0 { &FAMILY[..] } else { &FAMILY[..2] };
                out.replace(&FAMILY, own.iter().map(|name| (*name, run.to_string())));
            });
        }
    });
    let mut sets = previous(directory.path());
    assert_eq!(sets.len(), runs - 1);
    sets.push(directory.path().to_owned());
    let mut seen = BTreeSet::new();
    for set in sets {
        let run = read(set.join("report.json"));
        assert_eq!(read(set.join("junit.xml")), run);
        let is_even = run.parse::<usize>().unwrap().is_multiple_of(2);
        assert_eq!(set.join("latency.hlog").exists(), is_even, "run {run}");
        seen.insert(run);
    }
    assert_eq!(seen.len(), runs);
    assert!(names(directory.path()).iter().all(|name| !name.starts_with('.')));
}

#[test]
fn a_place_that_takes_no_files_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let complaint = Out::open(&file).unwrap_err();
    assert!(
        complaint.to_string().starts_with("--out: cannot write to "),
        "{complaint}"
    );
}

#[test]
fn what_cannot_be_written_leaves_room_for_the_rest_and_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let out = Out::open(directory.path()).unwrap();
    out.replace(&FAMILY, [("report.json", "1".to_owned())]);
    // Below a directory that is not there, as below a file: no one can write it, whoever runs the test.
    let reports = [("no/such/place", "2".to_owned()), ("junit.xml", "2".to_owned())];
    let written = out.replace(&FAMILY, reports);
    assert_eq!(written.paths, [directory.path().join("junit.xml")]);
    assert_eq!(read(written.previous.as_ref().unwrap().join("report.json")), "1");
    let lacking = written.lacking().unwrap();
    assert!(lacking.contains("no/such/place: ") && lacking.ends_with("(exit code 4, whatever the verdict)"));
    assert_eq!((written.ending(0), written.ending(1)), (4, 4));

    let written = out.replace(&FAMILY, [("no/such/place", "3".to_owned())]);
    assert!(written.paths.is_empty() && written.previous.is_none());
    assert_eq!(read(directory.path().join("junit.xml")), "2", "what was there stays");
    assert_eq!(names(directory.path()).len(), 2, "and nothing half-written beside it");
}
