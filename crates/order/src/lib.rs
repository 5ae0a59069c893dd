//! The one sort of what runs in the page.
//!
//! Each type that the standard library sorts brings another copy of its sort into the page, of 4 to 6 kB. Where the page
//! sorts, it sorts places, here.

use std::cmp::Ordering;

/// The places `0..count` in the order of a comparison; those that compare equal stay in their order.
///
/// It takes O(n log n) comparisons, each through a pointer.
pub fn places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Numbers in ascending order, each once.
pub fn distinct(numbers: &[u64]) -> Vec<u64> {
    let order = places(numbers.len(), &mut |one, other| numbers[one].cmp(&numbers[other]));
    let mut distinct: Vec<u64> = order.into_iter().map(|place| numbers[place]).collect();
    distinct.dedup();
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_stay_in_their_order() {
        let words = ["pear", "fig", "plum", "kiwi", "nut"];
        let by_length = places(words.len(), &mut |one, other| words[one].len().cmp(&words[other].len()));
        assert_eq!(by_length, [1, 4, 0, 2, 3]);
        assert_eq!(places(0, &mut |_, _| Ordering::Equal), [0_usize; 0]);
        assert_eq!(distinct(&[3, 1, u64::MAX, 3, 0, 1]), [0, 1, 3, u64::MAX]);
    }
}
