//! Services and the calls between them, with their numbers, as `GetServiceGraph` has them.
//! <https://docs.aws.amazon.com/xray/latest/api/API_Service.html>

use serde::{Deserialize, Serialize};

use crate::{Moment, Nanos, Outcome, summary::ServiceId};

/// The services seen in a span of time, or in one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceGraph {
    /// The services, each key once, in the order of their keys.
    pub nodes: Vec<Node>,
    /// The calls between them, each pair and kind once, in the order of their ends.
    pub edges: Vec<Edge>,
}

/// The index of a node in [`ServiceGraph::nodes`].
pub type NodeIx = u32;

/// A service, or somebody who calls one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its key.
    pub id: ServiceId,
    /// How X-Ray knows of it.
    pub state: NodeState,
    /// Requests enter the system here.
    pub is_root: bool,
    /// The requests it served; `None` for clients, and where nothing has completed.
    pub load: Option<Load>,
    /// From the first second in which it was seen to the end of the last one; `None` in the graph of one trace.
    pub seen: Option<(Moment, Moment)>,
}

/// How X-Ray knows of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeState {
    /// It reports segments.
    Active,
    /// Others call it, and it reports nothing.
    Passive,
    /// An AWS resource or a client, which cannot report.
    Unknown,
}

/// Calls from one node to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Who calls.
    pub source: NodeIx,
    /// Who is called.
    pub target: NodeIx,
    /// How the two belong together.
    pub kind: EdgeKind,
    /// The names by which the caller knows the callee, where it is a node of its own.
    pub aliases: Vec<ServiceId>,
    /// The calls as the caller saw them; `None` where nothing has completed.
    pub load: Option<Load>,
    /// How old an event was when it was received; for links.
    pub age: Histogram,
    /// As of the source node.
    pub seen: Option<(Moment, Moment)>,
}

/// How the two ends of an edge belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EdgeKind {
    /// A call within one trace.
    #[default]
    Call,
    /// The target went on, in a trace of its own, with what the source had sent.
    Link,
}

/// Completed requests by class, and how long they took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Requests without any failure.
    pub ok: u64,
    /// Client errors that were not throttles.
    pub error: u64,
    /// Throttled requests.
    pub throttle: u64,
    /// Server faults.
    pub fault: u64,
    /// The sum of all response times.
    pub time: Nanos,
    /// The response times.
    pub times: Histogram,
}

impl Load {
    /// Counts one request.
    pub fn add(&mut self, outcome: Outcome, time: Nanos) {
        *match outcome {
            Outcome::Ok => &mut self.ok,
            Outcome::Error => &mut self.error,
            Outcome::Throttle => &mut self.throttle,
            Outcome::Fault => &mut self.fault,
        } += 1;
        self.time = Nanos(self.time.0.saturating_add(time.0));
        self.times.add(time, 1);
    }

    /// Counts what another one has counted.
    pub fn merge(&mut self, other: &Self) {
        self.ok = self.ok.saturating_add(other.ok);
        self.error = self.error.saturating_add(other.error);
        self.throttle = self.throttle.saturating_add(other.throttle);
        self.fault = self.fault.saturating_add(other.fault);
        self.time = Nanos(self.time.0.saturating_add(other.time.0));
        self.times.merge(&other.times);
    }

    /// All requests.
    pub fn total(&self) -> u64 {
        [self.error, self.throttle, self.fault].into_iter().fold(self.ok, u64::saturating_add)
    }

    /// The average response time; `None` without requests.
    pub fn mean(&self) -> Option<Nanos> {
        i64::try_from(self.total()).ok().and_then(|total| self.time.0.checked_div(total)).map(Nanos)
    }

    /// The worst class that occurred: a fault before a throttle before an error.
    pub fn worst(&self) -> Outcome {
        let classes = [(self.fault, Outcome::Fault), (self.throttle, Outcome::Throttle), (self.error, Outcome::Error)];
        classes.into_iter().find(|(count, _)| *count > 0).map_or(Outcome::Ok, |(_, outcome)| outcome)
    }
}

/// Entries that a histogram may grow to before neighbours are joined.
const MOST_ENTRIES: usize = 400;
/// Response times are rounded as X-Ray rounds them, to milliseconds.
const ROUND: i64 = 1_000_000;

/// How often which time occurred: ascending times, rounded to milliseconds, each once.
///
/// Few times stay as they are. Of many, neighbours that differ least (in proportion) share an entry at their mean; no
/// count is ever lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram {
    entries: Vec<(Nanos, u64)>,
}

impl Histogram {
    /// A histogram of entries in any order; negative times count as 0.
    pub fn new(entries: impl IntoIterator<Item = (Nanos, u64)>) -> Self {
        let mut all = Self { entries: entries.into_iter().filter(|(_, count)| *count > 0).map(rounded).collect() };
        all.settle();
        all
    }

    /// Counts a time.
    pub fn add(&mut self, time: Nanos, count: u64) {
        let (time, count) = rounded((time, count));
        match self.entries.binary_search_by_key(&time, |entry| entry.0) {
            Ok(place) => self.entries[place].1 = self.entries[place].1.saturating_add(count),
            Err(_) if count == 0 => {}
            Err(place) => self.entries.insert(place, (time, count)),
        }
        if self.entries.len() > 2 * MOST_ENTRIES {
            self.settle();
        }
    }

    /// Counts what another one has counted.
    pub fn merge(&mut self, other: &Self) {
        if other.entries.len() <= 4 {
            for (time, count) in &other.entries {
                self.add(*time, *count);
            }
        } else {
            self.entries.extend(&other.entries);
            self.settle();
        }
    }

    /// The times with their counts, ascending.
    pub fn entries(&self) -> &[(Nanos, u64)] {
        &self.entries
    }

    /// All counts together.
    pub fn total(&self) -> u64 {
        self.entries.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// The time that a share of all (0 to 1) does not exceed, by nearest rank; `None` without entries.
    pub fn percentile(&self, share: f64) -> Option<Nanos> {
        let rank = ((self.total() as f64 * share).ceil() as u64).max(1);
        let mut seen = 0_u64;
        let found = self.entries.iter().find(|(_, count)| {
            seen = seen.saturating_add(*count);
            seen >= rank
        });
        found.or(self.entries.last()).map(|(time, _)| *time)
    }

    /// Sorts, joins equal times, and then neighbours until there are few enough.
    fn settle(&mut self) {
        self.entries.sort_unstable();
        self.join(0.0);
        let mut tolerance = 1.0 / 256.0;
        while self.entries.len() > MOST_ENTRIES {
            self.join(tolerance);
            tolerance *= 2.0;
        }
    }

    /// Joins each entry to those after it that are at most by `tolerance` (a share of the time) larger than the first.
    fn join(&mut self, tolerance: f64) {
        let mut joined: Vec<(Nanos, u64)> = Vec::with_capacity(self.entries.len());
        let (mut first, mut sum, mut count) = (Nanos(0), 0_i128, 0_u64);
        for (time, more) in self.entries.drain(..) {
            let far = (time.0 - first.0) as f64 > first.0 as f64 * tolerance;
            if count > 0 && far {
                joined.push(rounded((mean(sum, count), count)));
                (sum, count) = (0, 0);
            }
            if count == 0 {
                first = time;
            }
            sum += i128::from(time.0) * i128::from(more);
            count = count.saturating_add(more);
        }
        if count > 0 {
            joined.push(rounded((mean(sum, count), count)));
        }
        self.entries = joined;
    }
}

fn mean(sum: i128, count: u64) -> Nanos {
    Nanos(i64::try_from(sum / i128::from(count.max(1))).unwrap_or(i64::MAX))
}

fn rounded((time, count): (Nanos, u64)) -> (Nanos, u64) {
    let time = time.0.max(0);
    (Nanos(time.saturating_add(ROUND / 2) / ROUND * ROUND), count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_times_stay_as_they_are() {
        let histogram = Histogram::new([(Nanos::millis(30), 1), (Nanos(1_400_000), 2), (Nanos(-5), 1), (Nanos(0), 0)]);
        assert_eq!(histogram.entries(), [(Nanos(0), 1), (Nanos::millis(1), 2), (Nanos::millis(30), 1)]);
        assert_eq!(histogram.total(), 4);
        assert_eq!(histogram.percentile(0.5), Some(Nanos::millis(1)));
        assert_eq!(histogram.percentile(0.75), Some(Nanos::millis(1)));
        assert_eq!(histogram.percentile(0.76), Some(Nanos::millis(30)));
        assert_eq!((histogram.percentile(0.0), histogram.percentile(1.0)), (Some(Nanos(0)), Some(Nanos::millis(30))));
        assert_eq!(Histogram::default().percentile(0.5), None);
    }

    #[test]
    fn a_load_counts_each_request_once() {
        let mut load = Load::default();
        for outcome in [Outcome::Ok, Outcome::Fault, Outcome::Throttle, Outcome::Error, Outcome::Ok] {
            load.add(outcome, Nanos::millis(10));
        }
        let mut both = load.clone();
        both.merge(&load);
        assert_eq!((both.ok, both.error, both.throttle, both.fault), (4, 2, 2, 2));
        assert_eq!((both.total(), both.times.total(), both.mean()), (10, 10, Some(Nanos::millis(10))));
        assert_eq!(
            (both.worst(), Load::default().worst(), Load::default().mean()),
            (Outcome::Fault, Outcome::Ok, None)
        );
    }

    proptest! {
        #[test]
        fn no_count_is_lost_and_percentiles_stay_near(times in prop::collection::vec((1_i64..100_000, 1_u64..5), 1..3000), share in 0.0..1.0_f64) {
            let mut histogram = Histogram::default();
            let mut all: Vec<i64> = Vec::new();
            for (time, count) in &times {
                histogram.add(Nanos::millis(*time), *count);
                all.extend((0..*count).map(|_| *time));
            }
            all.sort_unstable();
            prop_assert_eq!(histogram.total(), all.len() as u64);
            prop_assert!(histogram.entries().len() <= 2 * MOST_ENTRIES);
            prop_assert!(histogram.entries().windows(2).all(|pair| pair[0].0 < pair[1].0));
            let rank = ((all.len() as f64 * share).ceil() as usize).max(1) - 1;
            let (true_ms, found) = (all[rank] as f64, histogram.percentile(share).unwrap().0 as f64 / 1e6);
            prop_assert!((found - true_ms).abs() <= true_ms * 0.05 + 1.0, "{} for {}", found, true_ms);
        }

        #[test]
        fn merging_counts_all(parts in prop::collection::vec(prop::collection::vec((0_i64..1_000_000, 1_u64..9), 0..50), 0..30)) {
            let mut merged = Histogram::default();
            for part in &parts {
                merged.merge(&Histogram::new(part.iter().map(|(time, count)| (Nanos::millis(*time), *count))));
            }
            let total: u64 = parts.iter().flatten().map(|(_, count)| count).sum();
            prop_assert_eq!(merged.total(), total);
        }
    }
}
