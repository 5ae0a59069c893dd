//! A window of time and its pixels.
//!
//! Times are nanoseconds after the trace's start. The window's start is subtracted as an integer and only the rest
//! becomes a float: a nanosecond is still a nanosecond at the end of a day-long trace.

/// A stretch of time, from `start` to `end` in nanoseconds after the trace's start; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// The window between two times. What would be empty or run backwards becomes one nanosecond long.
    pub fn new(start: i64, end: i64) -> Self {
        let start = start.min(i64::MAX - 1);
        Self { start, end: end.max(start + 1) }
    }

    /// Its start, in nanoseconds after the trace's start.
    pub fn start(self) -> i64 {
        self.start
    }

    /// Its end, in nanoseconds after the trace's start.
    pub fn end(self) -> i64 {
        self.end
    }

    /// Its length in nanoseconds: at least 1.
    pub fn length(self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// The window moved by that many nanoseconds, as far as `whole` goes.
    pub fn panned(self, nanoseconds: i64, whole: Self) -> Self {
        let length = self.length().min(whole.length());
        let latest = whole.end - length;
        let start = self.start.saturating_add(nanoseconds).clamp(whole.start, latest.max(whole.start));
        Self::new(start, start + length)
    }

    /// The window made longer by `factor` (shorter, when below 1) around a time that stays where it is, as far as
    /// `whole` goes and no shorter than `least` nanoseconds.
    pub fn zoomed(self, around: i64, factor: f64, whole: Self, least: i64) -> Self {
        let least = least.clamp(1, whole.length());
        let length = crate::clamp((self.length() as f64 * factor).round(), least as f64, whole.length() as f64) as i64;
        let around = around.clamp(self.start, self.end);
        let share = (around - self.start) as f64 / self.length() as f64;
        let start = around - (share * length as f64).round() as i64;
        Self::new(start, start.saturating_add(length)).panned(0, whole)
    }

    /// The window moved and lengthened or shortened as little as it takes to lie in `whole` and to be at least `least`
    /// nanoseconds long.
    pub fn within(self, whole: Self, least: i64) -> Self {
        let length = self.length().max(least).min(whole.length());
        Self::new(self.start, self.start.saturating_add(length)).panned(0, whole)
    }
}

/// A window of time drawn on a width of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    window: Window,
    width_px: f64,
}

/// Where a bar lies, in pixels from the left edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// The left end.
    pub x_px: f64,
    /// The width, at least the asked one.
    pub width_px: f64,
    /// It begins before the window.
    pub cut_left: bool,
    /// It ends after the window.
    pub cut_right: bool,
}

/// Where a stretch of time is, seen from the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// It ends before the window starts.
    Before,
    /// Some of it, or all, can be seen.
    Within(Bar),
    /// It starts after the window ends.
    After,
}

/// Where a bar's label has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelSide {
    /// After the bar.
    Right,
    /// Before the bar.
    Left,
    /// On the bar, for it leaves no room beside it.
    Inside,
}

impl Scale {
    /// The scale that draws a window on a width in pixels; at least one pixel is assumed.
    pub fn new(window: Window, width_px: f64) -> Self {
        Self { window, width_px: width_px.max(1.0) }
    }

    /// The window.
    pub fn window(self) -> Window {
        self.window
    }

    /// The width in pixels.
    pub fn width_px(self) -> f64 {
        self.width_px
    }

    /// Where a time lies, in pixels from the left edge; beyond the edges too.
    pub fn x_px(self, time: i64) -> f64 {
        time.saturating_sub(self.window.start) as f64 * self.width_px / self.window.length() as f64
    }

    /// The time at a place, to the nearest nanosecond.
    pub fn time(self, x_px: f64) -> i64 {
        let since = (x_px * self.window.length() as f64 / self.width_px).round() as i64;
        self.window.start.saturating_add(since)
    }

    /// The window after a drag to the right by that many pixels: what was under the pointer still is, as far as `whole`
    /// goes.
    pub fn dragged(self, by_px: f64, whole: Window) -> Window {
        let by = (by_px * self.window.length() as f64 / self.width_px).round() as i64;
        self.window.panned(0_i64.saturating_sub(by), whole)
    }

    /// The window after two fingers have gone from two places to others, in pixels from the left edge: the times that
    /// were under them still are, as far as `whole` and `least` (in nanoseconds) allow.
    ///
    /// `self` is the scale from before the gesture, so that what is rounded off does not add up. Fingers count as at
    /// least a pixel apart.
    pub fn pinched(self, from_px: (f64, f64), to_px: (f64, f64), whole: Window, least: i64) -> Window {
        let apart = |places: (f64, f64)| (places.1 - places.0).abs().max(1.0);
        let middle = |places: (f64, f64)| f64::midpoint(places.0, places.1);
        let wanted = self.window.length() as f64 * apart(from_px) / apart(to_px);
        let least = least.min(whole.length()) as f64;
        let length = crate::clamp(wanted.round(), least, whole.length() as f64) as i64;
        let before = (middle(to_px) / self.width_px * length as f64).round() as i64;
        let start = self.time(middle(from_px)).saturating_sub(before);
        Window::new(start, start.saturating_add(length)).panned(0, whole)
    }

    /// The bar of a stretch of time, cut at the window's edges and at least `least_px` wide, so that nothing that
    /// happened in the window vanishes. The left end moves only where the right edge leaves no room.
    pub fn bar(self, start: i64, end: i64, least_px: f64) -> Place {
        let end = end.max(start);
        if start > self.window.end {
            return Place::After;
        }
        if end < self.window.start {
            return Place::Before;
        }
        let cut_left = start < self.window.start;
        let cut_right = end > self.window.end;
        let left = if cut_left { 0.0 } else { self.x_px(start) };
        let right = if cut_right { self.width_px } else { self.x_px(end) };
        let least_px = least_px.min(self.width_px);
        let width_px = (right - left).max(least_px);
        let x_px = left.min(self.width_px - width_px);
        Place::Within(Bar { x_px, width_px, cut_left, cut_right })
    }

    /// Where a label of that width goes beside a bar.
    pub fn label_side(self, bar: Bar, label_px: f64) -> LabelSide {
        if bar.x_px + bar.width_px + label_px <= self.width_px {
            LabelSide::Right
        } else if bar.x_px >= label_px {
            LabelSide::Left
        } else {
            LabelSide::Inside
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// Draws lines of `name start..end` in a window, one character a pixel.
    fn check(window: (i64, i64), spans: &str, expected: &Expect) {
        let scale = Scale::new(Window::new(window.0, window.1), 20.0);
        let mut picture = String::new();
        for line in spans.lines().filter(|line| !line.trim().is_empty()) {
            let (name, range) = line.trim().split_once(' ').unwrap();
            let (start, end) = range.trim().split_once("..").unwrap();
            let drawn = match scale.bar(start.parse().unwrap(), end.parse().unwrap(), 1.0) {
                Place::Before => "‹".to_owned(),
                Place::After => format!("{:>20}", "›"),
                Place::Within(bar) => {
                    let mut cells = vec!['█'; (bar.width_px.round() as usize).max(1)];
                    if bar.cut_left {
                        cells[0] = '◀';
                    }
                    if bar.cut_right {
                        *cells.last_mut().unwrap() = '▶';
                    }
                    " ".repeat(bar.x_px.round() as usize) + &cells.into_iter().collect::<String>()
                }
            };
            writeln!(picture, "{name:<8}|{drawn:<20}|").unwrap();
        }
        expected.assert_eq(&picture);
    }

    const SPANS: &str = "
        gateway 0..100
        auth 10..30
        orders 30..80
        tick 79..79
        last 100..100
    ";

    #[test]
    fn the_whole_trace() {
        check(
            (0, 100),
            SPANS,
            &expect![[r#"
                gateway |████████████████████|
                auth    |  ████              |
                orders  |      ██████████    |
                tick    |                █   |
                last    |                   █|
            "#]],
        );
    }

    #[test]
    fn a_part_of_it() {
        check(
            (40, 80),
            SPANS,
            &expect![[r#"
                gateway |◀██████████████████▶|
                auth    |‹                   |
                orders  |◀███████████████████|
                tick    |                   █|
                last    |                   ›|
            "#]],
        );
    }

    #[test]
    fn a_window_is_never_empty() {
        assert_eq!(Window::new(5, 5).length(), 1);
        assert_eq!(Window::new(5, -5).length(), 1);
        assert_eq!(Window::new(i64::MAX, i64::MAX).length(), 1);
        assert_eq!(Window::new(i64::MIN, i64::MAX).length(), i64::MAX);
    }

    #[test]
    fn zooming_keeps_the_time_under_the_pointer() {
        let whole = Window::new(0, 1_000);
        assert_eq!(whole.zoomed(250, 0.5, whole, 1), Window::new(125, 625));
        assert_eq!(whole.zoomed(250, 0.5, whole, 1).zoomed(250, 2.0, whole, 1), whole);
        assert_eq!(whole.zoomed(250, 0.0, whole, 10), Window::new(247, 257), "no shorter than the least");
        assert_eq!(whole.zoomed(250, 7.0, whole, 10), whole, "no longer than the whole");
        assert_eq!(Window::new(100, 200).panned(500, whole), Window::new(600, 700));
        assert_eq!(Window::new(100, 200).panned(5_000, whole), Window::new(900, 1_000));
        assert_eq!(Window::new(100, 200).panned(-5_000, whole), Window::new(0, 100));
    }

    #[test]
    fn a_window_is_brought_inside() {
        let whole = Window::new(0, 1_000);
        assert_eq!(Window::new(-50, 50).within(whole, 10), Window::new(0, 100));
        assert_eq!(Window::new(995, 999).within(whole, 10), Window::new(990, 1_000));
        assert_eq!(Window::new(-50, 5_000).within(whole, 10), whole);
        assert_eq!(Window::new(3, 4).within(whole, i64::MAX), whole);
    }

    #[test]
    fn fingers_keep_their_times() {
        let whole = Window::new(0, 1_000);
        let scale = Scale::new(Window::new(200, 400), 100.0);
        assert_eq!(scale.dragged(25.0, whole), Window::new(150, 350));
        assert_eq!(scale.dragged(-9_000.0, whole), Window::new(800, 1_000));
        assert_eq!(scale.pinched((40.0, 60.0), (30.0, 70.0), whole, 1), Window::new(250, 350));
        assert_eq!(scale.pinched((40.0, 60.0), (60.0, 80.0), whole, 1), Window::new(160, 360));
        assert_eq!(scale.pinched((0.0, 100.0), (50.0, 50.0), whole, 1), whole);
        assert_eq!(scale.pinched((50.0, 50.0), (0.0, 100.0), whole, 50), Window::new(275, 325));
    }

    #[test]
    fn a_label_goes_where_there_is_room() {
        let scale = Scale::new(Window::new(0, 100), 100.0);
        for (start, end, side) in [(0, 50, LabelSide::Right), (60, 90, LabelSide::Left), (10, 95, LabelSide::Inside)] {
            let Place::Within(bar) = scale.bar(start, end, 1.0) else { panic!("it is in the window") };
            assert_eq!(scale.label_side(bar, 40.0), side, "{start}..{end}");
        }
    }

    proptest! {
        #[test]
        fn a_bar_stays_inside_and_never_vanishes(
            window in any::<(i64, i64)>(), span in any::<(i64, i64)>(), width in 0.0..5_000.0_f64,
        ) {
            let scale = Scale::new(Window::new(window.0, window.1), width);
            if let Place::Within(bar) = scale.bar(span.0, span.1, 2.0) {
                prop_assert!(bar.x_px >= 0.0);
                prop_assert!(bar.width_px >= scale.width_px().min(2.0));
                prop_assert!(bar.x_px + bar.width_px <= scale.width_px() + 1e-6);
            }
        }

        #[test]
        fn a_time_is_found_again(start in 0..i64::MAX / 4, length in 1..1_000_000_i64, at in 0.0..1.0_f64) {
            let scale = Scale::new(Window::new(start, start + length), 1_000.0);
            let time = start + (length as f64 * at) as i64;
            prop_assert_eq!(scale.time(scale.x_px(time)), time);
        }

        #[test]
        fn zoom_and_pan_stay_in_the_trace(
            length in 1..i64::MAX / 4, a in 0.0..1.0_f64, b in 0.0..1.0_f64, factor in 0.0..100.0_f64, by in any::<i64>(),
            fingers in prop::array::uniform4(-2_000.0..2_000.0_f64),
        ) {
            let whole = Window::new(0, length);
            let at = |share: f64| (length as f64 * share) as i64;
            let window = Window::new(at(a.min(b)), at(a.max(b)).min(length)).panned(0, whole);
            let scale = Scale::new(window, 500.0);
            for changed in [
                window.zoomed(at(a), factor, whole, 100),
                window.panned(by, whole),
                Window::new(by, at(b)).within(whole, 100),
                scale.dragged(fingers[0], whole),
                scale.pinched((fingers[0], fingers[1]), (fingers[2], fingers[3]), whole, 100),
            ] {
                prop_assert!(changed.start() >= 0 && changed.end() <= length, "{:?}", changed);
            }
        }
    }
}
