//! Where a trace's time went, from flat columns as the page has them.
//!
//! [`Forest`] is made once from the spans' depths, [`Spans`] joins it with times and classes. From these follow, each
//! by loops alone, the [`self_time`] of each span, the [`path`] of stretches that decided when the entry ended, the
//! [`contributors`] to it, [`statistics`] by any key, and calls that are made again and again ([`repeats`]).
//!
//! Times are nanoseconds after the trace's start. A placeholder stands for a parent that has not come: its times are
//! those of its children, so it never counts as work, and whatever hangs under it counts as if it hung under the
//! placeholder's own parent.

pub mod contributors;
mod forest;
pub mod path;
pub mod repeats;
pub mod self_time;
mod sorted;
pub mod statistics;

use model::{Outcome, SpanIx};

pub use self::forest::Forest;
use self::forest::NONE;

/// Spans with this key take no part in what is summed or grouped by key.
pub const LEFT_OUT: u32 = u32::MAX;

/// Times beyond these 146 years count as these, so that no difference of two overflows.
const LATEST: i64 = i64::MAX / 2;

/// What a span is, besides its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// How it ended.
    pub outcome: Outcome,
    /// It stands for a parent that has not come.
    pub is_placeholder: bool,
    /// Its end is not known; the end that is given for it is that of what is known.
    pub is_in_progress: bool,
}

/// The spans of a trace in pre-order, as columns.
///
/// Where the columns' lengths differ the shortest one counts. A span that ends before it starts ends when it starts.
#[derive(Clone, Debug)]
pub struct Spans<'a> {
    forest: &'a Forest,
    start: &'a [i64],
    end: &'a [i64],
    class: &'a [Class],
    /// The nearest span above each that is no placeholder.
    caller: Vec<SpanIx>,
}

impl<'a> Spans<'a> {
    /// Joins columns: the tree, starts and ends in nanoseconds after the trace's start, and what the spans are. O(n).
    pub fn new(forest: &'a Forest, start: &'a [i64], end: &'a [i64], class: &'a [Class]) -> Self {
        let count = forest.len().min(start.len()).min(end.len()).min(class.len());
        let mut spans = Self { forest, start, end, class, caller: Vec::with_capacity(count) };
        for span in 0..count as SpanIx {
            let caller = match forest.parent(span) {
                None => NONE,
                // A parent stands before its children, so its own caller is known.
                Some(parent) if spans.class(parent).is_placeholder => spans.caller[parent as usize],
                Some(parent) => parent,
            };
            spans.caller.push(caller);
        }
        spans
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.caller.len()
    }

    /// Whether there is no span at all.
    pub fn is_empty(&self) -> bool {
        self.caller.is_empty()
    }

    /// Who hangs under whom.
    pub fn forest(&self) -> &'a Forest {
        self.forest
    }

    /// When the span starts, in nanoseconds after the trace's start; 0 for an index that is none.
    pub fn start(&self, span: SpanIx) -> i64 {
        self.start.get(span as usize).map_or(0, |start| (*start).clamp(-LATEST, LATEST))
    }

    /// When the span ends, in nanoseconds after the trace's start; never before its start.
    pub fn end(&self, span: SpanIx) -> i64 {
        self.end.get(span as usize).map_or(0, |end| (*end).clamp(-LATEST, LATEST)).max(self.start(span))
    }

    /// Nanoseconds from start to end; never negative.
    pub fn duration(&self, span: SpanIx) -> i64 {
        self.end(span) - self.start(span)
    }

    /// What the span is; ordinary for an index that is none.
    pub fn class(&self, span: SpanIx) -> Class {
        self.class.get(span as usize).copied().unwrap_or_default()
    }

    /// The nearest span above this one that is no placeholder.
    pub fn caller(&self, span: SpanIx) -> Option<SpanIx> {
        self.caller.get(span as usize).copied().filter(|caller| *caller != NONE)
    }

    /// The span whose critical path is the trace's: the first one, which is the entry where the entry has come;
    /// otherwise the longest of those that have nothing but placeholders above them, and of equals the first.
    /// `None` when there are only placeholders.
    pub fn entry(&self) -> Option<SpanIx> {
        let mut longest: Option<SpanIx> = None;
        for span in self.work() {
            if span == 0 {
                return Some(0);
            }
            let is_longer = longest.is_none_or(|longest| self.duration(longest) < self.duration(span));
            if is_longer && self.caller(span).is_none() {
                longest = Some(span);
            }
        }
        longest
    }

    /// The spans that are no placeholders, in pre-order.
    fn work(&self) -> impl Iterator<Item = SpanIx> {
        (0..self.len() as SpanIx).filter(|&span| !self.class(span).is_placeholder)
    }

    /// The spans that take part in what is summed or grouped by a key, with their keys.
    fn keyed(&self, key: &[u32]) -> impl Iterator<Item = (SpanIx, u32)> {
        self.work().filter_map(|span| Some((span, key_of(key, span)?)))
    }
}

/// The key of a span that takes part.
fn key_of(key: &[u32], span: SpanIx) -> Option<u32> {
    key.get(span as usize).copied().filter(|key| *key != LEFT_OUT)
}

/// A part of a whole in thousandths, rounded; 0 of an empty whole.
fn share(part: i64, whole: i64) -> u32 {
    // Small enough that a thousand times as much does not overflow: a whole of more than 146 years loses its last
    // thousandths of a millionth.
    let (part, whole) = if whole > i64::MAX / 2048 { (part >> 20, whole >> 20) } else { (part, whole) };
    if whole <= 0 {
        return 0;
    }
    ((part.clamp(0, whole) * 1000 + whole / 2) / whole) as u32
}

#[cfg(test)]
mod tests;
