//! How many of a service's requests fail when all is well.

use super::Impact;

/// What counts fades: after so many minutes a request counts half.
const HALF_LIFE: f64 = 30.0;
/// Before anything is known, one of so many requests is taken to fail.
const PRIOR_REQUESTS: f64 = 100.0;
/// Standard deviations that a forecast allows for.
const DEVIATIONS: f64 = 3.0;

/// The share of faults that a service has had lately.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Baseline {
    faults: f64,
    total: f64,
}

impl Baseline {
    /// Takes a minute as an example of how it is when all is well.
    pub fn learn(&mut self, minute: Impact) {
        let fade = (-std::f64::consts::LN_2 / HALF_LIFE).exp();
        self.faults = self.faults * fade + minute.fault as f64;
        self.total = self.total * fade + minute.total as f64;
    }

    /// The share of requests that one expects to fail, 0 to 1.
    pub fn rate(&self) -> f64 {
        (self.faults + 1.0) / (self.total + PRIOR_REQUESTS)
    }

    /// How many faults of so many requests one expects: at least and at most.
    pub fn band(&self, total: u64) -> (u64, u64) {
        let mean = self.rate() * total as f64;
        let spread = DEVIATIONS * (mean * (1.0 - self.rate())).sqrt();
        ((mean - spread).max(0.0).floor() as u64, (mean + spread).ceil() as u64)
    }
}

/// The chance of so many events or more where `expected` come on average and none makes another one likelier (Poisson); 1 where they
/// are no surprise at all.
pub(super) fn at_least(events: u64, expected: f64) -> f64 {
    if events == 0 || expected >= events as f64 {
        return 1.0;
    }
    // The terms from `events` on shrink by more than `expected / events` each.
    let mut term = (0..events).fold(-expected, |log, k| log + expected.ln() - ((k + 1) as f64).ln()).exp();
    let mut sum = 0.0;
    for k in events..events + 1_000 {
        sum += term;
        term *= expected / (k + 1) as f64;
        if term < sum * 1e-12 {
            break;
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_tables() {
        for (events, expected, chance) in [
            (0, 1.0, 1.0),
            (2, 1.0, 0.264_241_1),
            (4, 1.0, 0.018_988_2),
            (10, 2.0, 4.65e-5),
            (3, 5.0, 1.0),
            (20, 0.5, 2.435e-25),
        ] {
            let found = at_least(events, expected);
            assert!((found / chance - 1.0).abs() < 0.01, "{events} of {expected}: {found} is not {chance}");
        }
        assert!(at_least(100_000, 10.0) < 1e-300);
    }

    #[test]
    fn a_rate_is_learnt_and_forgotten() {
        let mut baseline = Baseline::default();
        assert!((baseline.rate() - 0.01).abs() < 1e-9);
        for _ in 0..200 {
            baseline.learn(Impact { fault: 5, total: 100 });
        }
        assert!((baseline.rate() - 0.05).abs() < 0.002, "{}", baseline.rate());
        assert_eq!(baseline.band(1_000), (28, 70));
        for _ in 0..300 {
            baseline.learn(Impact { fault: 0, total: 100 });
        }
        assert!(baseline.rate() < 0.001);
    }
}
