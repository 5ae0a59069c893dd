//! JSON as a tree that is read one level at a time, when somebody opens it: neither size nor depth costs anything until
//! then, and nothing recurses.

use std::ops::Range;

use model::document::read;
use serde_json::value::RawValue;

use super::{super::waterfall::label::clip, facts};
use crate::platform::sketch::Sketch;

/// The attribute with the number of the row that a button opens or closes.
pub(super) const ROW: &str = "data-row";
/// The attribute with the number of the row whose JSON a button copies.
pub(super) const COPY_ROW: &str = "data-copy-row";

/// Members shown at once; further ones come when asked for.
const PAGE: usize = 100;
/// While fewer rows than this are shown, levels open by themselves.
const OPEN_ROWS: usize = 24;
/// Deeper levels are not indented further; their number is written instead.
const DEEPEST_INDENT: u32 = 16;
/// Longer values are cut until they are opened, in characters.
const MOST_CHARS: usize = 160;
/// Longer values are cut even then; the raw document has them, in characters.
const MOST_OPEN_CHARS: usize = 20_000;

/// A row of the tree.
#[derive(Clone, PartialEq)]
struct Row {
    level: u32,
    key: String,
    /// The bytes of the value; of the container, for a row that offers more of it.
    range: Range<usize>,
    kind: Kind,
    is_open: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Object(usize),
    Array(usize),
    /// A value without members.
    Plain,
    /// Offers the members from this number on.
    More(usize),
}

/// A JSON text as rows, of which some are open.
pub(super) struct Tree {
    text: String,
    rows: Vec<Row>,
}

impl Tree {
    /// Whether it is of this text.
    pub(super) fn is_of(&self, text: &str) -> bool {
        self.text == text
    }

    /// The members of an object (or elements of an array), small ones opened.
    pub(super) fn new(text: String) -> Self {
        let root = Row { level: 0, key: String::new(), range: 0..text.len(), kind: Kind::Plain, is_open: true };
        let mut tree = Self { rows: Vec::new(), text };
        tree.rows = tree.children(&root, 0, 0);
        if tree.rows.is_empty() {
            // Not a container, or an empty one: shown as it is.
            tree.rows.push(root);
        }
        let mut next = 0;
        while next < tree.rows.len() && tree.rows.len() < OPEN_ROWS {
            let row = &tree.rows[next];
            let count = match row.kind {
                Kind::Object(count) | Kind::Array(count) => count,
                Kind::Plain | Kind::More(_) => 0,
            };
            if count > 0 && tree.rows.len() + count <= OPEN_ROWS {
                tree.toggle(next);
            }
            next += 1;
        }
        tree
    }

    /// Opens a row that is closed, closes one that is open, and shows more where a row offers it.
    pub(super) fn toggle(&mut self, index: usize) {
        let Some(row) = self.rows.get(index).cloned() else { return };
        match row.kind {
            Kind::More(from) => {
                let more = self.children(&row, from, row.level);
                self.rows.splice(index..=index, more);
            }
            Kind::Plain => self.rows[index].is_open = !row.is_open,
            _ if row.is_open => {
                let below = self.rows[index + 1..].iter().take_while(|other| other.level > row.level).count();
                self.rows.drain(index + 1..=index + below);
                self.rows[index].is_open = false;
            }
            _ => {
                let children = self.children(&row, 0, row.level + 1);
                self.rows[index].is_open = true;
                self.rows.splice((index + 1)..=index, children);
            }
        }
    }

    /// The members of a container from a number on, at most a page of them.
    fn children(&self, container: &Row, from: usize, level: u32) -> Vec<Row> {
        let slice = self.text.get(container.range.clone()).unwrap_or("");
        let Ok(raw) = serde_json::from_str::<&RawValue>(slice) else { return Vec::new() };
        let values: Vec<(String, &RawValue)> = if let Some(members) = read::members(raw) {
            members.into_iter().map(|(key, value)| (key.into_owned(), value)).collect()
        } else {
            let elements = read::elements(raw).unwrap_or_default();
            elements.into_iter().enumerate().map(|(number, value)| (number.to_string(), value)).collect()
        };
        let count = values.len();
        let page = values.into_iter().skip(from).take(PAGE);
        let mut rows: Vec<Row> = page.map(|(key, value)| self.row(key, value, level)).collect();
        let shown = from + rows.len();
        if shown < count {
            let key = format!("{} more …", format::number::integer((count - shown) as i64));
            rows.push(Row { level, key, range: container.range.clone(), kind: Kind::More(shown), is_open: false });
        }
        rows
    }

    fn row(&self, key: String, value: &RawValue, level: u32) -> Row {
        let start = value.get().as_ptr() as usize - self.text.as_ptr() as usize;
        let kind = match value.get().as_bytes().first() {
            Some(b'{') => Kind::Object(read::members(value).map_or(0, |members| members.len())),
            Some(b'[') => Kind::Array(read::elements(value).map_or(0, |elements| elements.len())),
            _ => Kind::Plain,
        };
        Row { level, key, range: start..start + value.get().len(), kind, is_open: false }
    }

    /// What a row shows beside its key, and whether it can be opened.
    fn value(&self, row: &Row) -> (String, bool) {
        let text = self.text.get(row.range.clone()).unwrap_or("");
        let counted = |count: usize, one, many| format::number::counted(count as u64, one, many);
        match row.kind {
            Kind::Object(0) => ("{}".to_owned(), false),
            Kind::Array(0) => ("[]".to_owned(), false),
            Kind::Object(count) => (format!("{{ {} }}", counted(count, "member", "members")), true),
            Kind::Array(count) => (format!("[ {} ]", counted(count, "element", "elements")), true),
            Kind::More(_) => (String::new(), true),
            Kind::Plain => {
                let most = if row.is_open { MOST_OPEN_CHARS } else { MOST_CHARS };
                let cut = clip(text, most);
                let is_cut = cut.len() < text.len();
                let mark = if is_cut { " …" } else { "" };
                (format!("{cut}{mark}"), is_cut || (row.is_open && text.len() > MOST_CHARS))
            }
        }
    }

    /// The JSON of a row, to be copied.
    pub(super) fn json(&self, index: usize) -> Option<&str> {
        self.text.get(self.rows.get(index)?.range.clone())
    }

    /// Draws all rows.
    pub(super) fn draw(&self, place: Sketch<'_>) {
        let list = place.child("ul", "json");
        for (index, row) in self.rows.iter().enumerate() {
            let line = list.child("li", "");
            line.attribute("--level", &row.level.min(DEEPEST_INDENT).to_string());
            let (value, can_open) = self.value(row);
            let number = index.to_string();
            let place = if can_open {
                let button = line.child("button", "json__row json__row--button");
                button.attribute("type", "button");
                button.attribute("aria-expanded", if row.is_open { "true" } else { "false" });
                button.attribute(ROW, &number);
                button
            } else {
                line.child("span", "json__row")
            };
            if row.level > DEEPEST_INDENT {
                place.says("span", "json__level", &row.level.to_string());
            }
            place.says("span", "json__key", &row.key);
            let class = match value.as_bytes().first() {
                Some(b'"') => "json__value json__value--string",
                Some(b'{' | b'[') | None => "json__value json__value--container",
                _ => "json__value",
            };
            place.says("span", class, &[" ", &value].concat());
            if !matches!(row.kind, Kind::More(_)) {
                facts::small_button(line, &row.key).attribute(COPY_ROW, &number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(tree: &Tree) -> Vec<String> {
        let line = |row: &Row| {
            let (value, can_open) = tree.value(row);
            let mark = if can_open { if row.is_open { "▾" } else { "▸" } } else { " " };
            format!("{}{mark} {} {value}", "  ".repeat(row.level as usize), row.key)
                .replace('\u{a0}', " ")
                .trim_end()
                .to_owned()
        };
        tree.rows.iter().map(line).collect()
    }

    #[test]
    fn small_values_are_open_and_nothing_is_left_out() {
        let tree =
            Tree::new(r#"{"a":{"zero":0,"no":false,"empty":"","null":null},"list":[1.50,{}],"b":"x\"y"}"#.to_owned());
        assert_eq!(
            draw(&tree),
            [
                "▾ a { 4 members }",
                "    zero 0",
                "    no false",
                "    empty \"\"",
                "    null null",
                "▾ list [ 2 elements ]",
                "    0 1.50",
                "    1 {}",
                "  b \"x\\\"y\"",
            ]
        );
    }

    #[test]
    fn long_lists_come_page_by_page() {
        let mut tree = Tree::new(format!("[{}0]", "0,".repeat(249)));
        assert_eq!(tree.rows.len(), 101);
        assert_eq!(draw(&tree)[100], "▸ 150 more …");
        tree.toggle(100);
        tree.toggle(200);
        assert_eq!(tree.rows.len(), 250);
        assert_eq!(draw(&tree)[249], "  249 0");
    }

    #[test]
    fn depth_is_opened_level_by_level() {
        let levels = 100_000;
        let mut tree = Tree::new(r#"{"k":"#.repeat(levels) + "1" + &"}".repeat(levels));
        let shown = tree.rows.len();
        tree.toggle(shown - 1);
        assert_eq!(tree.rows.len(), shown + 1);
        tree.toggle(0);
        assert_eq!(tree.rows.len(), 1);
    }

    #[test]
    fn what_is_no_container_is_shown_as_it_is() {
        assert_eq!(draw(&Tree::new("\"text\"".to_owned())), ["   \"text\""]);
        assert_eq!(draw(&Tree::new("{}".to_owned())), ["   {}"]);
    }
}
