//! Shipping: labels for parcels, priced by a carrier outside.

use crate::{
    aws,
    call::{Asked, Reply, call, outside},
    services::SHIPPING,
    span::Span,
    story::Story,
};

/// A label for the parcel of an order.
pub(crate) fn label(story: &mut Story, caller: &mut Span, order: u64) -> Reply {
    call(story, caller, &SHIPPING, &Asked::new("POST", "/labels"), |story, shipping| {
        let carrier = story.dice.pick(&["swift", "swift", "tortoise"]);
        shipping.annotate("order", order);
        shipping.annotate("carrier", carrier);
        let url = format!("https://rates.parcels.example/v1/quotes?carrier={carrier}");
        let mut rates = outside(story, shipping, "rates.parcels.example", "GET", &url);
        rates.spend(story.dice.time(120_000));
        rates.answer(200, 720);
        shipping.add(&rates);
        aws::table(story, shipping, "PutItem", "shop-parcels");
        Reply { bytes: 9_300, ..Reply::status(201) }
    })
}
