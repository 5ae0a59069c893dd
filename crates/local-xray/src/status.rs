//! How the service is doing: counts since the start, and the last thing that it refused.

use std::sync::Arc;

use crate::service::Service;

/// A handle that stays valid while the service runs and after it.
#[derive(Clone, Debug)]
pub struct StatusHandle {
    pub(crate) service: Arc<Service>,
}

/// The service's state at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Segment and subsegment documents accepted since the start.
    pub segments: u64,
    /// Traces held at present.
    pub traces: u64,
    /// Traces that were dropped to keep memory bounded.
    pub evicted_traces: u64,
    /// Documents and datagrams refused since the start, whatever the reason.
    pub refused: u64,
    /// Datagrams that the kernel dropped because they came faster than they were read.
    pub dropped_datagrams: u64,
    /// The reason of the latest refusal: what was wrong, and where.
    pub last_refusal: Option<String>,
    /// Whether the service applies AWS's limits.
    pub strict: bool,
    /// What the user should know besides, a sentence each: documents that AWS would refuse for their size, a receive
    /// buffer that the kernel made smaller than asked.
    pub notes: Vec<String>,
}

impl StatusHandle {
    /// The present state.
    pub fn snapshot(&self) -> Status {
        self.service.status()
    }
}
