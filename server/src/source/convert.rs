//! From the SDK's shapes to the model's.

use aws_sdk_xray::{primitives::DateTime, types};
use model::{
    AnnotationValue, Moment, Nanos, TraceSummary,
    summary::{HttpSummary, RootCause, RootCauseEntity, RootCauseException, RootCauseService, ServiceId},
};

/// A summary; `None` when it has no id that we can read, for then nothing can be done with it.
pub(super) fn summary(from: &types::TraceSummary) -> Option<TraceSummary> {
    let mut summary = TraceSummary::empty(from.id()?.parse().ok()?);
    summary.start = from.start_time().map(moment);
    summary.duration = from.duration().map(Nanos::from_seconds);
    summary.response_time = from.response_time().map(Nanos::from_seconds);
    summary.has_fault = from.has_fault().unwrap_or(false);
    summary.has_error = from.has_error().unwrap_or(false);
    summary.has_throttle = from.has_throttle().unwrap_or(false);
    summary.is_partial = from.is_partial().unwrap_or(false);
    summary.http = from.http().map_or_else(HttpSummary::default, |http| HttpSummary {
        url: http.http_url().map(str::to_owned),
        status: http.http_status().map(i64::from),
        method: http.http_method().map(str::to_owned),
        user_agent: http.user_agent().map(str::to_owned),
        client_ip: http.client_ip().map(str::to_owned),
    });
    summary.annotations = annotations(from);
    summary.users = from.users().iter().filter_map(|user| user.user_name().map(str::to_owned)).collect();
    summary.services = from.service_ids().iter().map(service).collect();
    summary.resource_arns = from.resource_arns().iter().filter_map(|arn| arn.arn().map(str::to_owned)).collect();
    summary.instance_ids = from.instance_ids().iter().filter_map(|id| id.id().map(str::to_owned)).collect();
    summary.availability_zones =
        from.availability_zones().iter().filter_map(|zone| zone.name().map(str::to_owned)).collect();
    summary.entry_point = from.entry_point().map(service);
    summary.fault_root_causes = from.fault_root_causes().iter().map(fault).collect();
    summary.error_root_causes = from.error_root_causes().iter().map(error).collect();
    summary.response_time_root_causes = from.response_time_root_causes().iter().map(response_time).collect();
    summary.revision = from.revision();
    summary.matched_event_time = from.matched_event_time().map(moment);
    Some(summary)
}

pub(super) fn moment(time: &DateTime) -> Moment {
    Moment(time.as_nanos().try_into().unwrap_or(i64::MAX))
}

fn annotations(from: &types::TraceSummary) -> Vec<(String, Vec<AnnotationValue>)> {
    let Some(map) = from.annotations() else { return Vec::new() };
    let mut list: Vec<(String, Vec<AnnotationValue>)> = Vec::with_capacity(map.len());
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    for key in keys {
        let values = map[key].iter().filter_map(|value| annotation(value.annotation_value()?)).collect();
        list.push((key.clone(), values));
    }
    list
}

fn annotation(value: &types::AnnotationValue) -> Option<AnnotationValue> {
    match value {
        types::AnnotationValue::StringValue(text) => Some(AnnotationValue::String(text.clone())),
        types::AnnotationValue::NumberValue(number) => Some(AnnotationValue::Number(*number)),
        types::AnnotationValue::BooleanValue(is) => Some(AnnotationValue::Boolean(*is)),
        _ => None,
    }
}

fn id(name: Option<&str>, kind: Option<&str>, account: Option<&str>) -> ServiceId {
    ServiceId {
        name: name.unwrap_or_default().to_owned(),
        kind: kind.map(str::to_owned),
        account_id: account.map(str::to_owned),
    }
}

fn service(from: &types::ServiceId) -> ServiceId {
    id(from.name(), from.r#type(), from.account_id())
}

/// The three kinds of root causes have types of their own in the SDK, alike but for their entities.
macro_rules! root_cause {
    ($name:ident, $from:ty, $entity:expr) => {
        fn $name(from: &$from) -> RootCause {
            let services = from.services().iter().map(|service| RootCauseService {
                service: id(service.name(), service.r#type(), service.account_id()),
                inferred: service.inferred().unwrap_or(false),
                entity_path: service.entity_path().iter().map($entity).collect(),
            });
            RootCause { services: services.collect(), client_impacting: from.client_impacting().unwrap_or(false) }
        }
    };
}
root_cause!(fault, types::FaultRootCause, |from| entity(from.name(), from.remote(), None, from.exceptions()));
root_cause!(error, types::ErrorRootCause, |from| entity(from.name(), from.remote(), None, from.exceptions()));
root_cause!(response_time, types::ResponseTimeRootCause, |from| entity(
    from.name(),
    from.remote(),
    from.coverage(),
    &[]
));

fn entity(
    name: Option<&str>,
    remote: Option<bool>,
    coverage: Option<f64>,
    exceptions: &[types::RootCauseException],
) -> RootCauseEntity {
    let exceptions = exceptions.iter().map(|exception| RootCauseException {
        name: exception.name().map(str::to_owned),
        message: exception.message().map(str::to_owned),
    });
    RootCauseEntity {
        name: name.unwrap_or_default().to_owned(),
        remote: remote.unwrap_or(false),
        coverage,
        exceptions: exceptions.collect(),
    }
}
