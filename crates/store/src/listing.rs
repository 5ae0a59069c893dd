//! What a listing asks for and what it gets.

use std::sync::Arc;

use filter::Needs;
use model::{Moment, TraceId};

use crate::Digest;

/// What a listing is to find.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    /// Which moment of a trace counts.
    pub place: Place,
    /// The earliest moment that counts.
    pub from: Moment,
    /// The latest moment that counts.
    pub to: Moment,
    /// The share of the traces to show, 0 to 1. Which ones depends on their ids alone, so the same ones show again.
    pub share: f64,
    /// What a trace must have to be shown. Of those that have it some may be of no use all the same.
    pub needs: Needs,
    /// The most rows of a page.
    pub limit: usize,
}

/// Which moment of a trace decides whether it is in a span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The earliest start of its (sub)segments.
    Start,
    /// Its latest update, in the sense of [`crate::Placement`].
    Updated,
    /// The end of any of its segments; the latest one in the span counts.
    SegmentEnd,
}

/// Where a page of a listing ended. Plain numbers, to be put into a token and taken out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The listing.
    pub listing: u64,
    /// The place of the last trace that was looked at: nanoseconds or, of segment ends, seconds since 1970.
    pub at: i64,
    /// That trace.
    pub trace: TraceId,
    /// The traces looked at so far.
    pub scanned: u64,
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The traces, newest first.
    pub rows: Vec<Row>,
    /// The traces that this page and the ones before it looked at, shown or not.
    pub scanned: u64,
    /// How to go on; `None` after the last page.
    pub next: Option<Cursor>,
}

/// A trace of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The moment for which it was found.
    pub at: Moment,
    /// What was known of it when the listing began.
    pub digest: Arc<Digest>,
}

/// Whether a trace is in the sample: a hash of its id, spread evenly over 0 to 1, lies below the share.
pub(crate) fn is_in_share(trace: TraceId, share: f64) -> bool {
    if share >= 1.0 {
        return true;
    }
    let fnv = trace
        .w3c()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The last steps of MurmurHash3: FNV's upper bits alone are not even enough.
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = mixed ^ (mixed >> 33);
    ((mixed >> 11) as f64 / (1_u64 << 53) as f64) < share
}
