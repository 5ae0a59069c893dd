//! Where a ruler of time has its ticks: steps that people count in, from a nanosecond to years.

use crate::scale::{Scale, Window};

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
        let floor = self.window.start().div_euclid(self.step);
        let first = floor + i64::from(self.window.start().rem_euclid(self.step) != 0);
        let step = self.step;
        let end = self.window.end();
        (first..).map_while(move |number| number.checked_mul(step).filter(|time| *time <= end))
    }
}

/// The smallest round step of at least that many nanoseconds.
fn round_step(least: f64) -> i64 {
    let below = decades(1, SECOND);
    let above = decades(DAY, i64::MAX);
    below.chain(CLOCK_STEPS).chain(above).find(|step| *step as f64 >= least).unwrap_or(i64::MAX)
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

    proptest! {
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
