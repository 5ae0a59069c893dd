//! What questions cost: traces scanned and fetched, by data source and day, kept over restarts.
//! <https://aws.amazon.com/xray/pricing/>

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{source::Budget, state::Database};

/// A scanned or fetched trace, in billionths of a dollar: 0.50 dollars a million in most regions, the free million left
/// out.
const NANODOLLARS: u64 = 500;

/// What traces cost, in billionths of a dollar.
pub(crate) fn cost(traces: u64) -> u64 {
    traces.saturating_mul(NANODOLLARS)
}

/// What each data source has spent today.
pub(crate) struct Spending {
    database: Database,
    days: Mutex<BTreeMap<String, Day>>,
}

#[derive(Clone)]
struct Day {
    day: String,
    traces: Arc<AtomicU64>,
}

impl Spending {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, days: Mutex::default() }
    }

    /// The budget of a new question to a data source, which allows a query and a day so much.
    pub(crate) async fn budget(&self, source: &str, (of_query, of_day): (u64, u64)) -> Arc<Budget> {
        let of_today = self.today(source).await;
        Arc::new(Budget {
            most_of_query: of_query,
            most_of_day: of_day,
            of_day: of_today.traces,
            of_query: AtomicU64::new(0),
        })
    }

    async fn today(&self, source: &str) -> Day {
        let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
        let known = self.days.lock().unwrap_or_else(PoisonError::into_inner).get(source).cloned();
        if let Some(day) = known.filter(|known| known.day == today) {
            return day;
        }
        let before = self.database.scanned(source, &today).await.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read what was scanned today");
            0
        });
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let day = days.entry(source.to_owned()).or_insert_with(|| Day { day: String::new(), traces: Arc::default() });
        if day.day != today {
            *day = Day { day: today, traces: Arc::new(AtomicU64::new(before)) };
        }
        day.clone()
    }

    /// A question has ended, however it did: what it spent is written down.
    pub(crate) fn ended(&self, source: &str, budget: &Budget) {
        let traces = budget.of_query.swap(0, Ordering::Relaxed);
        if traces == 0 {
            return;
        }
        let (database, source) = (self.database.clone(), source.to_owned());
        let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
        tokio::spawn(async move {
            if let Err(error) = database.add_scanned(&source, &today, traces).await {
                tracing::error!(%error, "cannot write down what was scanned");
            }
        });
    }
}
