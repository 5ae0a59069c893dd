//! Time with its idle gaps shortened.

use crate::{gaps::Gap, scale::Window};

/// However many gaps there are, they take no more than this share of the shown time together.
const MOST_SHARE: f64 = 0.5;

/// A map from a trace's times to shown times and back, both in nanoseconds after the trace's start.
///
/// Outside the gaps shown time runs as fast as time does, so that differences of times and lengths of bars stay true;
/// only a gap runs faster. It never runs backwards. Times before the first gap are shown as they are.
#[derive(Clone, Debug, Default)]
pub struct Warp {
    bends: Vec<Bend>,
}

/// A gap, and what is shown for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bend {
    /// The gap.
    pub gap: Gap,
    /// Where it starts in shown time, in nanoseconds.
    pub shown_start: i64,
    /// Where it ends in shown time, in nanoseconds; after its start.
    pub shown_end: i64,
}

impl Warp {
    /// The map in which each gap has a share of all the time shown for `whole`: 0.02 makes it a fiftieth. No gap is made
    /// longer than it is, none shorter than a nanosecond, and together they get no more than half.
    ///
    /// Gaps are ascending and apart from each other; one that is not, or not inside `whole`, is left as it is.
    pub fn new(whole: Window, gaps: &[Gap], share: f64) -> Self {
        let (mut reached, mut bends) = (whole.start(), Vec::new());
        for &gap in gaps {
            if reached <= gap.start && gap.start < gap.end && gap.end <= whole.end() {
                bends.push(Bend { gap, shown_start: 0, shown_end: 0 });
                reached = gap.end;
            }
        }
        let idle: i64 = bends.iter().map(|bend| bend.gap.length()).fold(0, i64::saturating_add);
        let busy = whole.length().saturating_sub(idle) as f64;
        let count = bends.len() as f64;
        // Of a shown total of busy + count × length, a length is the share.
        let share = crate::clamp(share, 0.0, MOST_SHARE / count);
        let length = (busy * share / (1.0 - count * share)).round() as i64;
        let mut shortened = 0;
        for bend in &mut bends {
            let shown = length.min(bend.gap.length()).max(1);
            bend.shown_start = bend.gap.start.saturating_sub(shortened);
            bend.shown_end = bend.shown_start.saturating_add(shown);
            shortened = bend.gap.end.saturating_sub(bend.shown_end);
        }
        Self { bends }
    }

    /// The gaps and what is shown for them, in their order.
    pub fn bends(&self) -> &[Bend] {
        &self.bends
    }

    /// The shown time of a time, both in nanoseconds. O(log gaps).
    pub fn shown(&self, time: i64) -> i64 {
        let passed = self.bends.partition_point(|bend| bend.gap.start <= time);
        let Some(Bend { gap, shown_start, shown_end }) = self.before(passed) else { return time };
        let length = shown_end.saturating_sub(shown_start);
        along((gap.start, gap.length()), (shown_start, length), time)
    }

    /// The time that is shown at a shown time, both in nanoseconds. O(log gaps).
    ///
    /// It undoes [`Self::shown`]: exactly outside gaps, and in them to a nanosecond of shown time.
    pub fn time(&self, shown: i64) -> i64 {
        let passed = self.bends.partition_point(|bend| bend.shown_start <= shown);
        let Some(Bend { gap, shown_start, shown_end }) = self.before(passed) else { return shown };
        let length = shown_end.saturating_sub(shown_start);
        along((shown_start, length), (gap.start, gap.length()), shown)
    }

    /// What is shown for a stretch of time.
    pub fn shown_window(&self, window: Window) -> Window {
        Window::new(self.shown(window.start()), self.shown(window.end()))
    }

    /// The stretch of time that is shown in a window of shown time.
    pub fn time_window(&self, shown: Window) -> Window {
        Window::new(self.time(shown.start()), self.time(shown.end()))
    }

    fn before(&self, passed: usize) -> Option<Bend> {
        self.bends[..passed].last().copied()
    }
}

/// Where one stretch, given by start and length, is when another is at `at`; as fast as that one after its end.
fn along(from: (i64, i64), to: (i64, i64), at: i64) -> i64 {
    let since = at.saturating_sub(from.0);
    let passed = if since >= from.1 {
        since.saturating_sub(from.1).saturating_add(to.1)
    } else {
        ((since as f64 * (to.1 as f64 / from.1 as f64)).round() as i64).min(to.1)
    };
    to.0.saturating_add(passed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gap(start: i64, end: i64) -> Gap {
        Gap { start, end }
    }

    #[test]
    fn a_gap_gets_its_share() {
        let warp = Warp::new(Window::new(0, 10_098), &[gap(40, 10_040)], 0.02);
        let shown: Vec<i64> = [0, 40, 5_040, 10_040, 10_098, -5, 10_100].iter().map(|time| warp.shown(*time)).collect();
        assert_eq!(shown, [0, 40, 41, 42, 100, -5, 102], "98 busy ones and 2 of 100 for the gap");
        assert_eq!([0, 40, 41, 42, 100].map(|shown| warp.time(shown)), [0, 40, 5_040, 10_040, 10_098]);
        assert_eq!(warp.shown_window(Window::new(0, 10_098)), Window::new(0, 100));
        assert_eq!(warp.time_window(Window::new(40, 100)), Window::new(40, 10_098));
    }

    #[test]
    fn without_gaps_nothing_changes() {
        for warp in [Warp::default(), Warp::new(Window::new(0, 100), &[], 0.02)] {
            assert!([i64::MIN, -1, 0, 77, i64::MAX].iter().all(|time| warp.shown(*time) == *time));
            assert!([i64::MIN, -1, 0, 77, i64::MAX].iter().all(|time| warp.time(*time) == *time));
        }
    }

    #[test]
    fn many_gaps_take_half_and_what_is_no_gap_nothing() {
        let gaps: Vec<Gap> = (0..100).map(|number| gap(number * 1_000 + 10, number * 1_000 + 1_000)).collect();
        let warp = Warp::new(Window::new(0, 100_000), &gaps, 0.02);
        assert_eq!(warp.shown(100_000), 2_000);
        let odd = [gap(-5, 10), gap(20, 30), gap(25, 40), gap(50, 50), gap(90, 101)];
        let warp = Warp::new(Window::new(0, 100), &odd, 0.02);
        assert_eq!(warp.bends().iter().map(|bend| bend.gap).collect::<Vec<_>>(), [gap(20, 30)]);
        let idle = Warp::new(Window::new(0, 100), &[gap(0, 100)], 0.02);
        assert_eq!((idle.shown(0), idle.shown(100), idle.time(1)), (0, 1, 100));
    }

    proptest! {
        #[test]
        fn it_is_monotone_and_can_be_undone(
            lengths in prop::collection::vec(1..1_000_000_000_000_i64, 1..30),
            share in 0.0..0.1_f64,
            times in prop::collection::vec(0.0..1.0_f64, 1..40),
        ) {
            let ends: Vec<i64> = lengths.iter().scan(0, |end, length| { *end += length; Some(*end) }).collect();
            let whole = Window::new(0, ends[ends.len() - 1]);
            let gaps: Vec<Gap> = ends.chunks_exact(2).map(|ends| gap(ends[0], ends[1])).collect();
            let warp = Warp::new(whole, &gaps, share);
            let mut times: Vec<i64> = times.iter().map(|at| (at * whole.length() as f64) as i64).collect();
            times.extend(gaps.iter().flat_map(|gap| [gap.start - 1, gap.start, gap.start + 1, gap.end - 1, gap.end, gap.end + 1]));
            times.sort_unstable();
            for pair in times.windows(2) {
                let gained = warp.shown(pair[1]) - warp.shown(pair[0]);
                prop_assert!(gained >= 0 && gained <= pair[1] - pair[0]);
            }
            for &time in &times {
                let shown = warp.shown(time);
                let back = warp.time(shown);
                let inside = warp.bends().iter().find(|bend| bend.gap.start < time && time < bend.gap.end);
                match inside {
                    None => prop_assert_eq!(back, time),
                    Some(bend) => {
                        let speed = bend.gap.length() as f64 / (bend.shown_end - bend.shown_start) as f64;
                        prop_assert!((back - time).abs() as f64 <= speed / 2.0 + 1.0);
                        prop_assert!((warp.shown(back) - shown).abs() <= 1);
                    }
                }
            }
        }

        #[test]
        fn no_times_break_it(
            bounds in any::<(i64, i64)>(), gaps in prop::collection::vec(any::<(i64, i64)>(), 0..5), share in any::<f64>(), time in any::<i64>(),
        ) {
            let mut gaps: Vec<Gap> = gaps.into_iter().map(|(start, end)| gap(start, end)).collect();
            gaps.sort_unstable_by_key(|gap| gap.start);
            let warp = Warp::new(Window::new(bounds.0, bounds.1), &gaps, share);
            prop_assert!(warp.shown(time) <= warp.shown(time.saturating_add(5)));
            prop_assert!(warp.time(time) <= warp.time(time.saturating_add(5)));
        }
    }
}
