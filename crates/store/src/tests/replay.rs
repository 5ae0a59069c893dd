//! What a crash of the whole machine leaves: a recorded log of writes, cut at any point after the last sync.

use std::{fs, io, sync::Mutex};

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
}

impl Disk for Recorder {
    fn files(&self) -> io::Result<BTreeMap<u32, u64>> {
        self.folder.files()
    }

    fn write(&self, file: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        lock(&self.steps).push(Step::Write { file, at, bytes: bytes.to_vec() });
        self.folder.write(file, at, bytes)
    }

    fn sync(&self, file: u32) -> io::Result<()> {
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
        self.folder.free()
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
    let store = Store::open_on(&options(folder.path()), |folder| Recorder { folder, steps: recorded }).unwrap();
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
