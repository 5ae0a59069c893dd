//! What goes wrong in the shop, and when: spans of time relative to a base moment.

use model::{Moment, Nanos};

/// A disturbance that comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The payment provider times out or answers 503: most checkouts end in a fault.
    Payment,
    /// The table of carts is throttled: carts and checkouts are turned away with 429.
    CartTable,
    /// The database answers the catalogue's queries ten times slower than usual.
    SlowDatabase,
}

/// When an incident is on, in minutes from the base moment.
struct Times {
    /// Once, before the base moment.
    past: (i64, i64),
    /// Afterwards, within every half hour.
    again: (i64, i64),
}

const PERIOD: i64 = 30;

impl Incident {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Payment, Self::CartTable, Self::SlowDatabase];

    /// Whether it is on at `moment`, in a shop that was opened with `start` as its base.
    pub fn is_on(self, start: Moment, moment: Moment) -> bool {
        let Times { past, again } = self.times();
        let since = moment - start;
        let is_within = |(from, to): (i64, i64), time: Nanos| (minutes(from)..minutes(to)).contains(&time);
        if since < Nanos(0) {
            return is_within(past, since);
        }
        is_within(again, Nanos(since.0 % minutes(PERIOD).0))
    }

    /// No two incidents are on at once: each is to be found by itself.
    fn times(self) -> Times {
        match self {
            Self::Payment => Times { past: (-14, -4), again: (12, 20) },
            Self::CartTable => Times { past: (-40, -33), again: (3, 9) },
            Self::SlowDatabase => Times { past: (-27, -20), again: (22, 28) },
        }
    }
}

fn minutes(count: i64) -> Nanos {
    Nanos::seconds(60 * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incidents_come_and_go_one_at_a_time() {
        let start = Moment(1_800_000_000 * model::time::SECOND);
        let row = |incident: Incident| -> String {
            let at = |minute: i64| if incident.is_on(start, start + minutes(minute)) { '█' } else { '·' };
            (-60..60).step_by(2).map(at).collect()
        };
        let rows: Vec<String> = Incident::ALL.into_iter().map(row).collect();
        expect_test::expect![[r#"
            ·······················█████········████···········████·····
            ··········████··················███············███··········
            ·················███·····················███············███·"#]]
        .assert_eq(&rows.join("\n"));
        for minute in -120..200 {
            let on = Incident::ALL.iter().filter(|incident| incident.is_on(start, start + minutes(minute)));
            assert!(on.count() <= 1, "{minute}");
        }
    }
}
