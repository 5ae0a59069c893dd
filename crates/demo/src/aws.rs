//! Calls of AWS services and of the database, as SDKs record them.

use model::SpanId;
use serde_json::{Value, json};

use crate::{
    dice::Dice,
    incident::Incident,
    services::REGION,
    span::{Exception, Span},
    story::Story,
};

/// An AWS service is called, and answers 200. Gives the open subsegment, its time not yet spent.
pub(crate) fn request(story: &mut Story, caller: &Span, name: &str, operation: &str, more: &[(&str, Value)]) -> Span {
    let mut sub = story.span(name, caller.now);
    sub.set("namespace", json!("aws"));
    let mut aws = json!({"operation": operation, "region": REGION, "request_id": request_id(&mut story.dice)});
    for (key, value) in more {
        aws[*key] = value.clone();
    }
    sub.set("aws", aws);
    sub.member("http")["response"]["status"] = json!(200);
    sub
}

/// An AWS service is called and waited for; gives the subsegment's id. The median is in microseconds.
pub(crate) fn call(
    story: &mut Story,
    caller: &mut Span,
    name: &str,
    operation: &str,
    more: &[(&str, Value)],
    median: u64,
) -> SpanId {
    let mut sub = request(story, caller, name, operation, more);
    sub.spend(story.dice.time(median));
    caller.add(&sub);
    sub.id
}

/// A DynamoDB table is used.
pub(crate) fn table(story: &mut Story, caller: &mut Span, operation: &str, table: &str) {
    call(story, caller, "DynamoDB", operation, &[("table_name", json!(table))], 4_200);
}

/// The table of carts is used, which can be throttled; says whether it worked.
pub(crate) fn cart_table(story: &mut Story, caller: &mut Span, operation: &str) -> bool {
    if !story.suffers(Incident::CartTable) || story.dice.per_mille(300) {
        table(story, caller, operation, CARTS);
        return true;
    }
    // The SDK tries again, with pauses that double; for some that is enough.
    let is_rescued = story.dice.per_mille(350);
    let retries = if is_rescued { story.dice.between(1, 2) } else { 3 };
    let more = [("table_name", json!(CARTS)), ("retries", json!(retries))];
    let mut sub = request(story, caller, "DynamoDB", operation, &more);
    for pause in 0..retries {
        sub.spend(story.dice.time(50_000 << pause));
    }
    sub.spend(story.dice.time(4_200));
    if !is_rescued {
        sub.answer(400, 147);
        sub.flag(429);
        let exception = Exception {
            kind: "ProvisionedThroughputExceededException",
            message: "The level of configured provisioned throughput for the table was exceeded".to_owned(),
            remote: true,
            stack: &[
                ("node_modules/@smithy/smithy-client/dist-cjs/index.js", 388, "throwDefaultError"),
                ("src/store/carts.js", 61, "CartStore.load"),
                ("src/routes/items.js", 24, "addItem"),
            ],
            cause: None,
        };
        sub.throw(&mut story.dice, &exception);
    }
    caller.add(&sub);
    is_rescued
}

const CARTS: &str = "shop-carts";

/// A query to a database, with what a driver says of it. The median is in microseconds.
pub(crate) fn query(story: &mut Story, caller: &mut Span, database: &Database, text: &str, median: u64) {
    let mut sub = story.span(&format!("{}@db.shop.internal", database.name), caller.now);
    sub.set("namespace", json!("remote"));
    sub.set(
        "sql",
        json!({
            "url": format!("postgresql://db.shop.internal:5432/{}", database.name), "preparation": "statement",
            "database_type": "PostgreSQL", "database_version": "16.4", "driver_version": database.driver,
            "user": database.user, "sanitized_query": text
        }),
    );
    let is_slow = database.is_disturbed && story.suffers(Incident::SlowDatabase);
    sub.spend(story.dice.time(if is_slow { 10 * median } else { median }));
    caller.add(&sub);
}

/// A database of the PostgreSQL server.
pub(crate) struct Database {
    name: &'static str,
    user: &'static str,
    driver: &'static str,
    /// It is the one that gets slow.
    is_disturbed: bool,
}

/// Products and prices.
pub(crate) const CATALOGUE: Database =
    Database { name: "catalogue", user: "catalogue_ro", driver: "PostgreSQL JDBC Driver 42.7.4", is_disturbed: true };

/// Orders and their lines.
pub(crate) const ORDERS: Database =
    Database { name: "orders", user: "orders", driver: "psycopg 3.2.3", is_disturbed: false };

/// An id as AWS gives one to each request.
pub(crate) fn request_id(dice: &mut Dice) -> String {
    let (high, low) = (dice.bits(), dice.bits());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
