//! A `TraceSummary` as AWS writes it, absent members as null.

use model::{
    AnnotationValue, Moment, TraceSummary,
    summary::{RootCause, RootCauseEntity, ServiceId},
};
use serde_json::{Map, Value, json};

/// `matched` is given for the time range types that have it. Strict mode floors the start to the second, as AWS does.
pub(crate) fn summary(summary: &TraceSummary, matched: Option<Moment>, strict: bool) -> Value {
    let start = summary.start.map(|start| if strict { start.floor_second() } else { start });
    let annotations: Map<String, Value> = summary
        .annotations
        .iter()
        .map(|(key, values)| (key.clone(), values.iter().map(annotation).collect()))
        .collect();
    json!({
        "Id": summary.id, "StartTime": start.map(Moment::as_seconds), "Duration": seconds(summary.duration),
        "ResponseTime": seconds(summary.response_time), "HasFault": summary.has_fault, "HasError": summary.has_error,
        "HasThrottle": summary.has_throttle, "IsPartial": summary.is_partial,
        "Http": {
            "HttpURL": summary.http.url, "HttpStatus": summary.http.status, "HttpMethod": summary.http.method,
            "UserAgent": summary.http.user_agent, "ClientIp": summary.http.client_ip
        },
        "Annotations": annotations,
        "Users": list(&summary.users, |user| json!({ "UserName": user, "ServiceIds": null })),
        "ServiceIds": list(&summary.services, service),
        "ResourceARNs": list(&summary.resource_arns, |arn| json!({ "ARN": arn })),
        "InstanceIds": list(&summary.instance_ids, |id| json!({ "Id": id })),
        "AvailabilityZones": list(&summary.availability_zones, |zone| json!({ "Name": zone })),
        "EntryPoint": summary.entry_point.as_ref().map(service),
        "FaultRootCauses": list(&summary.fault_root_causes, root_cause),
        "ErrorRootCauses": list(&summary.error_root_causes, root_cause),
        "ResponseTimeRootCauses": list(&summary.response_time_root_causes, root_cause),
        "Revision": summary.revision, "MatchedEventTime": matched.map(Moment::as_seconds)
    })
}

fn list<T>(items: &[T], write: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(write).collect()
}

fn seconds(length: Option<model::Nanos>) -> Option<f64> {
    length.map(model::Nanos::as_seconds)
}

fn annotation(value: &AnnotationValue) -> Value {
    let value = match value {
        AnnotationValue::String(text) => json!({ "StringValue": text }),
        AnnotationValue::Number(number) => json!({ "NumberValue": number }),
        AnnotationValue::Boolean(is) => json!({ "BooleanValue": is }),
    };
    json!({ "AnnotationValue": value, "ServiceIds": null })
}

fn service(service: &ServiceId) -> Value {
    json!({ "Name": service.name, "Names": [service.name], "AccountId": service.account_id, "Type": service.kind })
}

fn root_cause(cause: &RootCause) -> Value {
    let services = list(&cause.services, |part| {
        let id = &part.service;
        json!({
            "Name": id.name, "Names": [id.name], "Type": id.kind, "AccountId": id.account_id,
            "Inferred": part.inferred, "EntityPath": list(&part.entity_path, entity)
        })
    });
    json!({ "Services": services, "ClientImpacting": cause.client_impacting })
}

fn entity(entity: &RootCauseEntity) -> Value {
    if let Some(coverage) = entity.coverage {
        return json!({ "Name": entity.name, "Coverage": coverage, "Remote": entity.remote });
    }
    let exceptions =
        list(&entity.exceptions, |exception| json!({ "Name": exception.name, "Message": exception.message }));
    json!({ "Name": entity.name, "Exceptions": exceptions, "Remote": entity.remote })
}
