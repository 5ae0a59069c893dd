//! Whether a root cause has the shape that `rootcause.json` asks for.

use model::summary::{RootCause, RootCauseEntity, RootCauseException, RootCauseService};

use crate::tree::{CauseShape, EntityShape, ExceptionShape, ServiceShape};

/// Shares of a duration are written with few digits, and computed with many.
const COVERAGE_TOLERANCE: f64 = 0.005;

impl CauseShape {
    /// Whether a root cause has this shape.
    pub(super) fn fits(&self, cause: &RootCause) -> bool {
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
