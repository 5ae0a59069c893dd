//! The groups of a source: to be picked, made, changed and deleted. Drawn on bare elements inside a menu.

use std::{cell::RefCell, rc::Rc};

use crate::prelude::*;
use api::{Group, GroupChange};
use leptos::ev;

use crate::{
    data::GroupsData,
    platform::{
        self,
        drawn::{self, Drawn},
    },
    state::{Load, Shared},
    widgets::menu::Panel,
};

/// The attribute that says what a button does.
const DOES: &str = "data-does";
/// The attribute that says which group of the list a button is of.
const AT: &str = "data-at";

/// The way back to all traces, the list, and the form of a group.
const INSIDE: &str = "\
<button type=button class=button data-does=all>All traces</button>\
<div class=group role=group>\
<p class=label></p>\
<input class=input name=group placeholder=Name aria-label='Name of the group' autocomplete=off maxlength=32>\
<textarea class='input query-bar__query' name=expression rows=1 spellcheck=false placeholder='Filter expression' aria-label='Filter expression of the group'></textarea>\
<p><button type=button class=button data-does=save>Save</button> <button type=button class=button data-does=cancel>Cancel</button></p>\
</div>";

/// Which groups the menu is about.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) data: GroupsData,
    /// The group that is shown; none for all traces.
    pub(crate) chosen: Signal<Option<String>>,
    /// What a new group begins with.
    pub(crate) query: Signal<String>,
    /// Called when somebody wants to see the groups.
    pub(crate) on_open: Callback<()>,
    pub(crate) on_pick: Callback<Option<String>>,
}

/// The menu's elements, and what is being done with its groups.
struct Groups {
    menu: Panel,
    inside: Drawn,
    form: Drawn,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// The list, or what is said in its place.
    list: Option<Drawn>,
    groups: Vec<Group>,
    chosen: Option<String>,
    /// The group that is being changed; none while a new one is made.
    edited: Option<Group>,
    /// The group that is deleted when it is said once more.
    doomed: Option<String>,
}

/// Draws the menu, after what is there.
pub(crate) fn draw(place: &Drawn, about: About) {
    let menu = Panel::inside(place, "Groups", "Groups");
    let inside = menu.inside.child("div", "past__panel");
    inside.fixed(INSIDE);
    // It was made a moment ago.
    let Some(form) = inside.within(".group") else { return };
    let groups = Rc::new(Groups { menu, inside, form, state: RefCell::default() });
    groups.menu.on_open(move || about.on_open.run(()));
    let heard = groups.clone();
    groups.inside.hear(&["click"], move |event: &ev::MouseEvent| {
        if let Some(does) = drawn::attribute_around(event, DOES) {
            let place = drawn::attribute_around(event, AT).and_then(|place| place.parse().ok());
            heard.press(about, &does, place);
        }
    });
    let heard = groups.clone();
    // It stands inside the query's form, which Enter would send.
    groups.form.hear(&["keydown"], move |event: &ev::KeyboardEvent| {
        if event.key() == "Enter" && platform::is_typing() {
            event.prevent_default();
            heard.save(about);
        }
    });
    let shown = groups.clone();
    Effect::new(move |_| {
        let chosen = about.chosen.get();
        shown.menu.label(chosen.as_deref().unwrap_or("Groups"));
        if let Some(all) = shown.inside.within("[data-does=all]") {
            all.attribute_if("hidden", chosen.is_none().then_some(""));
        }
        let loaded = about.data.groups.get();
        let mut state = shown.state.borrow_mut();
        state.chosen = chosen;
        shown.list(&mut state, &loaded);
    });
    let shown = groups.clone();
    let query = Signal::memo(move |_| about.query.get());
    groups.head(None);
    Effect::new(move |_| {
        let query = query.get();
        if let (None, Some(expression)) = (&shown.state.borrow().edited, shown.form.within("textarea")) {
            expression.write(&query);
        }
    });
    let shown = groups.clone();
    Effect::new(move |_| {
        about.data.made.track();
        shown.edit(query, None);
    });
    Effect::new(move |_| {
        for former in groups.form.all("[role=alert]") {
            former.remove();
        }
        let buttons = groups.form.all("p").pop();
        if let (Some(failure), Some(buttons)) = (about.data.refused.get(), buttons) {
            let note = buttons.before("p", "editor__told");
            note.attribute("role", "alert");
            note.say(&failure.message);
        }
    });
}

impl Groups {
    fn press(&self, about: About, does: &str, place: Option<usize>) {
        let group = place.and_then(|place| self.state.borrow().groups.get(place).cloned());
        match (does, group) {
            ("all", _) => {
                self.menu.close();
                about.on_pick.run(None);
            }
            ("save", _) => self.save(about),
            ("cancel", _) => self.edit(about.query, None),
            ("pick", Some(group)) => {
                self.menu.close();
                about.on_pick.run(Some(group.name));
            }
            ("change", Some(group)) => self.edit(about.query, Some(&group)),
            ("delete", Some(group)) => {
                let is_doomed = self.state.borrow().is_doomed(&group);
                if is_doomed {
                    about.data.change.run(GroupChange::Delete { name: group.name });
                } else {
                    self.doom(Some(group.name));
                }
            }
            _ => {}
        }
    }

    fn save(&self, about: About) {
        let [name, expression] =
            platform::fields(self.form.element(), ["group", "expression"]).map(|text| text.trim().to_owned());
        let edited = self.state.borrow().edited.clone();
        about.data.change.run(match edited {
            Some(group) => GroupChange::Update { name: group.name, expression },
            None => GroupChange::Create { name, expression },
        });
    }

    /// Begins to change a group, or to make a new one.
    fn edit(&self, query: Signal<String>, next: Option<&Group>) {
        self.doom(None);
        let former = std::mem::replace(&mut self.state.borrow_mut().edited, next.cloned());
        if former.is_none() && next.is_none() {
            return;
        }
        if let Some(expression) = self.form.within("textarea") {
            let begun = next.map_or_else(|| query.get_untracked(), |group| group.expression.clone());
            expression.write(&begun);
        }
        self.head(next);
    }

    /// What the form is for.
    fn head(&self, edited: Option<&Group>) {
        let title = edited.map_or_else(|| "New group".to_owned(), |group| ["Change ", &group.name].concat());
        self.form.attribute("aria-label", &title);
        if let (Some(head), Some(name)) = (self.form.within("p"), self.form.within("input")) {
            head.say(&title);
            name.attribute_if("hidden", edited.map(|_| ""));
            name.write("");
        }
        if let Some(cancel) = self.form.within("[data-does=cancel]") {
            cancel.attribute_if("hidden", edited.is_none().then_some(""));
        }
    }

    /// Asks whether a group is really to be deleted.
    fn doom(&self, name: Option<String>) {
        let mut state = self.state.borrow_mut();
        state.doomed = name;
        for (button, group) in self.inside.all("[data-does=delete]").iter().zip(state.with_tools()) {
            button.say(delete(state.is_doomed(group)));
        }
    }

    /// Lists the groups.
    fn list(&self, state: &mut State, loaded: &Load<Shared<Vec<Group>>>) {
        if let Some(former) = state.list.take() {
            former.remove();
        }
        let say = |class: &str, role: &str, text: &str| {
            let said = self.form.before("p", class);
            said.attribute("role", role);
            said.say(text);
            said
        };
        state.list = Some(match (loaded, loaded.value()) {
            (Load::Failed { failure, .. }, _) => say("editor__told", "alert", &failure.message),
            (_, None) => say("hint", "status", "Asking X-Ray for its groups…"),
            (_, Some(groups)) => {
                state.groups = groups.to_vec();
                let list = self.form.before("ul", "past__list");
                list.attribute("aria-label", "Groups");
                for (place, group) in groups.iter().enumerate() {
                    item(&list, &place.to_string(), group, state);
                }
                list
            }
        });
    }
}

impl State {
    /// The groups that can be changed, and deleted.
    fn with_tools(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| has_tools(group))
    }

    fn is_doomed(&self, group: &Group) -> bool {
        self.doomed.as_ref() == Some(&group.name)
    }
}

fn has_tools(group: &Group) -> bool {
    group.name != "Default"
}

/// What the button says that deletes a group.
fn delete(is_doomed: bool) -> &'static str {
    if is_doomed { "Really delete it" } else { "Delete" }
}

fn item(list: &Drawn, place: &str, group: &Group, state: &State) {
    let item = list.child("li", "past");
    let button = |class: &str, text: &str, does: &str| {
        let button = item.says("button", class, text);
        button.with(&[("type", "button"), (DOES, does), (AT, place)])
    };
    let pick = button("past__query", "", "pick");
    let is_chosen = state.chosen.as_ref() == Some(&group.name);
    pick.attribute("aria-pressed", if is_chosen { "true" } else { "false" });
    pick.says("b", "", &group.name);
    pick.child("br", "");
    pick.says("span", "hint", if group.expression.is_empty() { "all traces" } else { &group.expression });
    if has_tools(group) {
        button("button button--quiet", "Change", "change");
        button("button button--quiet", delete(state.is_doomed(group)), "delete");
    }
}
