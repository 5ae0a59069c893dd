//! What outlives the process, and what goes in the end.

use std::fs;

use super::*;

fn open(folder: &Path) -> Store {
    let options =
        Options { folder: Some(folder.to_owned()), placement: Placement::ByEnd, retention: Retention::default() };
    Store::open(&options).unwrap()
}

/// Twenty traces of two segments; some in progress, some completed, some late.
fn fill(store: &Store) {
    for number in 0..20 {
        let start = 1_000 * number as i64;
        put(store, &[segment(number, 1, start, None, ""), segment(number, 2, start + 10, Some(start + 20), "")], start);
        if number % 2 == 0 {
            put(
                store,
                &[segment(number, 1, start, Some(start + 5_000), ""), segment(number, 2, start, Some(99), "")],
                1,
            );
        }
    }
}

/// Everything that can be asked of a store.
fn everything(store: &Store) -> String {
    let ids: Vec<TraceId> = (0..20).map(trace_id).collect();
    let lists = [Place::Start, Place::Updated, Place::SegmentEnd].map(|place| pages(store, &query(place), || {}));
    format!("{:#?}\n{lists:#?}\n{:?}", store.traces(&ids).unwrap(), store.counts())
}

#[test]
fn a_store_that_is_opened_again_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let store = open(folder.path());
        fill(&store);
        everything(&store)
    };
    let store = open(folder.path());
    assert_eq!(everything(&store), before);
    assert_eq!(store.health(), Health::default());
    // What came before the restart is still joined to, and still wins.
    let report = put(&store, &[segment(0, 1, 0, Some(7_000), ""), segment(1, 1, 1_000, Some(1_500), "")], 99);
    assert_eq!(report, PutReport { accepted: 1, too_late: 1, ..PutReport::default() });
    assert_eq!(store.traces(&[trace_id(1)]).unwrap()[0].documents.len(), 2);
}

#[test]
fn the_index_is_made_anew_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let store = open(folder.path());
        fill(&store);
        everything(&store)
    };
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    assert_eq!(everything(&open(folder.path())), before);
    // An index that is damaged is no reason to stop either.
    for entry in fs::read_dir(folder.path().join("index")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::write(path, "nonsense").unwrap();
        }
    }
    assert_eq!(everything(&open(folder.path())), before);
}

#[test]
fn an_index_that_places_traces_otherwise_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        |placement| Options { folder: Some(folder.path().to_owned()), placement, retention: Retention::default() };
    let by_end = {
        let store = open(folder.path());
        fill(&store);
        everything(&store)
    };
    {
        let store = Store::open(&options(Placement::ByReceipt)).unwrap();
        assert_eq!(list(&store, &query(Place::Start)).len(), 20);
        assert_ne!(everything(&store), by_end, "they stand where they were received");
    }
    assert_eq!(everything(&open(folder.path())), by_end);
}

#[test]
fn an_index_that_is_behind_or_ahead_is_brought_to_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (old, copy) = (tempfile::tempdir().unwrap(), |from: &Path, to: &Path| {
        fs::create_dir_all(to).unwrap();
        copy_folder(from, to);
    });
    {
        let store = open(folder.path());
        put(&store, &[segment(3, 1, 3_000, None, ""), segment(77, 1, 5, Some(6), "")], 0);
    }
    copy(&folder.path().join("index"), old.path());
    let before = {
        let store = open(folder.path());
        fill(&store);
        everything(&store)
    };
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    copy(old.path(), &folder.path().join("index"));
    assert_eq!(everything(&open(folder.path())), before, "behind");

    // The log loses its end: what the index knows of it is not there.
    let log = folder.path().join("log/0000000001.log");
    let length = fs::metadata(&log).unwrap().len();
    fs::File::options().write(true).open(&log).unwrap().set_len(length - 10).unwrap();
    let store = open(folder.path());
    assert_eq!(store.health().damaged, 1, "{:?}", store.health());
    assert!(store.traces(&[trace_id(18)]).unwrap()[0].documents.len() == 2);
    assert_eq!(list(&store, &query(Place::Start)).len(), 20, "all but the last batch's");
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_decayed_document_costs_itself_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    {
        let store = open(folder.path());
        put(&store, &[segment(1, 1, 0, Some(50), ""), segment(1, 2, 0, Some(60), r#","user":"alice""#)], 0);
        put(&store, &[segment(2, 1, 0, Some(50), "")], 0);
    }
    let log = folder.path().join("log/0000000001.log");
    let bytes = fs::read(&log).unwrap();
    let place = bytes.windows(5).position(|bytes| bytes == b"alice").unwrap();
    let mut decayed = bytes.clone();
    decayed[place] = b'A';
    fs::write(&log, decayed).unwrap();
    let store = open(folder.path());
    assert_eq!(store.traces(&[trace_id(1)]).unwrap()[0].documents.len(), 1);
    assert_eq!(list(&store, &query(Place::Start)).len(), 2);
    let health = store.health();
    assert!(health.last_damage.unwrap().contains("cannot be read"));
    assert_eq!(health.stopped, None);
}

#[test]
fn an_index_that_decays_while_it_is_used_is_made_anew_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let before = {
        let store = open(folder.path());
        fill(&store);
        everything(&store)
    };
    {
        let store = open(folder.path());
        let damage: Result<(), StoreError> = Err(StoreError::Index("a block's checksum is wrong".to_owned()));
        assert!(store.doubted(damage.clone()).is_err() && store.doubted(damage).is_err());
        let health = store.health();
        assert_eq!(health.damaged, 1, "it is told once");
        assert!(health.last_damage.unwrap().contains("made anew at the next start"));
        fs::write(folder.path().join("index/leftover"), "").unwrap();
    }
    let store = open(folder.path());
    assert_eq!(everything(&store), before);
    assert!(!folder.path().join("index/leftover").exists() && !store.doubt.exists(), "it is a new one");
}

#[test]
fn a_folder_has_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let _first = open(folder.path());
    let options = Options {
        folder: Some(folder.path().to_owned()),
        placement: Placement::ByEnd,
        retention: Retention::default(),
    };
    let error = Store::open(&options).unwrap_err();
    assert!(matches!(error, StoreError::InUse(_)), "{error}");
}

#[test]
fn what_nobody_waits_for_is_there_after_a_moment() {
    let folder = tempfile::tempdir().unwrap();
    {
        let store = open(folder.path());
        store.put_later(vec![read(&segment(1, 1, 0, Some(50), ""))], millis(0)).unwrap();
        store.sync().unwrap();
        assert_eq!(list(&store, &query(Place::Start)), [1]);
    }
    assert_eq!(list(&open(folder.path()), &query(Place::Start)), [1]);
}

/// A log of several files, a trace of each hour; the trace with the number 1000 goes on through all of them.
fn hours(store: &Store, hours: i64) {
    for hour in 0..hours {
        let now = hour * 3_600_000;
        let start = now + hour;
        put(store, &[segment(hour as u128, 1, start, Some(start + 1), "")], now);
        put(store, &[segment(1_000, hour as u64 + 1, start, Some(start + 1), "")], now);
    }
}

#[test]
fn what_is_old_goes_by_the_file_and_nothing_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    hours(&store, 30);
    let files = || store.shared.disk.files().unwrap().into_keys().collect::<Vec<_>>();
    assert_eq!(files(), [1, 2, 3, 4, 5]);
    let (_keep, stop) = mpsc::channel();
    let pass = |age: i64, bytes: u64, now: i64| {
        let rules = Retention { age: Nanos::seconds(age * 3600), bytes };
        retention::pass(&store.shared, &rules, millis(now * 3_600_000), &store.commands, &stop).unwrap();
    };
    let open_listing = store.list(&ListQuery { limit: 1, ..query(Place::Start) }, None, millis(0)).unwrap();
    pass(24, u64::MAX, 32);
    assert_eq!(files(), [2, 3, 4, 5], "a file goes when all of it is old");
    assert_eq!(store.counts(), Counts { traces: 24, retired: 7 });
    let left: Vec<u128> = (7..30).rev().collect();
    let shown = || list(&store, &query(Place::Start)).into_iter().filter(|number| *number != 1_000).collect::<Vec<_>>();
    assert_eq!(shown(), left);
    assert_eq!(store.traces(&[trace_id(1_000)]).unwrap()[0].documents.len(), 30, "it goes on in newer files");
    let before = everything(&store);
    drop(store.list(&query(Place::Start), open_listing.next.as_ref(), millis(0)).unwrap());
    // By size; the file that is written to stays.
    pass(1_000, 1, 31);
    assert_eq!(files().len(), 1);
    assert_eq!(store.traces(&[trace_id(1_000)]).unwrap()[0].documents.len(), 30);
    assert_ne!(everything(&store), before);
    let before = everything(&store);
    drop(store);
    fs::remove_dir_all(folder.path().join("index")).unwrap();
    let store = open(folder.path());
    assert_eq!(list(&store, &query(Place::Start)).len(), 3, "{before}");
    assert_eq!(store.traces(&[trace_id(1_000)]).unwrap()[0].documents.len(), 30);
}
