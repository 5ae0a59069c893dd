//! Elements that are thought out first, and then put into the page over those of the thought before: what is the same
//! stays as it is.
//!
//! What is drawn anew at each step and mostly looks alike costs the browser little that way: a few texts, and hardly any
//! style. Nothing is heard on the elements themselves; who listens stands around them.

use std::{
    cell::{Ref, RefCell},
    rc::Rc,
};

use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement, Node};

use super::drawn::Drawn;

/// Where SVG's elements live; the few of them that are drawn here have names that HTML has not.
const SVG: &str = "http://www.w3.org/2000/svg";

/// Elements that are open or scrolled as somebody left them.
const STATEFUL: [&str; 2] = ["details", "pre"];

/// An element that is thought of, with what is inside; a text where it has no tag.
#[derive(Clone)]
pub(crate) struct Sketch(Rc<RefCell<Thought>>);

struct Thought {
    tag: &'static str,
    /// Of a text, the text itself. Of an element, what tells it from those beside it, where that is known.
    text: String,
    attributes: Vec<(&'static str, String)>,
    inside: Vec<Sketch>,
    node: Option<Node>,
}

impl Sketch {
    /// An element with a class, inside of nothing.
    pub(crate) fn new(tag: &'static str, class: &str) -> Self {
        let sketch = Self::thought(tag, "");
        if !class.is_empty() {
            sketch.attribute("class", class);
        }
        sketch
    }

    fn thought(tag: &'static str, text: &str) -> Self {
        let (attributes, inside) = (Vec::new(), Vec::new());
        Self(Rc::new(RefCell::new(Thought { tag, text: text.to_owned(), attributes, inside, node: None })))
    }

    fn add(&self, child: Self) -> Self {
        self.0.borrow_mut().inside.push(child.clone());
        child
    }

    /// An element inside, after what is there.
    pub(crate) fn child(&self, tag: &'static str, class: &str) -> Self {
        self.add(Self::new(tag, class))
    }

    /// An element with a text inside, after what is there.
    pub(crate) fn says(&self, tag: &'static str, class: &str, text: &str) -> Self {
        let child = self.child(tag, class);
        child.text(text);
        child
    }

    /// A text inside, after what is there.
    pub(crate) fn text(&self, text: &str) {
        self.add(Self::thought("", text));
    }

    /// Sets an attribute that is not set yet; a name that begins with two dashes is a property of the element's style.
    pub(crate) fn attribute(&self, name: &'static str, value: &str) {
        self.0.borrow_mut().attributes.push((name, value.to_owned()));
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
        name.clone_into(&mut self.0.borrow_mut().text);
        self
    }

    /// Puts what is inside into a place, over what was put there before. Where that was of something else, elements whose
    /// state the browser keeps (open, scrolled) are made anew.
    pub(crate) fn put(&self, place: &Drawn, before: &Self, is_other: bool) {
        settle(place.element(), &before.0.borrow(), &self.0.borrow(), is_other);
    }

    /// The node, made without anything of the past.
    fn made(&self) -> Option<Node> {
        let mut thought = self.0.borrow_mut();
        let node: Node = match thought.tag {
            "" => document().create_text_node(&thought.text).into(),
            "svg" | "path" => document().create_element_ns(Some(SVG), thought.tag).ok()?.into(),
            tag => document().create_element(tag).ok()?.into(),
        };
        for (name, value) in &thought.attributes {
            write(&node, name, Some(value));
        }
        match &*thought.inside {
            [one] if one.is_text() => node.set_text_content(Some(&one.0.borrow().text)),
            all => {
                for node_inside in all.iter().filter_map(Self::made) {
                    // Fails only for a node that contains its new parent.
                    drop(node.append_child(&node_inside));
                }
            }
        }
        thought.node = Some(node.clone());
        Some(node)
    }

    fn is_text(&self) -> bool {
        self.0.borrow().tag.is_empty()
    }

    /// Whether the node of what was thought before can become that of this one.
    fn is_like(&self, before: &Self, is_other: bool) -> bool {
        let (thought, before) = (self.0.borrow(), before.0.borrow());
        let tag = thought.tag;
        tag == before.tag
            && before.node.is_some()
            && !(is_other && STATEFUL.contains(&tag))
            && (tag.is_empty() || thought.text == before.text)
            && thought.class() == before.class()
            && thought.words().is_some() == before.words().is_some()
    }

    /// Takes the node of what was thought before.
    fn take(&self, before: &Self, is_other: bool) {
        let mut thought = self.0.borrow_mut();
        let before = before.0.borrow();
        let Some(node) = before.node.clone() else { return };
        if thought.tag.is_empty() && thought.text != before.text {
            node.set_node_value(Some(&thought.text));
        }
        for (name, value) in &thought.attributes {
            if !before.attributes.iter().any(|(other, was)| other == name && was == value) {
                write(&node, name, Some(value));
            }
        }
        for (name, _) in &before.attributes {
            if !thought.attributes.iter().any(|(other, _)| other == name) {
                write(&node, name, None);
            }
        }
        match (before.words(), thought.words()) {
            (Some(was), Some(is)) if *was == *is => {}
            // To write into the text that is there costs the browser less than another one.
            (_, Some(is)) => match node.first_child() {
                Some(text) => text.set_node_value(Some(&is)),
                None => node.set_text_content(Some(&is)),
            },
            _ => settle(&node, &before, &thought, is_other),
        }
        thought.node = Some(node);
    }
}

impl Thought {
    /// The element's class; it is the first attribute.
    fn class(&self) -> Option<&str> {
        self.attributes.first().filter(|(name, _)| *name == "class").map(|(_, class)| &**class)
    }

    /// The text, where there is nothing but one.
    fn words(&self) -> Option<Ref<'_, String>> {
        match &*self.inside {
            [one] if one.is_text() => Some(Ref::map(one.0.borrow(), |one| &one.text)),
            _ => None,
        }
    }
}

/// Puts what is inside of a thought into the place that has what was inside of the one before. What is drawn comes in
/// the same order each time, with something missing here and there.
fn settle(place: &Node, before: &Thought, thought: &Thought, is_other: bool) {
    let mut former = &before.inside[..];
    for one in &thought.inside {
        if let Some(at) = former.iter().position(|former| one.is_like(former, is_other)) {
            remove(place, &former[..at]);
            one.take(&former[at], is_other);
            former = &former[at + 1..];
        } else if let Some(node) = one.made() {
            let next = former.first().and_then(|next| next.0.borrow().node.clone());
            // Fails only for a node that contains its new parent.
            drop(place.insert_before(&node, next.as_ref()));
        }
    }
    remove(place, former);
}

fn remove(place: &Node, former: &[Sketch]) {
    for former in former {
        if let Some(node) = &former.0.borrow().node {
            drop(place.remove_child(node));
        }
    }
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
