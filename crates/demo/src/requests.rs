//! What customers ask of the shop, and what happens to an order behind it.

mod account;
mod basket;
mod browse;
mod fulfilment;

use model::Moment;
use serde_json::json;

pub(crate) use self::fulfilment::fulfil;
use crate::{
    aws,
    call::{Asked, Reply, answer, call},
    services::{GATEWAY, STOREFRONT},
    span::Span,
    story::Story,
};

/// A request of some kind, out of a thousand: mostly people look, few buy.
pub(crate) fn any(story: &mut Story, start: Moment) {
    match story.dice.below(1_000) {
        ..300 => browse::category(story, start),
        300..480 => browse::search(story, start),
        480..740 => browse::product(story, start),
        740..850 => basket::add(story, start),
        850..945 => basket::checkout(story, start),
        945..970 => account::sign_in(story, start),
        _ => account::orders(story, start),
    }
}

/// A browser asks: through the gateway to the storefront, and what that does with it.
fn enter(
    story: &mut Story,
    start: Moment,
    asked: &Asked,
    kind: &str,
    serve: impl FnOnce(&mut Story, &mut Span) -> Reply,
) {
    answer(story, &GATEWAY, None, asked, start, |story, gateway| {
        gateway.spend(story.dice.time(1_600));
        let reply = call(story, gateway, &STOREFRONT, asked, |story, storefront| {
            introduce(story, storefront, kind);
            let reply = serve(story, storefront);
            record_click(story, storefront);
            reply
        });
        let request = &mut gateway.member("http")["request"];
        request["user_agent"] = json!(story.shopper.agent);
        request["client_ip"] = json!(story.shopper.address);
        reply
    });
}

/// What the storefront notes of every request.
fn introduce(story: &mut Story, storefront: &mut Span, kind: &str) {
    let request = &mut storefront.member("http")["request"];
    request["user_agent"] = json!(story.shopper.agent);
    request["client_ip"] = json!(story.shopper.address);
    request["x_forwarded_for"] = json!(true);
    if let Some(user) = story.shopper.user {
        storefront.set("user", json!(user));
    }
    storefront.annotate("request", kind);
    storefront.annotate("signed_in", story.shopper.user.is_some());
    storefront.annotate("cart", story.shopper.cart);
    let variant = if story.shopper.cart.is_multiple_of(2) { "b" } else { "a" };
    storefront.set(
        "metadata",
        json!({"shop": {"experiments": {"header": variant, "one_page_checkout": variant == "b"}, "locale": "en-IE"}}),
    );
}

/// Some clicks are counted, after the page has gone out: reported by itself, for it ends after the segment.
fn record_click(story: &mut Story, storefront: &Span) {
    if !story.dice.per_mille(150) {
        return;
    }
    let more = [("delivery_stream_name", json!("shop-clicks"))];
    let mut sub = aws::request(story, storefront, "Firehose", "PutRecord", &more);
    sub.spend(story.dice.time(24_000));
    story.write_late(sub, storefront.id);
}

/// The page is made of what was found.
fn render(story: &mut Story, storefront: &mut Span, template: &str, median: u64) {
    let mut sub = story.span("render", storefront.now);
    sub.annotate("template", template);
    sub.spend(story.dice.time(median));
    storefront.add(&sub);
}
