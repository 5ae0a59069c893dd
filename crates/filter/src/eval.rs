//! Whether a trace is as an expression says.
//!
//! A value that is not there makes every comparison false, `!=` too. Of several values one that compares is enough.

use model::{
    AnnotationValue, TraceFacts,
    facts::{EdgeFacts, Observation, ServiceFacts},
    outcome::Flags,
    summary::{HttpSummary, RootCause, RootCauseEntity, RootCauseException, RootCauseService, ServiceId},
};

use crate::{
    keyword::{Flag, Number, Text},
    tree::{AnnotationTest, Category, Expr, Kind, Level, Match, NodeRef, Order, Side},
};

/// What a condition is asked of.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Trace(&'a TraceFacts),
    /// A service, by one of its segments.
    Service(&'a ServiceFacts, &'a Observation),
    /// Calls between two services, by one of them.
    Edge(&'a TraceFacts, &'a EdgeFacts, &'a Observation),
    Cause(Element<'a>, Place),
}

/// An element of a root cause's path.
#[derive(Clone, Copy)]
enum Element<'a> {
    Service(&'a RootCauseService),
    Entity(&'a RootCauseEntity),
    Exception(&'a RootCauseException),
}

/// Where an element stands in its list.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    is_last: bool,
}

/// Whether a trace is so.
pub(crate) fn matches(expr: &Expr, facts: &TraceFacts) -> bool {
    holds(expr, Subject::Trace(facts))
}

/// Whether a condition holds. It recurses no deeper than the tree, which is bounded.
fn holds(expr: &Expr, subject: Subject<'_>) -> bool {
    match &expr.kind {
        Kind::Everything => true,
        Kind::And(parts) => parts.iter().all(|part| holds(part, subject)),
        Kind::Or(parts) => parts.iter().any(|part| holds(part, subject)),
        Kind::Not(inner) => !holds(inner, subject),
        Kind::Flag(field, value) => flag(subject, *field) == *value,
        Kind::Number(field, test) => number(subject, *field)
            .is_some_and(|number| test.is_none_or(|(order, value)| compares(number, order, value))),
        Kind::Text(field, test) => {
            text(subject, *field, &|text| test.as_ref().is_none_or(|(how, value)| agrees(text, *how, value)))
        }
        Kind::Annotation { side, key, test } => annotation(subject, *side, key, test),
        // Nothing belongs to a group that is not there.
        Kind::Group { is, body, .. } => body.as_ref().is_some_and(|body| holds(body, subject)) == *is,
        Kind::Service { node, body } => service(subject, node.as_ref(), body.as_deref()),
        Kind::Edge { ends, body } => edge(subject, ends.as_ref(), body.as_deref()),
        Kind::RootCause { category, level, body } => root_cause(subject, *category, *level, body),
        Kind::RootCauseJson { is, shapes } => {
            let Subject::Trace(facts) = subject else { return false };
            let summary = &facts.summary;
            let all = [&summary.fault_root_causes[..], &summary.error_root_causes, &summary.response_time_root_causes];
            let found = shapes.iter().all(|shape| all.iter().any(|causes| causes.iter().any(|it| shape.fits(it))));
            found == *is && all.iter().any(|causes| !causes.is_empty())
        }
    }
}

fn flag(subject: Subject<'_>, field: Flag) -> bool {
    match (field, subject) {
        (Flag::Ok, _) => outcome(subject).is_some_and(|flags| flags == Flags::default()),
        (Flag::Error, _) => outcome(subject).is_some_and(|flags| flags.error),
        (Flag::Fault, _) => outcome(subject).is_some_and(|flags| flags.fault),
        (Flag::Throttle, _) => outcome(subject).is_some_and(|flags| flags.throttle),
        (Flag::Partial, Subject::Trace(facts)) => facts.summary.is_partial,
        (Flag::Inferred, Subject::Trace(facts)) => facts.has_inferred,
        (Flag::Inferred, Subject::Service(service, _)) => service.is_inferred,
        (Flag::Inferred, Subject::Cause(Element::Service(service), _)) => service.inferred,
        (Flag::Root, Subject::Service(service, _)) => service.is_root,
        (Flag::First, Subject::Cause(_, place)) => place.index == 0,
        (Flag::Last, Subject::Cause(_, place)) => place.is_last,
        (Flag::Remote, Subject::Cause(Element::Entity(entity), _)) => entity.remote,
        _ => false,
    }
}

/// How a request ended. A trace without a root has not failed.
fn outcome(subject: Subject<'_>) -> Option<Flags> {
    match subject {
        Subject::Trace(TraceFacts { summary, .. }) => {
            Some(Flags { error: summary.has_error, fault: summary.has_fault, throttle: summary.has_throttle })
        }
        Subject::Service(_, seen) | Subject::Edge(_, _, seen) => Some(seen.flags),
        Subject::Cause(..) => None,
    }
}

fn number(subject: Subject<'_>, field: Number) -> Option<f64> {
    // A double of seconds is exact enough for `=`: both it and the value in the text are the doubles nearest to the
    // same decimal.
    match (field, subject) {
        (Number::ResponseTime, Subject::Trace(facts)) => facts.summary.response_time.map(model::Nanos::as_seconds),
        (Number::Duration, Subject::Trace(facts)) => facts.summary.duration.map(model::Nanos::as_seconds),
        (Number::ResponseTime | Number::Duration, Subject::Service(_, seen) | Subject::Edge(_, _, seen)) => {
            seen.time().map(model::Nanos::as_seconds)
        }
        (Number::HttpStatus, _) => http(subject)?.status.map(|status| status as f64),
        (Number::Index, Subject::Cause(_, place)) => Some(place.index as f64),
        (Number::Coverage, Subject::Cause(Element::Entity(entity), _)) => entity.coverage,
        _ => None,
    }
}

fn http(subject: Subject<'_>) -> Option<&HttpSummary> {
    match subject {
        Subject::Trace(facts) => Some(&facts.summary.http),
        Subject::Service(_, seen) | Subject::Edge(_, _, seen) => Some(&seen.http),
        Subject::Cause(..) => None,
    }
}

/// Whether one of the values of a text field passes a test.
fn text(subject: Subject<'_>, field: Text, test: &dyn Fn(&str) -> bool) -> bool {
    let one = |text: Option<&String>| text.is_some_and(|text| test(text));
    let any = |texts: &[String]| texts.iter().any(|text| test(text));
    match field {
        Text::HttpUrl => one(http(subject).and_then(|http| http.url.as_ref())),
        Text::HttpMethod => one(http(subject).and_then(|http| http.method.as_ref())),
        Text::HttpUserAgent => one(http(subject).and_then(|http| http.user_agent.as_ref())),
        Text::HttpClientIp => one(http(subject).and_then(|http| http.client_ip.as_ref())),
        Text::Message => match subject {
            Subject::Cause(Element::Exception(exception), _) => one(exception.message.as_ref()),
            _ => false,
        },
        Text::Name => match subject {
            Subject::Service(service, _) => test(&service.id.name),
            Subject::Cause(Element::Service(service), _) => test(&service.service.name),
            Subject::Cause(Element::Entity(entity), _) => test(&entity.name),
            Subject::Cause(Element::Exception(exception), _) => one(exception.name.as_ref()),
            _ => false,
        },
        Text::Type => match subject {
            Subject::Service(service, _) => one(service.id.kind.as_ref()),
            Subject::Cause(Element::Service(service), _) => one(service.service.kind.as_ref()),
            _ => false,
        },
        Text::AccountId => match subject {
            Subject::Trace(facts) => facts.services.iter().any(|service| one(service.id.account_id.as_ref())),
            Subject::Service(service, _) => one(service.id.account_id.as_ref()),
            _ => false,
        },
        Text::User | Text::AvailabilityZone | Text::InstanceId | Text::ResourceArn => any(of_segments(subject, field)),
    }
}

/// The values that segments have of a field.
fn of_segments(subject: Subject<'_>, field: Text) -> &[String] {
    match (subject, field) {
        (Subject::Trace(facts), Text::User) => &facts.summary.users,
        (Subject::Trace(facts), Text::AvailabilityZone) => &facts.summary.availability_zones,
        (Subject::Trace(facts), Text::InstanceId) => &facts.summary.instance_ids,
        (Subject::Trace(facts), Text::ResourceArn) => &facts.summary.resource_arns,
        (Subject::Service(service, _), Text::User) => &service.users,
        (Subject::Service(service, _), Text::AvailabilityZone) => &service.availability_zones,
        (Subject::Service(service, _), Text::InstanceId) => &service.instance_ids,
        (Subject::Service(service, _), Text::ResourceArn) => &service.resource_arns,
        _ => &[],
    }
}

fn annotation(subject: Subject<'_>, side: Side, key: &str, test: &AnnotationTest) -> bool {
    let annotations = match (subject, side) {
        (Subject::Trace(facts), Side::Own) => &facts.summary.annotations,
        (Subject::Service(service, _), Side::Own) => &service.annotations,
        (Subject::Edge(_, edge, _), Side::Own) => &edge.annotations,
        (Subject::Edge(facts, edge, _), side) => {
            let end = if side == Side::Source { edge.source } else { edge.target };
            let Some(service) = facts.services.get(end) else { return false };
            &service.annotations
        }
        _ => return false,
    };
    let values = annotations.binary_search_by(|(other, _)| other.as_str().cmp(key)).map(|at| &annotations[at].1);
    values.is_ok_and(|values| values.iter().any(|value| passes(value, test)))
}

/// Whether a value of an annotation is as asked; it never is where the types differ.
fn passes(value: &AnnotationValue, test: &AnnotationTest) -> bool {
    match (test, value) {
        (AnnotationTest::Present, value) => *value != AnnotationValue::Boolean(false),
        // "Contains nothing" is the documented way to say that there is a value.
        (AnnotationTest::Text(Match::Contains, asked), _) if asked.is_empty() => true,
        (AnnotationTest::Text(how, asked), AnnotationValue::String(string)) => agrees(string, *how, asked),
        (AnnotationTest::Text(how, asked), AnnotationValue::Boolean(boolean)) => {
            let asked =
                [("true", true), ("false", false)].into_iter().find(|(word, _)| word.eq_ignore_ascii_case(asked));
            asked.is_some_and(|(_, asked)| match how {
                Match::Equal => *boolean == asked,
                Match::NotEqual => *boolean != asked,
                _ => false,
            })
        }
        (AnnotationTest::Number(order, asked), AnnotationValue::Number(number)) => compares(*number, *order, *asked),
        (AnnotationTest::Boolean(asked), AnnotationValue::Boolean(boolean)) => boolean == asked,
        _ => false,
    }
}

/// A service is there, and one of its segments is as the body says.
fn service(subject: Subject<'_>, node: Option<&NodeRef>, body: Option<&Expr>) -> bool {
    let Subject::Trace(facts) = subject else { return false };
    facts.services.iter().filter(|service| node.is_none_or(|node| node.is(&service.id))).any(|service| {
        body.is_none_or(|body| service.observations.iter().any(|seen| holds(body, Subject::Service(service, seen))))
    })
}

/// A call is there, and one of the calls between the same two is as the body says.
fn edge(subject: Subject<'_>, ends: Option<&(NodeRef, NodeRef)>, body: Option<&Expr>) -> bool {
    let Subject::Trace(facts) = subject else { return false };
    let is_end = |place: usize, node: &NodeRef| facts.services.get(place).is_some_and(|service| node.is(&service.id));
    let is_meant = |edge: &&EdgeFacts| {
        ends.is_none_or(|(source, target)| is_end(edge.source, source) && is_end(edge.target, target))
    };
    facts.edges.iter().filter(is_meant).any(|edge| {
        body.is_none_or(|body| edge.observations.iter().any(|seen| holds(body, Subject::Edge(facts, edge, seen))))
    })
}

impl NodeRef {
    /// Whether a node is the one that is meant.
    pub fn is(&self, id: &ServiceId) -> bool {
        self.name.as_ref().is_none_or(|name| *name == id.name)
            && self.kind.as_ref().is_none_or(|kind| id.kind.as_ref() == Some(kind))
            && self.account_id.as_ref().is_none_or(|account| id.account_id.as_ref() == Some(account))
    }
}

/// One element of the path of one root cause is as the body says.
fn root_cause(subject: Subject<'_>, category: Category, level: Level, body: &Expr) -> bool {
    let Subject::Trace(TraceFacts { summary, .. }) = subject else { return false };
    let causes = match category {
        Category::Fault => &summary.fault_root_causes,
        Category::Error => &summary.error_root_causes,
        Category::ResponseTime => &summary.response_time_root_causes,
    };
    causes.iter().any(|cause| any_element(cause, level, |element, place| holds(body, Subject::Cause(element, place))))
}

/// Whether one of the elements of a level, counted through the whole path, passes a test.
fn any_element<'a>(cause: &'a RootCause, level: Level, test: impl Fn(Element<'a>, Place) -> bool) -> bool {
    let services = || cause.services.iter();
    let entities = || services().flat_map(|service| &service.entity_path);
    let exceptions = || entities().flat_map(|entity| &entity.exceptions);
    match level {
        Level::Service => any_place(services().map(Element::Service), test),
        Level::Entity => any_place(entities().map(Element::Entity), test),
        Level::Exception => any_place(exceptions().map(Element::Exception), test),
    }
}

fn any_place<'a>(elements: impl Iterator<Item = Element<'a>>, test: impl Fn(Element<'a>, Place) -> bool) -> bool {
    let mut elements = elements.enumerate().peekable();
    while let Some((index, element)) = elements.next() {
        let is_last = elements.peek().is_none();
        if test(element, Place { index, is_last }) {
            return true;
        }
    }
    false
}

#[expect(clippy::float_cmp, reason = "`=` asks for the very number")]
pub(crate) fn compares(number: f64, order: Order, asked: f64) -> bool {
    match order {
        Order::Equal => number == asked,
        Order::NotEqual => number != asked,
        Order::Less => number < asked,
        Order::AtMost => number <= asked,
        Order::Greater => number > asked,
        Order::AtLeast => number >= asked,
    }
}

fn agrees(text: &str, how: Match, asked: &str) -> bool {
    match how {
        Match::Equal => text == asked,
        Match::NotEqual => text != asked,
        Match::Contains => text.contains(asked),
        Match::BeginsWith => text.starts_with(asked),
        Match::EndsWith => text.ends_with(asked),
    }
}
