//! The services as a list beside the picture, for keys and screen readers, and as sentences.

use crate::prelude::*;
use leptos::ev;
use model::{
    ServiceGraph,
    graph::{Load, Node},
};

use super::{
    GraphSignal, Stage, letters,
    scene::{self, Scene, Target},
    zoom_middle,
};
use crate::platform::drawn::Drawn;

/// The list has so many on either side of the one that the keys are on; thousands would take long to make.
const LIST_SIDE: usize = 150;

/// The services as a list: for the keys, and for those who do not see the picture.
pub(super) fn list(
    stage: Stage,
    graph: GraphSignal,
    minutes: Signal<f64>,
    on_choose: Callback<Option<Target>>,
) -> Drawn {
    let active = RwSignal::new(0_usize);
    let walk = move |to: usize| {
        active.set(to);
        stage.change(|scene| {
            scene.hover = None;
            scene.active = Some(to);
            scene.reveal(to);
        });
    };
    let on_key = move |event: &ev::KeyboardEvent| {
        let arrow = match event.key().as_str() {
            "ArrowLeft" => Some((-1.0, 0.0)),
            "ArrowRight" => Some((1.0, 0.0)),
            "ArrowUp" => Some((0.0, -1.0)),
            "ArrowDown" => Some((0.0, 1.0)),
            _ => None,
        };
        match (arrow, event.key().as_str()) {
            (Some((dx, dy)), _) if event.shift_key() => stage.change(|scene| scene.pan(-dx * 60.0, -dy * 60.0)),
            (Some((dx, dy)), _) => {
                let found = stage.scene.with_value(|scene| scene.towards(active.get_untracked(), dx, dy));
                if let Some(found) = found {
                    walk(found);
                }
            }
            (_, "Home") => walk(0),
            (_, "End") => walk(stage.scene.with_value(|scene| scene.keys.len().saturating_sub(1))),
            (_, "Enter" | " ") => on_choose.run(Some(Target::Node(active.get_untracked()))),
            (_, "Escape") => on_choose.run(None),
            (_, "+") => stage.change(|scene| zoom_middle(scene, 1.25)),
            (_, "-") => stage.change(|scene| zoom_middle(scene, 0.8)),
            (_, "0") => stage.change(Scene::fit),
            _ => return,
        }
        event.prevent_default();
    };
    // In steps, so that walking on does not make it anew each time.
    let first = Signal::memo(move |_| (active.get() / LIST_SIDE).saturating_sub(1) * LIST_SIDE);
    let root = Drawn::new("ul", "map__services").with(&[
        ("role", "listbox"),
        ("tabindex", "0"),
        ("aria-label", "Services; arrows walk along the map, Enter shows numbers"),
    ]);
    root.follow(move |root| {
        root.clear();
        if let Some(graph) = graph.get() {
            draw(root, &graph, minutes.get(), first.get());
        }
        mark(root, active.get_untracked());
    });
    root.follow(move |root| mark(root, active.get()));
    root.hear(&["keydown"], on_key);
    root.hear(&["focus", "blur"], move |event: &ev::FocusEvent| {
        if event.type_() == "focus" {
            walk(active.get_untracked());
        } else {
            stage.change(|scene| scene.active = None);
        }
    });
    root
}

fn draw(list: &Drawn, graph: &ServiceGraph, minutes: f64, first: usize) {
    let count = graph.nodes.len().to_string();
    for (place, node) in graph.nodes.iter().enumerate().skip(first).take(3 * LIST_SIDE) {
        let item = list.says("li", "", &words(node, scene::load(graph, place), minutes));
        item.with(&[
            ("role", "option"),
            ("id", &id(place)),
            ("aria-setsize", &count),
            ("aria-posinset", &(place + 1).to_string()),
            ("aria-selected", "false"),
        ]);
    }
}

fn id(place: usize) -> String {
    ["map-node-", &place.to_string()].concat()
}

/// Says which service the keys are on.
fn mark(list: &Drawn, active: usize) {
    let id = id(active);
    list.attribute("aria-activedescendant", &id);
    for (which, is_selected) in [("[aria-selected=true]", "false"), (&["#", &id].concat(), "true")] {
        if let Some(item) = list.within(which) {
            item.attribute("aria-selected", is_selected);
        }
    }
}

/// A node in a sentence.
pub(super) fn words(node: &Node, load: Option<&Load>, minutes: f64) -> String {
    let kind = node.id.kind.as_deref().map_or("service", letters::short_kind);
    [node.id.name.as_str(), ", ", kind, ": ", &numbers(load, minutes)].concat()
}

/// Counts in a sentence.
pub(super) fn numbers(load: Option<&Load>, minutes: f64) -> String {
    let Some(load) = load.filter(|load| load.total() > 0) else { return "no finished requests".to_owned() };
    let mut parts = vec![letters::rate(load.total(), minutes)];
    parts.extend(load.mean().map(|mean| format::duration::short(mean.0) + " on average"));
    for (count, name) in [(load.fault, "faults"), (load.error, "errors"), (load.throttle, "throttled")] {
        if count > 0 {
            parts.push([&format::number::percent(count as i64, load.total() as i64), " ", name].concat());
        }
    }
    parts.join(", ")
}
