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
use leptos::ev;
use model::ServiceGraph;

use self::{
    draw::Palette,
    scene::{Scene, Target},
    services::{numbers, words},
};
pub(crate) use self::{panel::MapPanel, table::MapTable};
use crate::{
    platform::{
        self,
        canvas::{self, Canvas},
        drawn::{self, Drawn},
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

/// The attribute of a tool: what it does.
const TOOL: &str = "data-tool";

/// What the colours tell.
const LEGEND: &str = "\
<li><span class='map__swatch map__swatch--ok'></span>ok</li>\
<li><span class='map__swatch map__swatch--error'></span>error</li>\
<li><span class='map__swatch map__swatch--fault'></span>fault</li>\
<li><span class='map__swatch map__swatch--throttle'></span>throttle</li>\
<li><span class=map__dashes></span>link</li>";

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
    let root = Drawn::new("div", "map");
    let tools = root.child("div", "map__tools").with(&[("role", "toolbar"), ("aria-label", "Map")]);
    let search = tools.child("input", "input map__search").with(&[
        ("type", "search"),
        ("list", "map-names"),
        ("placeholder", "Find a service"),
        ("aria-label", "Find a service"),
        ("autocomplete", "off"),
    ]);
    let names = tools.child("datalist", "").with(&[("id", "map-names")]);
    for (tool, text, name) in
        [("-", "−", "Zoom out ( − )"), ("+", "+", "Zoom in ( + )"), ("0", "Fit", "Show everything ( 0 )")]
    {
        let button = tools.button("button button--quiet", text);
        button.with(&[("aria-label", name), ("title", name), (TOOL, tool)]);
    }
    let full = tools.button("button button--quiet", "Full screen");
    full.with(&[("title", "Full screen"), (TOOL, "full")]);
    let sheet = root.child("div", "map__sheet");
    let picture = sheet.child("canvas", "map__canvas").with(&[("aria-hidden", "true")]);

    let of_colours = root.clone();
    let colours = move || {
        stage.palette.set_value(Some(Palette::new(canvas::tokens(of_colours.element(), Palette::TOKENS))));
        stage.redraw();
    };
    let colour = colours.clone();
    picture.follow(move |picture| {
        stage.canvas.set_value(Canvas::of(picture.element()));
        colour();
        picture.on_resize(move |width, height| {
            stage.canvas.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, height);
                }
            });
            stage.change(|scene| scene.resize(width, height));
        });
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
    let choose = Callback::new(move |target: Option<Target>| {
        let name = target.and_then(|target| stage.scene.with_value(|scene| scene.name(target)));
        on_choose.run(name);
    });
    let typed = RwSignal::new(String::new());
    names.follow(move |names| {
        let (graph, typed) = (graph.get(), typed.get().to_ascii_lowercase());
        names.clear();
        let nodes = graph.as_deref().map_or(&[][..], |graph| &graph.nodes);
        let found = nodes.iter().map(|node| &node.id.name).filter(|name| name.to_ascii_lowercase().contains(&typed));
        for name in found.take(MOST_OFFERED) {
            names.child("option", "").attribute("value", name);
        }
    });
    search.hear(&["input", "change"], move |event: &ev::Event| {
        let text = platform::value_of(event);
        if event.type_() == "input" {
            typed.set(text);
        } else if let Some(node) = stage.scene.with_value(|scene| scene.keys.iter().position(|key| key.name == text)) {
            stage.change(|scene| scene.aim(node));
            choose.run(Some(Target::Node(node)));
        }
    });
    platform::on_window(ev::keydown, move |event| {
        if event.key() == "/" && !platform::is_typing() {
            event.prevent_default();
            search.focus();
        }
    });
    let whole = root.clone();
    tools.hear(&["click"], move |event: &ev::MouseEvent| match drawn::attribute_around(event, TOOL).as_deref() {
        Some("-") => stage.change(|scene| zoom_middle(scene, 0.8)),
        Some("+") => stage.change(|scene| zoom_middle(scene, 1.25)),
        Some("0") => stage.change(Scene::fit),
        Some(_) => platform::toggle_full_screen(whole.element()),
        None => {}
    });
    sheet.add(&pointers::sheet(stage, picture, choose, on_move));
    sheet.add(&services::list(stage, graph, minutes, choose));
    let legend = sheet.child("ul", "map__legend").with(&[("aria-label", "Legend")]);
    legend.fixed(LEGEND);
    draw_words(&sheet, stage, graph, minutes);
    root
}

fn zoom_middle(scene: &mut Scene, factor: f64) {
    let middle = Point { x: scene.camera.width / 2.0, y: scene.camera.height / 2.0 };
    scene.zoom(middle, factor);
}

/// Writes the numbers of what the pointer is on, beside it.
fn draw_words(sheet: &Drawn, stage: Stage, graph: GraphSignal, minutes: Signal<f64>) {
    let text = move |target: Target| {
        let graph = graph.get()?;
        Some(match target {
            Target::Node(node) => words(graph.nodes.get(node)?, scene::load(&graph, node), minutes.get()),
            Target::Edge(edge) => {
                let edge = graph.edges.get(edge)?;
                let name = |node: u32| graph.nodes.get(node as usize).map_or("", |node| &node.id.name);
                let numbers = numbers(edge.load.as_ref(), minutes.get());
                [name(edge.source), " → ", name(edge.target), ": ", &numbers].concat()
            }
        })
    };
    let place = Drawn::new("p", "map__words");
    sheet.follow(move |sheet| {
        let said = stage.pointed.get().and_then(|(target, x, y)| Some((text(target)?, x, y)));
        let Some((text, x, y)) = said else { return place.remove() };
        place.say(&text);
        for (side, at) in [("left", x), ("top", y)] {
            place.style(side, &[&(at as i32 + 14).to_string(), "px"].concat());
        }
        sheet.add(&place);
    });
}

/// Shown until the first graph has come.
#[component]
pub(crate) fn MapWaiting() -> impl IntoView {
    let (late, set_late) = signal(false);
    platform::after(Duration::from_millis(300), move || {
        set_late.set(true);
    });
    move || {
        late.get().then(|| {
            let words = Drawn::new("p", "empty").with(&[("role", "status")]);
            words.say("Asking X-Ray for the services…");
            words
        })
    }
}
