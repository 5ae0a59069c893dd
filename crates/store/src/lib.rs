//! The embedded trace store: takes segment documents, keeps them, finds traces by time, answers with plain values.
//!
//! A [`Document`] is read and judged before it comes here ([`Document::read`], outside every lock). [`Store::put`] joins
//! a batch of them to their traces by X-Ray's rule (the first completion of an id wins) and moves each trace in the time
//! indexes. [`Store::list`] walks one index, newest first, a page at a time, and [`Store::traces`] hands out documents.
//!
//! Documents live in a `log` of our own, synced before anybody is answered; where they lie, and where traces stand in
//! time, in an `index` (an LSM tree of the crate fjall) that can always be made anew from the log. One thread writes
//! (`writer`); readers look at snapshots of the index (`reader`) and never wait for it.

mod digest;
mod document;
mod index;
mod listing;
mod log;
mod minutes;
mod reader;
mod record;
mod retention;
mod sealer;
mod shared;
mod writer;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use model::{Moment, TraceId};
use tempfile::TempDir;

pub use self::{
    digest::Digest,
    document::{Document, Entity},
    listing::{Cursor, ListQuery, Page, Place, Row},
    log::Damage,
    minutes::MinuteTotals,
    record::StoredTrace,
    retention::Retention,
    shared::Health,
};
use self::{
    index::{Index, IndexError},
    log::{Disk, Folder, Log, Mark},
    reader::Reader,
    shared::{Shared, lock},
    writer::{Command, Writer},
};

/// How a store is to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where it keeps everything; without a folder everything is gone when it is closed.
    pub folder: Option<PathBuf>,
    /// What "updated at" means.
    pub placement: Placement,
    /// What is kept.
    pub retention: Retention,
}

/// Where a trace stands in the index of updates ([`Place::Updated`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Where its latest (sub)segment ends. Traces of yesterday that are loaded today are found under yesterday.
    ByEnd,
    /// When its latest accepted update came, as in AWS.
    ByReceipt,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutReport {
    /// Documents that said something new.
    pub accepted: u64,
    /// Documents that were there already, to the letter.
    pub copies: u64,
    /// Documents that said something else of (sub)segments that were complete already; the first completion counts.
    pub too_late: u64,
}

/// How much is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Traces held.
    pub traces: u64,
    /// Traces that were retired since the start, because they were too old or too many.
    pub retired: u64,
}

/// What a store cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The cursor is none of this store's, or the listing was left alone for too long.
    #[error("the listing is not open (any more)")]
    UnknownCursor,
    /// Another process has the folder.
    #[error("another process uses the folder {0}: end it, or choose another folder")]
    InUse(String),
    /// The disk says so.
    #[error("the disk: {0}")]
    Disk(String),
    /// The disk is full, or nearly so.
    #[error("the disk is full: {free} bytes are free; make room, and it goes on")]
    Full {
        /// Bytes that are free.
        free: u64,
    },
    /// The index says so.
    #[error("{0}")]
    Index(String),
    /// It stopped writing after a failure.
    #[error("nothing can be stored until the program starts again: {0}")]
    Stopped(String),
    /// It is being closed.
    #[error("the store is closed")]
    Closed,
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error.to_string())
    }
}

impl From<IndexError> for StoreError {
    fn from(error: IndexError) -> Self {
        Self::Index(error.to_string())
    }
}

/// A store of traces. Every method may be called from any thread.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    reader: Arc<Reader>,
    commands: mpsc::Sender<Command>,
    /// The writer, the sealer, and the one who looks after retention.
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// The latter two end when these are gone.
    stops: Mutex<Vec<mpsc::Sender<()>>>,
    /// The file that tells the next start that the index is damaged.
    doubt: PathBuf,
    _lock: File,
    // Goes last, when nobody has files in it open.
    _folder: Option<TempDir>,
}

impl Store {
    /// Opens a store; what a crash left undone is done first.
    pub fn open(options: &Options) -> Result<Self, StoreError> {
        Self::open_on(options, |folder| folder)
    }

    /// Opens a store whose log lies where `disk` says.
    fn open_on<D: Disk + 'static>(options: &Options, disk: impl FnOnce(Folder) -> D) -> Result<Self, StoreError> {
        let temporary = if let Some(folder) = &options.folder {
            fs::create_dir_all(folder)?;
            None
        } else {
            remove_leftovers();
            Some(TempDir::with_prefix(PREFIX)?)
        };
        let folder = options.folder.as_deref().or(temporary.as_ref().map(TempDir::path)).unwrap_or(Path::new("."));
        let lock = take_lock(folder)?;
        let disk: Arc<dyn Disk> = Arc::new(disk(Folder::open(&folder.join("log"), temporary.is_some())?));
        let (log, damage) = Log::open(disk.clone())?;
        let index = open_index(&folder.join("index"), options.placement, log.end())?;
        let shared = Arc::new(Shared::new(disk, index, options.placement));
        shared.note_damage(damage);
        let writer = Writer::open(shared.clone(), log)?;
        let (commands, waiting) = mpsc::channel();
        let reader = Arc::new(Reader::new(shared.clone()));
        let ((stop_retention, stopped_retention), (stop_sealer, stopped_sealer)) = (mpsc::channel(), mpsc::channel());
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let (of_shared, of_commands, rules) = (shared.clone(), commands.clone(), options.retention);
        let retention = move || retention::run(&of_shared, &rules, &of_commands, &stopped_retention);
        let (of_shared, of_commands, of_reader) = (shared.clone(), commands.clone(), reader.clone());
        let sealer = move || sealer::run(&of_shared, &of_reader, &of_commands, &stopped_sealer);
        let threads = vec![
            named("store-retention").spawn(retention)?,
            named("store-sealer").spawn(sealer)?,
            named("store").spawn(move || writer.run(&waiting))?,
        ];
        Ok(Self {
            reader,
            shared,
            commands,
            threads: Mutex::new(threads),
            stops: Mutex::new(vec![stop_retention, stop_sealer]),
            doubt: folder.join("index").join(DAMAGED),
            _lock: lock,
            _folder: temporary,
        })
    }

    /// Takes a batch of documents, received at `now`, and returns when they are on the disk. A trace that the batch
    /// touches counts one update, however many of the documents are its. Afterwards everything in the batch can be found.
    pub fn put(&self, documents: Vec<Document>, now: Moment) -> Result<PutReport, StoreError> {
        let (answer, report) = mpsc::channel();
        self.send(documents, now, Some(answer))?;
        report.recv().map_err(|_| StoreError::Closed)?
    }

    /// Takes a batch of documents and does not wait: they are on the disk within a second, unless [`Store::health`]
    /// says otherwise.
    pub fn put_later(&self, documents: Vec<Document>, now: Moment) -> Result<(), StoreError> {
        self.send(documents, now, None)
    }

    fn send(
        &self,
        documents: Vec<Document>,
        now: Moment,
        answer: Option<mpsc::Sender<Result<PutReport, StoreError>>>,
    ) -> Result<(), StoreError> {
        self.shared.wait_for_room(documents.iter().map(|document| document.text.len()).sum());
        self.commands.send(Command::Put { documents, now, answer }).map_err(|_| StoreError::Closed)
    }

    /// Returns when everything that was put before is on the disk and can be found.
    pub fn sync(&self) -> Result<(), StoreError> {
        let (answer, done) = mpsc::channel();
        self.commands.send(Command::Sync(answer)).map_err(|_| StoreError::Closed)?;
        done.recv().map_err(|_| StoreError::Closed)?
    }

    /// The traces with these ids, in the order asked; those that are not there are left out.
    pub fn traces(&self, ids: &[TraceId]) -> Result<Vec<StoredTrace>, StoreError> {
        let at = self.reader.snapshot();
        self.doubted(ids.iter().filter_map(|id| self.reader.trace(&at, *id).transpose()).collect())
    }

    /// A page of the traces that stand in a span of time, newest first.
    ///
    /// All pages of one listing together show what was there when it began: each trace once, although traces arrive
    /// and move in the meantime. A page can be short, or empty, and still have a next one.
    pub fn list(&self, query: &ListQuery, from: Option<&Cursor>, now: Moment) -> Result<Page, StoreError> {
        self.doubted(self.reader.list(query, from, now))
    }

    /// What the traces add up to whose latest update is in each of these minutes since 1970, both ends included; minutes
    /// without any are left out.
    pub fn minutes(&self, (first, last): (i64, i64), take: impl FnMut(i64, MinuteTotals)) -> Result<(), StoreError> {
        self.doubted(self.reader.minutes((first, last), take))
    }

    /// An index that cannot be read is made anew from the log at the next start.
    fn doubted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Index(reason)) = &result
            && !self.doubt.exists()
        {
            self.shared.note_bad_index(reason);
            // Where it cannot be written either, the next start will find out by itself.
            drop(fs::write(&self.doubt, reason));
        }
        result
    }

    /// How much is there.
    pub fn counts(&self) -> Counts {
        Counts { traces: self.shared.totals().traces, retired: self.shared.retired() }
    }

    /// The oldest minute of updates, since 1970, in which a trace has changed since this was asked before. One asks for
    /// all: whoever keeps what follows from minutes.
    pub fn take_oldest_change(&self) -> Option<i64> {
        lock(&self.shared.open).take_oldest_change()
    }

    /// The minutes whose traces are not written down and added up yet: to list them, or to draw their graph, takes
    /// longer. Usually the present one.
    pub fn open_minutes(&self) -> usize {
        lock(&self.shared.open).len()
    }

    /// How the store is.
    pub fn health(&self) -> Health {
        self.shared.health()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        lock(&self.stops).clear();
        drop(self.commands.send(Command::End));
        for thread in lock(&self.threads).drain(..) {
            // It has said itself what went wrong.
            drop(thread.join());
        }
    }
}

/// Its name in the index's folder tells that the index is damaged.
const DAMAGED: &str = "damaged";
/// The folders of stores that keep nothing.
const PREFIX: &str = "roentgen-";
/// A folder that is younger may be of a process that has not locked it yet.
const LEFT_FOR: Duration = Duration::from_mins(1);

/// A process that was killed could not remove its temporary folder.
fn remove_leftovers() {
    let folders = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for folder in folders.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let Ok(lock) = File::open(folder.path().join("lock")) else { continue };
        let age = lock.metadata().and_then(|lock| lock.modified()).map(|at| at.elapsed().unwrap_or_default());
        if age.is_ok_and(|age| age > LEFT_FOR) && lock.try_lock().is_ok() {
            // What cannot be removed is somebody else's.
            drop(fs::remove_dir_all(folder.path()));
        }
    }
}

/// A folder has one process at a time.
fn take_lock(folder: &Path) -> Result<File, StoreError> {
    let file = File::options().create(true).write(true).truncate(false).open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(folder.display().to_string())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// The index, made anew where it cannot be used.
fn open_index(folder: &Path, placement: Placement, end_of_log: Mark) -> Result<Index, StoreError> {
    if folder.join(DAMAGED).exists() {
        tracing::warn!("the index was damaged and is made anew");
        fs::remove_dir_all(folder)?;
    }
    match Index::open(folder, placement) {
        Ok(Some(index)) => match index.totals() {
            Ok(totals) if totals.applied() <= end_of_log => return Ok(index),
            Ok(_) => tracing::warn!("the log has lost its end; the index is made anew"),
            Err(error) => tracing::warn!(%error, "the index is damaged and is made anew"),
        },
        Ok(None) => tracing::info!("the index is of another version and is made anew"),
        Err(error) => tracing::warn!(%error, "the index is damaged and is made anew"),
    }
    fs::remove_dir_all(folder)?;
    Index::open(folder, placement)?.ok_or(StoreError::Closed)
}

#[cfg(test)]
mod tests;
