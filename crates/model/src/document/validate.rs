//! What X-Ray refuses: the checks of `PutTraceSegments`, in their order and with their codes.

use std::str::FromStr as _;

use super::{Entity, Member, ParseError, parse, read};
use crate::{Moment, SpanId, TraceId};

/// Why the service refuses a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What the document was taken for.
    pub kind: RejectionKind,
    /// The code that goes back to the sender.
    pub code: RejectionCode,
    /// The document's own id, as written, where it has one (never that of an embedded subsegment).
    pub id: Option<String>,
    /// Where and why, for the one who is looking for the mistake; not part of AWS's answer.
    pub reason: String,
}

impl Rejection {
    /// The message as AWS words it.
    pub fn message(&self) -> String {
        let code = self.code.as_str();
        match self.kind {
            RejectionKind::Segment => format!("Invalid segment. ErrorCode: {code}"),
            RejectionKind::Subsegment => {
                format!("Invalid subsegment. ErrorCode: {code}, Cause: null")
            }
            RejectionKind::Entity => format!("Invalid entity. ErrorCode: {code}"),
        }
    }
}

/// What a refused document was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionKind {
    /// A segment.
    Segment,
    /// A subsegment, embedded or sent on its own.
    Subsegment,
    /// Neither: no object, or of an unknown `type`.
    Entity,
}

macro_rules! codes {
    ($($code:ident),+ $(,)?) => {
        /// The codes of X-Ray's refusals, as they are written on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each says what is wrong")]
        pub enum RejectionCode { $($code),+ }

        impl RejectionCode {
            /// The code as it is written on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => stringify!($code)),+ }
            }
        }
    };
}
codes! {
    ParseError, UnknownType, MissingId, InvalidId, MissingName, MissingTraceId, InvalidTraceId, MissingStartTime,
    InProgressSegmentHasEndTime, InProgressSubsegmentHasEndTime, MissingEndTime, MissingParentId, InvalidParentId,
    DocumentTooLarge,
}

/// Reads a document and judges it as a whole, every embedded subsegment included.
pub fn check(text: &str) -> Result<Vec<Entity<'_>>, Rejection> {
    let entities = parse(text).map_err(|error| unreadable(text, &error))?;
    let own = &entities[0];
    let id = own.text(Member::Id).map(std::borrow::Cow::into_owned);
    if let Some(at) = lone_surrogate(text) {
        let reason = format!("half of a surrogate pair stands alone at byte {at}");
        return Err(Rejection { kind: RejectionKind::Segment, code: RejectionCode::ParseError, id, reason });
    }
    for (index, entity) in entities.iter().enumerate() {
        if let Err((code, what)) = judge(entity) {
            let kind = match code {
                RejectionCode::UnknownType => RejectionKind::Entity,
                _ if entity.is_subsegment() => RejectionKind::Subsegment,
                _ => RejectionKind::Segment,
            };
            let place =
                if index == 0 { String::new() } else { format!(" (subsegment at byte {})", entity.range.start) };
            return Err(Rejection { kind, code, id, reason: format!("{what}{place}") });
        }
    }
    Ok(entities)
}

/// Where `\ud800` or the like stands in JSON without its other half: it is no text, and no reader takes it. Members are
/// read when they are needed, so that this would show only then.
pub fn lone_surrogate(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = 0;
    while let Some(next) = bytes.get(at..)?.iter().position(|byte| *byte == b'\\') {
        at += next;
        at += match unit(at) {
            Some(0xd800..0xdc00) if unit(at + 6).is_some_and(|low| (0xdc00..0xe000).contains(&low)) => 12,
            Some(0xd800..0xe000) => return Some(at),
            Some(_) => 6,
            // Another escape, a backslash's own among them.
            None => 2,
        };
    }
    None
}

fn unreadable(text: &str, error: &ParseError) -> Rejection {
    let kind = match error {
        ParseError::NotAnObject(_) => RejectionKind::Entity,
        ParseError::Json(_) if !text.trim_start().starts_with('{') => RejectionKind::Entity,
        _ => RejectionKind::Segment,
    };
    Rejection { kind, code: RejectionCode::ParseError, id: None, reason: error.to_string() }
}

/// The checks on one entity, in the service's order; the first that fails counts.
fn judge(entity: &Entity<'_>) -> Result<(), (RejectionCode, String)> {
    use RejectionCode as Code;
    let top = entity.container.is_none();
    let fail = |code: Code, what: String| Err((code, what));
    if let Some(kind) = entity.get(Member::Type).filter(|_| top)
        && !matches!(read::text(kind).as_deref(), Some("" | "segment" | "subsegment"))
    {
        return fail(Code::UnknownType, format!("the type {} is neither segment nor subsegment", kind.get()));
    }
    let Some(id) = entity.text(Member::Id).filter(|id| !id.is_empty()) else {
        return fail(Code::MissingId, "id is missing".into());
    };
    if let Err(error) = SpanId::from_str(&id) {
        return fail(Code::InvalidId, error.to_string());
    }
    if entity.text(Member::Name).is_none_or(|name| name.is_empty()) {
        return fail(Code::MissingName, "name is missing, empty or no string".into());
    }
    if top {
        let Some(trace) = entity.text(Member::TraceId) else {
            return fail(Code::MissingTraceId, "trace_id is missing or no string".into());
        };
        if let Err(error) = TraceId::from_str(&trace) {
            return fail(Code::InvalidTraceId, error.to_string());
        }
    }
    let time = |member| entity.get(member).and_then(read::number_text).map(Moment::from_seconds_text);
    match time(Member::StartTime) {
        Some(Ok(_)) => {}
        Some(Err(error)) => return fail(Code::MissingStartTime, error.to_string()),
        None => return fail(Code::MissingStartTime, "start_time is missing or no number".into()),
    }
    let in_progress = entity.flag(Member::InProgress) == Some(true);
    match time(Member::EndTime) {
        Some(_) if in_progress && entity.is_subsegment() => {
            return fail(Code::InProgressSubsegmentHasEndTime, "in_progress is true, yet there is an end_time".into());
        }
        Some(_) if in_progress => {
            return fail(Code::InProgressSegmentHasEndTime, "in_progress is true, yet there is an end_time".into());
        }
        Some(Err(error)) => return fail(Code::MissingEndTime, error.to_string()),
        None if !in_progress => {
            return fail(Code::MissingEndTime, "end_time is missing or no number, and in_progress is not true".into());
        }
        _ => {}
    }
    let parent = entity.get(Member::ParentId).filter(|_| top);
    match parent.map(read::text) {
        None if top && entity.is_subsegment() => {
            fail(Code::MissingParentId, "a subsegment on its own needs a parent_id".into())
        }
        Some(text) if text.as_deref().and_then(|text| SpanId::from_str(text).ok()).is_none() => {
            fail(Code::InvalidParentId, "parent_id is not 16 hex digits".into())
        }
        _ => Ok(()),
    }
}
