//! A document on its way into the store: checked, and its facts taken out once, before any lock is held.

use std::sync::Arc;

use model::{
    Moment, SpanId, TraceId,
    document::{self, Entity, Member, Rejection, read},
};

/// A checked document.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub(crate) trace_id: TraceId,
    pub(crate) text: Arc<str>,
    /// The document's own entity first, then the embedded ones.
    pub(crate) entities: Box<[EntityState]>,
    pub(crate) start: Moment,
    pub(crate) end: Option<Moment>,
    pub(crate) is_segment: bool,
}

/// An entity, and whether it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntityState {
    pub(crate) id: SpanId,
    pub(crate) completed: bool,
}

impl Incoming {
    /// Checks a document as X-Ray does.
    pub fn check(text: &str) -> Result<Self, Rejection> {
        let entities = document::check(text)?;
        let own = &entities[0];
        // `check` has seen that these are there and well-formed; the defaults cannot be reached.
        let trace_id = own.text(Member::TraceId).and_then(|id| id.parse().ok()).unwrap_or(TraceId::from_bits(0));
        let start = time(own, Member::StartTime).unwrap_or_default();
        Ok(Self {
            trace_id,
            text: text.into(),
            start,
            end: time(own, Member::EndTime),
            is_segment: !own.is_subsegment(),
            entities: entities.iter().filter_map(state).collect(),
        })
    }

    /// The trace that it belongs to.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The end of the segment, when it is a completed one.
    pub(crate) fn segment_end(&self) -> Option<Moment> {
        self.end.filter(|_| self.is_segment)
    }
}

fn state(entity: &Entity<'_>) -> Option<EntityState> {
    let id = entity.text(Member::Id)?.parse().ok()?;
    Some(EntityState { id, completed: entity.get(Member::EndTime).is_some() })
}

fn time(entity: &Entity<'_>, member: Member) -> Option<Moment> {
    Moment::from_seconds_text(read::number_text(entity.get(member)?)?).ok()
}
