//! Who the critical path's time belongs to.

use model::SpanIx;

use super::{
    key_of,
    path::CriticalPath,
    share,
    sorted::{Entry, groups, sorted},
};

/// The part that the spans of one key have in a critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contributor {
    /// What its spans have in common.
    pub key: u32,
    /// Nanoseconds on the path.
    pub time: i64,
    /// How many of its spans are on the path.
    pub spans: u32,
    /// Its span with the longest single piece; of equals the first.
    pub longest: SpanIx,
    /// Nanoseconds of that piece.
    pub longest_time: i64,
    /// Its time in thousandths of the entry's duration.
    pub share: u32,
}

/// Sums a path by a key for each span, those with the most time first, those of equal time by key. Spans whose key is
/// [`LEFT_OUT`](super::LEFT_OUT), or that have none, are left out; the shares of the others do not grow by that.
/// O(n + p log p) for n spans of which p are on the path.
pub fn contributors(path: &CriticalPath, key: &[u32]) -> Vec<Contributor> {
    let spans = 0..key.len() as SpanIx;
    let by_key = sorted(spans.filter_map(|span| entry(path, span, key_of(key, span)?)).collect());
    let summed: Vec<Contributor> = groups(&by_key).map(|spans| contributor(path, spans)).collect();
    let ranked = summed.iter().enumerate().map(|(place, one)| (0, !one.time, i64::from(one.key), place as u32));
    sorted(ranked.collect()).into_iter().map(|(.., place)| summed[place as usize]).collect()
}

/// A span that is on the path: its longest piece, the longest first, and all its time.
fn entry(path: &CriticalPath, span: SpanIx, key: u32) -> Option<Entry> {
    let longest = path.of(span).iter().map(|&number| path.pieces()[number as usize].duration()).max()?;
    // A number's bits turned over turn the order around.
    Some((key, !longest, path.time(span), span))
}

/// The sum of one key's spans, of which there is at least one.
fn contributor(path: &CriticalPath, spans: &[Entry]) -> Contributor {
    let (key, longest_reversed, _, _) = spans[0];
    // Of equal pieces that of the first span: the time of a span's other pieces must not decide.
    let longest = spans.iter().filter(|span| span.1 == longest_reversed).map(|span| span.3).min().unwrap_or_default();
    let time = spans.iter().map(|span| span.2).sum();
    Contributor {
        key,
        time,
        spans: spans.len() as u32,
        longest,
        longest_time: !longest_reversed,
        share: share(time, path.duration()),
    }
}
