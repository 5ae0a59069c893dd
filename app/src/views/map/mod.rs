//! The service map: a picture on a canvas, with the same services as a list for keys and screen readers.

mod draw;
mod icons;
mod letters;
mod panel;
mod pointers;
mod scene;
mod services;
mod table;

use std::time::Duration;

use crate::prelude::*;
use layout::force::Point;
use leptos::{ev, html};
use model::ServiceGraph;

use self::{
    draw::Palette,
    pointers::Pointers,
    scene::{Scene, Target},
    services::{Services, numbers, words},
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

/// The scene, and what it is drawn with.
#[derive(Clone, Copy)]
struct Stage {
    scene: StoredValue<Scene>,
    canvas: StoredValue<Option<Canvas>>,
    palette: StoredValue<Option<Palette>>,
    minutes: StoredValue<f64>,
    frame: StoredValue<Option<Box<dyn Fn()>>>,
    /// What the pointer is on, for the words beside it.
    pointed: RwSignal<Option<(Target, f64, f64)>>,
}

impl Stage {
    fn new(minutes: f64) -> Self {
        let stage = Self {
            scene: StoredValue::new(Scene::default()),
            canvas: StoredValue::new(None),
            palette: StoredValue::new(None),
            minutes: StoredValue::new(minutes),
            frame: StoredValue::new(None),
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
    // Another selection in the link must not lay the picture out anew.
    let size = Signal::memo(move |_| size.get());
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
    platform::on_window(ev::keydown, move |event| {
        if event.key() == "/" && !platform::is_typing() {
            event.prevent_default();
            if let Some(root) = root.get_untracked() {
                platform::focus_first(&root, "[type=search]");
            }
        }
    });
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
        set_late.set(true);
    });
    view! { <Show when=move || late.get()><p class="empty" role="status">"Asking X-Ray for the services…"</p></Show> }
}
