//! Orders: they are written down while the customer waits, and passed on to the queue when the answer is already out.

use serde_json::json;

use crate::{
    aws::{self, ORDERS as DATABASE, query},
    call::{Asked, Reply, call},
    services::{ACCOUNT, ORDERS, REGION},
    span::Span,
    story::{Message, Story},
};

const INSERT: &str = "INSERT INTO orders (id, customer, total_cents, state) VALUES (?, ?, ?, ?)";
const LINES: &str =
    "INSERT INTO order_lines (order_id, product_id, quantity, price_cents) SELECT * FROM unnest(?, ?, ?, ?)";
const HISTORY: &str =
    "SELECT id, placed_at, total_cents, state FROM orders WHERE customer = ? ORDER BY placed_at DESC LIMIT ?";
const STATE: &str = "UPDATE orders SET state = ?, changed_at = now() WHERE id = ?";

/// Places an order.
pub(crate) fn place(story: &mut Story, caller: &mut Span, order: u64, lines: u64) -> Reply {
    call(story, caller, &ORDERS, &Asked::new("POST", "/orders"), |story, orders| {
        orders.annotate("order", order);
        orders.annotate("lines", lines);
        let mut transaction = story.span("transaction", orders.now);
        query(story, &mut transaction, &DATABASE, INSERT, 3_800);
        query(story, &mut transaction, &DATABASE, LINES, 4_100 + 200 * lines);
        transaction.spend(story.dice.time(2_000));
        orders.add(&transaction);
        pass_on(story, orders, order);
        Reply { bytes: 188, ..Reply::status(202) }
    })
}

/// Sends the order to the queue. The customer does not wait for that, so that it ends after its segment and is
/// reported by itself.
fn pass_on(story: &mut Story, orders: &Span, order: u64) {
    let mut process = story.span("process order", orders.now);
    process.annotate("order", order);
    let mut invoice = story.span("render invoice", process.now);
    invoice.spend(story.dice.time(140_000));
    process.add(&invoice);
    let queue = format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/shop-orders");
    let span = aws::call(story, &mut process, "SQS", "SendMessage", &[("queue_url", json!(queue))], 9_000);
    let (trace, at, shopper) = (story.trace, process.now, story.shopper.clone());
    story.sent = Some(Message { trace, span, at, order, shopper });
    story.write_late(process, orders.id);
}

/// The orders of the shopper.
pub(crate) fn history(story: &mut Story, caller: &mut Span) -> Reply {
    call(story, caller, &ORDERS, &Asked::new("GET", "/orders?limit=10"), |story, orders| {
        query(story, orders, &DATABASE, HISTORY, 7_500);
        Reply::ok(4_100)
    })
}

/// Notes how far an order has come.
pub(crate) fn set_state(story: &mut Story, caller: &mut Span, order: u64, state: &str) -> Reply {
    call(story, caller, &ORDERS, &Asked::new("PATCH", format!("/orders/{order}")), |story, orders| {
        orders.annotate("order", order);
        orders.annotate("state", state);
        query(story, orders, &DATABASE, STATE, 3_300);
        Reply::status(204)
    })
}
