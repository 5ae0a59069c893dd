//! One trace while it is told: who asks, what is out of order, and the documents written so far.

use model::{Moment, SpanId, TraceId};
use serde_json::json;

use crate::{dice::Dice, incident::Incident, span::Span};

/// A trace that is being told.
pub(crate) struct Story {
    /// The dice of this trace alone.
    pub(crate) dice: Dice,
    /// The trace.
    pub(crate) trace: TraceId,
    /// What is out of order while it lasts.
    pub(crate) incident: Option<Incident>,
    /// Who asks.
    pub(crate) shopper: Shopper,
    /// What was sent to the queue of orders.
    pub(crate) sent: Option<Message>,
    /// The latest end of anything in it.
    pub(crate) end: Moment,
    documents: Vec<String>,
}

/// Somebody in front of a browser.
#[derive(Clone, Debug)]
pub(crate) struct Shopper {
    /// The name of one who has signed in.
    pub(crate) user: Option<&'static str>,
    /// The address of the browser; from the ranges that are kept free for documentation.
    pub(crate) address: String,
    /// The browser.
    pub(crate) agent: &'static str,
    /// The number of the cart.
    pub(crate) cart: u64,
}

/// An order on its way through the queue.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The trace that sent it.
    pub(crate) trace: TraceId,
    /// The subsegment that sent it.
    pub(crate) span: SpanId,
    /// When it was in the queue.
    pub(crate) at: Moment,
    /// The number of the order.
    pub(crate) order: u64,
    /// Who ordered.
    pub(crate) shopper: Shopper,
}

const USERS: [&str; 12] =
    ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj"];

const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "shop-android/5.12.0 (Android 15; okhttp/4.12)",
];

impl Shopper {
    /// Anybody. Who comes back has the same address and browser.
    pub(crate) fn any(dice: &mut Dice) -> Self {
        let known = dice.below(USERS.len() as u64);
        let is_signed_in = dice.per_mille(550);
        let guest = dice.below(200);
        let (range, number) = if is_signed_in { ("192.0.2", 10 + known * 7) } else { ("198.51.100", 20 + guest) };
        Self {
            user: is_signed_in.then(|| USERS[known as usize]),
            address: format!("{range}.{number}"),
            agent: AGENTS[number as usize % AGENTS.len()],
            cart: 70_000 + number * 31,
        }
    }
}

impl Story {
    /// One that begins in the second of `start`.
    pub(crate) fn new(mut dice: Dice, start: Moment, incident: Option<Incident>, shopper: Shopper) -> Self {
        let second = (start.floor_second().0 / model::time::SECOND) as u128;
        let rest = u128::from(dice.bits() >> 32) << 64 | u128::from(dice.bits());
        let trace = TraceId::from_bits((second & 0xffff_ffff) << 96 | rest);
        Self { dice, trace, incident, shopper, sent: None, end: start, documents: Vec::new() }
    }

    /// Whether an incident is on.
    pub(crate) fn suffers(&self, incident: Incident) -> bool {
        self.incident == Some(incident)
    }

    /// A (sub)segment that begins.
    pub(crate) fn span(&mut self, name: &str, start: Moment) -> Span {
        Span::new(&mut self.dice, name, start)
    }

    /// Writes a segment down; `parent` is the call that it answers.
    pub(crate) fn write_segment(&mut self, mut segment: Span, parent: Option<SpanId>) {
        segment.set("trace_id", json!(self.trace));
        if let Some(parent) = parent {
            segment.set("parent_id", json!(parent));
        }
        self.write(&segment);
    }

    /// Writes down, as a document of its own, a subsegment that its parent did not wait for.
    pub(crate) fn write_late(&mut self, mut subsegment: Span, parent: SpanId) {
        subsegment.set("type", json!("subsegment"));
        subsegment.set("trace_id", json!(self.trace));
        subsegment.set("parent_id", json!(parent));
        self.write(&subsegment);
    }

    /// All documents, in the order in which they were written.
    pub(crate) fn into_documents(self) -> Vec<String> {
        self.documents
    }

    fn write(&mut self, span: &Span) {
        self.end = self.end.max(span.now);
        self.documents.push(span.json());
    }
}
