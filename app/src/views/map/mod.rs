//! The service map: a picture on a canvas, with the same services as a list for keys and screen readers.

mod draw;
mod icons;
mod panel;
mod scene;
mod table;

use std::time::Duration;

use layout::force::Point;
use leptos::{ev, html, prelude::*};
use model::{
    ServiceGraph,
    graph::{Load, Node},
};

use self::{
    draw::{MINI, Palette},
    scene::{Scene, Target},
};
pub(crate) use self::{panel::MapPanel, table::MapTable};
use crate::{
    platform::{
        self,
        canvas::{self, Canvas},
        drawn,
    },
    route::{NodeKey, SizeBy},
    state::Shared,
};

/// A graph in the state in which it is shown.
pub(crate) type GraphSignal = Signal<Option<Shared<ServiceGraph>>>;
/// What a link selects.
pub(crate) type Chosen = Option<(NodeKey, Option<NodeKey>)>;
/// What a link has moved.
pub(crate) type Moved = Vec<(NodeKey, i32, i32)>;

/// Work on the layout in one frame takes at most this long, in milliseconds.
const SLICE_MS: f64 = 9.0;
/// So many names are offered while one types.
const MOST_OFFERED: usize = 50;
/// The list of services has so many on either side of the one that the keys are on; thousands would take long to make.
const LIST_SIDE: usize = 150;
/// Further than this, a press is a drag, in CSS pixels.
const DRAG_PX: f64 = 4.0;

/// The scene, and what it is drawn with.
#[derive(Clone, Copy)]
struct Stage {
    scene: StoredValue<Scene, LocalStorage>,
    canvas: StoredValue<Option<Canvas>, LocalStorage>,
    palette: StoredValue<Option<Palette>, LocalStorage>,
    minutes: StoredValue<f64>,
    frame: StoredValue<Option<Box<dyn Fn()>>, LocalStorage>,
    /// What the pointer is on, for the words beside it.
    pointed: RwSignal<Option<(Target, f64, f64)>>,
}

impl Stage {
    fn new(minutes: f64) -> Self {
        let stage = Self {
            scene: StoredValue::new_local(Scene::default()),
            canvas: StoredValue::new_local(None),
            palette: StoredValue::new_local(None),
            minutes: StoredValue::new(minutes),
            frame: StoredValue::new_local(None),
            pointed: RwSignal::new(None),
        };
        stage.frame.set_value(Some(Box::new(platform::every_frame_once(move || stage.frame()))));
        stage
    }

    /// Draws in the next frame.
    fn redraw(self) {
        self.frame.try_with_value(|frame| {
            if let Some(frame) = frame {
                frame();
            }
        });
    }

    /// Goes on with the layout as far as there is time, and draws.
    fn frame(self) {
        let begun = platform::now_ms();
        let goes_on = self.scene.try_update_value(|scene| {
            while scene.tick() && platform::now_ms() - begun < SLICE_MS {}
            scene.advance()
        });
        self.scene.try_with_value(|scene| {
            self.canvas.try_with_value(|canvas| {
                self.palette.try_with_value(|palette| {
                    if let (Some(canvas), Some(palette)) = (canvas, palette) {
                        draw::draw(scene, canvas, palette, self.minutes.get_value());
                    }
                })
            })
        });
        if goes_on == Some(true) {
            self.redraw();
        }
    }

    /// Changes the scene and draws it.
    fn change(self, change: impl FnOnce(&mut Scene)) {
        self.scene.try_update_value(change);
        self.redraw();
    }
}

/// The picture with its tools.
#[component]
pub(crate) fn Map(
    graph: GraphSignal,
    size: Signal<SizeBy>,
    chosen: Signal<Chosen>,
    moved: Signal<Moved>,
    /// The length of the asked range in minutes.
    minutes: Signal<f64>,
    on_choose: Callback<Chosen>,
    on_move: Callback<(NodeKey, i32, i32)>,
) -> impl IntoView {
    let stage = Stage::new(minutes.get_untracked());
    let root = NodeRef::<html::Div>::new();
    let picture = NodeRef::<html::Canvas>::new();
    let ready = RwSignal::new(false);
    let colours = move || {
        if let Some(root) = root.get_untracked() {
            stage.palette.set_value(Some(Palette::new(canvas::tokens(&root, Palette::TOKENS))));
            stage.redraw();
        }
    };
    Effect::new(move |_| {
        let Some(element) = picture.get() else { return };
        stage.canvas.set_value(Canvas::of(&element));
        colours();
        drawn::on_resize(&element, move |width, height| {
            stage.canvas.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, height);
                }
            });
            stage.change(|scene| scene.resize(width, height));
        });
        ready.set(true);
    });
    platform::on_theme(colours);
    Effect::new(move |_| {
        if let Some(graph) = graph.get() {
            stage.change(|scene| scene.load(graph, size.get(), &moved.get_untracked()));
        }
    });
    Effect::new(move |_| {
        stage.minutes.set_value(minutes.get());
        stage.redraw();
    });
    Effect::new(move |_| {
        let chosen = chosen.get();
        stage.change(|scene| scene.choose(chosen));
    });
    let choose = move |target: Option<Target>| {
        let name = target.and_then(|target| stage.scene.with_value(|scene| scene.name(target)));
        on_choose.run(name);
    };
    let tool = move |text: &'static str, name: &'static str, act: fn(&mut Scene)| {
        view! {
            <button type="button" class="button button--quiet" aria-label=name title=name
                on:click=move |_| stage.change(act)>{text}</button>
        }
    };
    let find = move |event: ev::Event| {
        let text = platform::value_of(&event);
        let found = stage.scene.with_value(|scene| scene.keys.iter().position(|key| key.name == text));
        if let Some(node) = found {
            stage.change(|scene| scene.aim(node));
            choose(Some(Target::Node(node)));
        }
    };
    let typed = RwSignal::new(String::new());
    let names = move || {
        let (graph, typed) = (graph.get(), typed.get().to_ascii_lowercase());
        let nodes = graph.as_deref().map_or(&[][..], |graph| &graph.nodes);
        let named = nodes.iter().map(|node| &node.id.name).filter(|name| name.to_ascii_lowercase().contains(&typed));
        named.take(MOST_OFFERED).map(|name| view! { <option value=name.clone()></option> }).collect_view()
    };
    let full = move |_| {
        if let Some(root) = root.get_untracked() {
            platform::toggle_full_screen(&root);
        }
    };
    view! {
        <div class="map" node_ref=root>
            <div class="map__tools" role="toolbar" aria-label="Map">
                <input class="input map__search" type="search" list="map-names" placeholder="Find a service" aria-label="Find a service"
                    autocomplete="off" on:input=move |event| typed.set(platform::value_of(&event)) on:change=find />
                <datalist id="map-names">{names}</datalist>
                {tool("−", "Zoom out ( − )", |scene| zoom_middle(scene, 0.8))}
                {tool("+", "Zoom in ( + )", |scene| zoom_middle(scene, 1.25))}
                {tool("Fit", "Show everything ( 0 )", Scene::fit)}
                <button type="button" class="button button--quiet" title="Full screen" on:click=full>"Full screen"</button>
            </div>
            <div class="map__sheet">
                <canvas class="map__canvas" node_ref=picture aria-hidden="true"></canvas>
                <Pointers stage=stage picture=picture on_choose=Callback::new(choose) on_move=on_move />
                <Services stage=stage graph=graph minutes=minutes on_choose=Callback::new(choose) />
                <Words stage=stage graph=graph minutes=minutes />
                <ul class="map__legend" aria-label="Legend">
                    {["ok", "error", "fault", "throttle"].map(|name| view! {
                        <li><span class=format!("map__swatch map__swatch--{name}")></span>{name}</li>
                    }).into_iter().collect_view()}
                    <li><span class="map__dashes"></span>"link"</li>
                </ul>
            </div>
        </div>
    }
}

fn zoom_middle(scene: &mut Scene, factor: f64) {
    let middle = Point { x: scene.camera.width / 2.0, y: scene.camera.height / 2.0 };
    scene.zoom(middle, factor);
}

/// What a pointer does that is down.
#[derive(Clone, Copy, PartialEq)]
enum Grip {
    Pan,
    Node(usize),
    Mini,
}

/// Pans, zooms, points and drags: a transparent sheet over the picture.
#[component]
fn Pointers(
    stage: Stage,
    picture: NodeRef<html::Canvas>,
    on_choose: Callback<Option<Target>>,
    on_move: Callback<(NodeKey, i32, i32)>,
) -> impl IntoView {
    // The pointers that are down: identifier, where it is, where it went down.
    let down = StoredValue::new(Vec::<(i32, Point, Point)>::new());
    let grip = StoredValue::new(Grip::Pan);
    let strayed = StoredValue::new(false);
    let place = move |x: i32, y: i32| {
        let Some(picture) = picture.get_untracked() else { return Point::default() };
        Point { x: f64::from(x) - platform::span_of(&picture).0, y: f64::from(y) - platform::span_down(&picture).0 }
    };
    let at = move |event: &ev::PointerEvent| place(event.client_x(), event.client_y());
    let aim_mini = move |to: Point| {
        stage.change(|scene| {
            let (corner, (scale, origin)) = (draw::mini_place(scene), draw::mini_scale(scene));
            scene.pan_to(Point { x: (to.x - corner.x) / scale + origin.x, y: (to.y - corner.y) / scale + origin.y });
        });
    };
    let on_down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        platform::capture_pointer(&event);
        let place = at(&event);
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
    let on_pointer = move |event: ev::PointerEvent| {
        let place = at(&event);
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
    let on_up = move |event: ev::PointerEvent| {
        down.update_value(|down| down.retain(|(id, ..)| *id != event.pointer_id()));
        match (strayed.get_value(), grip.get_value()) {
            (false, Grip::Mini) | (true, Grip::Pan | Grip::Mini) => {}
            (false, _) => on_choose.run(stage.scene.with_value(|scene| scene.hit(at(&event)))),
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
    let on_wheel = move |event: ev::WheelEvent| {
        event.prevent_default();
        let place = place(event.client_x(), event.client_y());
        // Lines and pages of other mice count as pixels.
        let step = event.delta_y() * [1.0, 20.0, 300.0][event.delta_mode().min(2) as usize];
        stage.change(|scene| scene.zoom_steps(place, -step / 110.0));
    };
    view! {
        <div class="map__pointers" on:pointerdown=on_down on:pointermove=on_pointer on:pointerup=on_up
            on:pointercancel=move |event| down.update_value(|down| down.retain(|(id, ..)| *id != event.pointer_id()))
            on:pointerleave=move |_| {
                stage.pointed.set(None);
                stage.change(|scene| scene.hover = None);
            }
            on:wheel=on_wheel></div>
    }
}

/// The services as a list: for the keys, and for those who do not see the picture.
#[component]
fn Services(
    stage: Stage,
    graph: GraphSignal,
    minutes: Signal<f64>,
    on_choose: Callback<Option<Target>>,
) -> impl IntoView {
    let active = RwSignal::new(0_usize);
    let walk = move |to: usize| {
        active.set(to);
        stage.change(|scene| {
            scene.hover = None;
            scene.active = Some(to);
            scene.reveal(to);
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
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
    let count = Memo::new(move |_| graph.with(|graph| graph.as_ref().map_or(0, |graph| graph.nodes.len())));
    // In steps, so that walking on does not make it anew each time.
    let first = Memo::new(move |_| (active.get() / LIST_SIDE).saturating_sub(1) * LIST_SIDE);
    let options = move || {
        let (graph, minutes, first) = (graph.get(), minutes.get(), first.get());
        let graph = graph.as_deref();
        let each = graph.into_iter().flat_map(|graph| {
            graph.nodes.iter().enumerate().skip(first).take(3 * LIST_SIDE).map(move |(place, node)| {
                let words = words(node, scene::load(graph, place), minutes);
                view! {
                    <li role="option" id=format!("map-node-{place}") aria-setsize=count aria-posinset=place + 1
                        aria-selected=move || (active.get() == place).to_string()>{words}</li>
                }
            })
        });
        each.collect_view()
    };
    view! {
        <ul class="map__services" role="listbox" tabindex="0" aria-label="Services; arrows walk along the map, Enter shows numbers"
            aria-activedescendant=move || format!("map-node-{}", active.get())
            on:keydown=on_key
            on:focus=move |_| walk(active.get_untracked())
            on:blur=move |_| stage.change(|scene| scene.active = None)>
            {options}
        </ul>
    }
}

/// A node in a sentence.
fn words(node: &Node, load: Option<&Load>, minutes: f64) -> String {
    let kind = node.id.kind.as_deref().map_or("service", draw::short_kind);
    [node.id.name.as_str(), ", ", kind, ": ", &numbers(load, minutes)].concat()
}

/// Counts in a sentence.
fn numbers(load: Option<&Load>, minutes: f64) -> String {
    let Some(load) = load.filter(|load| load.total() > 0) else { return "no finished requests".to_owned() };
    let mut parts = vec![draw::rate(load.total(), minutes)];
    parts.extend(load.mean().map(|mean| format::duration::short(mean.0) + " on average"));
    for (count, name) in [(load.fault, "faults"), (load.error, "errors"), (load.throttle, "throttled")] {
        if count > 0 {
            parts.push([&format::number::percent(count as i64, load.total() as i64), " ", name].concat());
        }
    }
    parts.join(", ")
}

/// The numbers of what the pointer is on, beside it.
#[component]
fn Words(stage: Stage, graph: GraphSignal, minutes: Signal<f64>) -> impl IntoView {
    let text = move || {
        let (target, x, y) = stage.pointed.get()?;
        let graph = graph.get()?;
        let text = match target {
            Target::Node(node) => words(graph.nodes.get(node)?, scene::load(&graph, node), minutes.get()),
            Target::Edge(edge) => {
                let edge = graph.edges.get(edge)?;
                let name = |node: u32| graph.nodes.get(node as usize).map_or("", |node| &node.id.name);
                let numbers = numbers(edge.load.as_ref(), minutes.get());
                [name(edge.source), " → ", name(edge.target), ": ", &numbers].concat()
            }
        };
        Some((text, x, y))
    };
    view! {
        {move || text().map(|(text, x, y)| view! {
            <p class="map__words" style:left=format!("{}px", x as i32 + 14) style:top=format!("{}px", y as i32 + 14)>{text}</p>
        })}
    }
}

/// Shown until the first graph has come.
#[component]
pub(crate) fn MapWaiting() -> impl IntoView {
    let (late, set_late) = signal(false);
    platform::after(Duration::from_millis(300), move || {
        set_late.try_set(true);
    });
    view! { <Show when=move || late.get()><p class="empty" role="status">"Asking X-Ray for the services…"</p></Show> }
}
