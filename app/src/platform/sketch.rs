//! Elements that are thought out first, and then put into the page over those of the thought before: what is the same
//! stays as it is.
//!
//! What is drawn anew at each step and mostly looks alike costs the browser little that way: a few texts, and hardly any
//! style. Nothing is heard on the elements themselves; who listens stands around them.

use std::cell::RefCell;

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, Node};

use super::drawn::Drawn;

/// Where SVG's elements live; the few of them that are drawn here have names that HTML has not.
const SVG: &str = "http://www.w3.org/2000/svg";

/// Elements that are open or scrolled as somebody left them.
const STATEFUL: [&str; 2] = ["details", "pre"];

/// All that is thought of for one place in the page; the first thought is the place itself.
pub(crate) struct Paper(RefCell<Vec<Thought>>);

/// An element that is thought of.
#[derive(Clone, Copy)]
pub(crate) struct Sketch<'a> {
    paper: &'a Paper,
    at: usize,
}

/// An element; a text where it has no tag.
#[derive(Default)]
struct Thought {
    tag: &'static str,
    /// Of a text, the text itself. Of an element, what tells it from those beside it, where that is known.
    text: String,
    attributes: Vec<(&'static str, String)>,
    inside: Vec<usize>,
    node: Option<Node>,
}

impl Sketch<'_> {
    fn add(self, tag: &'static str, text: &str) -> Self {
        let mut all = self.paper.0.borrow_mut();
        let at = all.len();
        all.push(Thought { tag, text: text.to_owned(), ..Thought::default() });
        all[self.at].inside.push(at);
        Self { at, ..self }
    }

    /// An element inside, after what is there.
    pub(crate) fn child(self, tag: &'static str, class: &str) -> Self {
        let child = self.add(tag, "");
        if !class.is_empty() {
            child.attribute("class", class);
        }
        child
    }

    /// An element with a text inside, after what is there.
    pub(crate) fn says(self, tag: &'static str, class: &str, text: &str) -> Self {
        let child = self.child(tag, class);
        child.text(text);
        child
    }

    /// A text inside, after what is there.
    pub(crate) fn text(self, text: &str) {
        self.add("", text);
    }

    /// Sets an attribute that is not set yet; a name that begins with two dashes is a property of the element's style.
    pub(crate) fn attribute(self, name: &'static str, value: &str) {
        self.paper.0.borrow_mut()[self.at].attributes.push((name, value.to_owned()));
    }

    /// Sets several attributes.
    pub(crate) fn with(self, attributes: &[(&'static str, &str)]) -> Self {
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        self
    }

    /// Says what tells it from those beside it: only an element of the same name becomes this one.
    pub(crate) fn named(self, name: &str) -> Self {
        name.clone_into(&mut self.paper.0.borrow_mut()[self.at].text);
        self
    }
}

impl Paper {
    /// Nothing is thought of yet.
    pub(crate) fn new() -> Self {
        Self(RefCell::new(vec![Thought::default()]))
    }

    /// The place, to be filled.
    pub(crate) fn sketch(&self) -> Sketch<'_> {
        Sketch { paper: self, at: 0 }
    }

    /// Puts what is inside into a place, over what was put there before. Where that was of something else, elements whose
    /// state the browser keeps (open, scrolled) are made anew.
    pub(crate) fn put(&mut self, place: &Drawn, before: Self, is_other: bool) {
        Change { before: before.0.into_inner(), is_other }.settle(place.element(), 0, self.0.get_mut(), 0);
    }
}

/// From what was thought before to what is thought now. All numbers are places in one of the two.
struct Change {
    before: Vec<Thought>,
    is_other: bool,
}

impl Change {
    /// Puts what is inside of a thought into the place that has what was inside of one before. What is drawn comes in the
    /// same order each time, with something missing here and there.
    fn settle(&self, place: &Node, before: usize, now: &mut [Thought], at: usize) {
        let mut former = &self.before[before].inside[..];
        for one in std::mem::take(&mut now[at].inside) {
            if let Some(skipped) = former.iter().position(|former| self.is_like(*former, now, one)) {
                self.remove(place, &former[..skipped]);
                self.take(former[skipped], now, one);
                former = &former[skipped + 1..];
            } else if let Some(node) = made(now, one) {
                let next = former.first().and_then(|next| self.before[*next].node.as_ref());
                // Fails only for a node that contains its new parent.
                drop(place.insert_before(&node, next));
            }
            now[at].inside.push(one);
        }
        self.remove(place, former);
    }

    /// Whether the node of what was thought before can become that of another one.
    fn is_like(&self, before: usize, now: &[Thought], at: usize) -> bool {
        let (former, thought) = (&self.before[before], &now[at]);
        let tag = thought.tag;
        tag == former.tag
            && former.node.is_some()
            && !(self.is_other && STATEFUL.contains(&tag))
            && (tag.is_empty() || thought.text == former.text)
            && thought.class() == former.class()
            && words(now, at).is_some() == words(&self.before, before).is_some()
    }

    /// Takes the node of what was thought before.
    fn take(&self, before: usize, now: &mut [Thought], at: usize) {
        let (former, thought) = (&self.before[before], &now[at]);
        let Some(node) = former.node.clone() else { return };
        if thought.tag.is_empty() && thought.text != former.text {
            node.set_node_value(Some(&thought.text));
        }
        for (name, value) in &thought.attributes {
            if former.value(name) != Some(value) {
                write(&node, name, Some(value));
            }
        }
        for (name, _) in &former.attributes {
            if thought.value(name).is_none() {
                write(&node, name, None);
            }
        }
        match (words(&self.before, before), words(now, at)) {
            (Some(was), Some(is)) if was == is => {}
            // To write into the text that is there costs the browser less than another one.
            (_, Some(is)) => match node.first_child() {
                Some(text) => text.set_node_value(Some(is)),
                None => node.set_text_content(Some(is)),
            },
            _ => self.settle(&node, before, now, at),
        }
        now[at].node = Some(node);
    }

    fn remove(&self, place: &Node, former: &[usize]) {
        for node in former.iter().filter_map(|former| self.before[*former].node.as_ref()) {
            drop(place.remove_child(node));
        }
    }
}

impl Thought {
    fn value(&self, name: &str) -> Option<&String> {
        self.attributes.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    fn class(&self) -> Option<&String> {
        self.value("class")
    }
}

/// The text, where there is nothing but one.
fn words(all: &[Thought], at: usize) -> Option<&str> {
    match all[at].inside[..] {
        [one] if all[one].tag.is_empty() => Some(&all[one].text),
        _ => None,
    }
}

/// The node, made without anything of the past.
fn made(all: &mut [Thought], at: usize) -> Option<Node> {
    let thought = &all[at];
    let node: Node = match thought.tag {
        "" => document().create_text_node(&thought.text).into(),
        "svg" | "path" => document().create_element_ns(Some(SVG), thought.tag).ok()?.into(),
        tag => document().create_element(tag).ok()?.into(),
    };
    for (name, value) in &thought.attributes {
        write(&node, name, Some(value));
    }
    if let Some(words) = words(all, at) {
        node.set_text_content(Some(words));
    } else {
        for inside in 0..thought.inside.len() {
            if let Some(inside) = made(all, all[at].inside[inside]) {
                // Fails only for a node that contains its new parent.
                drop(node.append_child(&inside));
            }
        }
    }
    all[at].node = Some(node.clone());
    Some(node)
}

/// Sets an attribute, or takes it away.
fn write(node: &Node, name: &str, value: Option<&str>) {
    let element: &Element = node.unchecked_ref();
    if name.starts_with("--") {
        let element: &HtmlElement = node.unchecked_ref();
        drop(element.style().set_property(name, value.unwrap_or_default()));
    } else if let Some(value) = value {
        // Fails only for names that are none.
        drop(element.set_attribute(name, value));
    } else {
        drop(element.remove_attribute(name));
    }
}
