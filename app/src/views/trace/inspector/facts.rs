//! Names and values below each other, each of which can be copied.

use leptos::ev;

use crate::platform::{drawn, sketch::Sketch};

/// The class of a value that is an empty text.
const EMPTY: &str = "fact__empty";

/// The attribute that says what a button does.
pub(super) const DOES: &str = "data-does";
/// The attribute with what a button copies.
pub(super) const COPY: &str = "data-copy";

/// The value of the fact that something happened in; an empty one is shown as two quotes.
pub(super) fn value_around(event: &ev::MouseEvent) -> Option<String> {
    let value = drawn::closest(event, ".fact")?.within("dd > :first-child")?;
    Some(if value.is("class", EMPTY) { String::new() } else { value.text() })
}

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

    fn draw(&self, list: Sketch<'_>) {
        let row = list.child("div", "fact").named(&self.name);
        row.says("dt", "", &self.name);
        let place = row.child("dd", "");
        let shown = match &self.value {
            // An empty text is a value, and is shown as one.
            Value::Text(text) if text.is_empty() => place.says("span", EMPTY, "\"\""),
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
        // What is shown is what is copied.
        small_button(place, &self.name).attribute(DOES, "value");
    }
}

/// A small button that copies `text`, which is called `name`; the inspector listens.
pub(super) fn copy_button(place: Sketch<'_>, name: &str, text: &str) {
    small_button(place, name).attribute(COPY, text);
}

/// A small button to copy something that is called `name`.
pub(super) fn small_button<'a>(place: Sketch<'a>, name: &str) -> Sketch<'a> {
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
pub(super) fn section<'a>(place: Sketch<'a>, title: &str) -> Sketch<'a> {
    let section = place.child("section", "inspector__section").named(title);
    section.says("h4", "inspector__heading", title);
    section
}

/// A part of the inspector made of facts; none without any.
pub(super) fn facts_section(place: Sketch<'_>, title: &str, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    list(section(place, title), facts);
}

/// Facts below each other.
pub(super) fn list(place: Sketch<'_>, facts: &[Fact]) {
    if facts.is_empty() {
        return;
    }
    let list = place.child("dl", "facts");
    for fact in facts {
        fact.draw(list);
    }
}

/// A button that leads to another span of the trace; the inspector listens.
pub(super) fn go(place: Sketch<'_>, span: model::SpanId, text: &str) {
    let button = place.says("button", "link", text);
    button.attribute("type", "button");
    button.attribute("data-go", &span.to_string());
}
