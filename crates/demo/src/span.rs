//! A segment or subsegment while it is written: its clock, its members, the JSON of what is done inside it.

use model::{Moment, Nanos, SpanId};
use serde_json::{Value, json};

use crate::{dice::Dice, story::Story};

/// A (sub)segment whose work goes on.
pub(crate) struct Span {
    /// Its id.
    pub(crate) id: SpanId,
    /// Its name.
    pub(crate) name: String,
    /// When it began.
    pub(crate) start: Moment,
    /// How far its work has come; its end, once it is written.
    pub(crate) now: Moment,
    members: Vec<(&'static str, Value)>,
    subsegments: Vec<String>,
}

/// An error that was thrown.
pub(crate) struct Exception<'a> {
    /// Its type.
    pub(crate) kind: &'a str,
    /// Its message.
    pub(crate) message: String,
    /// It came from the service that was called.
    pub(crate) remote: bool,
    /// Files, lines and functions, innermost first.
    pub(crate) stack: &'a [(&'a str, u32, &'a str)],
    /// The exception that caused it.
    pub(crate) cause: Option<SpanId>,
}

impl Span {
    /// One that begins.
    pub(crate) fn new(dice: &mut Dice, name: &str, start: Moment) -> Self {
        Self {
            id: SpanId(dice.bits()),
            name: name.to_owned(),
            start,
            now: start,
            members: Vec::new(),
            subsegments: Vec::new(),
        }
    }

    /// Time goes by.
    pub(crate) fn spend(&mut self, time: Nanos) {
        self.now = self.now + time;
    }

    /// Sets a member.
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        *self.member(name) = value;
    }

    /// Whether it has a member.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(other, _)| *other == name)
    }

    /// A member to write to.
    pub(crate) fn member(&mut self, name: &'static str) -> &mut Value {
        let place = self.members.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
            self.members.push((name, Value::Null));
            self.members.len() - 1
        });
        &mut self.members[place].1
    }

    /// Sets an annotation.
    pub(crate) fn annotate(&mut self, key: &str, value: impl Into<Value>) {
        self.member("annotations")[key] = value.into();
    }

    /// Notes the answer's status and length, and the flags that belong to the status.
    pub(crate) fn answer(&mut self, status: u16, bytes: u64) {
        let response = &mut self.member("http")["response"];
        response["status"] = json!(status);
        if bytes > 0 {
            response["content_length"] = json!(bytes);
        }
        self.flag(status);
    }

    /// Sets the flags that belong to a status.
    pub(crate) fn flag(&mut self, status: u16) {
        match status {
            429 => {
                self.set("error", json!(true));
                self.set("throttle", json!(true));
            }
            400..=499 => self.set("error", json!(true)),
            500..=599 => self.set("fault", json!(true)),
            _ => {}
        }
    }

    /// Records an exception and gives its id.
    pub(crate) fn throw(&mut self, dice: &mut Dice, exception: &Exception<'_>) -> SpanId {
        let id = SpanId(dice.bits());
        let mut written =
            json!({"id": id, "type": exception.kind, "message": exception.message, "remote": exception.remote});
        if let Some(cause) = exception.cause {
            written["cause"] = json!(cause);
        }
        if !exception.stack.is_empty() {
            let frame = |(path, line, label): &(&str, u32, &str)| json!({"path": path, "line": line, "label": label});
            written["stack"] = exception.stack.iter().map(frame).collect();
        }
        let cause = self.member("cause");
        if cause.is_null() {
            *cause = json!({"exceptions": []});
        }
        if let Some(exceptions) = cause["exceptions"].as_array_mut() {
            exceptions.push(written);
        }
        id
    }

    /// Takes in a part that was waited for.
    pub(crate) fn add(&mut self, part: &Self) {
        self.now = self.now.max(part.now);
        self.subsegments.push(part.json());
    }

    /// Its document.
    pub(crate) fn json(&self) -> String {
        let times = [("start_time", self.start), ("end_time", self.now)];
        let mut members = vec![format!(r#""id":{}"#, json!(self.id)), format!(r#""name":{}"#, json!(self.name))];
        // Times are written as the decimals they are; a double in between would add noise.
        members.extend(times.map(|(name, moment)| format!(r#""{name}":{}"#, moment.seconds_text())));
        members.extend(self.members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)));
        if !self.subsegments.is_empty() {
            members.push(format!(r#""subsegments":[{}]"#, self.subsegments.join(",")));
        }
        format!("{{{}}}", members.join(","))
    }
}

/// A call that is made at the same time as others.
pub(crate) type Call<'a> = &'a mut dyn FnMut(&mut Story, &mut Span);

/// Calls that are made at once: each begins where the span is now, and the span goes on after the longest.
pub(crate) fn at_once(story: &mut Story, span: &mut Span, calls: &mut [Call<'_>]) {
    let (begin, mut end) = (span.now, span.now);
    for call in calls {
        span.now = begin;
        call(story, span);
        end = end.max(span.now);
    }
    span.now = end;
}
