//! The minutes in which traces were updated last, and what all traces of one add up to.
//!
//! A minute is open from the moment a trace enters or leaves it until it has been quiet for a while and `sealer` has
//! written down what it adds up to. What is open is added up by the reader.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use analysis::graph::{Continued, Merger};
use model::{Moment, Nanos, graph::ServiceGraph, summary::ServiceId};
use serde::{Deserialize, Serialize};

use crate::Digest;

/// The length of a minute.
pub(crate) const MINUTE: Nanos = Nanos::seconds(60);

/// The number of the minute of a moment, in nanoseconds.
pub(crate) fn minute_of(at: i64) -> i64 {
    at.div_euclid(MINUTE.0)
}

/// The first and the last nanosecond of a minute.
pub(crate) fn span_of(minute: i64) -> (Moment, Moment) {
    let first = minute.saturating_mul(MINUTE.0);
    (Moment(first), Moment(first.saturating_add(MINUTE.0 - 1)))
}

/// What the traces of a minute add up to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MinuteTotals {
    /// Their services and calls.
    pub graph: ServiceGraph,
    /// What they go on with of other traces, with the node that does.
    pub links: Vec<(ServiceId, Continued)>,
}

/// Adds traces up.
#[derive(Default)]
pub(crate) struct Adder {
    merger: Merger,
    links: Vec<(ServiceId, Continued)>,
}

impl Adder {
    pub(crate) fn add(&mut self, digest: &Digest) {
        let graph = &digest.graph.graph;
        self.merger.add(graph);
        let node = |link: &Continued| graph.nodes.get(link.node as usize).map(|node| node.id.clone());
        self.links.extend(digest.graph.links.iter().filter_map(|link| Some((node(link)?, link.clone()))));
    }

    pub(crate) fn finish(self) -> MinuteTotals {
        MinuteTotals { graph: self.merger.finish(), links: self.links }
    }
}

/// The minutes that are open.
#[derive(Debug, Default)]
pub(crate) struct Open {
    minutes: BTreeMap<i64, Touched>,
    /// The oldest minute that was touched since somebody asked.
    oldest_change: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Touched {
    at: Instant,
    /// How often; it tells whether anything happened since one looked.
    count: u64,
}

impl Open {
    pub(crate) fn has(&self, minute: i64) -> bool {
        self.minutes.contains_key(&minute)
    }

    /// A trace of the minute has changed, and everybody can see it.
    pub(crate) fn touch(&mut self, minute: i64) {
        let now = Instant::now();
        let touched = self.minutes.entry(minute).or_insert(Touched { at: now, count: 0 });
        *touched = Touched { at: now, count: touched.count + 1 };
        self.oldest_change = Some(self.oldest_change.map_or(minute, |oldest| oldest.min(minute)));
    }

    /// How often a minute was touched; `None` where it is not open.
    pub(crate) fn count(&self, minute: i64) -> Option<u64> {
        self.minutes.get(&minute).map(|touched| touched.count)
    }

    pub(crate) fn take_oldest_change(&mut self) -> Option<i64> {
        self.oldest_change.take()
    }

    pub(crate) fn close(&mut self, minute: i64) {
        self.minutes.remove(&minute);
    }

    /// The minutes in which nothing has happened for a while, newest first.
    pub(crate) fn quiet(&self, since: Duration) -> Vec<i64> {
        self.minutes
            .iter()
            .rev()
            .filter(|(_, touched)| touched.at.elapsed() >= since)
            .map(|(minute, _)| *minute)
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.minutes.len()
    }
}
