//! Payment: it asks a provider outside, tries again where that makes sense, and gives up where it does not help.

use model::{Nanos, SpanId};
use serde_json::json;

use crate::{
    aws,
    call::{Asked, Reply, call, outside},
    incident::Incident,
    services::PAYMENT,
    span::{Exception, Span},
    story::Story,
};

/// How the provider fares with one payment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// It works.
    Fine,
    /// The first try fails and the second works.
    Hiccup,
    /// It does not answer.
    Silent,
    /// It answers 503.
    Overloaded,
}

/// Takes the money.
pub(crate) fn pay(story: &mut Story, caller: &mut Span, order: u64, cents: u64) -> Reply {
    call(story, caller, &PAYMENT, &Asked::new("POST", "/payments"), |story, payment| {
        payment.annotate("order", order);
        payment.annotate("amount", cents as f64 / 100.0);
        payment.annotate("currency", "EUR");
        aws::table(story, payment, "PutItem", "shop-payments");
        let mood = mood(story);
        if let Some(cause) = charge(story, payment, mood) {
            give_up(story, payment, cause, mood);
            return Reply::status(503);
        }
        aws::table(story, payment, "UpdateItem", "shop-payments");
        Reply { bytes: 231, ..Reply::status(201) }
    })
}

fn mood(story: &mut Story) -> Mood {
    if story.suffers(Incident::Payment) {
        return match story.dice.below(1_000) {
            ..330 => Mood::Silent,
            330..620 => Mood::Overloaded,
            620..760 => Mood::Hiccup,
            _ => Mood::Fine,
        };
    }
    if story.dice.per_mille(6) { Mood::Hiccup } else { Mood::Fine }
}

/// Asks the provider up to three times; gives the last exception where none of them worked.
fn charge(story: &mut Story, payment: &mut Span, mood: Mood) -> Option<SpanId> {
    let mut last = None;
    for attempt in 1..=TRIES {
        let fails = mood != Mood::Fine && (mood != Mood::Hiccup || attempt == 1);
        let exception = attempt_charge(story, payment, attempt, fails, mood);
        exception?;
        last = exception;
        if attempt < TRIES {
            // It waits longer each time before it tries again.
            payment.spend(story.dice.time(90_000 << attempt));
        }
    }
    last
}

const TRIES: u64 = 3;
const PROVIDER: &str = "api.paygate.example";
/// How long it waits for an answer.
const PATIENCE: Nanos = Nanos::millis(3_000);

fn attempt_charge(story: &mut Story, payment: &mut Span, attempt: u64, fails: bool, mood: Mood) -> Option<SpanId> {
    let mut sub = outside(story, payment, PROVIDER, "POST", "https://api.paygate.example/v2/charges");
    sub.annotate("attempt", attempt);
    let exception = if !fails {
        sub.spend(story.dice.time(210_000));
        sub.answer(201, 612);
        None
    } else if mood == Mood::Silent {
        sub.spend(PATIENCE + story.dice.time(1_500));
        sub.flag(500);
        Some(sub.throw(&mut story.dice, &TIMEOUT.exception()))
    } else {
        sub.spend(story.dice.time(480_000));
        sub.answer(503, 74);
        Some(sub.throw(&mut story.dice, &UNAVAILABLE.exception()))
    };
    payment.add(&sub);
    exception
}

/// A failed attempt.
struct Failure {
    kind: &'static str,
    message: &'static str,
    remote: bool,
    stack: &'static [(&'static str, u32, &'static str)],
}

const TIMEOUT: Failure = Failure {
    kind: "java.net.SocketTimeoutException",
    message: "Read timed out after 3000 ms",
    remote: false,
    stack: &[
        ("java.base/sun/nio/ch/NioSocketImpl.java", 278, "sun.nio.ch.NioSocketImpl.timedRead"),
        ("java.base/sun/nio/ch/NioSocketImpl.java", 304, "sun.nio.ch.NioSocketImpl.implRead"),
        ("shop/payment/paygate/HttpTransport.java", 142, "shop.payment.paygate.HttpTransport.post"),
        ("shop/payment/paygate/PaygateClient.java", 67, "shop.payment.paygate.PaygateClient.charge"),
    ],
};

const UNAVAILABLE: Failure = Failure {
    kind: "shop.payment.paygate.ProviderUnavailableException",
    message: "503 Service Unavailable: {\"error\":\"overloaded\",\"retry_after\":30}",
    remote: true,
    stack: &[
        ("shop/payment/paygate/HttpTransport.java", 158, "shop.payment.paygate.HttpTransport.check"),
        ("shop/payment/paygate/PaygateClient.java", 67, "shop.payment.paygate.PaygateClient.charge"),
    ],
};

impl Failure {
    fn exception(&self) -> Exception<'static> {
        Exception {
            kind: self.kind,
            message: self.message.to_owned(),
            remote: self.remote,
            stack: self.stack,
            cause: None,
        }
    }
}

fn give_up(story: &mut Story, payment: &mut Span, cause: SpanId, mood: Mood) {
    let what = if mood == Mood::Silent { "no answer" } else { "503" };
    let exception = Exception {
        kind: "shop.payment.PaymentFailedException",
        message: format!("{PROVIDER}: {what}, {TRIES} attempts"),
        remote: false,
        stack: &[
            ("shop/payment/ChargeService.java", 94, "shop.payment.ChargeService.charge"),
            ("shop/payment/ChargeService.java", 51, "shop.payment.ChargeService.pay"),
            ("shop/payment/PaymentController.java", 33, "shop.payment.PaymentController.create"),
            ("java.base/java/lang/VirtualThread.java", 329, "java.lang.VirtualThread.run"),
        ],
        cause: Some(cause),
    };
    payment.throw(&mut story.dice, &exception);
    payment.member("cause")["working_directory"] = json!("/opt/payment");
    payment
        .set("metadata", json!({"payment": {"circuit": {"state": "half-open", "failures": 17}, "provider": PROVIDER}}));
}
