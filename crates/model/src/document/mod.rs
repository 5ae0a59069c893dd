//! Segment documents: one JSON text, read into a flat pre-order list of entities (the segment or independent
//! subsegment itself, and every subsegment embedded in it).
//!
//! A document is read one level at a time: the members of an entity are taken as raw JSON, its `subsegments` wait on
//! a stack of ours. So neither depth nor a strange member can overflow the call stack or lose precision, and each
//! entity knows the bytes of the text that it came from.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>

pub mod detail;
pub mod read;
pub mod validate;

use std::{borrow::Cow, ops::Range};

use serde_json::value::RawValue;

pub use self::{
    detail::{AnnotationValue, Detail},
    validate::{Rejection, RejectionCode, RejectionKind, check},
};
use crate::outcome::Flags;

/// Subsegments may be nested this deep inside one document; streamed ones have no limit.
pub const MAX_LEVELS: u32 = 128;

/// A segment or subsegment as its document writes it: members by name, still as JSON text.
#[derive(Clone, Debug, Default)]
pub struct Entity<'a> {
    /// The index of the entity that embeds this one, within the same document; `None` for the document's own.
    pub container: Option<u32>,
    /// How deep it is embedded: 0 for the document's own entity.
    pub level: u32,
    /// The bytes of the document's text that are this entity's JSON object.
    pub range: Range<usize>,
    members: [Option<&'a RawValue>; MEMBERS.len()],
    /// Members that the X-Ray documentation does not name, as they came.
    pub unknown: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// Why a text is no segment document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON, with the parser's words and position.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON, but not an object.
    #[error("a segment document is a JSON object; this is {0}")]
    NotAnObject(&'static str),
    /// A member of `subsegments` that is not an object.
    #[error("subsegments must be objects; one at byte {0} is not")]
    BadSubsegment(usize),
    /// Subsegments nested deeper than [`MAX_LEVELS`].
    #[error("subsegments are nested more than {MAX_LEVELS} levels deep")]
    TooDeep,
}

/// Reads a document into its entities in pre-order; the first one is the document's own.
///
/// Members are not judged here: see [`check`] for what the service refuses and [`Entity::detail`] for their meaning.
/// A `subsegments` that is not an array is ignored, as the service does.
pub fn parse(text: &str) -> Result<Vec<Entity<'_>>, ParseError> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| ParseError::Json(error.to_string()))?;
    let mut entities = Vec::with_capacity(8);
    // The entities still to read, in reverse: the last one is next in pre-order.
    let mut waiting: Vec<(&RawValue, Option<u32>, u32)> = vec![(whole, None, 0)];
    while let Some((raw, container, level)) = waiting.pop() {
        let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        if level > MAX_LEVELS {
            return Err(ParseError::TooDeep);
        }
        let Some(mut entity) = entity(raw) else {
            return Err(if level == 0 {
                ParseError::NotAnObject(read::type_name(raw))
            } else {
                ParseError::BadSubsegment(start)
            });
        };
        (entity.container, entity.level, entity.range) = (container, level, start..start + raw.get().len());
        let index = entities.len() as u32;
        if let Some(children) = entity.get(Member::Subsegments).and_then(read::elements) {
            waiting.extend(children.into_iter().rev().map(|child| (child, Some(index), level + 1)));
        }
        entities.push(entity);
    }
    Ok(entities)
}

/// Reads one document's own members and leaves its subsegments unread; what `parse` would give first.
///
/// # Errors
/// As `parse`, but for the subsegments.
pub fn parse_top(text: &str) -> Result<Entity<'_>, ParseError> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| ParseError::Json(error.to_string()))?;
    let entity = entity(whole).ok_or_else(|| ParseError::NotAnObject(read::type_name(whole)))?;
    let start = whole.get().as_ptr() as usize - text.as_ptr() as usize;
    Ok(Entity { range: start..start + whole.get().len(), ..entity })
}

/// The members of an object by name.
fn entity(raw: &RawValue) -> Option<Entity<'_>> {
    let mut entity = Entity::default();
    for (key, value) in read::members(raw)? {
        match MEMBERS.iter().position(|name| *name == key) {
            Some(place) => entity.members[place] = Some(value),
            None => entity.unknown.push((key, value)),
        }
    }
    Some(entity)
}

/// The text of an entity without its `subsegments`: its own JSON object, members as they came, in their order.
/// Returns it with the number of direct subsegments left out. `None` when `text` is no JSON object.
pub fn without_subsegments(text: &str) -> Option<(String, u32)> {
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    let mut own = String::from("{");
    let mut left_out = 0;
    for (key, value) in read::members(raw)? {
        if key == "subsegments"
            && let Some(children) = read::elements(value)
        {
            left_out = children.len() as u32;
            continue;
        }
        if own.len() > 1 {
            own.push(',');
        }
        own.push_str(&serde_json::to_string(&key).ok()?);
        own.push(':');
        own.push_str(value.get());
    }
    own.push('}');
    Some((own, left_out))
}

macro_rules! members {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The members of segment and subsegment documents that the X-Ray documentation names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the member of that name")]
        pub enum Member { $($variant),+ }

        /// The names of [`Member`], in the same order.
        const MEMBERS: [&str; [$($name),+].len()] = [$($name),+];
    };
}
members! {
    // The ones that every document has come first: they are found soonest.
    Id = "id", Name = "name", StartTime = "start_time", EndTime = "end_time", TraceId = "trace_id",
    ParentId = "parent_id", Type = "type", Namespace = "namespace", InProgress = "in_progress", Http = "http",
    Aws = "aws", Subsegments = "subsegments", Annotations = "annotations", Metadata = "metadata", Fault = "fault",
    Error = "error", Throttle = "throttle", Cause = "cause", Sql = "sql", Origin = "origin", User = "user",
    Service = "service", ResourceArn = "resource_arn", Links = "links", PrecursorIds = "precursor_ids",
    Inferred = "inferred",
}

impl<'a> Entity<'a> {
    /// A member as raw JSON; `null` counts as absent.
    pub fn get(&self, member: Member) -> Option<&'a RawValue> {
        self.members[member as usize].filter(|raw| raw.get() != "null")
    }

    /// A documented member by its name, as raw JSON; `null` counts as absent.
    pub fn member(&self, name: &str) -> Option<&'a RawValue> {
        let place = MEMBERS.iter().position(|known| *known == name)?;
        self.members[place].filter(|raw| raw.get() != "null")
    }

    /// A member that is a string.
    pub fn text(&self, member: Member) -> Option<Cow<'a, str>> {
        self.get(member).and_then(read::text)
    }

    /// A member that is a boolean.
    pub fn flag(&self, member: Member) -> Option<bool> {
        self.get(member).and_then(read::boolean)
    }

    /// Whether this is a subsegment: embedded in another entity, or of `type` `subsegment`.
    pub fn is_subsegment(&self) -> bool {
        self.container.is_some() || self.text(Member::Type).is_some_and(|kind| kind == "subsegment")
    }

    /// Whether X-Ray made this segment up from its caller's subsegment.
    pub fn is_inferred(&self) -> bool {
        self.flag(Member::Inferred) == Some(true)
    }

    /// The literal flags `error`, `fault` and `throttle`.
    pub fn flags(&self) -> Flags {
        let flag = |member| self.flag(member) == Some(true);
        Flags { error: flag(Member::Error), fault: flag(Member::Fault), throttle: flag(Member::Throttle) }
    }
}

#[cfg(test)]
mod tests;
