//! From match to match: steps and places in an ascending list of spans, or of nodes. Each answer in O(log n).

/// The first match after a place, and after the last one the first of all. Without a place the first.
pub fn next(matches: &[u32], after: Option<u32>) -> Option<u32> {
    let passed = after.map_or(0, |after| matches.partition_point(|known| *known <= after));
    matches.get(passed).or(matches.first()).copied()
}

/// The last match before a place, and before the first one the last of all. Without a place the last.
pub fn previous(matches: &[u32], before: Option<u32>) -> Option<u32> {
    let left = before.map_or(matches.len(), |before| matches.partition_point(|known| *known < before));
    matches[..left].last().or(matches.last()).copied()
}

/// Which match this is, counted from 1; `None` for what is no match.
pub fn number(matches: &[u32], at: u32) -> Option<usize> {
    matches.binary_search(&at).ok().map(|place| place + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_go_round() {
        let matches = [2, 5, 9];
        let forward: Vec<_> = [None, Some(0), Some(2), Some(4), Some(9)].map(|at| next(&matches, at).unwrap()).into();
        assert_eq!(forward, [2, 2, 5, 5, 2]);
        let back: Vec<_> = [None, Some(2), Some(3), Some(9), Some(77)].map(|at| previous(&matches, at).unwrap()).into();
        assert_eq!(back, [9, 9, 2, 5, 9]);
        assert_eq!([1, 2, 9].map(|at| number(&matches, at)), [None, Some(1), Some(3)]);
        assert_eq!((next(&[], Some(1)), previous(&[], None), number(&[], 0)), (None, None, None));
    }

    proptest! {
        #[test]
        fn every_match_is_met_once_both_ways(
            matches in prop::collection::btree_set(0..500_u32, 1..40), from in 0..500_u32,
        ) {
            let matches: Vec<u32> = matches.into_iter().collect();
            for step in [next, previous] {
                let met = std::iter::successors(step(&matches, Some(from)), |at| step(&matches, Some(*at)));
                let mut met: Vec<u32> = met.take(matches.len()).collect();
                met.sort_unstable();
                prop_assert_eq!(&met, &matches);
            }
        }
    }
}
