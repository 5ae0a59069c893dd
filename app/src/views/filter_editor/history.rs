//! The queries that were run in this browser: the last ones first, those with a star for good.

use std::{cell::RefCell, rc::Rc};

use leptos::ev;

use super::Editor;
use crate::{
    platform::{
        self,
        drawn::{self, Drawn},
    },
    widgets::menu::Panel,
};

/// Where they are remembered: one a line, those with a star after a `*`, the others after a blank.
const NAME: &str = "roentgen.queries";
/// Stands there for the end of a line within a query.
const BREAK: &str = "\u{1}";
/// So many are kept, beside those with a star.
const MOST_KEPT: usize = 200;
/// So many are shown; the search finds the others.
const MOST_SHOWN: usize = 40;

/// A query that was run.
#[derive(Clone, Debug, PartialEq)]
struct Past {
    text: String,
    has_star: bool,
}

/// Notes that a query was run.
pub(crate) fn note(query: &str) {
    let text = query.trim().to_owned();
    if text.is_empty() {
        return;
    }
    let mut all = read(&platform::recall(NAME).unwrap_or_default());
    let known = all.iter().position(|past| past.text == text).map(|place| all.remove(place));
    all.insert(0, known.unwrap_or(Past { text, has_star: false }));
    keep(&all);
}

fn keep(all: &[Past]) {
    platform::remember(NAME, Some(&write(all)));
}

fn read(text: &str) -> Vec<Past> {
    let lines = text.lines().filter_map(|line| {
        let (star, text) = line.split_at_checked(1)?;
        (!text.is_empty()).then(|| Past { text: text.replace(BREAK, "\n"), has_star: star == "*" })
    });
    lines.collect()
}

fn write(all: &[Past]) -> String {
    let mut room = MOST_KEPT;
    let mut text = String::new();
    for past in all {
        if !past.has_star {
            let Some(left) = room.checked_sub(1) else { continue };
            room = left;
        }
        text.push_str(if past.has_star { "*" } else { " " });
        text.push_str(&past.text.replace('\n', BREAK));
        text.push('\n');
    }
    text
}

/// What stands in the menu: a search, the list, and what is said while there is nothing to list.
const INSIDE: &str = "\
<input class=input type=search placeholder='Find a past query' aria-label='Find a past query'>\
<ul class=past__list aria-label='Past queries'></ul>\
<p class=hint>Queries that you run are kept here, in this browser alone.</p>";

/// Draws the menu of past queries, after what is there.
pub(crate) fn draw(place: &Drawn, editor: Editor) -> Option<()> {
    let menu = Panel::inside(place, "Past", "Past queries");
    let inside = menu.inside.child("div", "past__panel");
    inside.fixed(INSIDE);
    let past = Rc::new(PastQueries {
        search: inside.within("input")?,
        list: inside.within("ul")?,
        hint: inside.within("p")?,
        all: RefCell::default(),
    });
    let shown = past.clone();
    menu.on_open(move || {
        shown.all.replace(read(&platform::recall(NAME).unwrap_or_default()));
        shown.show();
    });
    let shown = past.clone();
    inside.hear(&["input"], move |_: &ev::Event| shown.show());
    let list = past.list.clone();
    list.hear(&["click"], move |event: &ev::MouseEvent| {
        let place = |name| drawn::attribute_around(event, name).and_then(|place| place.parse::<usize>().ok());
        if let Some(place) = place("data-star") {
            past.turn_star(place);
        } else if let Some(text) = place("data-place").and_then(|place| past.text(place)) {
            editor.replace_all(&text);
            menu.close();
        }
    });
    Some(())
}

/// The menu's inside.
struct PastQueries {
    search: Drawn,
    list: Drawn,
    hint: Drawn,
    all: RefCell<Vec<Past>>,
}

impl PastQueries {
    /// Lists those that were searched for.
    fn show(&self) {
        let wanted = self.search.value().to_ascii_lowercase();
        let all = self.all.borrow();
        self.list.clear();
        let found = all.iter().enumerate().filter(|(_, past)| past.text.to_ascii_lowercase().contains(&wanted));
        let (with_star, without): (Vec<_>, Vec<_>) = found.partition(|(_, past)| past.has_star);
        for (place, past) in with_star.into_iter().chain(without).take(MOST_SHOWN) {
            item(&self.list, place, past);
        }
        self.hint.attribute_if("hidden", (!all.is_empty()).then_some(""));
    }

    /// Gives one a star, or takes it away.
    fn turn_star(&self, place: usize) {
        if let Some(past) = self.all.borrow_mut().get_mut(place) {
            past.has_star = !past.has_star;
        }
        keep(&self.all.borrow());
        self.show();
        // The star is another one now.
        if let Some(star) = self.list.within(&["[data-star=\"", &place.to_string(), "\"]"].concat()) {
            star.focus();
        }
    }

    fn text(&self, place: usize) -> Option<String> {
        self.all.borrow().get(place).map(|past| past.text.clone())
    }
}

fn item(list: &Drawn, place: usize, past: &Past) {
    let item = list.child("li", "past");
    let star = item.child("button", "past__star");
    let name = if past.has_star { "Take the star away" } else { "Keep it with a star" };
    let pressed = if past.has_star { "true" } else { "false" };
    let place = place.to_string();
    for (attribute, value) in
        [("type", "button"), ("aria-label", name), ("title", name), ("aria-pressed", pressed), ("data-star", &place)]
    {
        star.attribute(attribute, value);
    }
    star.words().set(if past.has_star { "★" } else { "☆" });
    let query = item.child("button", "past__query");
    query.attribute("type", "button");
    query.attribute("data-place", &place);
    query.words().set(&past.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_kept_and_the_oldest_without_a_star_go() {
        let past = |text: &str, has_star: bool| Past { text: text.to_owned(), has_star };
        let all = vec![past("ok", false), past("user = \"a  b\"\nAND ok", true)];
        assert_eq!(read(&write(&all)), all);
        let mut many: Vec<Past> = (0..300).map(|number| past(&format!("duration > {number}"), number == 250)).collect();
        many.push(past("fault", true));
        let kept = read(&write(&many));
        assert_eq!(kept.len(), MOST_KEPT + 2);
        assert!(kept.contains(&past("fault", true)) && kept.contains(&many[0]) && !kept.contains(&many[299]));
        assert_eq!(read("x\n\n*\n ok"), [past("ok", false)]);
    }
}
