//! The one sort of this room: each further type that is sorted brings kilobytes of code into the page.

/// What is sorted by: a group, two values, and a place that makes the order total.
pub(super) type Entry = (u32, i64, i64, u32);

/// Entries in ascending order.
#[inline(never)]
pub(super) fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_unstable();
    entries
}

/// The entries of each group, group by group.
pub(super) fn groups(sorted: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    sorted.chunk_by(|one, other| one.0 == other.0)
}

/// The middle of the first values of entries sorted by them; between two middles the mean. 0 of nothing.
pub(super) fn median(sorted: &[Entry]) -> i64 {
    let value = |place: usize| sorted.get(place).map_or(0, |entry| entry.1);
    let (lower, upper) = (value(sorted.len().saturating_sub(1) / 2), value(sorted.len() / 2));
    lower + (upper - lower) / 2
}
