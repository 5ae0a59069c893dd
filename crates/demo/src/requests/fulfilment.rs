//! What happens to an order after it was placed: a worker takes it from the queue, in a trace of its own.

use model::{Moment, SpanId};
use serde_json::json;

use crate::{
    aws,
    call::Reply,
    lambda::{self, Function},
    services::{ACCOUNT, FULFILMENT, REGION, orders, shipping},
    span::Span,
    story::{Message, Story},
};

const NOTIFICATIONS: Function = Function { name: "notifications", runtime: "nodejs22.x", cold_start: 290_000 };
const TOPIC: &str = "shop-order-events";

/// The worker goes on with an order; its segment is linked to the call that sent it.
pub(crate) fn fulfil(story: &mut Story, start: Moment, message: &Message) {
    let mut worker = story.span(FULFILMENT.name, start);
    FULFILMENT.describe(&mut worker, &mut story.dice);
    let attributes = json!({"messaging.system": "aws_sqs", "messaging.operation": "process"});
    worker.set("links", json!([{"trace_id": message.trace, "id": message.span, "attributes": attributes}]));
    worker.set("user", json!(message.shopper.user));
    worker.annotate("order", message.order);
    worker.annotate("queued_ms", (start - message.at).0 / 1_000_000);
    worker.spend(story.dice.time(900));
    let more = [("bucket_name", json!("shop-invoices")), ("key", json!(format!("{}.pdf", message.order)))];
    aws::call(story, &mut worker, "S3", "PutObject", &more, 38_000);
    shipping::label(story, &mut worker, message.order);
    orders::set_state(story, &mut worker, message.order, "shipped");
    publish(story, &mut worker, message.order);
    worker.spend(story.dice.time(400));
    story.write_segment(worker, None);
}

/// Tells the customer, by way of a topic; the worker waits only until the topic has taken it.
fn publish(story: &mut Story, worker: &mut Span, order: u64) {
    let arn = format!("arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}");
    let published = aws::call(story, worker, "SNS", "Publish", &[("topic_arn", json!(arn))], 12_000);
    let mut topic = story.span(TOPIC, worker.now);
    topic.set("origin", json!("AWS::SNS"));
    topic.set("resource_arn", json!(arn));
    topic.spend(story.dice.time(21_000));
    let delivered = deliver(story, &topic, order);
    topic.now = delivered;
    story.write_segment(topic, Some(published));
}

fn deliver(story: &mut Story, topic: &Span, order: u64) -> Moment {
    let parent: SpanId = topic.id;
    let (_, end) = lambda::run(story, &NOTIFICATIONS, parent, topic.now, |story, function| {
        function.annotate("order", order);
        aws::table(story, function, "GetItem", "shop-accounts");
        aws::call(story, function, "SES", "SendEmail", &[], 84_000);
        Reply::status(202)
    });
    end
}
