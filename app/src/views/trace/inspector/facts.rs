//! Names and values below each other, each of which can be copied.

use crate::platform::drawn::Drawn;

/// The attribute with what a button copies.
pub(super) const COPY: &str = "data-copy";

/// A name with its value.
pub(super) struct Fact {
    name: String,
    value: Value,
    /// What kind of value it is, in a word; empty where nobody wonders.
    tag: &'static str,
    /// The condition that other traces have the same value.
    condition: Option<String>,
    /// The value's page in the AWS console.
    console: Option<String>,
}

enum Value {
    Text(String),
    Code(String),
    Link { text: String, address: String },
}

impl Fact {
    fn new(name: impl Into<String>, value: Value) -> Self {
        Self { name: name.into(), value, tag: "", condition: None, console: None }
    }

    /// A value for people.
    pub(super) fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, Value::Text(value.into()))
    }

    /// A value from a machine: an id, a query, JSON.
    pub(super) fn code(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::new(name, Value::Code(value.into()))
    }

    /// A value that leads somewhere in this app.
    pub(super) fn link(name: impl Into<String>, text: impl Into<String>, address: String) -> Self {
        Self::new(name, Value::Link { text: text.into(), address })
    }

    /// The fact with a word for its value's kind.
    pub(super) fn tagged(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// The fact with the condition that other traces have the same value.
    pub(super) fn filtered(mut self, condition: String) -> Self {
        self.condition = Some(condition);
        self
    }

    /// The fact with its page in the AWS console, where it has one.
    pub(super) fn in_console(mut self, address: Option<String>) -> Self {
        self.console = address;
        self
    }

    fn draw(&self, list: &Drawn) {
        let row = list.child("div", "fact");
        row.says("dt", "", &self.name);
        let place = row.child("dd", "");
        let shown = match &self.value {
            // An empty text is a value, and is shown as one.
            Value::Text(text) if text.is_empty() => place.says("span", "fact__empty", "\"\""),
            Value::Text(text) => place.says("span", "", text),
            Value::Code(text) => place.says("code", "fact__code", text),
            Value::Link { text, address } => {
                let link = place.says("a", "", text);
                link.attribute("href", address);
                link
            }
        };
        if let Some(condition) = &self.condition {
            shown.attribute("tabindex", "0");
            shown.attribute("data-filter", condition);
        }
        if !self.tag.is_empty() {
            place.says("span", "fact__tag", self.tag);
        }
        if let Some(address) = &self.console {
            let link = place.says("a", "fact__console", "console ↗");
            let name = [&self.name, " in the AWS console"].concat();
            link.with(&[("href", address), ("target", "_blank"), ("rel", "noreferrer"), ("aria-label", &name)]);
        }
        let (Value::Text(text) | Value::Code(text) | Value::Link { text, .. }) = &self.value;
        copy_button(&place, &self.name, text);
    }
}

/// A small button that copies `text`, which is called `name`; the inspector listens.
pub(super) fn copy_button(place: &Drawn, name: &str, text: &str) {
    small_button(place, name).attribute(COPY, text);
}

/// A small button to copy something that is called `name`.
pub(super) fn small_button(place: &Drawn, name: &str) -> Drawn {
    let button = place.child("button", "fact__copy");
    let label = ["Copy ", name].concat();
    button.with(&[("type", "button"), ("title", &label), ("aria-label", &label)])
}

/// A value where there is one.
pub(super) fn some_text(facts: &mut Vec<Fact>, name: &str, value: Option<&String>) {
    facts.extend(value.map(|value| Fact::text(name, value)));
}

/// A value from a machine, where there is one.
pub(super) fn some_code(facts: &mut Vec<Fact>, name: &str, value: Option<&String>) {
    facts.extend(value.map(|value| Fact::code(name, value)));
}

/// A part of the inspector with a heading.
pub(super) fn section(place: &Drawn, title: &str) -> Drawn {
    let section = place.child("section", "inspector__section");
    section.says("h4", "inspector__heading", title);
    section
}

/// A part of the inspector made of facts; none without any.
pub(super) fn facts_section(place: &Drawn, title: &str, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    list(&section(place, title), facts);
}

/// Facts below each other.
pub(super) fn list(place: &Drawn, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    let list = place.child("dl", "facts");
    for fact in facts {
        fact.draw(&list);
    }
}

/// A button that leads to another span of the trace; the inspector listens.
pub(super) fn go(place: &Drawn, span: model::SpanId, text: &str) {
    let button = place.says("button", "link", text);
    button.attribute("type", "button");
    button.attribute("data-go", &span.to_string());
}
