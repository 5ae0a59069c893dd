//! The inventory: how many of a product are there, and for whom they are kept.

use serde_json::json;

use crate::{
    aws,
    call::{Asked, Reply, call},
    services::INVENTORY,
    span::Span,
    story::Story,
};

/// How many of a product there are.
pub(crate) fn stock(story: &mut Story, caller: &mut Span, product: u64) -> Reply {
    call(story, caller, &INVENTORY, &Asked::new("GET", format!("/stock/{product}")), |story, inventory| {
        aws::table(story, inventory, "Query", "shop-stock");
        inventory.annotate("in_stock", story.dice.below(40));
        Reply::ok(118)
    })
}

/// Keeps what is in the basket for the one who pays.
pub(crate) fn reserve(story: &mut Story, caller: &mut Span, lines: u64) -> Reply {
    call(story, caller, &INVENTORY, &Asked::new("POST", "/reservations"), |story, inventory| {
        let more = [("table_name", json!("shop-stock")), ("attributes_to_get", json!(["sku", "count"]))];
        aws::call(story, inventory, "DynamoDB", "BatchGetItem", &more, 5_000 + 300 * lines);
        aws::table(story, inventory, "TransactWriteItems", "shop-stock");
        inventory.annotate("lines", lines);
        Reply { bytes: 164, ..Reply::status(201) }
    })
}
