//! Where a span's logs are.

use api::TraceColumns;
use model::{Detail, Nanos, document};
use serde_json::value::RawValue;

/// The log groups of a span: those that its document names, and those that Lambda, API Gateway and Container Insights on
/// EKS write to by themselves. (ECS has none of its own: a task's logs go where its definition says, which the SDKs put
/// into the document.)
pub(super) fn groups(detail: &Detail, name: &str) -> Vec<String> {
    let aws = detail.aws.as_ref();
    let mut groups = aws.map(|aws| aws.log_groups.clone()).unwrap_or_default();
    let origin = detail.origin.as_deref().unwrap_or_default();
    let member = |member: &str, key: &str| {
        let (_, json) = aws?.rest.iter().find(|(name, _)| name == member)?;
        let raw = serde_json::from_str::<&RawValue>(json).ok()?;
        let (_, value) = document::read::members(raw)?.into_iter().find(|(name, _)| name == key)?;
        document::read::text(value).map(std::borrow::Cow::into_owned)
    };
    let own = if origin.starts_with("AWS::Lambda") {
        let arn = aws.and_then(|aws| aws.function_arn.as_ref()).or(detail.resource_arn.as_ref());
        let function = arn.and_then(|arn| arn.split(':').nth(6)).unwrap_or(name);
        Some(["/aws/lambda/", function].concat())
    } else if origin.starts_with("AWS::ApiGateway") {
        let (api, stage) = (member("api_gateway", "rest_api_id"), member("api_gateway", "stage"));
        api.zip(stage).map(|(api, stage)| ["API-Gateway-Execution-Logs_", &api, "/", &stage].concat())
    } else if origin.starts_with("AWS::EKS") {
        member("eks", "cluster_name").map(|cluster| ["/aws/containerinsights/", &cluster, "/application"].concat())
    } else {
        None
    };
    groups.extend(own.filter(|own| !groups.contains(own)));
    groups
}

/// The console's query of what was logged about the trace in these groups while a span ran, from a minute before it to
/// five minutes after it. Start and end are nanoseconds after the trace's start.
pub(super) fn address(
    trace: &TraceColumns,
    region: &str,
    groups: &[String],
    (start, end): (i64, i64),
) -> Option<String> {
    let moment = |offset: i64, seconds: i64| {
        let moment = trace.start + Nanos(offset.saturating_add(seconds * 1_000_000_000));
        format::moment::rfc3339(moment.0, 0)
    };
    let query = console::logs_query(&trace.id.to_string(), trace.id.w3c());
    console::logs(region, groups, &query, &moment(start, -60), &moment(end, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_log_by_themselves_have_groups_of_their_own() {
        for (json, expected) in [
            (r#"{"origin":"AWS::Lambda::Function","name":"charge"}"#, "/aws/lambda/charge"),
            (
                r#"{"origin":"AWS::Lambda::Function","aws":{"function_arn":"arn:aws:lambda:eu-west-1:1:function:pay:3"}}"#,
                "/aws/lambda/pay",
            ),
            (
                r#"{"origin":"AWS::ApiGateway::Stage","aws":{"api_gateway":{"rest_api_id":"a1","stage":"prod"}}}"#,
                "API-Gateway-Execution-Logs_a1/prod",
            ),
            (
                r#"{"origin":"AWS::EKS::Container","aws":{"eks":{"cluster_name":"blue"}}}"#,
                "/aws/containerinsights/blue/application",
            ),
            (r#"{"origin":"AWS::ECS::Container","aws":{"cloudwatch_logs":[{"log_group":"/ecs/pay"}]}}"#, "/ecs/pay"),
            (r#"{"origin":"AWS::EC2::Instance"}"#, ""),
        ] {
            let entity = document::parse_top(json).expect("a document");
            assert_eq!(groups(&entity.detail().0, "charge").join(" "), expected, "{json}");
        }
    }
}
