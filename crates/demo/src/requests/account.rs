//! People sign in, and look at what they have bought.

use model::Moment;

use super::{enter, render};
use crate::{
    call::{Asked, Reply},
    services::{accounts, orders as ordering},
    story::Story,
};

/// Somebody signs in.
pub(super) fn sign_in(story: &mut Story, start: Moment) {
    enter(story, start, &Asked::new("POST", "/login"), "sign in", |story, storefront| {
        let session = accounts::sign_in(story, storefront);
        if !session.is_ok() {
            return session.passed_on();
        }
        Reply { bytes: 1_400, ..Reply::status(201) }
    });
}

/// Somebody looks at former orders.
pub(super) fn orders(story: &mut Story, start: Moment) {
    enter(story, start, &Asked::new("GET", "/account/orders"), "orders", |story, storefront| {
        if story.shopper.user.is_none() {
            return Reply { bytes: 320, ..Reply::status(303) };
        }
        accounts::session(story, storefront);
        let found = ordering::history(story, storefront);
        if !found.is_ok() {
            return found.passed_on();
        }
        render(story, storefront, "orders", 6_000);
        Reply::ok(15_700)
    });
}
