//! The waterfall: spans as rows of a tree, their times as bars, virtualised on a fixed pool of elements.

mod drags;
mod elements;
mod keys;
pub(super) mod label;
pub(super) mod marks;
mod overview;
mod picture;
mod pointers;
mod ruler;
mod scene;
mod sheet;
mod slot;
mod tools;

use crate::prelude::*;
use leptos::{ev, html};
use model::SpanId;

pub(crate) use self::keys::HELP;
use self::{
    keys::Command,
    sheet::{News, Sheet},
};
use super::reading::Reading;
use crate::{
    platform::{self, drawn::Drawn},
    route::TraceView,
    state::Shared,
};

/// Under which name the width of the column of names is remembered, in CSS pixels.
const NAME_KEY: &str = "roentgen.waterfall.name";
/// After so long without another change of the window, the address has it.
const SETTLED: std::time::Duration = std::time::Duration::from_millis(250);

/// So long after other rows have come into view, their spans are told as near.
const SEEN: std::time::Duration = std::time::Duration::from_millis(300);

/// The sheet and the way to draw it. The sheet is gone when the component is.
#[derive(Clone, Copy)]
struct Handle {
    sheet: StoredValue<Sheet>,
    draw: StoredValue<Box<dyn Fn()>>,
    /// Counts changes that are to be told later.
    pending: StoredValue<u32>,
    on_view: Callback<TraceView>,
    on_close: Callback<()>,
}

impl Handle {
    /// Changes the sheet, tells the world outside, and draws in the next frame.
    fn change(self, change: impl FnOnce(&mut Sheet) -> News) {
        let Some(news) = self.sheet.try_update_value(change) else { return };
        self.tell(news);
    }

    fn tell(self, news: News) {
        self.draw.try_with_value(|draw| draw());
        if news.later {
            let number = self.pending.try_update_value(|number| {
                *number += 1;
                *number
            });
            platform::after(SETTLED, move || {
                if self.pending.try_get_value() == number {
                    self.settle();
                }
            });
        }
        if let Some(view) = news.view {
            self.on_view.run(view);
        }
        if news.close {
            self.on_close.run(());
        }
    }

    /// Tells what waits to be told. Who changes the view outside begins with what is told by then, so this comes first:
    /// when a pointer goes down anywhere, and when the focus leaves.
    fn settle(self) {
        if let Some(news) = self.sheet.try_update_value(Sheet::untold)
            && news.view.is_some()
        {
            self.tell(news);
        }
    }

    /// Changes the sheet in a way that concerns nobody else, and draws in the next frame.
    fn update(self, change: impl FnOnce(&mut Sheet)) {
        self.change(|sheet| {
            change(sheet);
            News::default()
        });
    }

    fn command(self, command: Command) {
        self.change(|sheet| sheet.command(command));
    }
}

/// The waterfall of a trace.
#[component]
pub(super) fn Waterfall(
    /// The trace, as it is read.
    reading: Signal<Shared<Reading>>,
    /// What is looked at.
    view: Signal<TraceView>,
    /// Called when the user looks at something else.
    on_view: Callback<TraceView>,
    /// Called when Escape is pressed and there is nothing to take back.
    on_close: Callback<()>,
    /// The spans in view are told here.
    near: RwSignal<Vec<SpanId>>,
) -> impl IntoView {
    let known = platform::recall(NAME_KEY).and_then(|text| text.parse::<u32>().ok());
    let sheet = Sheet::new(reading.get_untracked(), known.map(f64::from));
    let sheet = StoredValue::new(sheet);
    let is_due = StoredValue::new(false);
    let draw: Box<dyn Fn()> = Box::new(platform::every_frame_once(move || {
        let has_new_rows = sheet.try_update_value(|sheet| {
            sheet.draw();
            sheet.has_new_rows()
        });
        if has_new_rows == Some(true) && is_due.try_get_value() == Some(false) {
            is_due.set_value(true);
            platform::after(SEEN, move || {
                if let Some(spans) = sheet.try_update_value(Sheet::near) {
                    is_due.set_value(false);
                    near.try_update(|near| *near = spans);
                }
            });
        }
    }));
    let (draw, pending) = (StoredValue::new(draw), StoredValue::new(0));
    let handle = Handle { sheet, draw, pending, on_view, on_close };
    Effect::new(move |_| {
        let (reading, view) = (reading.get(), view.get());
        handle.update(|sheet| {
            sheet.load(&reading);
            sheet.set_view(&view);
        });
    });
    let root = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(root) = root.get().as_deref().and_then(|root| Drawn::of(root)) else { return };
        if let Some(page) = elements::build(&root, handle) {
            // All that is above has been drawn by now. To wait for a frame would show an empty one first.
            sheet.try_update_value(|sheet| {
                sheet.mount(page);
                sheet.draw();
            });
        }
        root.hear(&["focusout"], move |_: &ev::Event| handle.settle());
    });
    platform::on_theme(move || handle.update(Sheet::recolour));
    platform::on_window(ev::pointerdown, move |event| {
        handle.settle();
        sheet.try_with_value(|sheet| sheet.close_menus(&event));
    });
    on_cleanup(move || {
        let news = view.try_with_untracked(|view| sheet.try_update_value(|sheet| sheet.last_news(view)));
        if let Some(view) = news.flatten().and_then(|news| news.view) {
            on_view.run(view);
        }
    });
    view! { <div class="waterfall" node_ref=root></div> }
}
