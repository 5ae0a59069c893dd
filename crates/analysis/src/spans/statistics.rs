//! What the spans of one key have in sum and in the middle.

use model::{Outcome, SpanIx};

use super::{
    Spans, share,
    sorted::{Entry, groups, median, sorted},
};

/// The numbers of the spans of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// What the spans have in common.
    pub key: u32,
    /// How many they are.
    pub count: u32,
    /// Nanoseconds of their durations together; spans that run at once, or under one another, count each.
    pub total: i64,
    /// Nanoseconds of their self times together.
    pub self_time: i64,
    /// Nanoseconds of the shortest one.
    pub min: i64,
    /// Nanoseconds of the one in the middle; between two middles their mean.
    pub median: i64,
    /// Nanoseconds of the longest one.
    pub max: i64,
    /// The longest one; of equals the first.
    pub longest: SpanIx,
    /// Their self times in thousandths of those of the whole trace.
    pub share: u32,
    /// How many were the client's mistake.
    pub errors: u32,
    /// How many were the server's failure.
    pub faults: u32,
    /// How many were turned away for asking too often.
    pub throttles: u32,
    /// How many have no known end, so that their durations are too short.
    pub in_progress: u32,
}

impl Statistic {
    /// Nanoseconds of an average duration, rounded down.
    pub fn mean(&self) -> i64 {
        self.total / i64::from(self.count.max(1))
    }
}

/// A line for each key, in ascending order of keys. `self_times` are those of
/// [`self_time::self_times`](super::self_time::self_times).
///
/// Placeholders, spans whose key is [`LEFT_OUT`](super::LEFT_OUT) and spans without key are left out; the shares of the
/// others do not grow by that. Sums beyond 292 years count as these. O(n log n).
pub fn statistics(spans: &Spans, self_times: &[i64], key: &[u32]) -> Vec<Statistic> {
    let whole = self_times.iter().fold(0, |sum: i64, time| sum.saturating_add(*time));
    let by_key = sorted(
        spans
            .keyed(key)
            // The last of equals is the first span.
            .map(|(span, key)| (key, spans.duration(span), -i64::from(span), span))
            .collect(),
    );
    groups(&by_key).map(|group| statistic(spans, self_times, whole, group)).collect()
}

/// The line of one key's spans, the shortest first; they are at least one.
fn statistic(spans: &Spans, self_times: &[i64], whole: i64, group: &[Entry]) -> Statistic {
    let (first, last) = (group[0], group[group.len() - 1]);
    let mut line = Statistic {
        key: first.0,
        count: group.len() as u32,
        total: 0,
        self_time: 0,
        min: first.1,
        median: median(group),
        max: last.1,
        longest: last.3,
        share: 0,
        errors: 0,
        faults: 0,
        throttles: 0,
        in_progress: 0,
    };
    for &(_, duration, _, span) in group {
        line.total = line.total.saturating_add(duration);
        line.self_time = line.self_time.saturating_add(self_times.get(span as usize).copied().unwrap_or(0));
        let class = spans.class(span);
        match class.outcome {
            Outcome::Ok => (),
            Outcome::Error => line.errors += 1,
            Outcome::Fault => line.faults += 1,
            Outcome::Throttle => line.throttles += 1,
        }
        line.in_progress += u32::from(class.is_in_progress);
    }
    line.share = share(line.self_time, whole);
    line
}
