//! Calls that a span makes again and again.

use std::ops::Range;

use model::{Outcome, SpanIx};

use super::{
    Spans,
    forest::NONE,
    sorted::{Entry, groups, median, sorted},
};

/// Siblings with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The span, or placeholder, under which they hang; `None` for roots.
    pub parent: Option<SpanIx>,
    /// What they have in common.
    pub key: u32,
    /// Where they stand in [`Repeats::members`].
    pub members: Range<u32>,
    /// Nanoseconds of their durations together; those that run at once count each.
    pub total: i64,
    /// Nanoseconds of the one in the middle; between two middles their mean.
    pub median: i64,
    /// Nanoseconds of the longest one.
    pub max: i64,
    /// How many ended with an error, a fault or a throttle.
    pub failed: u32,
    /// They run one after the other: at least four of five start when the former one has ended, or later. Many short
    /// calls of that kind could be one.
    pub is_sequential: bool,
}

/// All sets of siblings that repeat each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// The sets: roots first, then by parent, then by key.
    pub groups: Vec<Repeat>,
    /// The spans of all sets, set by set, each set in the order of their starts and, of equal starts, in pre-order.
    pub members: Vec<SpanIx>,
}

impl Repeats {
    /// The spans of a set, in the order of their starts.
    pub fn members(&self, group: &Repeat) -> &[SpanIx] {
        self.members.get(group.members.start as usize..group.members.end as usize).unwrap_or_default()
    }
}

/// Finds under each parent the siblings with the same key, adjacent or not, where they are at least `least`, and never
/// fewer than two. Placeholders, spans whose key is [`LEFT_OUT`](super::LEFT_OUT) and spans without key are left out.
/// O(n log n).
pub fn repeats(spans: &Spans, key: &[u32], least: usize) -> Repeats {
    let siblings = sorted(
        spans
            .keyed(key)
            // One more than the parent; roots come first.
            .map(|(span, key)| (parent_of(spans, span).wrapping_add(1), i64::from(key), spans.start(span), span))
            .collect(),
    );
    let mut repeats = Repeats::default();
    let mut durations: Vec<Entry> = Vec::new();
    let sets = siblings.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1));
    for set in sets.filter(|set| set.len() >= least.max(2)) {
        let number = repeats.groups.len() as u32;
        let first = repeats.members.len() as u32;
        durations.extend(set.iter().map(|&(.., span)| (number, spans.duration(span), 0, span)));
        repeats.members.extend(set.iter().map(|&(.., span)| span));
        repeats.groups.push(repeat(spans, set, first));
    }
    for (group, durations) in repeats.groups.iter_mut().zip(groups(&sorted(durations))) {
        group.median = median(durations);
    }
    repeats
}

fn parent_of(spans: &Spans, span: SpanIx) -> SpanIx {
    spans.forest().parent(span).unwrap_or(NONE)
}

/// The numbers of a set but its median; the set has at least two spans, in the order of their starts.
fn repeat(spans: &Spans, set: &[Entry], first: u32) -> Repeat {
    let members = || set.iter().map(|&(.., span)| span);
    let following = set.windows(2).filter(|pair| spans.start(pair[1].3) >= spans.end(pair[0].3)).count();
    Repeat {
        parent: spans.forest().parent(set[0].3),
        key: set[0].1 as u32,
        members: first..first + set.len() as u32,
        total: members().fold(0, |sum: i64, span| sum.saturating_add(spans.duration(span))),
        median: 0,
        max: members().map(|span| spans.duration(span)).max().unwrap_or(0),
        failed: members().filter(|&span| spans.class(span).outcome != Outcome::Ok).count() as u32,
        is_sequential: following * 5 >= (set.len() - 1) * 4,
    }
}
