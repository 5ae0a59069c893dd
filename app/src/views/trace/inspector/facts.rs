//! Names and values below each other, each of which can be copied.

use crate::prelude::*;

use super::super::header::Outline;

/// Two sheets of paper.
const COPY: &str = "M5 1h10v10h-4v4H1V5h4zM6.5 2.5v7h7v-7zM5 6.5H2.5v7h7V11H5z";

/// A name with its value.
pub(super) struct Fact {
    name: String,
    value: Value,
    /// What kind of value it is, in a word; empty where nobody wonders.
    tag: &'static str,
    /// The condition that other traces have the same value.
    condition: Option<String>,
}

enum Value {
    Text(String),
    Code(String),
    Link { text: String, address: String },
}

impl Fact {
    /// A value for people.
    pub(super) fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Text(value.into()), tag: "", condition: None }
    }

    /// A value from a machine: an id, a query, JSON.
    pub(super) fn code(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Value::Code(value.into()), tag: "", condition: None }
    }

    /// A value that leads somewhere in this app.
    pub(super) fn link(name: impl Into<String>, text: impl Into<String>, address: String) -> Self {
        Self { name: name.into(), value: Value::Link { text: text.into(), address }, tag: "", condition: None }
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

    fn view(self) -> AnyView {
        let copied = match &self.value {
            Value::Text(text) | Value::Code(text) | Value::Link { text, .. } => text.clone(),
        };
        let shown = match self.value {
            // An empty text is a value, and is shown as one.
            Value::Text(text) if text.is_empty() => view! { <span class="fact__empty">"\"\""</span> }.into_any(),
            Value::Text(text) => view! { <span>{text}</span> }.into_any(),
            Value::Code(text) => view! { <code class="fact__code">{text}</code> }.into_any(),
            Value::Link { text, address } => view! { <a href=address>{text}</a> }.into_any(),
        };
        let shown = match self.condition {
            Some(condition) => view! { <span tabindex="0" data-filter=condition>{shown}</span> }.into_any(),
            None => shown,
        };
        let tag = (!self.tag.is_empty()).then(|| view! { <span class="fact__tag">{self.tag}</span> });
        view! {
            <div class="fact">
                <dt>{self.name.clone()}</dt>
                <dd>{shown} {tag} {copy_button(&self.name, copied)}</dd>
            </div>
        }
        .into_any()
    }
}

/// A small button that copies `text`, which is called `name`; the inspector listens.
pub(super) fn copy_button(name: &str, text: String) -> AnyView {
    let label = format!("Copy {name}");
    view! { <button type="button" class="fact__copy" data-copy=text title=label.clone() aria-label=label><Outline path=COPY /></button> }
        .into_any()
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
pub(super) fn section(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="inspector__section">
            <h4 class="inspector__heading">{title}</h4>
            {content}
        </section>
    }
    .into_any()
}

/// A part of the inspector made of facts; none without any.
pub(super) fn facts_section(title: &'static str, facts: Vec<Fact>) -> Option<AnyView> {
    if facts.is_empty() {
        return None;
    }
    Some(section(title, list(facts)))
}

/// Facts below each other.
pub(super) fn list(facts: Vec<Fact>) -> AnyView {
    view! { <dl class="facts">{facts.into_iter().map(Fact::view).collect_view()}</dl> }.into_any()
}
