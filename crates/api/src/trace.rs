//! One trace on its way to the page: columns, one entry a span, in pre-order.
//!
//! Columns are small (most numbers take one to five bytes) and become flat arrays in the page as they are. Positions in
//! the tree follow from `depth` alone.

use model::{
    AnnotationValue, Moment, Nanos, Outcome, Problem, SpanId, Trace, TraceId,
    document::detail::Cause,
    index::{Numbers, Texts},
    trace::{Namespace, Span, SpanKind},
};
use serde::{Deserialize, Serialize};

use crate::TraceRow;

/// A trace as columns. All columns have the same length; `texts[0]` is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceColumns {
    /// The trace's id.
    pub id: TraceId,
    /// The source it was read from.
    pub source: String,
    /// The region it was read from.
    pub region: String,
    /// What a list would say of it; what a header shows.
    pub summary: TraceRow,
    /// The earliest start; the other times count from it.
    pub start: Moment,
    /// From the earliest start to the latest known end.
    pub length: Nanos,
    /// X-Ray cut the trace for its size.
    pub limit_exceeded: bool,
    /// X-Ray did not have it; it came from Transaction Search.
    pub retrieved: bool,
    /// It was fetched then, and kept; `None`: just now.
    pub cached: Option<Moment>,
    /// What was wrong with the documents.
    pub problems: Vec<Problem>,
    /// Every text, once.
    pub texts: Vec<String>,
    /// The services, one for each distinct segment name and origin.
    pub services: Vec<ColumnService>,
    /// Ids, 64 bits each; in JSON 16 hex digits, for JavaScript's numbers are too small.
    #[serde(with = "span_ids")]
    pub span: Vec<u64>,
    /// Levels below a root.
    pub depth: Vec<u32>,
    /// Start, in nanoseconds after `start`.
    pub offset: Vec<i64>,
    /// Duration in nanoseconds; 0 while in progress (see [`bit::IN_PROGRESS`]).
    pub duration: Vec<i64>,
    /// Name: an index into `texts`.
    pub name: Vec<u32>,
    /// What it did, in a few words (`GET /cart`, `PutItem orders`): an index into `texts`; 0: nothing to say.
    pub operation: Vec<u32>,
    /// The service whose segment it belongs to: an index into `services`.
    pub service: Vec<u32>,
    /// HTTP status; 0: none.
    pub status: Vec<u16>,
    /// Kind, outcome and marks: see [`bit`].
    pub bits: Vec<u32>,
    /// Annotations, in the order of spans.
    pub annotations: Vec<ColumnAnnotation>,
    /// What spans are said to have failed of, in the order of spans: the type and message of the first exception.
    pub exceptions: Vec<ColumnText>,
    /// The `CloudWatch` log groups that spans name, in the order of spans.
    pub log_groups: Vec<ColumnText>,
}

/// An annotation of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnAnnotation {
    /// The span's index.
    pub span: u32,
    /// Its key: an index into `texts`.
    pub key: u32,
    /// Its value as text: an index into `texts`.
    pub value: u32,
}

/// A text of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnText {
    /// The span's index.
    pub span: u32,
    /// An index into `texts`.
    pub text: u32,
}

/// Characters of an exception's message that travel with the columns; the span's document has all.
const MESSAGE_LENGTH: usize = 300;

/// A service of a trace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ColumnService {
    /// The segment's name: an index into `texts`.
    pub name: u32,
    /// The segment's origin: an index into `texts`; 0: none.
    pub origin: u32,
}

/// The meaning of [`TraceColumns::bits`].
pub mod bit {
    use model::Outcome;

    /// Segment (0), subsegment (1), inferred segment (2), placeholder for a missing parent (3).
    pub const KIND: u32 = 0b11;
    /// Ok (0), error (1), fault (2), throttle (3), shifted by [`OUTCOME_SHIFT`].
    pub const OUTCOME: u32 = 0b1100;
    /// The place of [`OUTCOME`].
    pub const OUTCOME_SHIFT: u32 = 2;
    /// A call to an AWS service.
    pub const AWS: u32 = 1 << 4;
    /// A call to another service.
    pub const REMOTE: u32 = 1 << 5;
    /// No end is known.
    pub const IN_PROGRESS: u32 = 1 << 6;
    /// It ends after its parent.
    pub const ASYNCHRONOUS: u32 = 1 << 7;
    /// Clocks disagree.
    pub const SKEWED: u32 = 1 << 8;
    /// It recorded exceptions, or points to one.
    pub const EXCEPTION: u32 = 1 << 9;
    /// It has annotations.
    pub const ANNOTATIONS: u32 = 1 << 10;
    /// It has metadata.
    pub const METADATA: u32 = 1 << 11;
    /// It has an SQL query.
    pub const SQL: u32 = 1 << 12;
    /// It links to other traces.
    pub const LINKS: u32 = 1 << 13;

    /// The outcome in a span's bits.
    pub fn outcome(bits: u32) -> Outcome {
        match (bits & OUTCOME) >> OUTCOME_SHIFT {
            1 => Outcome::Error,
            2 => Outcome::Fault,
            3 => Outcome::Throttle,
            _ => Outcome::Ok,
        }
    }
}

/// What the page should be told of a trace besides its spans.
#[derive(Clone, Debug)]
pub struct Header {
    /// The source it was read from.
    pub source: String,
    /// The region it was read from.
    pub region: String,
    /// What a list would say of it.
    pub summary: TraceRow,
    /// X-Ray cut the trace for its size.
    pub limit_exceeded: bool,
    /// See [`TraceColumns::retrieved`].
    pub retrieved: bool,
    /// See [`TraceColumns::cached`].
    pub cached: Option<Moment>,
}

impl TraceColumns {
    /// The columns of a trace.
    pub fn new(trace: &Trace, header: Header) -> Self {
        let start = trace.spans.iter().map(|span| span.start).min().unwrap_or_default();
        let end = trace.spans.iter().map(|span| span.end.unwrap_or(span.start)).max().unwrap_or(start);
        let mut texts = Texts::default();
        texts.number("");
        let mut services = Numbers::default();
        let mut columns = Self {
            id: trace.id,
            source: header.source,
            region: header.region,
            summary: header.summary,
            start,
            length: end - start,
            limit_exceeded: header.limit_exceeded,
            retrieved: header.retrieved,
            cached: header.cached,
            problems: trace.problems.clone(),
            texts: Vec::new(),
            services: Vec::new(),
            span: Vec::with_capacity(trace.spans.len()),
            depth: Vec::with_capacity(trace.spans.len()),
            offset: Vec::with_capacity(trace.spans.len()),
            duration: Vec::with_capacity(trace.spans.len()),
            name: Vec::with_capacity(trace.spans.len()),
            operation: Vec::with_capacity(trace.spans.len()),
            service: Vec::with_capacity(trace.spans.len()),
            status: Vec::with_capacity(trace.spans.len()),
            bits: Vec::with_capacity(trace.spans.len()),
            annotations: Vec::new(),
            exceptions: Vec::new(),
            log_groups: Vec::new(),
        };
        for (place, span) in trace.spans.iter().enumerate() {
            columns.add_texts(place as u32, span, &mut texts);
            let segment = &trace.spans[span.segment as usize];
            let origin = segment.detail.as_ref().and_then(|detail| detail.origin.as_deref()).unwrap_or("");
            let service = ColumnService { name: texts.number(trace.name(segment)), origin: texts.number(origin) };
            let known = columns.services.len() as u32;
            let number = services.get_or_insert(u64::from(service.name) << 32 | u64::from(service.origin), known);
            if number == known {
                columns.services.push(service);
            }
            columns.service.push(number);
            columns.span.push(span.id.0);
            columns.depth.push(span.depth);
            columns.offset.push((span.start - start).0);
            columns.duration.push(span.duration().unwrap_or_default().0);
            columns.name.push(texts.number(trace.name(span)));
            columns.operation.push(texts.number(&operation(span)));
            columns.status.push(span.http().and_then(|http| http.status).and_then(|s| s.try_into().ok()).unwrap_or(0));
            columns.bits.push(bits(span));
        }
        columns.texts = texts.list().into_iter().map(str::to_owned).collect();
        columns
    }

    /// What a span says beside its own columns.
    fn add_texts(&mut self, place: u32, span: &Span, texts: &mut Texts) {
        let Some(detail) = span.detail.as_deref() else { return };
        for (key, value) in &detail.annotations {
            let (key, value) = (texts.number(key), texts.number(&value_text(value)));
            self.annotations.push(ColumnAnnotation { span: place, key, value });
        }
        if let Some(text) = detail.cause.as_ref().and_then(exception) {
            self.exceptions.push(ColumnText { span: place, text: texts.number(&text) });
        }
        for group in detail.aws.iter().flat_map(|aws| &aws.log_groups) {
            self.log_groups.push(ColumnText { span: place, text: texts.number(group) });
        }
    }

    /// What a span is said to have failed of.
    pub fn exception(&self, span: u32) -> Option<&str> {
        let place = self.exceptions.binary_search_by_key(&span, |it| it.span).ok()?;
        Some(self.text(self.exceptions[place].text))
    }

    /// The text with this number; empty when there is none.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// The id of a span by its index.
    pub fn span_id(&self, index: usize) -> Option<SpanId> {
        self.span.get(index).copied().map(SpanId)
    }

    /// Whether all columns have the same length and all numbers point at something, so that reading them by index is
    /// safe. False for bytes that were damaged on the way.
    pub fn is_consistent(&self) -> bool {
        let count = self.span.len();
        let lengths = [
            self.depth.len(),
            self.offset.len(),
            self.duration.len(),
            self.name.len(),
            self.operation.len(),
            self.service.len(),
            self.status.len(),
            self.bits.len(),
        ];
        let mut deepest = 0;
        let is_span = |span: u32| (span as usize) < count;
        lengths.iter().all(|length| *length == count)
            && self.service.iter().all(|service| (*service as usize) < self.services.len())
            && self.annotations.iter().all(|it| is_span(it.span))
            && self.exceptions.iter().chain(&self.log_groups).all(|it| is_span(it.span))
            && self.depth.iter().all(|&depth| {
                let follows = depth <= deepest;
                deepest = depth + 1;
                follows
            })
    }
}

/// An annotation's value as text.
fn value_text(value: &AnnotationValue) -> String {
    match value {
        AnnotationValue::String(text) => text.clone(),
        // Whole numbers as they are written; the standard library's printer of others would weigh down the page.
        AnnotationValue::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => (*number as i64).to_string(),
        AnnotationValue::Number(number) => zmij::Buffer::new().format(*number).to_owned(),
        AnnotationValue::Boolean(is) => is.to_string(),
    }
}

/// Type and message of the first exception of a cause; `None` for a mere pointer to another span's.
fn exception(cause: &Cause) -> Option<String> {
    let Cause::Exceptions { exceptions, .. } = cause else { return None };
    let first = exceptions.first()?;
    let message = first.message.as_deref().unwrap_or("");
    let message = message.char_indices().nth(MESSAGE_LENGTH).map_or(message, |(end, _)| &message[..end]);
    let parts = [first.kind.as_deref().unwrap_or(""), message];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(": "))
}

/// What a span did, in a few words.
fn operation(span: &Span) -> String {
    let Some(detail) = span.detail.as_deref() else { return String::new() };
    if let Some(operation) = detail.aws.as_ref().and_then(|aws| aws.operation.as_deref()) {
        let aws = detail.aws.as_ref();
        let target = aws.and_then(|aws| {
            [&aws.table_name, &aws.bucket_name, &aws.queue_url, &aws.topic_arn, &aws.function_name]
                .into_iter()
                .find_map(|name| name.as_deref())
        });
        return target.map_or_else(|| operation.to_owned(), |target| format!("{operation} {target}"));
    }
    if let Some(query) = detail.sql.as_ref().and_then(|sql| sql.sanitized_query.as_deref()) {
        // The first line tells; the whole query is in the document.
        let words: Vec<&str> = query.split_whitespace().take(12).collect();
        return words.join(" ");
    }
    let Some(http) = &detail.http else { return String::new() };
    match (&http.method, &http.url) {
        (Some(method), Some(url)) => format!("{} {}", method.to_ascii_uppercase(), url_path(url)),
        (Some(method), None) => method.to_ascii_uppercase(),
        (None, Some(url)) => url_path(url).to_owned(),
        (None, None) => String::new(),
    }
}

/// The path of an address, without host and query.
fn url_path(url: &str) -> &str {
    let after_host = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => url,
    };
    after_host.split(['?', '#']).next().unwrap_or(after_host)
}

fn bits(span: &Span) -> u32 {
    let kind = match span.kind {
        SpanKind::Segment => 0,
        SpanKind::Subsegment => 1,
        SpanKind::Inferred => 2,
        SpanKind::Placeholder => 3,
    };
    let outcome = match span.outcome {
        Outcome::Ok => 0,
        Outcome::Error => 1,
        Outcome::Fault => 2,
        Outcome::Throttle => 3,
    };
    let detail = span.detail.as_deref();
    let has = |test: fn(&model::Detail) -> bool| detail.is_some_and(test);
    let marks = [
        (span.namespace == Namespace::Aws, bit::AWS),
        (span.namespace == Namespace::Remote, bit::REMOTE),
        (span.is_in_progress(), bit::IN_PROGRESS),
        (span.marks.asynchronous, bit::ASYNCHRONOUS),
        (span.marks.skewed, bit::SKEWED),
        (has(|detail| detail.cause.is_some()), bit::EXCEPTION),
        (has(|detail| !detail.annotations.is_empty()), bit::ANNOTATIONS),
        (has(|detail| detail.has_metadata), bit::METADATA),
        (has(|detail| detail.sql.is_some()), bit::SQL),
        (has(|detail| !detail.links.is_empty()), bit::LINKS),
    ];
    let set = marks.into_iter().filter(|(is, _)| *is).fold(0, |bits, (_, bit)| bits | bit);
    kind | outcome << bit::OUTCOME_SHIFT | set
}

/// Ids as numbers in bytes, and as the texts that people know in JSON.
mod span_ids {
    use model::SpanId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(ids: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_seq(ids.iter().map(|id| SpanId(*id)));
        }
        ids.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        if deserializer.is_human_readable() {
            let ids = Vec::<SpanId>::deserialize(deserializer)?;
            return Ok(ids.into_iter().map(|id| id.0).collect());
        }
        Vec::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(drawing: &str) -> TraceColumns {
        let trace = fixture::trace(drawing);
        let summary = TraceRow {
            id: trace.id,
            start: None,
            duration: None,
            response_time: None,
            outcome: Outcome::Ok,
            partial: false,
            http: model::summary::HttpSummary::default(),
            users: vec!["alice".into()],
            zones: Vec::new(),
            instances: Vec::new(),
            arns: Vec::new(),
            annotations: vec![("a".into(), vec![model::AnnotationValue::Boolean(false)])],
            entry_point: None,
            services: 1,
            revision: 1,
        };
        let header = Header {
            source: "local".into(),
            region: "local".into(),
            summary,
            limit_exceeded: false,
            retrieved: false,
            cached: None,
        };
        TraceColumns::new(&trace, header)
    }

    const DRAWING: &str = "
front 0..90 GET https://shop/cart?x 200 origin=AWS::ECS::Container
  DynamoDB 10..20 aws op=GetItem table=carts 429
  db 20..30 remote sql=\"SELECT 1\"
  back 30..80 remote fault
    > back 31..120 !E=\"x\"
  busy 80..?
";

    #[test]
    fn columns_say_what_each_span_did() {
        let columns = columns(DRAWING);
        let line = |index: usize| {
            let outcome = bit::outcome(columns.bits[index]).as_str();
            let (name, operation) = (columns.text(columns.name[index]), columns.text(columns.operation[index]));
            let service = &columns.services[columns.service[index] as usize];
            format!("{} {name} | {operation} | {outcome} | {}", columns.depth[index], columns.text(service.name))
        };
        let lines: Vec<String> = (0..columns.span.len()).map(line).collect();
        assert_eq!(
            lines,
            [
                "0 front | GET /cart | ok | front",
                "1 DynamoDB | GetItem carts | throttle | front",
                "1 db | SELECT 1 | ok | front",
                "1 back |  | fault | front",
                "2 back |  | ok | back",
                "1 busy |  | ok | front",
            ]
        );
        assert!(columns.bits[5] & bit::IN_PROGRESS != 0 && columns.bits[4] & bit::ASYNCHRONOUS != 0);
        assert!(
            columns.bits[4] & bit::EXCEPTION != 0 && columns.bits[2] & bit::SQL != 0 && columns.bits[1] & bit::AWS != 0
        );
        assert_eq!(
            (columns.length, columns.offset[1], columns.duration[1]),
            (Nanos::millis(120), 10_000_000, 10_000_000)
        );
    }

    #[test]
    fn texts_of_spans_travel_too() {
        let columns = columns(
            "
front 0..90 @tier=\"gold\" @items=0 @beta=false @share=0.5
  back 10..20 !Timeout=\"no answer\" fault
",
        );
        let annotations = columns.annotations.iter();
        let mut told: Vec<_> = annotations.map(|it| (it.span, columns.text(it.key), columns.text(it.value))).collect();
        // A document's members come in any order.
        told.sort_unstable();
        assert_eq!(told, [(0, "beta", "false"), (0, "items", "0"), (0, "share", "0.5"), (0, "tier", "gold")]);
        assert_eq!((columns.exception(0), columns.exception(1)), (None, Some("Timeout: no answer")));
    }

    #[test]
    fn both_wires_carry_the_same() {
        let columns = columns(DRAWING);
        assert!(columns.is_consistent());
        let bytes = postcard::to_allocvec(&columns).unwrap();
        assert_eq!(postcard::from_bytes::<TraceColumns>(&bytes).unwrap(), columns);
        let json = serde_json::to_string(&columns).unwrap();
        assert!(json.contains(r#""span":["0000000000000002","#), "{json}");
        assert_eq!(serde_json::from_str::<TraceColumns>(&json).unwrap(), columns);
    }

    #[test]
    fn damaged_columns_are_noticed() {
        let mut short = columns(DRAWING);
        short.depth.pop();
        assert!(!short.is_consistent());
        let mut jump = columns(DRAWING);
        jump.depth[1] = 7;
        assert!(!jump.is_consistent());
        let mut stray = columns(DRAWING);
        stray.service[0] = 99;
        assert!(!stray.is_consistent());
    }
}
