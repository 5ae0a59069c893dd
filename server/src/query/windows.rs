//! A time range cut into windows that X-Ray answers.

use model::{Moment, Nanos};

/// The X-Ray console asks for six hours at most, and so do we.
pub(super) const LONGEST: Nanos = Nanos::seconds(6 * 3600);
/// A range is cut into at most so many windows; longer ranges have longer windows.
const MOST: i64 = 400;

/// The windows of a range, newest first; together they are the range, and none overlap.
pub(super) fn windows(from: Moment, to: Moment) -> Vec<(Moment, Moment)> {
    let range = i128::from(to.0) - i128::from(from.0);
    let length = Nanos(LONGEST.0.max((range / i128::from(MOST)) as i64));
    let mut windows = Vec::new();
    let mut end = to;
    while end > from {
        let start = Moment((end - length).0.max(from.0));
        windows.push((start, end));
        end = start;
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(count: i64) -> Moment {
        Moment(count * 3600 * model::time::SECOND)
    }

    #[test]
    fn windows_are_the_range_newest_first() {
        assert_eq!(windows(hours(0), hours(1)), [(hours(0), hours(1))]);
        assert_eq!(windows(hours(0), hours(14)), [(hours(8), hours(14)), (hours(2), hours(8)), (hours(0), hours(2))]);
        assert_eq!(windows(hours(1), hours(1)), []);
        assert!(windows(hours(-2_000_000), hours(500_000)).len() <= 401);
        assert!(windows(Moment(i64::MIN), Moment(i64::MAX)).len() <= 401);
    }
}
