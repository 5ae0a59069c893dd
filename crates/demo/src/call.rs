//! A service calls another one: the caller's subsegment, the callee's segment, and what goes back.

use model::{Moment, SpanId};
use serde_json::{Value, json};

use crate::{
    services::Service,
    span::{Exception, Span},
    story::Story,
};

/// What is asked of a service.
pub(crate) struct Asked {
    /// The method.
    pub(crate) method: &'static str,
    /// Path and query.
    pub(crate) path: String,
}

impl Asked {
    /// A request.
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into() }
    }

    /// It as the `http.request` of a document.
    fn request(&self, host: &str) -> Value {
        json!({"method": self.method, "url": format!("{host}{}", self.path)})
    }
}

/// What a service answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The length of the body; 0 where it does not matter.
    pub(crate) bytes: u64,
    /// The exception that the caller recorded about it.
    pub(crate) exception: Option<SpanId>,
}

impl Reply {
    /// A good answer.
    pub(crate) fn ok(bytes: u64) -> Self {
        Self { bytes, ..Self::status(200) }
    }

    /// An answer of another status.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, bytes: 0, exception: None }
    }

    /// Whether it is of use.
    pub(crate) fn is_ok(self) -> bool {
        self.status < 400
    }

    /// What a service answers whose own callee gave this: a fault becomes 502, a refusal is passed on.
    pub(crate) fn passed_on(self) -> Self {
        Self { status: if self.status >= 500 { 502 } else { self.status }, bytes: 0, ..self }
    }
}

/// Microseconds from one service to the next.
const HOP: u64 = 420;

/// The caller asks a service and waits for its answer; `serve` is what the service does.
pub(crate) fn call(
    story: &mut Story,
    caller: &mut Span,
    service: &Service,
    asked: &Asked,
    serve: impl FnOnce(&mut Story, &mut Span) -> Reply,
) -> Reply {
    let mut sub = story.span(service.name, caller.now);
    sub.set("namespace", json!("remote"));
    let mut request = asked.request(&service.host());
    request["traced"] = json!(true);
    sub.member("http")["request"] = request;
    sub.spend(story.dice.time(HOP));
    let (mut reply, end) = answer(story, service, Some(sub.id), asked, sub.now, serve);
    sub.now = end + story.dice.time(HOP);
    sub.answer(reply.status, reply.bytes);
    reply.exception = (reply.status >= 500).then(|| {
        let message = format!("{} answered {} to {} {}", service.name, reply.status, asked.method, asked.path);
        let exception = Exception { kind: "UpstreamError", message, remote: true, stack: &[], cause: None };
        sub.throw(&mut story.dice, &exception)
    });
    caller.add(&sub);
    reply
}

/// A service answers a request that reaches it at `start`; gives the answer and when it was sent.
pub(crate) fn answer(
    story: &mut Story,
    service: &Service,
    parent: Option<SpanId>,
    asked: &Asked,
    start: Moment,
    serve: impl FnOnce(&mut Story, &mut Span) -> Reply,
) -> (Reply, Moment) {
    let mut segment = story.span(service.name, start);
    service.describe(&mut segment, &mut story.dice);
    segment.member("http")["request"] = asked.request(&service.host());
    segment.spend(story.dice.time(250));
    let reply = serve(story, &mut segment);
    segment.spend(story.dice.time(180));
    segment.answer(reply.status, reply.bytes);
    if let Some(exception) = reply.exception.filter(|_| !segment.has("cause")) {
        segment.set("cause", json!(exception));
    }
    let end = segment.now;
    story.write_segment(segment, parent);
    (reply, end)
}

/// A service outside the shop is asked; it reports nothing. Gives the open subsegment, its time not yet spent.
pub(crate) fn outside(story: &mut Story, caller: &Span, name: &str, method: &str, url: &str) -> Span {
    let mut sub = story.span(name, caller.now);
    sub.set("namespace", json!("remote"));
    sub.member("http")["request"] = json!({"method": method, "url": url});
    sub
}
