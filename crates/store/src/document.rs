//! A segment document that was read and found acceptable: its text, and what the store must know of it.

use std::sync::Arc;

use model::{
    Moment, SpanId, TraceId,
    document::{self, Member, Rejection, RejectionCode, RejectionKind, read},
};

/// An acceptable document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Its text, as it came.
    pub text: Arc<str>,
    /// The segment or subsegment itself, then everything embedded in it, in pre-order. Never empty.
    pub entities: Vec<Entity>,
}

/// A segment or subsegment of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its id, unique in the trace.
    pub id: SpanId,
    /// A segment, not a subsegment.
    pub is_segment: bool,
    /// Its start.
    pub start: Moment,
    /// Its end; `None` while it is in progress.
    pub end: Option<Moment>,
}

impl Document {
    /// Reads a document and judges it as a whole, as `PutTraceSegments` does.
    pub fn read(text: impl AsRef<str> + Into<Arc<str>>) -> Result<Self, Rejection> {
        let (trace, entities) = Self::parts(text.as_ref())?;
        Ok(Self { trace, text: text.into(), entities })
    }

    fn parts(text: &str) -> Result<(TraceId, Vec<Entity>), Rejection> {
        let entities = document::check(text)?;
        let trace = entities[0].text(Member::TraceId).and_then(|id| id.parse().ok());
        let read = |entity: &document::Entity<'_>| {
            let time = |member| {
                let number = entity.get(member).and_then(read::number_text)?;
                Moment::from_seconds_text(number).ok()
            };
            Some(Entity {
                id: entity.text(Member::Id)?.parse().ok()?,
                is_segment: !entity.is_subsegment(),
                start: time(Member::StartTime)?,
                end: time(Member::EndTime),
            })
        };
        // `check` has seen to all of it; should the two ever disagree, the document is refused and nothing breaks.
        trace.zip(entities.iter().map(read).collect()).ok_or_else(|| Rejection {
            kind: RejectionKind::Entity,
            code: RejectionCode::ParseError,
            id: None,
            reason: "an id or a time could not be read".into(),
        })
    }
}
