//! Which windows of a list are asked for, and when. One window shows how dense the traces lie; from then on as many are
//! asked at once as the rows that are still wanted will take, each about a page long. Nothing is scanned for rows that the
//! limit would cut off, as far as one can know beforehand.

use model::{Moment, Nanos, time::SECOND};

use super::windows::{LADDER, Window, before, length};

/// Windows under way at once.
const AT_ONCE: usize = 8;
/// The first window is such a part of the range.
const FIRST: f64 = 12.0;
/// A window should have so much of a page: two pages of it would be asked one after the other.
const FILL: f64 = 0.85;
/// The rest of a range is cut into so many pieces at most, by what is wanted of it.
const LEAST_PIECES: u64 = 8;
const MOST_PIECES: u64 = 400;
/// Where many pages are wanted, about so many windows bring them.
const WINDOWS: f64 = 16.0;
/// A page where none has been full yet.
const PAGE: f64 = 100.0;
/// The density is that of so many windows, the farthest back of those that answered: it goes on from there.
const FARTHEST: usize = 2;

/// The state of a list's scan. A pure function of what came.
#[derive(Debug)]
pub(super) struct Plan {
    from: Moment,
    limit: u64,
    longest: Nanos,
    /// Everything from here on has been asked for.
    asked: Moment,
    /// In the order in which they were asked for: newest first.
    opened: Vec<Opened>,
    under_way: usize,
    page: f64,
}

#[derive(Debug)]
struct Opened {
    window: Window,
    rows: u64,
    /// Everything of it from here on has come.
    reached: Moment,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    UnderWay,
    Done,
    Failed,
}

impl Opened {
    /// Nothing of it has come.
    fn is_silent(&self) -> bool {
        self.reached >= self.window.1
    }
}

impl Plan {
    /// A plan for a range, for so many rows.
    pub(super) fn new((from, to): Window, limit: u64, longest: Nanos) -> Self {
        Self {
            from,
            limit,
            longest: length(from, to, longest),
            asked: to,
            opened: Vec::new(),
            under_way: 0,
            page: PAGE,
        }
    }

    /// The next window to ask for now, with its number; `None` when others must answer first or all are asked.
    /// `known` tells whether a window's answer is there already.
    pub(super) fn next(&mut self, known: impl Fn(Window) -> bool) -> Option<(usize, Window)> {
        if self.asked <= self.from || self.is_enough() {
            return None;
        }
        let kept = LADDER
            .iter()
            .map(|seconds| before(self.asked, self.from, Nanos::seconds(*seconds)))
            .find(|window| known(*window));
        let window = match kept {
            Some(window) => window,
            None if self.under_way >= AT_ONCE || (self.under_way > 0 && self.opened.iter().all(Opened::is_silent)) => {
                return None;
            }
            None if self.rows() as f64 + self.expected_under_way() >= self.limit as f64 => return None,
            None => {
                let length = self.length();
                let window = before(self.asked, self.from, length);
                // What is left of a window at the end of a range tells little by itself.
                let is_scrap = window.1.0 - window.0.0 < length.0 / 2 && length < self.longest;
                if is_scrap { (before(window.0, self.from, length).0, window.1) } else { window }
            }
        };
        self.asked = window.0;
        self.under_way += 1;
        self.opened.push(Opened { window, rows: 0, reached: window.1, state: State::UnderWay });
        Some((self.opened.len() - 1, window))
    }

    /// A page of a window: its distinct new rows, down to `reached`, and whether it was the last one.
    pub(super) fn page(&mut self, number: usize, rows: u64, reached: Option<Moment>, is_last: bool) {
        let Some(opened) = self.opened.get_mut(number) else { return };
        let reached = if is_last {
            opened.window.0
        } else {
            reached.unwrap_or(opened.reached).clamp(opened.window.0, opened.reached)
        };
        opened.rows += rows;
        opened.reached = reached;
        if !is_last {
            // X-Ray does not say how long its pages are; one that is not the last is full, or a filter left little of it.
            self.page = self.page.max(rows as f64);
        }
        if is_last {
            opened.state = State::Done;
            self.under_way -= 1;
        }
    }

    /// A window failed; gives the part of it that is missing.
    pub(super) fn fail(&mut self, number: usize) -> Option<Window> {
        let opened = self.opened.get_mut(number)?;
        opened.state = State::Failed;
        self.under_way -= 1;
        Some((opened.window.0, opened.reached)).filter(|(from, to)| from < to)
    }

    /// What nobody waits for any more: the parts of the range that have not come, but for those that failed.
    pub(super) fn missing(&self) -> Vec<Window> {
        let open = self.opened.iter().filter(|opened| opened.state == State::UnderWay);
        let parts = open.map(|opened| (opened.window.0, opened.reached)).chain([(self.from, self.asked)]);
        parts.filter(|(from, to)| from < to).collect()
    }

    /// Whether the newest rows, without a hole that is still to be filled, are as many as are wanted.
    pub(super) fn is_enough(&self) -> bool {
        let mut rows = 0;
        for opened in &self.opened {
            rows += opened.rows;
            if rows >= self.limit {
                return true;
            }
            if opened.state == State::UnderWay {
                return false;
            }
        }
        false
    }

    /// Everything from this moment on has come, but for what failed.
    pub(super) fn reached(&self) -> Moment {
        let open = self.opened.iter().find(|opened| opened.state == State::UnderWay);
        open.map_or(self.asked, |opened| opened.reached)
    }

    /// Whether something of the range was not looked at.
    pub(super) fn is_cut(&self) -> bool {
        self.reached() > self.from
    }

    /// Windows that are done, and about how many there will be.
    pub(super) fn windows(&self) -> (u32, u32) {
        let done = self.opened.len() - self.under_way;
        let left = (self.asked.0 - self.from.0).max(0);
        let to_come = left.unsigned_abs().div_ceil(self.length().0.unsigned_abs().max(1));
        (done as u32, self.opened.len() as u32 + to_come as u32)
    }

    /// The share of the range that has been looked at, 0 to 1.
    pub(super) fn covered(&self) -> f64 {
        let all = self.opened.first().map_or(0, |first| first.window.1.0 - self.from.0);
        let done: i64 = self.opened.iter().map(|opened| opened.window.1.0 - opened.reached.0).sum();
        if all > 0 { done as f64 / all as f64 } else { 1.0 }
    }

    fn rows(&self) -> u64 {
        self.opened.iter().map(|opened| opened.rows).sum()
    }

    /// Rows a nanosecond, as far back as one knows.
    fn density(&self) -> f64 {
        let answered = self.opened.iter().rev().filter(|opened| !opened.is_silent()).take(FARTHEST);
        let (rows, covered) = answered
            .fold((0, 0), |(rows, time), opened| (rows + opened.rows, time + opened.window.1.0 - opened.reached.0));
        if covered > 0 { rows as f64 / covered as f64 } else { 0.0 }
    }

    /// Rows that the windows under way will still bring, by the density of late.
    fn expected_under_way(&self) -> f64 {
        let open = self.opened.iter().filter(|opened| opened.state == State::UnderWay);
        let left: i64 = open.map(|opened| opened.reached.0 - opened.window.0.0).sum();
        left as f64 * self.density()
    }

    /// How long the next window should be.
    fn length(&self) -> Nanos {
        let range = (self.asked.0 - self.from.0) as f64;
        let density = self.density();
        let rows = (density * range).min(self.limit.saturating_sub(self.rows()) as f64);
        // However dense a moment was: no more pieces than twice the pages that are wanted.
        let pieces = ((2.0 * self.limit as f64 / self.page) as u64).clamp(LEAST_PIECES, MOST_PIECES) as f64;
        let wanted = if self.opened.iter().all(Opened::is_silent) {
            range / FIRST
        } else {
            // One page, or more where there are so many that half a page lost for each window counts less than it gains.
            (self.page * FILL).max(rows / WINDOWS) / density.max(f64::MIN_POSITIVE)
        };
        if wanted >= self.longest.0 as f64 {
            return self.longest;
        }
        let of = |seconds: &&i64| (**seconds * SECOND) as f64;
        let fits = LADDER.iter().find(|seconds| of(seconds) <= wanted);
        let least = LADDER.iter().rev().find(|seconds| of(seconds) >= range / pieces).or(LADDER.first());
        let seconds = fits.max(least).unwrap_or(&LADDER[0]);
        Nanos::seconds(*seconds).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600 * SECOND;
    const SIX: Nanos = Nanos(6 * HOUR);

    /// What an X-Ray with these traces makes of a plan: calls, rounds of calls at once, rows, and the plan.
    fn run(times: &[i64], range: (i64, i64), limit: u64) -> (usize, usize, usize, Plan) {
        let mut plan = Plan::new((Moment(range.0), Moment(range.1)), limit, SIX);
        let (mut calls, mut rounds, mut rows) = (0, 0, 0);
        // A window and how many of its rows have come.
        let mut asked: Vec<(usize, Window, usize)> = Vec::new();
        loop {
            while let Some((number, window)) = plan.next(|_| false) {
                asked.push((number, window, 0));
            }
            if asked.is_empty() || plan.is_enough() {
                return (calls, rounds, rows, plan);
            }
            rounds += 1;
            for (number, window, offset) in std::mem::take(&mut asked) {
                calls += 1;
                let mut of_window: Vec<i64> =
                    times.iter().copied().filter(|time| (window.0.0..window.1.0).contains(time)).collect();
                of_window.sort_by(|one, other| other.cmp(one));
                let page: Vec<i64> = of_window.iter().copied().skip(offset).take(100).collect();
                let is_last = offset + page.len() >= of_window.len();
                rows += page.len();
                plan.page(number, page.len() as u64, page.last().map(|last| Moment(*last)), is_last);
                if !is_last {
                    asked.push((number, window, offset + page.len()));
                }
            }
        }
    }

    fn evenly(count: i64, range: (i64, i64)) -> Vec<i64> {
        (0..count).map(|place| range.0 + (range.1 - range.0) / count * place).collect()
    }

    #[test]
    fn an_even_day_takes_hardly_more_calls_and_far_fewer_rounds() {
        for end in (0..48).map(|part| part * HOUR / 8 + 17 * SECOND) {
            let day = (20_000 * HOUR + end, 20_024 * HOUR + end);
            let (calls, rounds, rows, plan) = run(&evenly(1_000, day), day, 1_000_000);
            assert_eq!((rows, plan.is_cut()), (1_000, false));
            assert!(calls <= 13 && rounds <= 3, "{calls} calls in {rounds} rounds at {end}");
        }
    }

    #[test]
    fn a_dense_hour_and_an_empty_day_before_it() {
        for offset in [0, HOUR / 7, HOUR / 3, HOUR * 13 / 9] {
            let day = (20_000 * HOUR + offset, 20_024 * HOUR + offset);
            let (calls, _, rows, _) = run(&evenly(20_000, (day.1 - HOUR, day.1)), day, 100_000);
            assert_eq!(rows, 20_000);
            assert!(calls <= 220, "{calls} at {offset}");
        }
    }

    #[test]
    fn windows_that_the_limit_cuts_off_are_not_asked_for() {
        let day = (20_000 * HOUR, 20_024 * HOUR);
        for (count, limit, most) in [(20_000, 1_000, 14), (100_000, 100, 3), (1_000, 500, 9)] {
            let (calls, _, rows, plan) = run(&evenly(count, day), day, limit);
            assert!(rows as u64 >= limit && plan.is_cut(), "{rows}");
            assert!(calls <= most, "{calls} calls for {limit} of {count}");
        }
    }

    #[test]
    fn few_traces_take_few_calls() {
        let month = (20_000 * HOUR, 20_720 * HOUR);
        let (calls, _, rows, plan) = run(&evenly(10, month), month, 1_000);
        assert_eq!((rows, plan.is_cut()), (10, false));
        assert!(calls <= 122, "{calls}");
        let hour = (20_000 * HOUR, 20_001 * HOUR);
        assert!(run(&[], hour, 1_000).0 <= 2);
    }

    #[test]
    fn what_failed_is_told_and_holds_nothing_up() {
        let day = (Moment(0), Moment(24 * HOUR));
        let mut plan = Plan::new(day, 1_000, SIX);
        let (first, window) = plan.next(|_| false).unwrap();
        plan.page(first, 100, Some(Moment(window.1.0 - HOUR)), false);
        assert_eq!(plan.fail(first), Some((window.0, Moment(window.1.0 - HOUR))));
        assert_eq!(plan.fail(first + 7), None);
        let mut asked = Vec::new();
        while let Some((number, window)) = plan.next(|_| false) {
            plan.page(number, 0, None, true);
            asked.push(window);
        }
        assert_eq!(plan.reached(), Moment(0));
        assert!(asked.windows(2).all(|pair| pair[0].0 == pair[1].1), "{asked:?}");
    }
}
