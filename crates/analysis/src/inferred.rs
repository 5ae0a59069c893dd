//! Callees that report nothing: X-Ray infers them from the subsegments of their callers.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html#api-segmentdocuments-inferred>

use model::{
    Span, SpanIx, Trace,
    document::detail::Aws,
    summary::ServiceId,
    trace::{Namespace, SpanKind},
};

/// A callee that nobody reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// The subsegment that called it.
    pub span: SpanIx,
    /// The `origin` of the inferred segment's document; none for calls outside AWS.
    pub origin: Option<String>,
    /// Its node in the service graph.
    pub node: ServiceId,
    /// The document of a queue has a subsegment for the time in the queue.
    pub is_queue: bool,
}

/// The inferred callees of a trace, in the order of their callers.
///
/// There is one for every completed `remote` or `aws` subsegment on which no reported segment hangs.
pub fn inferred(trace: &Trace) -> impl Iterator<Item = Inferred> {
    trace.spans.iter().enumerate().filter(|(_, span)| !span.is_in_progress()).filter_map(|(index, span)| {
        let index = index as SpanIx;
        is_unanswered_call(trace, index).then(|| infer(trace, index, span))
    })
}

/// Whether a span is a call to another service on which no reported segment hangs.
pub fn is_unanswered_call(trace: &Trace, index: SpanIx) -> bool {
    let Some(span) = trace.span(index) else { return false };
    span.kind == SpanKind::Subsegment
        && span.namespace != Namespace::Local
        && !trace.children(index).any(|child| trace.spans[child as usize].kind == SpanKind::Segment)
}

/// The callee of an unanswered call.
pub fn infer(trace: &Trace, index: SpanIx, span: &Span) -> Inferred {
    let name = trace.name(span);
    let aws = span.detail.as_deref().and_then(|detail| detail.aws.as_ref());
    let account_id = aws.and_then(|aws| aws.account_id.clone());
    if span.namespace == Namespace::Remote {
        let node = ServiceId { name: name.to_owned(), kind: Some("remote".to_owned()), account_id };
        return Inferred { span: index, origin: None, node, is_queue: false };
    }
    let resource = aws.filter(|aws| aws.operation.is_some()).and_then(|aws| resource(name, aws));
    let (kind, node_name) = resource.unwrap_or_else(|| (format!("AWS::{name}"), name.to_owned()));
    let is_queue = kind == "AWS::SQS::Queue";
    let node = ServiceId { name: node_name, kind: Some(kind.clone()), account_id };
    Inferred { span: index, origin: Some(kind), node, is_queue }
}

/// The resource behind a call to an AWS service: its type and the name of its node. SDKs differ in the case of the
/// service's name.
fn resource(name: &str, aws: &Aws) -> Option<(String, String)> {
    let (kind, resource) = match name.to_ascii_lowercase().as_str() {
        "dynamodb" => ("AWS::DynamoDB::Table", &aws.table_name),
        "s3" => ("AWS::S3::Bucket", &aws.bucket_name),
        "sqs" => ("AWS::SQS::Queue", &aws.queue_url),
        "sns" => ("AWS::SNS", &aws.topic_arn),
        "lambda" => ("AWS::Lambda", &aws.function_name),
        _ => return None,
    };
    Some((kind.to_owned(), resource.clone()?))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn only_completed_calls_without_an_answer_are_inferred() {
        let trace = fixture::trace(
            "
front 0..90
  DynamoDB 1..2 aws op=GetItem table=carts account=123456789012
  dynamodb 2..3 aws op=GetItem table=orders
  S3 3..4 aws op=GetObject bucket=images
  SQS 4..5 aws op=SendMessage queue=https://sqs/q
  SNS 5..6 aws op=Publish topic=arn:aws:sns:t
  Lambda 6..7 aws op=Invoke function=resize
  SQS 7..8 aws
  KMS 8..9 aws op=Decrypt
  db1 9..10 aws table=ignored
  www.example.com 10..20 remote
  back 20..40 remote
    > back 21..39
  busy 40..? remote
  local 50..60
",
        );
        let found: Vec<String> = inferred(&trace)
            .map(|found| {
                let kind = found.node.kind.unwrap_or_default();
                let queue = if found.is_queue { " queue" } else { "" };
                format!(
                    "{} → {} {kind} {:?}{queue}\n",
                    trace.name(&trace.spans[found.span as usize]),
                    found.node.name,
                    found.origin
                )
            })
            .collect();
        expect![[r#"
            DynamoDB → carts AWS::DynamoDB::Table Some("AWS::DynamoDB::Table")
            dynamodb → orders AWS::DynamoDB::Table Some("AWS::DynamoDB::Table")
            S3 → images AWS::S3::Bucket Some("AWS::S3::Bucket")
            SQS → https://sqs/q AWS::SQS::Queue Some("AWS::SQS::Queue") queue
            SNS → arn:aws:sns:t AWS::SNS Some("AWS::SNS")
            Lambda → resize AWS::Lambda Some("AWS::Lambda")
            SQS → SQS AWS::SQS Some("AWS::SQS")
            KMS → KMS AWS::KMS Some("AWS::KMS")
            db1 → db1 AWS::db1 Some("AWS::db1")
            www.example.com → www.example.com remote None
        "#]]
        .assert_eq(&found.concat());
    }
}
