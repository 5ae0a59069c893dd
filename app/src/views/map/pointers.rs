//! Mouse and fingers on the map: pans, zooms, points and drags.

use std::rc::Rc;

use crate::prelude::*;
use layout::force::Point;
use leptos::ev;

use super::{
    Stage,
    draw::{self, MINI},
    scene::{self, Target},
};
use crate::{
    platform::{self, drawn::Drawn},
    route::NodeKey,
};

/// Further than this, a press is a drag, in CSS pixels.
const DRAG_PX: f64 = 4.0;

/// What a pointer does that is down.
#[derive(Clone, Copy, PartialEq)]
enum Grip {
    Pan,
    Node(usize),
    Mini,
}

/// Pans, zooms, points and drags: a transparent sheet over the picture.
pub(super) fn sheet(
    stage: Stage,
    picture: Drawn,
    on_choose: Callback<Option<Target>>,
    on_move: Callback<(NodeKey, i32, i32)>,
) -> Drawn {
    // The pointers that are down: identifier, where it is, where it went down.
    let down = StoredValue::new(Vec::<(i32, Point, Point)>::new());
    let grip = StoredValue::new(Grip::Pan);
    let strayed = StoredValue::new(false);
    let place = Rc::new(move |x: i32, y: i32| {
        let picture = picture.element();
        Point { x: f64::from(x) - platform::span_of(picture).0, y: f64::from(y) - platform::span_down(picture).0 }
    });
    let below = place.clone();
    let aim_mini = move |to: Point| {
        stage.change(|scene| {
            let (corner, (scale, origin)) = (draw::mini_place(scene), draw::mini_scale(scene));
            scene.pan_to(Point { x: (to.x - corner.x) / scale + origin.x, y: (to.y - corner.y) / scale + origin.y });
        });
    };
    let on_down = move |event: &ev::PointerEvent, place: Point| {
        if event.button() != 0 {
            return;
        }
        platform::capture_pointer(event);
        down.update_value(|down| down.push((event.pointer_id(), place, place)));
        strayed.set_value(false);
        let on_mini = stage.scene.with_value(|scene| {
            let corner = draw::mini_place(scene);
            scene.is_zoomed()
                && (0.0..MINI.0).contains(&(place.x - corner.x))
                && (0.0..MINI.1).contains(&(place.y - corner.y))
        });
        grip.set_value(match stage.scene.with_value(|scene| scene.hit(place)) {
            _ if on_mini => Grip::Mini,
            Some(Target::Node(node)) => Grip::Node(node),
            _ => Grip::Pan,
        });
        if on_mini {
            aim_mini(place);
        }
    };
    let on_pointer = move |event: &ev::PointerEvent, place: Point| {
        let held = down.with_value(Vec::clone);
        let Some(index) = held.iter().position(|(id, ..)| *id == event.pointer_id()) else {
            let hover = stage.scene.with_value(|scene| scene.hit(place));
            if stage.scene.with_value(|scene| scene.hover != hover) {
                stage.change(|scene| {
                    scene.hover = hover;
                    scene.active = None;
                });
            }
            stage.pointed.set(hover.map(|hover| (hover, place.x, place.y)));
            return;
        };
        let (_, before, begun) = held[index];
        down.update_value(|down| down[index].1 = place);
        let (dx, dy) = (place.x - before.x, place.y - before.y);
        if (place.x - begun.x).abs() > DRAG_PX || (place.y - begun.y).abs() > DRAG_PX {
            strayed.set_value(true);
        }
        if let Some((_, other, _)) = held.iter().find(|(id, ..)| *id != event.pointer_id()) {
            // Two fingers: what lies between them keeps its distance to both.
            let apart = |from: Point| scene::length(from.x - other.x, from.y - other.y).max(1.0);
            let middle = Point { x: f64::midpoint(place.x, other.x), y: f64::midpoint(place.y, other.y) };
            let factor = apart(place) / apart(before);
            stage.change(|scene| {
                scene.pan(dx / 2.0, dy / 2.0);
                scene.zoom(middle, factor);
            });
        } else if strayed.get_value() {
            stage.pointed.set(None);
            match grip.get_value() {
                Grip::Pan => stage.change(|scene| scene.pan(dx, dy)),
                Grip::Node(node) => stage.change(|scene| scene.drag(node, place)),
                Grip::Mini => aim_mini(place),
            }
        }
    };
    let on_up = move |event: &ev::PointerEvent, place: Point| {
        down.update_value(|down| down.retain(|(id, ..)| *id != event.pointer_id()));
        match (strayed.get_value(), grip.get_value()) {
            (false, Grip::Mini) | (true, Grip::Pan | Grip::Mini) => {}
            (false, _) => on_choose.run(stage.scene.with_value(|scene| scene.hit(place))),
            (true, Grip::Node(node)) => {
                let moved = stage.scene.with_value(|scene| {
                    let point = scene.points.get(node)?;
                    Some((scene.keys.get(node)?.clone(), point.x.round() as i32, point.y.round() as i32))
                });
                if let Some(moved) = moved {
                    on_move.run(moved);
                }
            }
        }
    };
    let on_wheel = move |event: &ev::WheelEvent| {
        event.prevent_default();
        let place = below(event.client_x(), event.client_y());
        // Lines and pages of other mice count as pixels.
        let step = event.delta_y() * [1.0, 20.0, 300.0][event.delta_mode().min(2) as usize];
        stage.change(|scene| scene.zoom_steps(place, -step / 110.0));
    };
    let root = Drawn::new("div", "map__pointers");
    let kinds = &["pointerdown", "pointermove", "pointerup", "pointercancel", "pointerleave"];
    root.hear(kinds, move |event: &ev::PointerEvent| {
        let place = place(event.client_x(), event.client_y());
        match &*event.type_() {
            "pointerdown" => on_down(event, place),
            "pointermove" => on_pointer(event, place),
            "pointerup" => on_up(event, place),
            "pointercancel" => down.update_value(|down| down.retain(|(id, ..)| *id != event.pointer_id())),
            _ => {
                stage.pointed.set(None);
                stage.change(|scene| scene.hover = None);
            }
        }
    });
    root.hear(&["wheel"], on_wheel);
    root
}
