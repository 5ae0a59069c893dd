//! Lambda functions: two segments each, one of the service that runs them and one of the function itself.

use model::{Moment, SpanId};
use serde_json::json;

use crate::{
    aws,
    call::Reply,
    services::{ACCOUNT, REGION},
    span::{Exception, Span},
    story::Story,
};

/// A function.
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its runtime, as X-Ray's SDKs call it.
    pub(crate) runtime: &'static str,
    /// Microseconds that a new instance needs before it can work.
    pub(crate) cold_start: u64,
}

/// The caller invokes a function and waits; `serve` is what the function does.
pub(crate) fn invoke(
    story: &mut Story,
    caller: &mut Span,
    function: &Function,
    serve: impl FnOnce(&mut Story, &mut Span) -> Reply,
) -> Reply {
    let more = [("function_name", json!(function.name)), ("invocation_type", json!("RequestResponse"))];
    let mut sub = aws::request(story, caller, "Lambda", "Invoke", &more);
    sub.spend(story.dice.time(1_800));
    let (mut reply, end) = run(story, function, sub.id, sub.now, serve);
    sub.now = end + story.dice.time(900);
    if !reply.is_ok() {
        // Lambda itself has worked: it answers 200 and says in a header that the function has not.
        sub.flag(reply.status);
        let message = format!("{} failed: Unhandled", function.name);
        let exception = Exception { kind: "FunctionError", message, remote: true, stack: &[], cause: None };
        reply.exception = Some(sub.throw(&mut story.dice, &exception));
    }
    caller.add(&sub);
    reply
}

/// A function runs on behalf of the (sub)segment `parent`; gives its answer and when it was there.
pub(crate) fn run(
    story: &mut Story,
    function: &Function,
    parent: SpanId,
    start: Moment,
    serve: impl FnOnce(&mut Story, &mut Span) -> Reply,
) -> (Reply, Moment) {
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", function.name);
    let request = aws::request_id(&mut story.dice);
    let mut service = story.span(function.name, start);
    service.set("origin", json!("AWS::Lambda"));
    service.set("resource_arn", json!(arn));
    service.set("aws", json!({"request_id": request, "resource_names": [function.name]}));
    let is_cold = story.dice.per_mille(25);
    service.spend(story.dice.time(1_200));
    let mut own = story.span(function.name, service.now);
    own.set("origin", json!("AWS::Lambda::Function"));
    own.set("service", json!({"runtime": function.runtime}));
    own.set(
        "aws",
        json!({
            "function_arn": arn, "request_id": request, "resource_names": [function.name],
            "cloudwatch_logs": [{"log_group": format!("/aws/lambda/{}", function.name)}]
        }),
    );
    own.annotate("cold_start", is_cold);
    if is_cold {
        part(story, &mut own, "Initialization", function.cold_start);
    }
    let mut invocation = story.span("Invocation", own.now);
    let reply = serve(story, &mut invocation);
    invocation.flag(reply.status);
    own.add(&invocation);
    part(story, &mut own, "Overhead", 600);
    own.flag(reply.status);
    service.now = own.now + story.dice.time(300);
    service.flag(reply.status);
    service.member("http")["response"]["status"] = json!(200);
    let (end, id) = (service.now, service.id);
    story.write_segment(own, Some(id));
    story.write_segment(service, Some(parent));
    (reply, end)
}

/// A subsegment of a function that Lambda itself records.
fn part(story: &mut Story, own: &mut Span, name: &str, median: u64) {
    let mut part = story.span(name, own.now);
    part.spend(story.dice.time(median));
    own.add(&part);
}
