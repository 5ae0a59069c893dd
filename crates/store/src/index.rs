//! Traces by time, such that a listing that takes minutes sees one state of it.
//!
//! Every entry knows at which version of the store it came to its place. When a trace moves while a listing is open,
//! its old entry stays behind, marked with the version at which it left; a listing sees the entries that were in place
//! at its own version. Without an open listing nothing stays behind.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::Bound,
};

use model::{Moment, TraceId};

/// Counts the batches that were put: the clock of the indexes.
pub(crate) type Version = u64;

/// A place in an index. The version comes last: it tells two stays of one trace at one moment apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) at: Moment,
    pub(crate) trace: TraceId,
    pub(crate) since: Version,
}

#[derive(Debug, Default)]
pub(crate) struct TimeIndex {
    /// The version at which the trace left; `None` while it is there.
    places: BTreeMap<Key, Option<Version>>,
    /// Entries that stayed behind, in the order of their leaving.
    behind: VecDeque<(Version, Key)>,
}

/// The bytes of an entry, roughly, with its share of the tree's nodes.
pub(crate) const ENTRY_BYTES: usize = 112;

impl TimeIndex {
    pub(crate) fn enter(&mut self, key: Key) {
        self.places.insert(key, None);
    }

    /// The trace is gone from the store: no listing needs its entry.
    pub(crate) fn remove(&mut self, key: &Key) {
        self.places.remove(key);
    }

    /// The trace moves away at version `now`. `newest_pin` is the version of the newest open listing.
    pub(crate) fn leave(&mut self, key: &Key, now: Version, newest_pin: Option<Version>) {
        // A listing older than the entry does not see it anyway.
        if newest_pin.is_some_and(|pin| pin >= key.since) {
            if let Some(left) = self.places.get_mut(key) {
                *left = Some(now);
                self.behind.push_back((now, *key));
            }
        } else {
            self.places.remove(key);
        }
    }

    /// Forgets the entries that no open listing can see; `oldest_pin` is the version of the oldest one.
    pub(crate) fn sweep(&mut self, oldest_pin: Option<Version>) {
        while let Some((left, key)) = self.behind.front() {
            if oldest_pin.is_some_and(|pin| pin < *left) {
                break;
            }
            self.places.remove(key);
            self.behind.pop_front();
        }
    }

    /// The number of entries that stayed behind.
    pub(crate) fn behind(&self) -> usize {
        self.behind.len()
    }

    /// The entries from `from` to `to`, both included, newest first, and of those only the ones after `cursor`. Each
    /// says whether it was in place at `version`; those that were not come too, so that the caller can count its steps.
    pub(crate) fn newest_first(
        &self,
        from: Moment,
        to: Moment,
        cursor: Option<Key>,
        version: Version,
    ) -> impl Iterator<Item = (Key, bool)> {
        let lowest = Key { at: from, trace: TraceId::from_bits(0), since: 0 };
        let end = match cursor {
            Some(cursor) => Bound::Excluded(cursor),
            // The first key of the next nanosecond.
            None => match to.0.checked_add(1) {
                Some(next) => Bound::Excluded(Key { at: Moment(next), ..lowest }),
                None => Bound::Unbounded,
            },
        };
        // BTreeMap panics at a range that runs backwards.
        let is_empty = matches!(&end, Bound::Excluded(end) if *end <= lowest);
        let range = (!is_empty).then(|| self.places.range((Bound::Included(lowest), end)));
        range
            .into_iter()
            .flatten()
            .rev()
            .map(move |(key, left)| (*key, key.since <= version && left.is_none_or(|left| left > version)))
    }
}
