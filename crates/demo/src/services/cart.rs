//! The cart: it lives in a table, and is turned away where that table is throttled.

use crate::{
    aws,
    call::{Asked, Reply, call},
    services::{CART, inventory},
    span::Span,
    story::Story,
};

/// Puts a product into the cart.
pub(crate) fn add(story: &mut Story, caller: &mut Span, product: u64) -> Reply {
    let asked = Asked::new("POST", format!("/carts/{}/items", story.shopper.cart));
    call(story, caller, &CART, &asked, |story, cart| {
        let items = story.dice.between(1, 6);
        cart.annotate("items", items);
        if !aws::cart_table(story, cart, "GetItem") {
            return Reply::status(429);
        }
        let stock = inventory::stock(story, cart, product);
        if !stock.is_ok() {
            return stock.passed_on();
        }
        if !aws::cart_table(story, cart, "UpdateItem") {
            return Reply::status(429);
        }
        Reply { bytes: 240 * items, ..Reply::status(201) }
    })
}

/// What is in the cart.
pub(crate) fn read(story: &mut Story, caller: &mut Span) -> Reply {
    let asked = Asked::new("GET", format!("/carts/{}", story.shopper.cart));
    call(story, caller, &CART, &asked, |story, cart| {
        if aws::cart_table(story, cart, "GetItem") { Reply::ok(1_380) } else { Reply::status(429) }
    })
}

/// Empties the cart after a purchase.
pub(crate) fn empty(story: &mut Story, caller: &mut Span) -> Reply {
    let asked = Asked::new("DELETE", format!("/carts/{}", story.shopper.cart));
    call(story, caller, &CART, &asked, |story, cart| {
        if aws::cart_table(story, cart, "DeleteItem") { Reply::status(204) } else { Reply::status(429) }
    })
}
