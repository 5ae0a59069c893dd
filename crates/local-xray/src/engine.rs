//! The service's state: the store, the mode, and counts of what happened.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use model::Moment;
use store::{Document, Health, Options, Placement, Store, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{bind::Config, daemon, insights, protocol::Failure, retrieval::Jobs, sampling::Clients, settings};

/// AWS accepts segment documents of up to 64 kB.
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>
pub(crate) const DOCUMENT_BYTES: usize = 64 * 1024;

/// The most operations that read many traces at once, however many processors there are.
const MOST_READERS: usize = 8;

/// The service without its sockets. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    config: Config,
    store: Store,
    clients: Clients,
    settings: settings::Kept,
    insights: insights::Kept,
    jobs: Jobs,
    turns: Arc<Semaphore>,
    segments: AtomicU64,
    refused: AtomicU64,
    oversized: AtomicU64,
    last_refusal: Mutex<Option<String>>,
}

impl Engine {
    /// A service with what its folder holds.
    pub fn new(config: Config) -> Result<Self, StoreError> {
        let placement = if config.strict { Placement::ByReceipt } else { Placement::ByEnd };
        let options = Options { folder: config.folder.clone(), placement, retention: config.retention };
        let store = Store::open(&options)?;
        let settings = settings::Kept::open(options.folder.as_deref())?;
        let readers = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, MOST_READERS));
        Ok(Self(Arc::new(Inner {
            config,
            store,
            clients: Clients::default(),
            settings,
            insights: insights::Kept::default(),
            jobs: Jobs::default(),
            turns: Arc::new(Semaphore::new(readers)),
            segments: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            oversized: AtomicU64::new(0),
            last_refusal: Mutex::default(),
        })))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn strict(&self) -> bool {
        self.0.config.strict
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    pub(crate) fn settings(&self) -> &settings::Kept {
        &self.0.settings
    }

    pub(crate) fn insights(&self) -> &insights::Kept {
        &self.0.insights
    }

    /// Waits until one more may read. It ends with what is returned; `None` never comes, for nobody closes the door.
    pub(crate) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        self.0.turns.clone().acquire_owned().await.ok()
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Stores checked documents, and returns when they are on the disk.
    pub(crate) fn take(&self, batch: Vec<Document>, oversized: u64) -> Result<(), Failure> {
        let count = batch.len() as u64;
        self.0.store.put(batch, now()).map_err(|error| Failure::store(&error))?;
        self.0.segments.fetch_add(count, Ordering::Relaxed);
        self.0.oversized.fetch_add(oversized, Ordering::Relaxed);
        Ok(())
    }

    /// Stores checked documents that nobody waits for: within a second they are on the disk.
    pub(crate) fn take_later(&self, batch: Vec<Document>) {
        let count = batch.len() as u64;
        match self.0.store.put_later(batch, now()) {
            Ok(()) => drop(self.0.segments.fetch_add(count, Ordering::Relaxed)),
            Err(error) => self.refuse(format!("{count} datagrams could not be stored: {error}")),
        }
    }

    /// Counts something that was refused, and keeps the reason for the user.
    pub(crate) fn refuse(&self, reason: String) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
        tracing::info!(reason, "refused");
        *self.0.last_refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

/// The present moment.
pub(crate) fn now() -> Moment {
    Moment(chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX))
}

/// Tells how a running service is doing.
#[derive(Clone)]
pub struct StatusHandle {
    pub(crate) engine: Engine,
    /// The UDP port, whose drops the kernel counts.
    pub(crate) port: u16,
    /// The receive buffer that the kernel granted is smaller than the one asked for: its size in bytes.
    pub(crate) small_buffer: Option<usize>,
}

/// How a service is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// It behaves as AWS does, limits included.
    pub strict: bool,
    /// Documents accepted since the start.
    pub segments: u64,
    /// Traces held at present.
    pub traces: u64,
    /// Traces that went because they were too old, or too many for the disk space allowed.
    pub retired_traces: u64,
    /// Minutes of traces that are not added up yet: lists and graphs of them take longer.
    pub open_minutes: u64,
    /// How the store is.
    pub store: Health,
    /// Documents and datagrams refused since the start.
    pub refused: u64,
    /// Documents over AWS's 64 kB that were accepted all the same.
    pub oversized: u64,
    /// Datagrams that the kernel dropped because they came faster than they were read; 0 where it does not tell.
    pub dropped_datagrams: u64,
    /// The receive buffer in bytes, where the kernel granted less than was asked for.
    pub small_buffer: Option<usize>,
    /// The reason of the latest refusal.
    pub last_refusal: Option<String>,
}

impl StatusHandle {
    /// The present state.
    pub fn snapshot(&self) -> Status {
        let inner = &self.engine.0;
        let size = inner.store.counts();
        Status {
            strict: inner.config.strict,
            segments: inner.segments.load(Ordering::Relaxed),
            traces: size.traces,
            retired_traces: size.retired,
            open_minutes: inner.store.open_minutes() as u64,
            store: inner.store.health(),
            refused: inner.refused.load(Ordering::Relaxed),
            oversized: inner.oversized.load(Ordering::Relaxed),
            dropped_datagrams: daemon::kernel_drops(self.port),
            small_buffer: self.small_buffer,
            last_refusal: inner.last_refusal.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
