//! The query as rows of field, operator and value, beside its text: what is changed in one place changes in the other.
//!
//! Rows are drawn directly, with one listener for all of them: each control says in `data-part` where it stands and what
//! it is, as `0.2:value`.

use std::rc::Rc;

use crate::prelude::*;
use filter::{
    assist::form::{self, Add, Block, CAUSES, Head, Line, PRESENT, Part, Row, ValueKind},
    keyword::Scope,
};
use leptos::ev;

use super::Editor;
use crate::platform::{
    self,
    drawn::{self, Drawn, Words},
};

/// The attribute of a control.
const NAME: &str = "data-part";

/// The list of values that the browser offers in a row's fields.
const VALUES: &str = "builder-values";

/// What is missing in which line.
type Hint = (Vec<usize>, Words);

/// The rows, as far as they are known.
#[derive(Default)]
struct Rows {
    block: Option<Block>,
    /// The text that they say.
    text: Option<String>,
    hints: Vec<Hint>,
}

/// The rows of the editor's text.
#[component]
pub(crate) fn Builder(editor: Editor) -> impl IntoView {
    let root = Drawn::new("div", "builder").with(&[("role", "group"), ("aria-label", "The query as rows")]);
    let reason = root.child("p", "hint").with(&[("role", "status")]);
    let sheet = Rc::new(root.child("fieldset", "builder__rows"));
    let values = root.child("datalist", "").with(&[("id", VALUES)]);
    let (why, set_why) = signal(None::<String>);
    let rows = StoredValue::new(Rows::default());
    reason.follow(move |reason| {
        let why = why.get();
        reason.attribute_if("hidden", why.is_none().then_some(""));
        reason.say(
            &(why.unwrap_or_default() + " The rows can be changed again when the text is one that they can show."),
        );
    });
    sheet.follow(move |sheet| sheet.attribute_if("disabled", why.with(Option::is_some).then_some("")));
    let place = sheet.clone();
    let draw = Callback::new(move |()| {
        place.clear();
        rows.update_value(|rows| {
            rows.hints.clear();
            if let Some(block) = &rows.block {
                draw_lines(&place, block, &mut Vec::new(), Scope::Trace, &mut rows.hints);
            }
        });
    });
    // Rows and text at first, and when the text has become another one than the rows say.
    Effect::new(move |_| {
        let text = editor.text.get();
        if rows.with_value(|rows| rows.text.as_ref() == Some(&text)) {
            return;
        }
        match form::read(&text) {
            Ok(block) => {
                rows.update_value(|rows| (rows.block, rows.text) = (Some(block), Some(text)));
                set_why.set(None);
                draw.run(());
            }
            // The last rows stay to be read.
            Err(reason) => {
                rows.update_value(|rows| rows.text = None);
                set_why.set(Some(reason));
            }
        }
    });
    let write = move || {
        let Some(text) = rows.try_update_value(|rows| {
            let block = rows.block.as_ref()?;
            for (path, words) in &rows.hints {
                words.set(&hint(block, path));
            }
            rows.text = Some(block.text());
            rows.text.clone()
        }) else {
            return;
        };
        editor.write_all(&text.unwrap_or_default());
    };
    // The list of fields stays as it is: whoever types in it picks by several letters.
    let place = sheet.clone();
    let draw_rest = move |path: &[usize]| {
        let css = ["[data-rest=\"", &label(path, ""), "\"]"].concat();
        let Some(rest) = place.within(&css) else { return };
        rest.clear();
        rows.with_value(|rows| {
            if let Some(Line::Row(row)) = rows.block.as_ref().and_then(|block| line_at(block, path)) {
                draw_test(&rest, row, path);
            }
        });
    };
    let focus = Callback::new(move |(path, part): (Vec<usize>, &'static str)| {
        platform::focus_first(sheet.element(), &["[data-part=\"", &label(&path, part), "\"]"].concat());
    });
    let propose = move |event: &ev::Event| {
        let Some((path, part)) = part_of(event) else { return };
        values.clear();
        let Ok(part) = part else { return };
        let found = editor.catalogue.with_untracked(|catalogue| {
            rows.with_value(|rows| rows.block.as_ref().map(|block| block.proposals(&path, part, catalogue)))
        });
        for value in found.unwrap_or_default() {
            option(&values, &value, &value, false);
        }
    };
    let on_input = move |event: &ev::Event| {
        let Some((path, Ok(part))) = part_of(event) else { return };
        let value = platform::value_of(event);
        let changed =
            rows.try_update_value(|rows| rows.block.as_mut().is_some_and(|block| block.change(&path, part, &value)));
        write();
        if changed == Some(true) {
            if part == Part::Field {
                draw_rest(&path);
            } else {
                draw.run(());
                focus.run((path, name(part)));
            }
        }
    };
    let on_click = move |event: &ev::MouseEvent| {
        let Some((path, part)) = part_of(event) else { return };
        match part {
            Ok(Part::Not) => {
                rows.update_value(|rows| {
                    if let Some(block) = &mut rows.block {
                        block.change(&path, Part::Not, "");
                    }
                });
                draw.run(());
                focus.run((path, "not"));
            }
            Ok(_) => return,
            Err(Press::Remove) => {
                rows.update_value(|rows| {
                    if let Some(block) = &mut rows.block {
                        block.remove(&path);
                    }
                });
                draw.run(());
                focus.run((path.split_last().map_or(Vec::new(), |(_, before)| before.to_vec()), "add0"));
            }
            Err(Press::Add(what)) => {
                let place = rows.try_update_value(|rows| {
                    let block = rows.block.as_mut()?;
                    let scope = scope_at(block, &path);
                    block.add(&path, what, scope)
                });
                let Some(Some(place)) = place else { return };
                draw.run(());
                let mut path = path;
                path.push(place);
                let part = match what {
                    Add::Row => "field",
                    Add::Service | Add::Edge => "n00",
                    Add::Cause => "cause",
                    Add::Brackets => {
                        path.push(0);
                        "field"
                    }
                };
                focus.run((path, part));
            }
        }
        write();
    };
    root.hear(&["input", "focusin"], move |event: &ev::Event| {
        if event.type_() == "input" {
            on_input(event);
        }
        propose(event);
    });
    root.hear(&["click"], on_click);
    root
}

/// A button that is no part of a line.
enum Press {
    Remove,
    Add(Add),
}

fn label(path: &[usize], part: &str) -> String {
    let places: Vec<String> = path.iter().map(usize::to_string).collect();
    [&places.join("."), ":", part].concat()
}

/// The control on which something happened: the path of its line and what it is.
fn part_of(event: &ev::Event) -> Option<(Vec<usize>, Result<Part, Press>)> {
    let label = drawn::attribute_around(event, NAME)?;
    let (places, part) = label.split_once(':')?;
    let path = places.split('.').filter_map(|place| place.parse().ok()).collect();
    let node = || match part.as_bytes() {
        [b'n', which, what] => {
            Some(Part::Node(usize::from(which.checked_sub(b'0')?), usize::from(what.checked_sub(b'0')?)))
        }
        _ => None,
    };
    let added = || Add::ALL.get(part.strip_prefix("add")?.parse::<usize>().ok()?);
    let known = PARTS.iter().find(|(_, name)| *name == part).map(|(part, _)| *part);
    let part = match (known.or_else(node), added()) {
        (Some(part), _) => Ok(part),
        (None, Some((what, _))) => Err(Press::Add(*what)),
        (None, None) if part == "remove" => Err(Press::Remove),
        _ => return None,
    };
    Some((path, part))
}

const PARTS: [(Part, &str); 8] = [
    (Part::Not, "not"),
    (Part::Field, "field"),
    (Part::Key, "key"),
    (Part::Kind, "kind"),
    (Part::Operator, "operator"),
    (Part::Value, "value"),
    (Part::Any, "any"),
    (Part::Cause, "cause"),
];

fn name(part: Part) -> &'static str {
    PARTS.iter().find(|(other, _)| *other == part).map_or("", |(_, name)| name)
}

/// What the lines of the block at a path are about.
fn scope_at(root: &Block, path: &[usize]) -> Scope {
    let (mut block, mut scope) = (root, Scope::Trace);
    for place in path {
        let Some(Line::Block(inner)) = block.lines.get(*place) else { break };
        block = inner;
        scope = block.scope(scope);
    }
    scope
}

/// The line at a path.
fn line_at<'a>(root: &'a Block, path: &[usize]) -> Option<&'a Line> {
    let (last, before) = path.split_last()?;
    let mut block = root;
    for place in before {
        let Line::Block(inner) = block.lines.get(*place)? else { return None };
        block = inner;
    }
    block.lines.get(*last)
}

/// What is missing in the line at a path.
fn hint(root: &Block, path: &[usize]) -> String {
    match line_at(root, path) {
        Some(Line::Block(inner)) => inner.missing().unwrap_or("").to_owned(),
        Some(Line::Row(row)) if row.is_new => "Not a part of the query until it has a value.".to_owned(),
        Some(Line::Row(row)) => row.problem().unwrap_or_default(),
        None => String::new(),
    }
}

fn draw_lines(sheet: &Drawn, block: &Block, path: &mut Vec<usize>, scope: Scope, hints: &mut Vec<Hint>) {
    if block.lines.len() > 1 {
        let line = sheet.child("p", "builder__line");
        let any = select(&line, path, "any", "All or any of the conditions");
        option(&any, "all", "all of these", !block.any);
        option(&any, "any", "any of these", block.any);
    }
    for (place, line) in block.lines.iter().enumerate() {
        path.push(place);
        let sheet = sheet.child("div", "builder__line");
        sheet.attribute("role", "group");
        let (not, words) = match line {
            Line::Row(row) => (row.not, "Condition"),
            Line::Block(block) => (block.not, "Block"),
        };
        sheet.attribute("aria-label", words);
        let turn = button(&sheet, path, "not", "NOT", "The opposite");
        turn.attribute("aria-pressed", if not { "true" } else { "false" });
        let inner = match line {
            Line::Row(row) => {
                draw_row(&sheet, row, path, scope);
                None
            }
            Line::Block(block) => {
                draw_head(&sheet, block, path);
                Some(block)
            }
        };
        button(&sheet, path, "remove", "×", "Take it away");
        let hint_line = sheet.child("span", "hint builder__hint").words();
        hints.push((path.clone(), hint_line));
        if let Some(block) = inner {
            let inside = sheet.child("div", "builder__block");
            draw_lines(&inside, block, path, block.scope(scope), hints);
        }
        path.pop();
    }
    let line = sheet.child("p", "builder__line");
    for (place, (what, name)) in Add::ALL.into_iter().enumerate() {
        if what.fits(scope, path.len()) {
            let text = ["+ ", name].concat();
            button(&line, path, &["add", &place.to_string()].concat(), &text, &["Add: ", name].concat());
        }
    }
}

fn draw_row(line: &Drawn, row: &Row, path: &[usize], scope: Scope) {
    let fields = select(line, path, "field", "Field");
    for field in form::fields(scope) {
        option(&fields, field, field, field == row.field);
    }
    let rest = line.child("span", "builder__rest");
    rest.attribute("data-rest", &label(path, ""));
    draw_test(&rest, row, path);
}

/// What the field is compared with, and how.
fn draw_test(line: &Drawn, row: &Row, path: &[usize]) {
    if row.is_annotation() {
        input(line, path, "key", "Key of the annotation", "key", &row.key);
        let kinds = select(line, path, "kind", "Type of the value");
        for kind in ValueKind::ALL {
            option(&kinds, kind.name(), kind.name(), kind == row.kind);
        }
    }
    match row.operators() {
        // There is nothing to choose.
        [_] => line.child("span", "builder__word").words().set("is"),
        all => {
            let operators = select(line, path, "operator", "Comparison");
            for operator in all {
                let name = if *operator == PRESENT { "is there" } else { operator };
                option(&operators, operator, name, *operator == row.operator);
            }
        }
    }
    if row.operator == PRESENT {
        return;
    }
    if row.kind == ValueKind::Boolean {
        let values = select(line, path, "value", "Value");
        for value in ["true", "false"] {
            option(&values, value, value, value == row.value);
        }
        return;
    }
    let unit = if ["responsetime", "duration"].contains(&row.field) { "seconds" } else { "value" };
    let value = input(line, path, "value", "Value", unit, &row.value);
    if row.kind == ValueKind::Number {
        value.attribute("inputmode", "decimal");
    }
}

fn draw_head(line: &Drawn, block: &Block, path: &[usize]) {
    let nodes: &[[String; 3]] = match &block.head {
        Head::Brackets => &[],
        Head::Service(node) => std::slice::from_ref(node),
        Head::Edge(ends) => ends,
        Head::Cause(category, level) => {
            let causes = select(line, path, "cause", "Kind of root cause");
            for (name, of, at) in CAUSES {
                option(&causes, name, name, of == *category && at == *level);
            }
            &[]
        }
    };
    let titles: &[&str] = match block.head {
        Head::Brackets => &["brackets"],
        Head::Service(_) => &["a service"],
        Head::Edge(_) => &["a call from", "to"],
        Head::Cause(..) => &[],
    };
    for (which, title) in titles.iter().enumerate() {
        line.child("span", "builder__word").words().set(title);
        let Some(node) = nodes.get(which) else { continue };
        for (what, name) in ["any name", "any type", "any account"].into_iter().enumerate() {
            let part = ["n", &which.to_string(), &what.to_string()].concat();
            input(line, path, &part, &[*title, ": ", &name[4..]].concat(), name, &node[what]);
        }
    }
}

fn control(line: &Drawn, tag: &str, class: &str, path: &[usize], part: &str, name: &str) -> Drawn {
    let control = line.child(tag, class);
    control.attribute(NAME, &label(path, part));
    control.attribute("aria-label", name);
    control
}

fn button(line: &Drawn, path: &[usize], part: &str, text: &str, name: &str) -> Drawn {
    let button = control(line, "button", "button button--quiet builder__button", path, part, name);
    button.attribute("type", "button");
    button.attribute("title", name);
    button.words().set(text);
    button
}

fn select(line: &Drawn, path: &[usize], part: &str, name: &str) -> Drawn {
    control(line, "select", "select", path, part, name)
}

fn input(line: &Drawn, path: &[usize], part: &str, name: &str, hint: &str, value: &str) -> Drawn {
    let input = control(line, "input", "input builder__value", path, part, name);
    for (attribute, value) in
        [("list", VALUES), ("placeholder", hint), ("autocomplete", "off"), ("spellcheck", "false"), ("value", value)]
    {
        input.attribute(attribute, value);
    }
    input
}

fn option(select: &Drawn, value: &str, text: &str, is_chosen: bool) {
    let option = select.child("option", "");
    option.attribute("value", value);
    option.attribute_if("selected", is_chosen.then_some(""));
    option.words().set(text);
}
