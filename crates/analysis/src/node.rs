//! Which node of the service graph a span stands for.

use model::{Span, Trace, summary::ServiceId};

/// The node of a reported segment: its name, its origin, its account.
pub fn of_segment(trace: &Trace, segment: &Span) -> ServiceId {
    let detail = segment.detail.as_deref();
    ServiceId {
        name: trace.name(segment).to_owned(),
        kind: detail.and_then(|detail| detail.origin.clone()),
        account_id: detail.and_then(|detail| detail.aws.as_ref()?.account_id.clone()),
    }
}

/// The node of those who call the root: named like it, of type `client`.
pub fn of_client(root: &ServiceId) -> ServiceId {
    ServiceId { name: root.name.clone(), kind: Some("client".to_owned()), account_id: None }
}
