//! What can be told of a trace at a glance: enough to pass over most traces that an expression does not ask for, without
//! reading them.
//!
//! A [`Sketch`] holds a hash of sixteen bits for each thing that a trace has (a user, a value of an annotation, a service
//! that failed), and its times. [`Needs`] are what an expression cannot do without. Where a sketch does not have what is
//! needed, the expression does not match; where it has, the trace itself must be asked.

use std::{borrow::Cow, collections::BTreeSet};

use model::{
    AnnotationValue, TraceFacts,
    facts::Observation,
    outcome::Flags,
    summary::{HttpSummary, RootCause, ServiceId},
};
use serde::{Deserialize, Serialize};

use crate::{
    Filter,
    keyword::{Flag, Number, Text},
    tree::{AnnotationTest, Category, Expr, Kind, Match, NodeRef, Order},
};

/// A trace at a glance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch<'a> {
    /// Nanoseconds.
    response_time: Option<i64>,
    /// Nanoseconds.
    duration: Option<i64>,
    /// Hashes, ascending, two bytes each, the lower one first.
    #[serde(borrow)]
    terms: Cow<'a, [u8]>,
}

/// What a trace must have for an expression to match.
#[derive(Clone, Debug, PartialEq)]
pub enum Needs {
    /// Nothing that a sketch would show.
    Nothing,
    /// All of these.
    All(Vec<Needs>),
    /// One of these.
    Any(Vec<Needs>),
    /// Something with this hash.
    Term(u16),
    /// A response time that compares so, in seconds; any if there is no comparison.
    ResponseTime(Option<(Order, f64)>),
    /// A duration that compares so, in seconds; any if there is no comparison.
    Duration(Option<(Order, f64)>),
}

/// The kinds of things that are hashed. Sketches are stored: a store that keeps them is of another schema when a number
/// here, or the order of [`Flag`], [`Text`] or [`Category`], changes.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Term {
    Text = 1,
    Status = 2,
    AnnotationKey = 3,
    AnnotationText = 4,
    AnnotationNumber = 5,
    AnnotationBoolean = 6,
    /// A flag of the trace.
    TraceFlag = 7,
    /// A flag of one of a service's segments.
    ServiceFlag = 8,
    Edge = 9,
    /// A flag of one of the calls between two services.
    EdgeFlag = 10,
    /// A name on the path of a root cause.
    CauseName = 11,
    Cause = 12,
}

fn hash(term: Term, parts: &[&[u8]]) -> u16 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[term as u8]);
    for part in parts {
        hasher.update(part);
        // No text holds it: parts cannot run into one another.
        hasher.update(&[0xff]);
    }
    let sum = hasher.finalize();
    (sum ^ (sum >> 16)) as u16
}

fn bits(number: f64) -> [u8; 8] {
    // Both zeros are the same number.
    (number + 0.0).to_bits().to_le_bytes()
}

fn text(field: Text, value: &str) -> u16 {
    hash(Term::Text, &[&[field as u8], value.as_bytes()])
}

const FLAGS: [Flag; 3] = [Flag::Error, Flag::Fault, Flag::Throttle];

fn has(flags: Flags, flag: Flag) -> bool {
    match flag {
        Flag::Error => flags.error,
        Flag::Fault => flags.fault,
        Flag::Throttle => flags.throttle,
        _ => false,
    }
}

impl Sketch<'_> {
    /// The sketch of a trace.
    pub fn of(facts: &TraceFacts) -> Sketch<'static> {
        let mut terms = BTreeSet::new();
        let summary = &facts.summary;
        let flags = Flags { error: summary.has_error, fault: summary.has_fault, throttle: summary.has_throttle };
        terms.extend(
            FLAGS.iter().filter(|flag| has(flags, **flag)).map(|flag| hash(Term::TraceFlag, &[&[*flag as u8]])),
        );
        if summary.is_partial {
            terms.insert(hash(Term::TraceFlag, &[&[Flag::Partial as u8]]));
        }
        http(&mut terms, &summary.http);
        annotations(&mut terms, &summary.annotations);
        for (field, values) in [
            (Text::User, &summary.users),
            (Text::ResourceArn, &summary.resource_arns),
            (Text::InstanceId, &summary.instance_ids),
            (Text::AvailabilityZone, &summary.availability_zones),
        ] {
            terms.extend(values.iter().map(|value| text(field, value)));
        }
        for service in &facts.services {
            node(&mut terms, &service.id);
            seen(&mut terms, &service.observations, |flag| {
                hash(Term::ServiceFlag, &[&[flag as u8], service.id.name.as_bytes()])
            });
            annotations(&mut terms, &service.annotations);
            for (field, values) in [
                (Text::User, &service.users),
                (Text::ResourceArn, &service.resource_arns),
                (Text::InstanceId, &service.instance_ids),
                (Text::AvailabilityZone, &service.availability_zones),
            ] {
                terms.extend(values.iter().map(|value| text(field, value)));
            }
        }
        for edge in &facts.edges {
            let name = |place: usize| facts.services.get(place).map_or("", |service| &service.id.name).as_bytes();
            let (source, target) = (name(edge.source), name(edge.target));
            terms.insert(hash(Term::Edge, &[source, target]));
            seen(&mut terms, &edge.observations, |flag| hash(Term::EdgeFlag, &[&[flag as u8], source, target]));
            annotations(&mut terms, &edge.annotations);
        }
        causes(&mut terms, Category::Fault, &summary.fault_root_causes);
        causes(&mut terms, Category::Error, &summary.error_root_causes);
        causes(&mut terms, Category::ResponseTime, &summary.response_time_root_causes);
        Sketch {
            response_time: summary.response_time.map(|time| time.0),
            duration: summary.duration.map(|time| time.0),
            terms: Cow::Owned(terms.into_iter().flat_map(u16::to_le_bytes).collect()),
        }
    }

    fn has(&self, term: u16) -> bool {
        let (terms, _) = self.terms.as_chunks::<2>();
        terms.binary_search_by_key(&term, |bytes| u16::from_le_bytes(*bytes)).is_ok()
    }
}

fn http(terms: &mut BTreeSet<u16>, http: &HttpSummary) {
    for (field, value) in [
        (Text::HttpUrl, &http.url),
        (Text::HttpMethod, &http.method),
        (Text::HttpUserAgent, &http.user_agent),
        (Text::HttpClientIp, &http.client_ip),
    ] {
        terms.extend(value.as_ref().map(|value| text(field, value)));
    }
    terms.extend(http.status.map(|status| hash(Term::Status, &[&bits(status as f64)])));
}

fn seen(terms: &mut BTreeSet<u16>, observations: &[Observation], term: impl Fn(Flag) -> u16) {
    for seen in observations {
        http(terms, &seen.http);
        terms.extend(FLAGS.iter().filter(|flag| has(seen.flags, **flag)).map(|flag| term(*flag)));
    }
}

fn node(terms: &mut BTreeSet<u16>, id: &ServiceId) {
    terms.insert(text(Text::Name, &id.name));
    terms.extend(id.kind.as_ref().map(|kind| text(Text::Type, kind)));
    terms.extend(id.account_id.as_ref().map(|account| text(Text::AccountId, account)));
}

fn annotations(terms: &mut BTreeSet<u16>, annotations: &[(String, Vec<AnnotationValue>)]) {
    for (key, values) in annotations {
        terms.insert(hash(Term::AnnotationKey, &[key.as_bytes()]));
        terms.extend(values.iter().map(|value| match value {
            AnnotationValue::String(text) => annotated(Term::AnnotationText, key, text.as_bytes()),
            AnnotationValue::Number(number) => annotated(Term::AnnotationNumber, key, &bits(*number)),
            AnnotationValue::Boolean(is) => annotated(Term::AnnotationBoolean, key, &[u8::from(*is)]),
        }));
    }
}

fn annotated(term: Term, key: &str, value: &[u8]) -> u16 {
    hash(term, &[key.as_bytes(), value])
}

fn causes(terms: &mut BTreeSet<u16>, category: Category, causes: &[RootCause]) {
    if !causes.is_empty() {
        terms.insert(hash(Term::Cause, &[&[category as u8]]));
    }
    let name = |name: &str| hash(Term::CauseName, &[name.as_bytes()]);
    for service in causes.iter().flat_map(|cause| &cause.services) {
        node(terms, &service.service);
        terms.insert(name(&service.service.name));
        for entity in &service.entity_path {
            terms.insert(name(&entity.name));
            for exception in &entity.exceptions {
                terms.extend(exception.name.as_deref().map(name));
                terms.extend(exception.message.as_deref().map(|message| text(Text::Message, message)));
            }
        }
    }
}

/// What conditions are asked of.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Trace,
    Service(Option<&'a str>),
    Edge(Option<(&'a str, &'a str)>),
    Cause,
}

impl Filter {
    /// What a trace must have for this to match.
    pub fn needs(&self) -> Needs {
        needs(&self.root, Subject::Trace)
    }
}

/// It recurses no deeper than the tree, which is bounded.
fn needs(expr: &Expr, subject: Subject<'_>) -> Needs {
    match &expr.kind {
        Kind::And(parts) => all(parts.iter().map(|part| needs(part, subject)).collect()),
        Kind::Or(parts) => any(parts.iter().map(|part| needs(part, subject)).collect()),
        Kind::Flag(flag, true) => of_flag(*flag, subject),
        Kind::Number(number, test) => of_number(*number, *test, subject),
        Kind::Text(field, Some((Match::Equal, value))) => match (field, subject) {
            (Text::Name, Subject::Cause) => Needs::Term(hash(Term::CauseName, &[value.as_bytes()])),
            _ => Needs::Term(text(*field, value)),
        },
        Kind::Annotation { key, test, .. } => of_annotation(key, test),
        Kind::Group { is: true, body: Some(body), .. } => needs(body, subject),
        Kind::Service { node, body } => {
            let name = node.as_ref().and_then(|node| node.name.as_deref());
            let body = body.as_ref().map_or(Needs::Nothing, |body| needs(body, Subject::Service(name)));
            all(vec![of_node(node.as_ref()), body])
        }
        Kind::Edge { ends, body } => {
            let (source, target) = ends.as_ref().map_or((None, None), |(source, target)| (Some(source), Some(target)));
            let names = source.and_then(|node| node.name.as_deref()).zip(target.and_then(|node| node.name.as_deref()));
            let edge = names.map_or(Needs::Nothing, |(source, target)| {
                Needs::Term(hash(Term::Edge, &[source.as_bytes(), target.as_bytes()]))
            });
            let body = body.as_ref().map_or(Needs::Nothing, |body| needs(body, Subject::Edge(names)));
            all(vec![edge, of_node(source), of_node(target), body])
        }
        Kind::RootCause { category, body, .. } => {
            all(vec![Needs::Term(hash(Term::Cause, &[&[*category as u8]])), needs(body, Subject::Cause)])
        }
        Kind::Everything
        | Kind::Not(_)
        | Kind::Flag(_, false)
        | Kind::Text(..)
        | Kind::Group { .. }
        | Kind::RootCauseJson { .. } => Needs::Nothing,
    }
}

fn of_flag(flag: Flag, subject: Subject<'_>) -> Needs {
    let is_told = FLAGS.contains(&flag);
    match subject {
        Subject::Trace if is_told || flag == Flag::Partial => Needs::Term(hash(Term::TraceFlag, &[&[flag as u8]])),
        Subject::Service(Some(name)) if is_told => {
            Needs::Term(hash(Term::ServiceFlag, &[&[flag as u8], name.as_bytes()]))
        }
        Subject::Edge(Some((source, target))) if is_told => {
            Needs::Term(hash(Term::EdgeFlag, &[&[flag as u8], source.as_bytes(), target.as_bytes()]))
        }
        _ => Needs::Nothing,
    }
}

fn of_number(number: Number, test: Option<(Order, f64)>, subject: Subject<'_>) -> Needs {
    match (number, test, subject) {
        (Number::ResponseTime, test, Subject::Trace) => Needs::ResponseTime(test),
        (Number::Duration, test, Subject::Trace) => Needs::Duration(test),
        (Number::HttpStatus, Some((Order::Equal, status)), _) => Needs::Term(hash(Term::Status, &[&bits(status)])),
        _ => Needs::Nothing,
    }
}

fn of_annotation(key: &str, test: &AnnotationTest) -> Needs {
    let of_boolean = |is: bool| Needs::Term(annotated(Term::AnnotationBoolean, key, &[u8::from(is)]));
    match test {
        AnnotationTest::Text(Match::Equal, value) => {
            let of_text = Needs::Term(annotated(Term::AnnotationText, key, value.as_bytes()));
            // A boolean can be compared with its word.
            let word =
                [("true", true), ("false", false)].into_iter().find(|(word, _)| word.eq_ignore_ascii_case(value));
            word.map_or(of_text.clone(), |(_, is)| any(vec![of_text, of_boolean(is)]))
        }
        AnnotationTest::Number(Order::Equal, value) => {
            Needs::Term(annotated(Term::AnnotationNumber, key, &bits(*value)))
        }
        AnnotationTest::Boolean(is) => of_boolean(*is),
        AnnotationTest::Present | AnnotationTest::Text(..) | AnnotationTest::Number(..) => {
            Needs::Term(hash(Term::AnnotationKey, &[key.as_bytes()]))
        }
    }
}

fn of_node(node: Option<&NodeRef>) -> Needs {
    let Some(node) = node else { return Needs::Nothing };
    let fields = [(Text::Name, &node.name), (Text::Type, &node.kind), (Text::AccountId, &node.account_id)];
    all(fields.into_iter().filter_map(|(field, value)| Some(Needs::Term(text(field, value.as_ref()?)))).collect())
}

fn all(mut parts: Vec<Needs>) -> Needs {
    parts.retain(|part| *part != Needs::Nothing);
    match parts.len() {
        0 => Needs::Nothing,
        1 => parts.remove(0),
        _ => Needs::All(parts),
    }
}

fn any(parts: Vec<Needs>) -> Needs {
    if parts.contains(&Needs::Nothing) { Needs::Nothing } else { Needs::Any(parts) }
}

impl Needs {
    /// Whether a trace with this sketch could match.
    pub fn are_met(&self, sketch: &Sketch<'_>) -> bool {
        let time = |time: Option<i64>, test: &Option<(Order, f64)>| {
            let seconds = time.map(|time| model::Nanos(time).as_seconds());
            seconds
                .is_some_and(|seconds| test.is_none_or(|(order, asked)| crate::eval::compares(seconds, order, asked)))
        };
        match self {
            Self::Nothing => true,
            Self::All(parts) => parts.iter().all(|part| part.are_met(sketch)),
            Self::Any(parts) => parts.iter().any(|part| part.are_met(sketch)),
            Self::Term(term) => sketch.has(*term),
            Self::ResponseTime(test) => time(sketch.response_time, test),
            Self::Duration(test) => time(sketch.duration, test),
        }
    }
}
