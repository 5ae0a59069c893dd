//! People buy: into the cart, and to the till.

use model::Moment;
use serde_json::json;

use super::{enter, render};
use crate::{
    call::{Asked, Reply},
    services::{accounts, cart, checkout as till},
    story::Story,
};

/// A product goes into the cart.
pub(super) fn add(story: &mut Story, start: Moment) {
    enter(story, start, &Asked::new("POST", "/cart/items"), "add to cart", |story, storefront| {
        accounts::session(story, storefront);
        let product = story.dice.between(1_000, 1_399);
        storefront.annotate("product", product);
        let added = cart::add(story, storefront, product);
        if !added.is_ok() {
            return added.passed_on();
        }
        render(story, storefront, "cart", 5_000);
        Reply { bytes: 2_100, ..Reply::status(201) }
    });
}

/// What is in the cart is bought.
pub(super) fn checkout(story: &mut Story, start: Moment) {
    // Nobody can buy without having signed in.
    story.shopper.user.get_or_insert("judy");
    enter(story, start, &Asked::new("POST", "/checkout"), "checkout", |story, storefront| {
        accounts::session(story, storefront);
        let bought = till::buy(story, storefront);
        if !bought.is_ok() {
            storefront.member("metadata")["shop"]["apology"] = json!({"shown": true, "status": bought.status});
            return bought.passed_on();
        }
        render(story, storefront, "thank you", 8_000);
        Reply { bytes: 12_600, ..Reply::status(201) }
    });
}
