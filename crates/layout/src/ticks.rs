//! Where a ruler of time has its ticks: steps that people count in, from a nanosecond to years.

use crate::{
    gaps::Gap,
    scale::{Bar, Place, Scale, Window},
    warp::Warp,
};

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The steps between a second and a day; on both sides of them people count by ones, twos and fives.
const CLOCK_STEPS: [i64; 17] = [
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
];

/// The ticks of a ruler: multiples of a round step, counted from the trace's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// From one tick to the next, in nanoseconds.
    pub step: i64,
    window: Window,
}

impl Ticks {
    /// The ticks of a scale, as many as there are with at least `gap_px` between them.
    pub fn new(scale: Scale, gap_px: f64) -> Self {
        let window = scale.window();
        let least = window.length() as f64 * gap_px.max(1.0) / scale.width_px();
        Self { step: round_step(least), window }
    }

    /// The ticks' times in the window, in nanoseconds after the trace's start.
    pub fn times(self) -> impl Iterator<Item = i64> {
        multiples(self.step, self.window.start(), self.window.end())
    }
}

/// The ticks of a ruler of which idle gaps are shortened.
#[derive(Clone, PartialEq, Debug)]
pub struct WarpedTicks {
    /// From one tick to the next where time is not shortened, in nanoseconds.
    pub step: i64,
    /// The ticks, ascending; none inside a gap.
    pub ticks: Vec<Tick>,
    /// The gaps in the window, ascending.
    pub breaks: Vec<Break>,
}

/// A tick of a ruler of which idle gaps are shortened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tick {
    /// The time to write at it, in nanoseconds after the trace's start.
    pub time: i64,
    /// Where it stands, in shown time: nanoseconds, for [`Scale::x_px`].
    pub shown: i64,
}

/// Where a ruler leaves time out.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Break {
    /// The gap, also what of it is beyond the window; its length is what to write at it.
    pub gap: Gap,
    /// Its place, in pixels from the left edge.
    pub bar: Bar,
}

impl WarpedTicks {
    /// The ticks of a scale of shown time, with at least `gap_px` between them.
    ///
    /// In each busy stretch they are multiples of one round step, counted from the trace's start. A stretch too short to
    /// have any has one at its roundest time, for the ones beside it say little about it.
    pub fn new(warp: &Warp, scale: Scale, gap_px: f64) -> Self {
        let shown = scale.window();
        let step = Ticks::new(scale, gap_px).step;
        let mut found = Self { step, ticks: Vec::new(), breaks: Vec::new() };
        let (mut from, end) = (warp.time(shown.start()), warp.time(shown.end()));
        for bend in warp.bends() {
            if bend.shown_end <= shown.start() || bend.shown_start >= shown.end() {
                continue;
            }
            if let Place::Within(bar) = scale.bar(bend.shown_start, bend.shown_end, 0.0) {
                found.breaks.push(Break { gap: bend.gap, bar });
            }
            found.add(warp, scale, gap_px, (from, bend.gap.start));
            from = bend.gap.end;
        }
        found.add(warp, scale, gap_px, (from, end));
        found
    }

    /// The ticks of a stretch of busy time, as far as there is room.
    fn add(&mut self, warp: &Warp, scale: Scale, gap_px: f64, (from, to): (i64, i64)) {
        if from > to {
            return;
        }
        let finer = || steps().take_while(|step| *step < self.step).filter(|step| has_multiple(*step, from, to));
        let step = if has_multiple(self.step, from, to) { self.step } else { finer().last().unwrap_or(1) };
        for time in multiples(step, from, to) {
            let shown = warp.shown(time);
            // A pixel's fraction may be rounded off.
            let has_room = |last: &Tick| scale.x_px(shown) - scale.x_px(last.shown) >= gap_px - 0.01;
            if self.ticks.last().is_none_or(has_room) {
                self.ticks.push(Tick { time, shown });
            }
        }
    }
}

/// The multiples of a step from one time to another, both included.
fn multiples(step: i64, from: i64, to: i64) -> impl Iterator<Item = i64> {
    let first = from.div_euclid(step) + i64::from(from.rem_euclid(step) != 0);
    (first..).map_while(move |number| number.checked_mul(step).filter(|time| *time <= to))
}

fn has_multiple(step: i64, from: i64, to: i64) -> bool {
    multiples(step, from, to).next().is_some()
}

/// The smallest round step of at least that many nanoseconds.
fn round_step(least: f64) -> i64 {
    steps().find(|step| *step as f64 >= least).unwrap_or(i64::MAX)
}

/// All round steps, ascending, in nanoseconds.
fn steps() -> impl Iterator<Item = i64> {
    decades(1, SECOND).chain(CLOCK_STEPS).chain(decades(DAY, i64::MAX))
}

/// 1, 2, 5, 10, 20, 50 … times `unit`, below `limit`.
fn decades(unit: i64, limit: i64) -> impl Iterator<Item = i64> {
    std::iter::successors(Some(unit), |decade| decade.checked_mul(10))
        .flat_map(|decade| [1, 2, 5].map(|factor| decade.checked_mul(factor)))
        .map_while(move |step| step.filter(|step| *step < limit))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// Draws the ruler of each window, one character a pixel, at least ten pixels between ticks.
    fn check(windows: &[(i64, i64)], expected: &Expect) {
        let mut picture = String::new();
        for &(start, end) in windows {
            let scale = Scale::new(Window::new(start, end), 60.0);
            let ticks = Ticks::new(scale, 10.0);
            let mut line = vec!['─'; 61];
            for time in ticks.times() {
                line[scale.x_px(time).round() as usize] = '┬';
            }
            let times: Vec<String> = ticks.times().map(|time| time.to_string()).collect();
            let line: String = line.into_iter().collect();
            writeln!(picture, "{line}\n  step {} at {}", ticks.step, times.join(" ")).unwrap();
        }
        expected.assert_eq(&picture);
    }

    #[test]
    fn from_nanoseconds() {
        check(
            &[(0, 1), (0, 7), (0, 90), (1_000_000_035, 1_000_000_095)],
            &expect![[r#"
            ┬───────────────────────────────────────────────────────────┬
              step 1 at 0 1
            ┬────────────────┬────────────────┬────────────────┬─────────
              step 2 at 0 2 4 6
            ┬────────────┬─────────────┬────────────┬────────────┬───────
              step 20 at 0 20 40 60 80
            ─────┬─────────┬─────────┬─────────┬─────────┬─────────┬─────
              step 10 at 1000000040 1000000050 1000000060 1000000070 1000000080 1000000090
        "#]],
        );
    }

    #[test]
    fn to_hours_and_days() {
        check(
            &[
                (0, 1_240_000_000),
                (400_000_000, 900_000_000),
                (0, 75 * SECOND),
                (0, 20 * MINUTE),
                (0, 5 * HOUR),
                (0, 3 * DAY),
                (0, 400 * DAY),
            ],
            &expect![[r#"
                ┬───────────────────────┬───────────────────────┬────────────
                  step 500000000 at 0 500000000 1000000000
                ┬───────────┬───────────┬───────────┬───────────┬───────────┬
                  step 100000000 at 400000000 500000000 600000000 700000000 800000000 900000000
                ┬───────────┬───────────┬───────────┬───────────┬───────────┬
                  step 15000000000 at 0 15000000000 30000000000 45000000000 60000000000 75000000000
                ┬──────────────┬──────────────┬──────────────┬──────────────┬
                  step 300000000000 at 0 300000000000 600000000000 900000000000 1200000000000
                ┬───────────┬───────────┬───────────┬───────────┬───────────┬
                  step 3600000000000 at 0 3600000000000 7200000000000 10800000000000 14400000000000 18000000000000
                ┬─────────┬─────────┬─────────┬─────────┬─────────┬─────────┬
                  step 43200000000000 at 0 43200000000000 86400000000000 129600000000000 172800000000000 216000000000000 259200000000000
                ┬──────────────┬──────────────┬──────────────┬──────────────┬
                  step 8640000000000000 at 0 8640000000000000 17280000000000000 25920000000000000 34560000000000000
            "#]],
        );
    }

    #[test]
    fn before_the_start() {
        check(
            &[(-25, 35)],
            &expect![[r#"
            ─────┬─────────┬─────────┬─────────┬─────────┬─────────┬─────
              step 10 at -20 -10 0 10 20 30
        "#]],
        );
    }

    /// Draws the ruler with its gaps, one character a pixel, at least ten pixels between ticks.
    fn check_warped(gaps: &[(i64, i64)], windows: &[(i64, i64)], expected: &Expect) {
        let gaps: Vec<Gap> = gaps.iter().map(|&(start, end)| Gap { start, end }).collect();
        let warp = Warp::new(Window::new(0, 100_000), &gaps, 0.05);
        let mut picture = String::new();
        for &(start, end) in windows {
            let scale = Scale::new(warp.shown_window(Window::new(start, end)), 60.0);
            let ruler = WarpedTicks::new(&warp, scale, 10.0);
            let mut line = vec!['─'; 61];
            for Break { bar, .. } in &ruler.breaks {
                let from = bar.x_px.round() as usize;
                line[from..=from + bar.width_px.round() as usize].fill('╱');
            }
            for tick in &ruler.ticks {
                line[scale.x_px(tick.shown).round() as usize] = '┬';
            }
            let times: Vec<String> = ruler.ticks.iter().map(|tick| tick.time.to_string()).collect();
            let lengths: Vec<String> = ruler.breaks.iter().map(|found| found.gap.length().to_string()).collect();
            let line: String = line.into_iter().collect();
            let (times, lengths) = (times.join(" "), lengths.join(" "));
            writeln!(picture, "{line}\n  step {} at {times}; without {lengths}", ruler.step).unwrap();
        }
        expected.assert_eq(&picture);
    }

    #[test]
    fn gaps_are_left_out() {
        check_warped(
            &[(1_000, 50_000), (50_777, 98_000)],
            &[(0, 100_000), (500, 50_700), (30_000, 99_000), (20_000, 30_000)],
            &expect![[r#"
                ┬─────────────┬╱╱╱──────────╱╱╱┬──────────────┬─────────────┬
                  step 1000 at 0 1000 98000 99000 100000; without 49000 47223
                ┬────────────────────┬╱╱╱╱╱╱╱╱╱────────────────────┬─────────
                  step 500 at 500 1000 50500; without 49000
                ╱╱┬──────────────┬───────╱╱╱╱╱╱┬──────────────┬─────────────┬
                  step 500 at 50000 50500 98000 98500 99000; without 49000 47223
                ╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱╱
                  step 10 at ; without 49000
            "#]],
        );
    }

    proptest! {
        #[test]
        fn warped_ticks_keep_their_distance(
            lengths in prop::collection::vec(1..1_000_000_000_000_i64, 1..20),
            a in 0.0..1.0_f64, b in 0.0..1.0_f64, width in 1.0..4_000.0_f64, gap in 1.0..200.0_f64,
        ) {
            let ends: Vec<i64> = lengths.iter().scan(0, |end, length| { *end += length; Some(*end) }).collect();
            let whole = Window::new(0, ends[ends.len() - 1]);
            let gaps: Vec<Gap> = ends.chunks_exact(2).map(|ends| Gap { start: ends[0], end: ends[1] }).collect();
            let warp = Warp::new(whole, &gaps, 0.02);
            let shown = warp.shown_window(whole);
            let at = |share: f64| (shown.length() as f64 * share) as i64;
            let scale = Scale::new(Window::new(at(a.min(b)), at(a.max(b))), width);
            let ruler = WarpedTicks::new(&warp, scale, gap);
            for pair in ruler.ticks.windows(2) {
                prop_assert!(scale.x_px(pair[1].shown) - scale.x_px(pair[0].shown) >= gap - 0.02);
            }
            for tick in &ruler.ticks {
                prop_assert_eq!(warp.shown(tick.time), tick.shown);
                prop_assert!((scale.window().start()..=scale.window().end()).contains(&tick.shown));
                prop_assert!(!gaps.iter().any(|gap| gap.start < tick.time && tick.time < gap.end));
            }
            let plain = WarpedTicks::new(&Warp::default(), scale, gap);
            let times: Vec<i64> = plain.ticks.iter().map(|tick| tick.time).collect();
            let expected: Vec<i64> = Ticks::new(scale, gap).times().collect();
            prop_assert!(plain.breaks.is_empty() && (expected.is_empty() || times == expected));
        }

        #[test]
        fn ticks_are_few_round_and_inside(
            start in any::<i64>(), length in 1..i64::MAX, width in 1.0..4_000.0_f64, gap in 1.0..200.0_f64,
        ) {
            let window = Window::new(start, start.saturating_add(length));
            let scale = Scale::new(window, width);
            let ticks = Ticks::new(scale, gap);
            let times: Vec<i64> = ticks.times().collect();
            prop_assert!(times.len() as f64 <= width / gap + 2.0);
            for time in &times {
                prop_assert!((window.start()..=window.end()).contains(time));
                prop_assert_eq!(time % ticks.step, 0);
            }
        }
    }
}
