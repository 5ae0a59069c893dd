//! What a crash of the whole machine leaves: a recorded log of writes, cut at any point after the last sync.

use std::{
    fs, io,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use super::*;
use crate::log::{Disk, Folder};

/// What was done to the disk.
#[derive(Clone, Debug)]
enum Step {
    Write {
        file: u32,
        at: u64,
        bytes: Vec<u8>,
    },
    Sync(u32),
    Cut {
        file: u32,
        length: u64,
    },
    /// So many puts have been answered.
    Answered(usize),
}

#[derive(Debug)]
struct Recorder {
    folder: Folder,
    steps: Arc<Mutex<Vec<Step>>>,
    /// What the disk does badly.
    trouble: Arc<Trouble>,
}

/// What a disk can do badly.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    is_full: AtomicBool,
    fails_to_write: AtomicBool,
    fails_to_sync: AtomicBool,
}

fn failure(fails: &AtomicBool) -> io::Result<()> {
    if fails.load(Ordering::Relaxed) { Err(io::Error::other("a wire is loose")) } else { Ok(()) }
}

impl Disk for Recorder {
    fn files(&self) -> io::Result<BTreeMap<u32, u64>> {
        self.folder.files()
    }

    fn write(&self, file: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        lock(&self.steps).push(Step::Write { file, at, bytes: bytes.to_vec() });
        if self.trouble.fails_to_write.load(Ordering::Relaxed) {
            // The first half of it.
            self.folder.write(file, at, &bytes[..bytes.len() / 2])?;
        }
        failure(&self.trouble.fails_to_write)?;
        self.folder.write(file, at, bytes)
    }

    fn sync(&self, file: u32) -> io::Result<()> {
        failure(&self.trouble.fails_to_sync)?;
        self.folder.sync(file)?;
        lock(&self.steps).push(Step::Sync(file));
        Ok(())
    }

    fn read(&self, file: u32, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.folder.read(file, at, into)
    }

    fn cut(&self, file: u32, length: u64) -> io::Result<()> {
        lock(&self.steps).push(Step::Cut { file, length });
        self.folder.cut(file, length)
    }

    fn remove(&self, file: u32) -> io::Result<()> {
        self.folder.remove(file)
    }

    fn free(&self) -> io::Result<u64> {
        if self.trouble.is_full.load(Ordering::Relaxed) { Ok(1_000) } else { self.folder.free() }
    }
}

fn options(folder: &Path) -> Options {
    Options { folder: Some(folder.to_owned()), placement: Placement::ByEnd, retention: Retention::default() }
}

/// The segment that a put of this number brings.
fn text(number: usize) -> String {
    let long = "x".repeat(number * 37 % 3_000);
    let rest = format!(r#","user":"{long}""#);
    segment((number % 60) as u128, number as u64 + 1, number as i64 * 10, Some(number as i64 * 10 + 5), &rest)
}

/// Everything that was done while puts came one by one and, now and then, several at once.
fn record(puts: usize) -> Vec<Step> {
    let folder = tempfile::tempdir().unwrap();
    let steps = Arc::<Mutex<Vec<Step>>>::default();
    let recorded = steps.clone();
    let store =
        Store::open_on(&options(folder.path()), |folder| Recorder { folder, steps: recorded, trouble: Arc::default() })
            .unwrap();
    for number in 0..puts {
        if number % 3 == 0 {
            store.put_later(vec![read(&text(number))], millis(0)).unwrap();
        } else {
            put(&store, &[text(number)], 0);
            lock(&steps).push(Step::Answered(number + 1));
        }
    }
    drop(store);
    lock(&steps).clone()
}

/// The files after the steps before `end`: what was synced is there; of what was not, any part may be.
fn files(steps: &[Step], end: usize, mut dice: impl FnMut(usize) -> usize) -> BTreeMap<u32, Vec<u8>> {
    let mut files: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let synced = |place: usize, file: u32| {
        steps[place..end].iter().any(|step| matches!(step, Step::Sync(other) if *other == file))
    };
    for (place, step) in steps[..end].iter().enumerate() {
        match step {
            Step::Write { file, at, bytes } => {
                let kept = if synced(place, *file) { bytes.len() } else { dice(bytes.len() + 1) };
                let all = files.entry(*file).or_default();
                let end = *at as usize + kept;
                if all.len() < end {
                    all.resize(end, 0);
                }
                all[*at as usize..end].copy_from_slice(&bytes[..kept]);
            }
            Step::Cut { file, length } => files.entry(*file).or_default().truncate(*length as usize),
            Step::Sync(_) | Step::Answered(_) => {}
        }
    }
    files
}

#[test]
fn what_was_answered_is_there_wherever_the_machine_stops() {
    let puts = 150;
    let steps = record(puts);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..40 {
        let end = 1 + dice(steps.len());
        let answered = steps[..end].iter().rev().find_map(|step| match step {
            Step::Answered(count) => Some(*count),
            _ => None,
        });
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("log")).unwrap();
        for (file, bytes) in files(&steps, end, &mut dice) {
            fs::write(folder.path().join(format!("log/{file:010}.log")), bytes).unwrap();
        }
        let store = Store::open(&options(folder.path())).unwrap();
        let ids: Vec<TraceId> = (0..60).map(trace_id).collect();
        let found: Vec<String> = store
            .traces(&ids)
            .unwrap()
            .iter()
            .flat_map(|trace| trace.documents.iter().map(ToString::to_string))
            .collect();
        for number in 0..answered.unwrap_or(0) {
            assert_eq!(found.iter().filter(|it| **it == text(number)).count(), 1, "{number} after {end} steps");
        }
        assert!(found.iter().all(|it| (0..puts).any(|number| *it == text(number))), "nothing else is there");
        let health = store.health();
        assert_eq!(health.failed, 0, "{health:?}");
        // And it goes on from there.
        put(&store, &[segment(99, 9_999, 0, Some(1), "")], 0);
        assert_eq!(store.traces(&[trace_id(99)]).unwrap().len(), 1);
    }
}

#[test]
fn a_disk_that_is_full_or_fails_is_told_and_costs_nothing_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let trouble = Arc::<Trouble>::default();
    let of_disk = trouble.clone();
    let disk = |folder| Recorder { folder, steps: Arc::default(), trouble: of_disk };
    let store = Store::open_on(&options(folder.path()), disk).unwrap();
    let try_put = |number: usize| store.put(vec![read(&text(number)), read(&text(number + 60))], millis(0));
    try_put(0).unwrap();
    trouble.is_full.store(true, Ordering::Relaxed);
    assert_eq!(try_put(1), Err(StoreError::Full { free: 1_000 }));
    trouble.is_full.store(false, Ordering::Relaxed);
    try_put(2).unwrap();
    trouble.fails_to_write.store(true, Ordering::Relaxed);
    assert!(matches!(try_put(3), Err(StoreError::Disk(reason)) if reason.contains("a wire is loose")));
    trouble.fails_to_write.store(false, Ordering::Relaxed);
    try_put(4).unwrap();
    // A datagram's trouble is told as well.
    trouble.fails_to_write.store(true, Ordering::Relaxed);
    store.put_later(vec![read(&text(5))], millis(0)).unwrap();
    store.sync().unwrap();
    assert_eq!(store.health().failed, 3);
    trouble.fails_to_write.store(false, Ordering::Relaxed);
    // After a sync that failed nobody knows what is on the disk.
    trouble.fails_to_sync.store(true, Ordering::Relaxed);
    try_put(6).unwrap_err();
    trouble.fails_to_sync.store(false, Ordering::Relaxed);
    assert!(matches!(try_put(7), Err(StoreError::Stopped(_))));
    assert!(store.health().stopped.is_some());
    let there = |store: &Store| {
        (0..8).filter(|number| !store.traces(&[trace_id(*number)]).unwrap().is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(there(&store), [0, 2, 4], "what is there can be read");
    drop(store);
    let store = Store::open(&options(folder.path())).unwrap();
    assert!(there(&store).starts_with(&[0, 2, 4]));
    assert_eq!(store.health().damaged, 0, "{:?}", store.health());
    put(&store, &[text(7)], 0);
}
