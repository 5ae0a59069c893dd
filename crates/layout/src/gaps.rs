//! The idle gaps of a trace: stretches of time that no span covers.

/// An idle stretch, in nanoseconds after the trace's start; something happens at both ends of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The latest end before it.
    pub start: i64,
    /// The earliest start after it.
    pub end: i64,
}

impl Gap {
    /// Its length in nanoseconds.
    pub fn length(self) -> i64 {
        self.end.saturating_sub(self.start)
    }
}

/// The least share that is looked for: it bounds the memory.
const LEAST_SHARE: f64 = 1e-4;

/// The idle stretches that are longer than a share of all the time from the first start to the last end, and longer than
/// a nanosecond; ascending, and apart from each other. Shares below 1/10,000 count as that.
///
/// `stretch` gives a span's start and end in nanoseconds after the trace's start, and `None` for one that covers
/// nothing, as a placeholder does. What ends before it starts is a point, as is what is still in progress. It is asked
/// twice for each span, in their order.
///
/// The spans need no order. Time is cut into bins of half the least length; each long gap leaves a whole bin
/// untouched, and its ends are the last end in the bin before and the first start in the bin after. That takes
/// O(spans + 1/share) and 24 bytes a bin.
pub fn idle(count: usize, stretch: &dyn Fn(usize) -> Option<(i64, i64)>, share: f64) -> Vec<Gap> {
    let stretches = || (0..count).filter_map(stretch).map(|(start, end)| (start, end.max(start)));
    let Some((from, to)) = stretches().reduce(|all, next| (all.0.min(next.0), all.1.max(next.1))) else {
        return Vec::new();
    };
    let total = to.abs_diff(from);
    let least = ((total as f64 * crate::clamp(share, LEAST_SHARE, 1.0)) as u64).max(1);
    let width = (least / 2).max(1);
    let bin = |time: i64| (time.abs_diff(from) / width) as usize;
    let mut bins = vec![Bin::default(); bin(to) + 1];
    for (start, end) in stretches() {
        let opening = &mut bins[bin(start)];
        opening.opened += 1;
        opening.earliest_start = opening.earliest_start.min(start);
        let closing = &mut bins[bin(end)];
        closing.closed += 1;
        closing.latest_end = closing.latest_end.max(end);
    }
    let mut gaps = Vec::new();
    let (mut running, mut idle_since) = (0, None);
    for bin in &bins {
        if running == 0 && bin.opened > 0 {
            let gap = idle_since.map(|start| Gap { start, end: bin.earliest_start });
            gaps.extend(gap.filter(|gap| gap.start < gap.end && gap.end.abs_diff(gap.start) > least));
        }
        running += bin.opened;
        running -= bin.closed;
        if running == 0 && bin.closed > 0 {
            idle_since = Some(bin.latest_end);
        }
    }
    gaps
}

/// What begins and ends in a bin of time.
#[derive(Clone)]
struct Bin {
    opened: u32,
    closed: u32,
    earliest_start: i64,
    latest_end: i64,
}

impl Default for Bin {
    fn default() -> Self {
        Self { opened: 0, closed: 0, earliest_start: i64::MAX, latest_end: i64::MIN }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(gaps: &[Gap]) -> Vec<(i64, i64)> {
        gaps.iter().map(|gap| (gap.start, gap.end)).collect()
    }

    fn check(spans: &[Option<(i64, i64)>], share: f64, expected: &[(i64, i64)]) {
        assert_eq!(pairs(&idle(spans.len(), &|span| spans[span], share)), expected);
    }

    #[test]
    fn what_no_span_covers() {
        check(&[Some((0, 10)), Some((90, 100)), Some((5, 20)), Some((50, 50))], 0.05, &[(20, 50), (50, 90)]);
        check(&[Some((0, 10)), Some((90, 100)), Some((5, 20)), Some((50, 50))], 0.3, &[(50, 90)]);
        check(&[Some((0, 100)), Some((90, 100))], 0.05, &[]);
        check(&[Some((0, 10)), Some((15, 100))], 0.05, &[]);
        check(&[Some((0, 10)), Some((16, 100))], 0.05, &[(10, 16)]);
    }

    #[test]
    fn what_is_left_out_covers_nothing() {
        check(&[None, Some((10, 20)), Some((80, 90)), None], 0.05, &[(20, 80)]);
        check(&[None, None], 0.05, &[]);
        check(&[], 0.05, &[]);
    }

    #[test]
    fn times_of_any_size() {
        check(&[Some((i64::MIN, 0)), Some((i64::MAX, i64::MAX))], 0.05, &[(0, i64::MAX)]);
        check(&[Some((7, 3))], f64::NAN, &[]);
        check(&[Some((0, 0)), Some((2, 2)), Some((3, 3))], 0.0, &[(0, 2)]);
    }

    proptest! {
        #[test]
        fn gaps_agree_with_a_sweep_in_order(
            spans in prop::collection::vec(prop::option::weighted(0.9, (-300_000..300_000_i64, 0..40_000_i64)), 0..60),
            share in 0.001..0.4_f64,
        ) {
            let spans: Vec<_> = spans.iter().map(|span| span.map(|(start, length)| (start, start + length))).collect();
            let mut sorted: Vec<(i64, i64)> = spans.iter().flatten().copied().collect();
            sorted.sort_unstable();
            let first = sorted.first().map_or(0, |span| span.0);
            let last = sorted.iter().map(|span| span.1).max().unwrap_or(0);
            let least = (((last - first) as f64 * share) as i64).max(1);
            let (mut end, mut expected) = (first, Vec::new());
            for span in sorted {
                if span.0 - end > least {
                    expected.push((end, span.0));
                }
                end = end.max(span.1);
            }
            prop_assert_eq!(pairs(&idle(spans.len(), &|span| spans[span], share)), expected);
        }
    }

    #[test]
    fn a_million_points_in_no_order() {
        let time = |span: usize| ((span * 7_919) % 1_000_003) as i64;
        let gaps = idle(1_000_000, &|span| Some((time(span), time(span) + i64::from(span == 0) * 10)), 0.05);
        assert_eq!(gaps, []);
    }
}
