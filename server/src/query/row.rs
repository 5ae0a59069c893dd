//! A summary as a row of the list.

use api::TraceRow;
use model::{TraceSummary, outcome::Flags};

/// The row of a summary.
pub(crate) fn row(summary: TraceSummary) -> TraceRow {
    let flags = Flags { error: summary.has_error, fault: summary.has_fault, throttle: summary.has_throttle };
    let is_client = |kind: &Option<String>| kind.as_deref().is_some_and(|kind| kind.starts_with("client"));
    TraceRow {
        id: summary.id,
        start: summary.start,
        duration: summary.duration,
        response_time: summary.response_time,
        outcome: flags.outcome(),
        partial: summary.is_partial,
        http: summary.http,
        users: summary.users,
        annotations: summary.annotations,
        entry_point: summary.entry_point,
        zones: summary.availability_zones,
        instances: summary.instance_ids,
        arns: summary.resource_arns,
        services: summary.services.iter().filter(|service| !is_client(&service.kind)).count() as u32,
        revision: summary.revision,
    }
}
