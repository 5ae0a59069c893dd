//! The shapes of root causes that `rootcause.json` asks for: JSON with the members of the API's `FaultRootCause`.
//! <https://docs.aws.amazon.com/xray/latest/api/API_FaultRootCause.html>

use model::summary::{RootCause, RootCauseEntity, RootCauseException, RootCauseService};

use crate::{lexer, print};

/// A root cause of `rootcause.json`, of which what is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CauseShape {
    /// Services that stand on the path in this order, perhaps with others between them.
    pub services: Option<Vec<ServiceShape>>,
    /// The client was hit.
    pub client_impacting: Option<bool>,
}

/// A service of a [`CauseShape`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceShape {
    /// The node's name.
    pub name: Option<String>,
    /// Names of which the node's is one.
    pub names: Option<Vec<String>>,
    /// The node's type.
    pub kind: Option<String>,
    /// The node's account.
    pub account_id: Option<String>,
    /// Nothing reported it.
    pub inferred: Option<bool>,
    /// Entities that stand inside it in this order, perhaps with others between them.
    pub entity_path: Option<Vec<EntityShape>>,
}

/// An entity of a [`ServiceShape`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntityShape {
    /// Its name.
    pub name: Option<String>,
    /// It is a call to another service.
    pub remote: Option<bool>,
    /// Its share of the root's duration, 0 to 1.
    pub coverage: Option<f64>,
    /// Exceptions that it recorded in this order, perhaps with others between them.
    pub exceptions: Option<Vec<ExceptionShape>>,
}

/// An exception of an [`EntityShape`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExceptionShape {
    /// Its type.
    pub name: Option<String>,
    /// Its message.
    pub message: Option<String>,
}

/// Shares of a duration are written with few digits, and computed with many.
const COVERAGE_TOLERANCE: f64 = 0.005;

impl CauseShape {
    /// Whether a root cause has this shape.
    pub(crate) fn fits(&self, cause: &RootCause) -> bool {
        says(self.client_impacting.as_ref(), Some(&cause.client_impacting))
            && in_order(self.services.as_deref(), &cause.services, service)
    }
}

fn service(shape: &ServiceShape, service: &RootCauseService) -> bool {
    let id = &service.service;
    says(shape.name.as_ref(), Some(&id.name))
        && shape.names.as_ref().is_none_or(|names| names.contains(&id.name))
        && says(shape.kind.as_ref(), id.kind.as_ref())
        && says(shape.account_id.as_ref(), id.account_id.as_ref())
        && says(shape.inferred.as_ref(), Some(&service.inferred))
        && in_order(shape.entity_path.as_deref(), &service.entity_path, entity)
}

fn entity(shape: &EntityShape, entity: &RootCauseEntity) -> bool {
    let covers = |asked: f64| entity.coverage.is_some_and(|coverage| (coverage - asked).abs() <= COVERAGE_TOLERANCE);
    says(shape.name.as_ref(), Some(&entity.name))
        && says(shape.remote.as_ref(), Some(&entity.remote))
        && shape.coverage.is_none_or(covers)
        && in_order(shape.exceptions.as_deref(), &entity.exceptions, exception)
}

fn exception(shape: &ExceptionShape, exception: &RootCauseException) -> bool {
    says(shape.name.as_ref(), exception.name.as_ref()) && says(shape.message.as_ref(), exception.message.as_ref())
}

/// What is left out of a shape may be anything.
fn says<T: PartialEq>(asked: Option<&T>, value: Option<&T>) -> bool {
    asked.is_none() || asked == value
}

/// Whether all shapes are found in their order, perhaps with others between them. Taking the first one that fits leaves
/// the most for the next.
fn in_order<S, T>(shapes: Option<&[S]>, all: &[T], fits: fn(&S, &T) -> bool) -> bool {
    let mut rest = all.iter();
    shapes.unwrap_or_default().iter().all(|shape| rest.any(|one| fits(shape, one)))
}

/// Shapes as JSON without blanks.
pub(crate) fn json(shapes: &[CauseShape]) -> String {
    list(shapes, |shape| {
        object([
            ("Services", shape.services.as_deref().map(|services| list(services, service_json))),
            ("ClientImpacting", shape.client_impacting.map(|is| is.to_string())),
        ])
    })
}

fn service_json(shape: &ServiceShape) -> String {
    let text = |text: &Option<String>| text.as_deref().map(lexer::quoted);
    object([
        ("Name", text(&shape.name)),
        ("Names", shape.names.as_deref().map(|names| list(names, |name| lexer::quoted(name)))),
        ("Type", text(&shape.kind)),
        ("AccountId", text(&shape.account_id)),
        ("Inferred", shape.inferred.map(|is| is.to_string())),
        ("EntityPath", shape.entity_path.as_deref().map(|path| list(path, entity_json))),
    ])
}

fn entity_json(shape: &EntityShape) -> String {
    let text = |text: &Option<String>| text.as_deref().map(lexer::quoted);
    let exception = |shape: &ExceptionShape| object([("Name", text(&shape.name)), ("Message", text(&shape.message))]);
    object([
        ("Name", text(&shape.name)),
        ("Remote", shape.remote.map(|is| is.to_string())),
        ("Coverage", shape.coverage.map(print::number)),
        ("Exceptions", shape.exceptions.as_deref().map(|exceptions| list(exceptions, exception))),
    ])
}

fn list<T>(items: &[T], item: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(item).collect::<Vec<_>>().join(","))
}

fn object<const N: usize>(members: [(&str, Option<String>); N]) -> String {
    let members = members.into_iter().filter_map(|(name, value)| Some(format!("\"{name}\":{}", value?)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
