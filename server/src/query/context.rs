//! What a question is answered with: the X-Ray it goes to, its calls so far, and what is known already.

use std::sync::Arc;

use api::Event;
use model::{Moment, Nanos};

use super::{
    cache::WindowCache,
    spending::{Spending, cost},
};
use crate::source::{Budget, Job, XRay};

/// A question under way.
pub(crate) struct Context {
    pub(crate) xray: XRay,
    pub(crate) job: Job,
    pub(crate) cache: Arc<WindowCache>,
    /// Past everything that is kept.
    pub(crate) fresh: bool,
    pub(crate) request_id: Option<String>,
    pub(crate) spending: Arc<Spending>,
    pub(crate) budget: Arc<Budget>,
}

impl Context {
    /// The first event.
    pub(super) fn started(&self, (from, to): (Moment, Moment)) -> Event {
        Event::Started {
            from,
            to,
            source: self.xray.source.to_string(),
            region: self.xray.region.to_string(),
            answer: self.job.answer.clone(),
        }
    }

    /// The calls that ended lately.
    pub(super) fn calls(&self) -> impl Iterator<Item = Event> + use<> {
        self.job.ended().into_iter().map(Event::Call)
    }

    /// What so many scanned or fetched traces cost.
    pub(super) fn cost(&self, traces: u64) -> u64 {
        if self.xray.is_local() { 0 } else { cost(traces) }
    }
}

impl Drop for Context {
    /// Whether it was answered or everybody went: what was scanned is to be paid.
    fn drop(&mut self) {
        if !self.xray.is_local() {
            self.spending.ended(&self.xray.source, &self.budget);
        }
    }
}

/// The present moment.
pub(crate) fn now() -> Moment {
    Moment(chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX))
}

/// A moment as it is counted in questions: the end of its second, so that those of one second ask the same.
pub(crate) fn quantised(moment: Moment) -> Moment {
    let second = Nanos::seconds(1).0;
    Moment(moment.0.saturating_add(second - 1).div_euclid(second).saturating_mul(second))
}
