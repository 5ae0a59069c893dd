//! Checkout: it asks everybody whom a purchase concerns, one after the other.

use serde_json::{Value, json};

use crate::{
    call::{Asked, Reply, call},
    services::{CHECKOUT, cart, inventory, orders, payment, pricing},
    span::{Span, at_once},
    story::Story,
};

/// Buys what is in the cart.
pub(crate) fn buy(story: &mut Story, caller: &mut Span) -> Reply {
    call(story, caller, &CHECKOUT, &Asked::new("POST", "/checkouts"), |story, checkout| {
        let basket = Basket::any(story);
        checkout.set("user", json!(story.shopper.user));
        checkout.annotate("order", basket.order);
        checkout.annotate("amount", basket.cents() as f64 / 100.0);
        checkout.annotate("express", basket.express);
        checkout.annotate("method", basket.method);
        checkout.set("metadata", basket.metadata());
        match steps(story, checkout, &basket) {
            Ok(()) => Reply { bytes: 355, ..Reply::status(201) },
            Err(reply) => reply.passed_on(),
        }
    })
}

fn steps(story: &mut Story, checkout: &mut Span, basket: &Basket) -> Result<(), Reply> {
    let lines = basket.lines.len() as u64;
    good(cart::read(story, checkout))?;
    let (mut price, mut kept) = (Reply::ok(0), Reply::ok(0));
    at_once(
        story,
        checkout,
        &mut [
            &mut |story, checkout| price = pricing::price(story, checkout, basket.cents(), basket.coupon),
            &mut |story, checkout| kept = inventory::reserve(story, checkout, lines),
        ],
    );
    good(price)?;
    good(kept)?;
    good(payment::pay(story, checkout, basket.order, basket.cents()))?;
    good(orders::place(story, checkout, basket.order, lines))?;
    // A cart that is not emptied is no reason to lose an order.
    cart::empty(story, checkout);
    Ok(())
}

fn good(reply: Reply) -> Result<(), Reply> {
    if reply.is_ok() { Ok(()) } else { Err(reply) }
}

/// What is bought.
struct Basket {
    order: u64,
    express: bool,
    method: &'static str,
    coupon: Option<&'static str>,
    /// Product, quantity, and cents for one.
    lines: Vec<(u64, u64, u64)>,
}

impl Basket {
    fn any(story: &mut Story) -> Self {
        let dice = &mut story.dice;
        let count = dice.between(1, 7);
        Self {
            order: 4_000_000 + dice.below(900_000),
            express: dice.per_mille(220),
            method: dice.pick(&["card", "card", "card", "wallet", "invoice"]),
            coupon: dice.per_mille(250).then(|| dice.pick(&["AUTUMN10", "WELCOME5", "FREESHIP"])),
            lines: (0..count)
                .map(|_| (dice.between(1_000, 9_999), dice.between(1, 3), dice.between(399, 18_999)))
                .collect(),
        }
    }

    fn cents(&self) -> u64 {
        self.lines.iter().map(|(_, quantity, cents)| quantity * cents).sum()
    }

    fn metadata(&self) -> Value {
        let line = |(product, quantity, cents): &(u64, u64, u64)| json!({"product": product, "quantity": quantity, "price": {"cents": cents, "currency": "EUR"}});
        let lines: Vec<Value> = self.lines.iter().map(line).collect();
        json!({"checkout": {"basket": {"lines": lines}, "flags": {"one_page": true, "address_check": "v2"}}})
    }
}
