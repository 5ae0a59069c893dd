//! What one question does: its calls, what they cost, and what was said in them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Instant,
};

use api::event::{Call, Said};
use bytes::Bytes;
use moka::sync::Cache;

use super::Priority;
use crate::error::Error;

/// A question under way. Shared by its calls.
pub(crate) struct Job {
    /// The answer's id.
    pub(crate) answer: String,
    pub(crate) priority: Priority,
    begun: Instant,
    numbers: AtomicU32,
    ended: Mutex<Vec<Call>>,
    said: Option<Conversations>,
    budget: Option<Arc<Budget>>,
}

/// How many traces may be scanned, and have been.
pub(crate) struct Budget {
    /// The most for this question; 0: no limit.
    pub(crate) most_of_query: u64,
    /// The most of the day; 0: no limit.
    pub(crate) most_of_day: u64,
    /// Scanned today before this question, and by others since.
    pub(crate) of_day: Arc<AtomicU64>,
    /// Scanned for this question.
    pub(crate) of_query: AtomicU64,
}

impl Budget {
    /// Refuses a call that would begin beyond the budget.
    fn check(&self) -> Result<(), Error> {
        let (query, day) = (self.of_query.load(Ordering::Relaxed), self.of_day.load(Ordering::Relaxed));
        let over = |most: u64, scanned: u64, of: &str, setting: &str| {
            (most > 0 && scanned >= most).then(|| {
                Error::Budget(format!(
                    "the scan budget of {of} is used up: {scanned} of {most} traces scanned. Ask for a shorter range (a filter does not make X-Ray scan less), or raise “{setting}” of the data source"
                ))
            })
        };
        let spent = over(self.most_of_query, query, "this query", "Traces per query")
            .or_else(|| over(self.most_of_day, day, "the day", "Traces per day"));
        spent.map_or(Ok(()), Err)
    }
}

impl Job {
    /// A question whose calls are kept in `said`.
    pub(crate) fn new(said: Conversations, budget: Arc<Budget>) -> Self {
        Self { said: Some(said), budget: Some(budget), ..Self::unrecorded() }
    }

    /// Calls of which nobody will ask, without a budget: groups, permissions.
    pub(crate) fn unrecorded() -> Self {
        Self {
            answer: uuid::Uuid::new_v4().to_string(),
            priority: Priority::Interactive,
            begun: Instant::now(),
            numbers: AtomicU32::new(0),
            ended: Mutex::default(),
            said: None,
            budget: None,
        }
    }

    /// The calls that ended since this was asked last.
    pub(crate) fn ended(&self) -> Vec<Call> {
        std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Milliseconds since the question.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    /// Calls made so far.
    pub(crate) fn calls(&self) -> u32 {
        self.numbers.load(Ordering::Relaxed)
    }

    /// Traces scanned so far.
    pub(crate) fn scanned(&self) -> u64 {
        self.budget.as_ref().map_or(0, |budget| budget.of_query.load(Ordering::Relaxed))
    }

    pub(super) fn check_budget(&self) -> Result<(), Error> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.check())
    }

    /// X-Ray scanned, or gave, so many more traces.
    pub(super) fn charge(&self, traces: u64) {
        if let Some(budget) = &self.budget {
            budget.of_query.fetch_add(traces, Ordering::Relaxed);
            budget.of_day.fetch_add(traces, Ordering::Relaxed);
        }
    }

    pub(super) fn next_number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A call has ended; `place` is how a terminal names the X-Ray that was asked.
    pub(super) fn end(&self, call: Call, place: &Arc<str>, request: Bytes, answer: &Bytes) {
        if let Some(said) = &self.said {
            said.keep(&self.answer, &call, place, request, answer);
        }
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

/// What was said in the calls of late, compressed, within a limit of bytes.
#[derive(Clone)]
pub(crate) struct Conversations(Cache<(String, u32), Arc<Conversation>>);

struct Conversation {
    operation: String,
    place: Arc<str>,
    request: Bytes,
    /// Compressed; `None` for one that is too large to keep.
    answer: Option<Box<[u8]>>,
}

/// Bytes kept of all calls, and of one answer before it is compressed.
const KEPT_BYTES: u64 = 24 << 20;
const ONE_ANSWER: usize = 4 << 20;

impl Conversations {
    pub(crate) fn new() -> Self {
        let weigh = |_: &(String, u32), said: &Arc<Conversation>| {
            let bytes = said.request.len() + said.answer.as_ref().map_or(0, |answer| answer.len()) + 300;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept_for = std::time::Duration::from_mins(15);
        Self(Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh).time_to_live(kept_for).build())
    }

    fn keep(&self, query: &str, call: &Call, place: &Arc<str>, request: Bytes, answer: &Bytes) {
        let small = Some(answer).filter(|answer| answer.len() <= ONE_ANSWER);
        // Boxed: the compressor's buffer has room for the whole text.
        let answer = small.and_then(|answer| zstd::bulk::compress(answer, 1).ok()).map(Vec::into_boxed_slice);
        let said = Conversation { operation: call.operation.clone(), place: place.clone(), request, answer };
        self.0.insert((query.to_owned(), call.number), Arc::new(said));
    }

    /// What was said in a call; `None` where nothing is kept of it.
    pub(crate) fn get(&self, answer: &str, number: u32) -> Option<Said> {
        let said = self.0.get(&(answer.to_owned(), number))?;
        let request = String::from_utf8_lossy(&said.request).into_owned();
        let plain = said.answer.as_ref().and_then(|bytes| zstd::bulk::decompress(bytes, ONE_ANSWER).ok());
        let command = command(&said.operation, &said.place, &request);
        Some(Said { request, answer: plain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()), command })
    }
}

/// A call for a terminal.
fn command(operation: &str, place: &str, request: &str) -> String {
    let mut words = String::new();
    for letter in operation.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    let place = if place.is_empty() { String::new() } else { format!(" {place}") };
    let input = if request.trim().is_empty() { "{}" } else { request };
    format!("aws xray {words}{place} --cli-input-json '{}'", input.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_can_be_made_again_in_a_terminal() {
        assert_eq!(
            command("GetTraceSummaries", "--region eu-west-1", r#"{"FilterExpression":"user = 'x'"}"#),
            r#"aws xray get-trace-summaries --region eu-west-1 --cli-input-json '{"FilterExpression":"user = '\''x'\''"}'"#
        );
        assert_eq!(command("GetGroups", "", ""), "aws xray get-groups --cli-input-json '{}'");
    }

    #[test]
    fn a_budget_stops_what_comes_after_it() {
        let budget = Arc::new(Budget {
            most_of_query: 100,
            most_of_day: 150,
            of_day: Arc::new(AtomicU64::new(60)),
            of_query: AtomicU64::new(0),
        });
        let job = Job::new(Conversations::new(), budget.clone());
        assert!(job.check_budget().is_ok());
        job.charge(90);
        let said = job.check_budget().unwrap_err().to_string();
        assert!(
            said.contains("of the day is used up: 150 of 150 traces") && said.contains("“Traces per day”"),
            "{said}"
        );
        job.charge(10);
        let said = job.check_budget().unwrap_err().to_string();
        assert!(said.contains("of this query") && said.contains("“Traces per query”"), "{said}");
        assert!(!said.contains("stricter filter"), "AWS bills what is scanned, whatever matches: {said}");
    }
}
