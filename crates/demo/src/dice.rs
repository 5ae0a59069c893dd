//! Numbers that look random, the same on every machine: integers alone, so that no float library has a say.

use model::Nanos;

/// A stream of numbers (a counter, thoroughly mixed). No two of the same stream's first 2⁶⁴ are equal, so that they
/// serve as ids too.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// Odd, and with its bits spread evenly: 2⁶⁴ divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// The stream with this number, of this seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(mix(mix(seed.wrapping_add(STEP)) ^ stream.wrapping_mul(STEP)))
    }

    /// 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from 0 to below the limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True in so many of a thousand cases.
    pub(crate) fn per_mille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// One of the choices.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A long-tailed time, given its median in microseconds: half of all are within 40 % of it, one in a hundred takes
    /// three times as long, one in a thousand eight times.
    pub(crate) fn time(&mut self, median: u64) -> Nanos {
        let rank = self.below(10_000);
        let above = TAIL.iter().position(|(to, _)| rank < *to).unwrap_or(TAIL.len() - 1).max(1);
        let ((from, low), (to, high)) = (TAIL[above - 1], TAIL[above]);
        let percent = low + (high - low) * (rank - from) / (to - from);
        // The last digits are noise, so that no two times look made up.
        let micros = median * percent / 100 + self.below(median / 50 + 2);
        Nanos(micros as i64 * 1_000)
    }
}

/// Ranks of ten thousand, and the time there in percent of the median; straight lines in between.
const TAIL: [(u64, u64); 7] =
    [(0, 55), (2_500, 80), (5_000, 100), (7_500, 140), (9_900, 300), (9_990, 800), (10_000, 1_500)];

/// Every bit of the result hangs on every bit of the number, and no two numbers give the same.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 31)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let number = (number ^ (number >> 29)).wrapping_mul(0xa076_1d64_78bd_642f);
    number ^ (number >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_median_and_a_long_tail() {
        let mut dice = Dice::new(1, 1);
        let mut times: Vec<i64> = (0..20_000).map(|_| dice.time(1_000).0 / 1_000).collect();
        times.sort_unstable();
        let at = |rank: usize| times[rank * (times.len() - 1) / 1_000];
        assert!((950..1_100).contains(&at(500)), "{}", at(500));
        assert!((2_000..3_300).contains(&at(990)), "{}", at(990));
        assert!(at(1_000) > 8_000 && at(0) > 500, "{} {}", at(0), at(1_000));
    }

    #[test]
    fn streams_differ_and_shares_hold() {
        let mut hits = 0;
        for stream in 0..10_000 {
            hits += u64::from(Dice::new(7, stream).per_mille(250));
        }
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert_ne!(Dice::new(1, 2).bits(), Dice::new(2, 1).bits());
    }
}
