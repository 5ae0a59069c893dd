//! The query as it is written: a text area above a coloured copy of its text, with proposals, explanations and what is
//! wrong. `filter::assist` knows the language; this shows what it says.

mod builder;
mod catalogue;
pub(crate) mod cheat_sheet;
mod colours;
pub(crate) mod history;
mod popup;
pub(crate) mod problems;

use std::{ops::Range, time::Duration};

use crate::prelude::*;
use filter::{
    Mode,
    assist::{self, Catalogue, Completions, Diagnostic, Severity},
};
use leptos::ev;

pub(crate) use self::{builder::Builder, catalogue::catalogue};
use crate::{
    platform::{self, drawn::Drawn, text_area::TextArea},
    state::Shared,
};

/// What is wrong is told when nothing has been typed for so long.
const PAUSE: Duration = Duration::from_millis(350);

/// The state of an editor; its owner reads it, the views share it.
#[derive(Clone, Copy)]
pub(crate) struct Editor {
    area: StoredValue<Option<TextArea>>,
    /// The coloured copy.
    layer: StoredValue<Option<Drawn>>,
    /// What is written.
    text: RwSignal<String>,
    /// Where the cursor is: a byte of the text.
    cursor: RwSignal<usize>,
    /// The text when the last pause began.
    settled: RwSignal<String>,
    /// Whether proposals are shown.
    open: RwSignal<bool>,
    /// The proposal that the keys are on.
    active: RwSignal<usize>,
    /// The byte that the mouse rests on.
    pointed: RwSignal<Option<usize>>,
    /// It has had the focus.
    pub(crate) used: RwSignal<bool>,
    /// Somebody wanted to run it although it is wrong.
    refused: RwSignal<bool>,
    catalogue: Signal<Shared<Catalogue>>,
    found: Signal<Vec<Diagnostic>>,
    proposed: Signal<Option<Completions>>,
}

impl Editor {
    /// An editor of the link's query.
    pub(crate) fn new(query: Signal<String>, catalogue: Signal<Shared<Catalogue>>) -> Self {
        let text = RwSignal::new(query.get_untracked());
        let (cursor, open) = (RwSignal::new(0), RwSignal::new(false));
        let found = Signal::memo(move |_| {
            let text = text.get();
            if assist::recognise(&text).is_some() {
                return Vec::new();
            }
            catalogue.with(|catalogue| assist::diagnostics(&text, Mode::Lenient, catalogue))
        });
        let proposed = Signal::memo(move |_| {
            let is_open = open.get();
            let (text, cursor) = (text.get(), cursor.get());
            is_open.then(|| catalogue.with(|catalogue| assist::completions(&text, cursor, catalogue)))
        });
        let editor = Self {
            area: StoredValue::new(None),
            layer: StoredValue::new(None),
            text,
            cursor,
            settled: RwSignal::new(text.get_untracked()),
            open,
            active: RwSignal::new(0),
            pointed: RwSignal::new(None),
            used: RwSignal::new(false),
            refused: RwSignal::new(false),
            catalogue,
            found,
            proposed,
        };
        Effect::new(move |_| {
            let query = query.get();
            editor.refused.set(false);
            editor.settled.set(query.clone());
            text.set(query);
        });
        Effect::new(move |_| {
            let text = text.get();
            platform::after(PAUSE, move || {
                editor.settled.set(text);
            });
        });
        editor
    }

    /// What is written, if it can be run; else what is wrong with it is shown.
    pub(crate) fn runnable(self) -> Option<String> {
        self.open.set(false);
        let text = self.text.get_untracked().trim().to_owned();
        let is_wrong = self.found.with_untracked(|found| found.iter().any(|it| it.severity == Severity::Error));
        self.refused.set(is_wrong);
        self.settled.set(self.text.get_untracked());
        (!is_wrong).then_some(text)
    }

    /// What is written, be it right or wrong.
    pub(crate) fn written(self) -> String {
        self.refused.set(false);
        self.text.get_untracked().trim().to_owned()
    }

    fn area(self) -> Option<TextArea> {
        self.area.try_get_value().flatten()
    }

    /// Reads text and cursor off the text area.
    fn read(self) {
        if let Some(area) = self.area() {
            let text = area.text();
            if self.text.with_untracked(|known| *known != text) {
                self.text.set(text);
            }
            let cursor = area.selected().end;
            if self.cursor.get_untracked() != cursor {
                self.cursor.set(cursor);
            }
        }
    }

    /// Writes in the place of some bytes, as if it had been typed.
    fn write(self, bytes: Range<usize>, with: &str, cursor: usize) {
        if let Some(area) = self.area() {
            area.replace(bytes, with, cursor);
            self.read();
        }
    }

    /// Writes another query in the place of this one and leaves the focus where it is.
    fn write_all(self, text: &str) {
        if let Some(area) = self.area() {
            area.set(text);
            self.read();
        }
    }

    /// Writes another query in the place of this one.
    fn replace_all(self, text: &str) {
        self.write(0..self.text.with_untracked(String::len), text, text.len());
        self.propose(false);
    }

    /// Asks for a condition as well.
    fn insert_condition(self, condition: &str) {
        let text = self.text.get_untracked();
        let joined = [text.trim_end(), " AND ", condition].concat();
        self.replace_all(if text.trim().is_empty() { condition } else { &joined });
    }

    /// Brings the text into its plain form.
    pub(crate) fn tidy(self) {
        let text = self.text.get_untracked();
        if let Some(plain) = assist::format(&text).filter(|plain| *plain != text) {
            let cursor = plain.len();
            self.write(0..text.len(), &plain, cursor);
        }
    }

    /// Takes a proposal.
    fn pick(self, place: usize) {
        let Some(Some(found)) = self.proposed.try_get_untracked() else { return };
        let Some(item) = found.items.get(place) else { return };
        let start = found.span.start;
        self.write(found.span, &item.insert, start + item.cursor);
        // What may follow is shown at once where a value or a comparison is wanted.
        self.propose(item.cursor < item.insert.len() || item.insert.ends_with(' '));
    }

    /// Whether a proposal says what is written already.
    fn is_there(self, place: usize) -> bool {
        let text = self.text.get_untracked();
        let item = |found: &Completions| {
            let item = found.items.get(place)?;
            Some(text.get(found.span.clone())?.eq_ignore_ascii_case(&item.insert))
        };
        self.proposed.with_untracked(|found| found.as_ref().and_then(item)).unwrap_or(false)
    }

    /// What is wrong, but for what is just being written.
    fn told(self) -> Vec<Diagnostic> {
        let is_settled = self.settled.with(|settled| self.text.with(|text| settled == text)) && self.shown() == 0;
        let cursor = self.cursor.get();
        let is_told = |it: &&Diagnostic| is_settled || !(it.span.start..=it.span.end).contains(&cursor);
        self.found.with(|found| found.iter().filter(is_told).cloned().collect())
    }

    fn propose(self, open: bool) {
        self.active.set(0);
        self.open.set(open);
    }

    /// The focus goes. A press that takes it away must find what it is on where it was: what is wrong, which is told above
    /// that once there are no proposals, waits for a pause.
    fn leave(self) {
        if untrack(|| self.shown()) > 0 {
            let text = self.text.get_untracked();
            self.settled.set(String::new());
            platform::after(PAUSE, move || self.settled.set(text));
        }
        self.open.set(false);
    }

    /// The proposals that are shown: none where there are none.
    fn shown(self) -> usize {
        self.proposed.with(|found| found.as_ref().map_or(0, |found| found.items.len().min(popup::MOST_SHOWN)))
    }
}

/// Draws the editor's field into a place; the form around finds what is written under the name `query`.
pub(crate) fn draw(place: &Drawn, editor: Editor, query: Signal<String>, on_run: Callback<()>) {
    let root = place.child("div", "editor");
    let sheet = root.child("div", "editor__sheet");
    colours::draw(&sheet, editor);
    let area = sheet.child("textarea", "input query-bar__query editor__area").with(&[
        ("name", "query"),
        ("rows", "1"),
        ("spellcheck", "false"),
        ("autocomplete", "off"),
        ("autocapitalize", "off"),
        ("role", "combobox"),
        ("aria-labelledby", "query-label"),
        ("aria-autocomplete", "list"),
        ("aria-haspopup", "listbox"),
        ("aria-controls", "query-proposals"),
        ("aria-describedby", "query-problems"),
        ("placeholder", "Filter expression such as responsetime > 1 AND fault, or a trace id"),
    ]);
    editor.area.set_value(TextArea::of(area.element()));
    area.follow(move |area| {
        let is_open = editor.shown() > 0;
        area.attribute("aria-expanded", if is_open { "true" } else { "false" });
        let active = is_open.then(|| ["query-proposal-", &editor.active.get().to_string()].concat());
        area.attribute_if("aria-activedescendant", active.as_deref());
    });
    area.follow(move |area| {
        let is_wrong = editor.found.with(|found| found.iter().any(|it| it.severity == Severity::Error));
        area.attribute("aria-invalid", if is_wrong { "true" } else { "false" });
    });
    area.follow(move |area| area.write(&query.get()));
    area.hear(&["input"], move |event: &ev::Event| on_input(editor, event));
    area.hear(&["keydown"], move |event: &ev::KeyboardEvent| on_key(editor, on_run, event));
    area.hear(
        &["keyup", "click", "focus", "blur", "mousemove", "mouseleave"],
        move |event: &ev::MouseEvent| match event.type_().as_str() {
            "mousemove" => editor.pointed.set(colours::byte_at(event)),
            "mouseleave" => editor.pointed.set(None),
            "blur" => editor.leave(),
            kind => {
                editor.read();
                match kind {
                    "click" => editor.open.set(false),
                    "focus" => editor.used.set(true),
                    _ => {}
                }
            }
        },
    );
    popup::draw(&root, editor);
    popup::draw_explanation(&root, editor);
}

fn on_input(editor: Editor, event: &ev::Event) {
    editor.read();
    editor.refused.set(false);
    let cursor = editor.cursor.get_untracked();
    let typed = editor.text.with_untracked(|text| text[..cursor.min(text.len())].chars().next_back());
    let is_written = platform::inserts(event);
    editor.propose(is_written && typed.is_some_and(|typed| typed.is_alphanumeric() || ".\"([_".contains(typed)));
}

fn on_key(editor: Editor, on_run: Callback<()>, event: &ev::KeyboardEvent) {
    if event.is_composing() {
        return;
    }
    let (last, has_command) = (untrack(|| editor.shown()), event.ctrl_key() || event.meta_key());
    let is_open = editor.open.get_untracked() && last > 0;
    let step = |by: usize| editor.active.update(|active| *active = (*active + by) % last.max(1));
    match event.key().as_str() {
        "Enter" if has_command => on_run.run(()),
        " " if has_command => editor.propose(true),
        "ArrowDown" if is_open => step(1),
        "ArrowUp" if is_open => step(last - 1),
        "PageDown" if is_open => editor.active.update(|active| *active = (*active + 8).min(last - 1)),
        "PageUp" if is_open => editor.active.update(|active| *active = active.saturating_sub(8)),
        "Enter" | "Tab" if is_open && !event.shift_key() && !editor.is_there(editor.active.get_untracked()) => {
            editor.pick(editor.active.get_untracked());
        }
        "Enter" if !event.shift_key() => on_run.run(()),
        "Escape" if editor.open.get_untracked() => editor.propose(false),
        "F" | "f" if event.alt_key() && event.shift_key() => editor.tidy(),
        key if !has_command && !event.alt_key() && pair(editor, key) => {}
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Closes what is opened, and steps over what is closed already; `false` where the key is to do what it always does.
fn pair(editor: Editor, key: &str) -> bool {
    const PAIRS: [(&str, &str); 4] = [("(", ")"), ("{", "}"), ("[", "]"), ("\"", "\"")];
    let Some(area) = editor.area() else { return false };
    let (text, selected) = (area.text(), area.selected());
    let (before, after) = (&text[..selected.start], &text[selected.end..]);
    let is_closing = PAIRS.iter().any(|(_, close)| *close == key);
    if selected.is_empty() && is_closing && after.starts_with(key) {
        area.select(selected.start + 1..selected.start + 1);
        editor.read();
        editor.propose(false);
        return true;
    }
    if key == "Backspace" {
        let is_pair = PAIRS.iter().any(|(open, close)| before.ends_with(open) && after.starts_with(close));
        if selected.is_empty() && is_pair {
            editor.write(selected.start - 1..selected.end + 1, "", selected.start - 1);
            return true;
        }
        return false;
    }
    let Some((open, close)) = PAIRS.iter().find(|(open, _)| *open == key) else { return false };
    // A quote within a word, or after one, ends a string; before a word it would enclose too little.
    let touches = after.chars().next().is_some_and(char::is_alphanumeric)
        || (*open == "\""
            && before.chars().next_back().is_some_and(|letter| letter.is_alphanumeric() || letter == '\\'));
    if selected.is_empty() && touches {
        return false;
    }
    let inner = text[selected.clone()].to_owned();
    editor.write(selected.clone(), &[*open, inner.as_str(), *close].concat(), selected.start + 1 + inner.len());
    editor.propose(inner.is_empty());
    true
}
