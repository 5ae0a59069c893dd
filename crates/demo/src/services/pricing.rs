//! Pricing: a function that adds up a basket.

use serde_json::json;

use crate::{
    aws,
    call::Reply,
    lambda::{Function, invoke},
    span::Span,
    story::Story,
};

const FUNCTION: Function = Function { name: "pricing", runtime: "nodejs22.x", cold_start: 340_000 };

/// What a basket costs, taxes and coupons included.
pub(crate) fn price(story: &mut Story, caller: &mut Span, cents: u64, coupon: Option<&str>) -> Reply {
    invoke(story, caller, &FUNCTION, |story, function| {
        if coupon.is_some() {
            aws::table(story, function, "GetItem", "shop-coupons");
        }
        let mut sum = story.span("add up", function.now);
        sum.annotate("coupon", coupon.unwrap_or("none"));
        sum.set(
            "metadata",
            json!({"pricing": {"net_cents": cents * 100 / 121, "tax": {"rate_percent": 21, "country": "IE"}}}),
        );
        sum.spend(story.dice.time(3_400));
        function.add(&sum);
        Reply::ok(410)
    })
}
