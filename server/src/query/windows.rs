//! A time range cut into windows: at most as long as X-Ray answers, newest first, and at places that do not depend on who
//! asks when, so that what is known of one question serves the next.

use model::{Moment, Nanos, time::SECOND};

/// A part of a range: start inclusive, end exclusive.
pub(super) type Window = (Moment, Moment);

/// A range is cut into at most so many windows; longer ranges have longer windows.
const MOST: i64 = 400;

/// Lengths of windows that fit into one another, in seconds.
pub(super) const LADDER: [i64; 9] = [21_600, 10_800, 7_200, 3_600, 1_800, 900, 300, 60, 10];

/// The longest windows for a range, which an operation answers up to `longest`.
pub(super) fn length(from: Moment, to: Moment, longest: Nanos) -> Nanos {
    let range = i128::from(to.0) - i128::from(from.0);
    let least = (range / i128::from(MOST)) as i64;
    if least <= longest.0 {
        return longest;
    }
    // Beyond what X-Ray answers; whole multiples keep their places.
    Nanos(longest.0.saturating_mul(least / longest.0 + 1))
}

/// The window of this length that ends at `end`, or earlier where a place to cut comes first.
pub(super) fn before(end: Moment, from: Moment, length: Nanos) -> Window {
    let length = length.0.max(SECOND);
    let start = (end.0.saturating_sub(1)).div_euclid(length).saturating_mul(length);
    (Moment(start.max(from.0)), end)
}

/// The windows of a range, newest first; together they are the range, and none overlap.
pub(super) fn windows(from: Moment, to: Moment, longest: Nanos) -> Vec<Window> {
    let length = length(from, to, longest);
    let mut windows = Vec::new();
    let mut end = to;
    while end > from {
        let window = before(end, from, length);
        windows.push(window);
        end = window.0;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: i64) -> Moment {
        Moment(count * 3600 * SECOND)
    }

    const SIX: Nanos = Nanos::seconds(6 * 3600);

    #[test]
    fn windows_are_the_range_newest_first() {
        let windows = |from, to| windows(from, to, SIX);
        assert_eq!(windows(hours(0), hours(1)), [(hours(0), hours(1))]);
        assert_eq!(windows(hours(0), hours(14)), [(hours(12), hours(14)), (hours(6), hours(12)), (hours(0), hours(6))]);
        assert_eq!(windows(hours(5), hours(7)), [(hours(6), hours(7)), (hours(5), hours(6))]);
        assert_eq!(windows(hours(1), hours(1)), []);
        assert_eq!(windows(hours(0), hours(24 * 30)).len(), 120);
        assert!(windows(hours(-2_000_000), hours(500_000)).len() <= 402);
        assert!(windows(Moment(i64::MIN), Moment(i64::MAX)).len() <= 402);
    }

    #[test]
    fn shorter_windows_lie_within_longer_ones() {
        for pair in LADDER.windows(2) {
            assert!(pair[0] % pair[1] == 0 || pair[0] == 10_800, "{pair:?}");
        }
        assert_eq!(before(hours(7), hours(0), Nanos::seconds(1_800)), (Moment(hours(7).0 - 1_800 * SECOND), hours(7)));
    }
}
