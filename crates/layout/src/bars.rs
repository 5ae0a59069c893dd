//! A histogram's bars over a scale on which equal widths are equal proportions, so that a slow tail can be seen.

/// Bars over times, with the bounds of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// How much falls into each bar.
    pub counts: Vec<u64>,
    low: f64,
    /// How much wider each bar's upper bound is than its lower one.
    factor: f64,
}

impl Bars {
    /// So many bars over positive times with their counts; times under `least` count as that. `None` without times.
    pub fn new(times: impl Iterator<Item = (i64, u64)> + Clone, least: i64, count: usize) -> Option<Self> {
        let least = least.max(1);
        let bounded = times.map(|(time, count)| (time.max(least), count));
        let (low, high) = bounded.clone().fold((i64::MAX, 0), |(low, high), (time, _)| (low.min(time), high.max(time)));
        if high == 0 || count == 0 {
            return None;
        }
        // A little beyond, so that the largest time lies inside the last bar.
        let (low, high) = (low as f64, high.saturating_add(least) as f64);
        let mut bars = Self { counts: vec![0; count], low, factor: crate::power(high / low, 1.0 / count as f64) };
        for (time, number) in bounded {
            let bar = bars.place(time as f64);
            bars.counts[bar] = bars.counts[bar].saturating_add(number);
        }
        Some(bars)
    }

    /// Where a bar begins; the bar after the last one begins at the end.
    pub fn bound(&self, bar: usize) -> i64 {
        (self.low * crate::power(self.factor, bar as f64)).round() as i64
    }

    fn place(&self, time: f64) -> usize {
        let last = self.counts.len() - 1;
        let guess = libm::log(time / self.low) / libm::log(self.factor);
        let bar = (guess.max(0.0) as usize).min(last);
        // Rounding may have put it a bar too far.
        if bar > 0 && (time as i64) < self.bound(bar) { bar - 1 } else { bar }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bars_are_equally_wide_in_proportion() {
        let bars = Bars::new([(1, 5), (10, 1), (99, 2)].into_iter(), 1, 2).unwrap();
        assert_eq!((&bars.counts[..], bars.bound(0), bars.bound(1), bars.bound(2)), (&[5, 3][..], 1, 10, 100));
        assert_eq!(Bars::new([].into_iter(), 1, 9), None);
        let one = Bars::new([(0, 7)].into_iter(), 1_000, 4).unwrap();
        assert_eq!((one.counts, one.low), (vec![7, 0, 0, 0], 1_000.0));
    }

    proptest! {
        #[test]
        fn every_count_is_between_its_bars_bounds(times in prop::collection::vec((0_i64..1 << 50, 1_u64..9), 1..60), count in 1_usize..40) {
            let bars = Bars::new(times.iter().copied(), 1_000_000, count).unwrap();
            prop_assert_eq!(bars.counts.iter().sum::<u64>(), times.iter().map(|(_, count)| count).sum::<u64>());
            let inside: u64 = (0..count).map(|bar| {
                let within = |time: i64| (bar == 0 || time >= bars.bound(bar)) && (bar + 1 == count || time < bars.bound(bar + 1));
                times.iter().filter(|(time, _)| within((*time).max(1_000_000))).map(|(_, count)| count).sum::<u64>()
            }).sum();
            prop_assert_eq!(inside, bars.counts.iter().sum::<u64>());
        }
    }
}
