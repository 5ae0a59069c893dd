//! The form of a data source. Secrets go from its inputs into the request, and nowhere else.

use api::{
    DataSource, Failure,
    about::SourceKind,
    data_source::{Auth, Origin, Settings},
};

use super::{
    button,
    fields::{self, AUTHS, NAME, OF_AUTH, REGIONS, SECTIONS},
    link,
};
use crate::{data::Draft, platform::drawn::Drawn, route::Route};

/// A data source that says nothing yet.
pub(super) fn blank() -> DataSource {
    DataSource {
        name: String::new(),
        kind: SourceKind::Aws,
        origin: Origin::Page,
        is_default: false,
        says_default: false,
        settings: Settings::default(),
        secrets: Vec::new(),
        problem: None,
    }
}

/// Draws the form with what a data source has.
pub(super) fn draw(sheet: &Drawn, title: &str, source: &DataSource, regions: &[String], back: &Route) {
    let head = sheet.child("header", "sources__head");
    head.says("h1", "sources__title", title);
    if let Some(problem) = &source.problem {
        sheet.says("p", "source__problem", &["⚠ ", problem].concat());
    }
    let form = sheet.child("form", "source-form");
    form.attribute("autocomplete", "off");
    let name = NAME.line(&form, &source.name, "In queries and links");
    name.attribute("required", "");
    name.attribute("maxlength", "100");
    let section = section(&form, "Authentication", "");
    for (way, value, label, hint) in AUTHS {
        let line = section.child("label", "source-form__way");
        let radio = line.child("input", "");
        for (name, value) in [("type", "radio"), ("name", "auth"), ("value", value)] {
            radio.attribute(name, value);
        }
        radio.attribute_if("checked", (way == source.settings.auth).then_some(""));
        let words = line.says("span", "", label);
        words.child("br", "");
        words.says("span", "hint", hint);
    }
    for (way, value, ..) in AUTHS {
        let only = section.child("div", "source-form__only");
        only.attribute("data-only", value);
        for field in OF_AUTH.iter().filter(|field| field.only == Some(way)) {
            field.draw(&only, source);
        }
    }
    show_auth(&form, source.settings.auth);
    for (title, hint, all) in SECTIONS {
        let section = self::section(&form, title, hint);
        for field in all {
            field.draw(&section, source);
        }
    }
    let list = form.child("datalist", "");
    list.attribute("id", REGIONS);
    for region in regions {
        list.child("option", "").attribute("value", region);
    }
    // Not whether it is the default just now: saving would make that a choice, or take one back.
    fields::tick(&form, "is_default", "Use by default", source.says_default);
    form.child("div", "source-form__refused").attribute("role", "alert");
    let actions = form.child("div", "source-form__actions");
    for (class, text, action) in [("button button--main", "Save & test", "save-test"), ("button", "Save", "save")] {
        button(&actions, class, text, action).attribute("type", "submit");
    }
    link(&actions, "button button--quiet", "Cancel", back);
}

fn section(form: &Drawn, title: &str, hint: &str) -> Drawn {
    let section = form.child("fieldset", "source-form__section");
    section.says("legend", "", title);
    section.says("p", "hint", hint);
    section
}

/// Shows the fields that matter for a way to authenticate.
pub(super) fn show_auth(form: &Drawn, auth: Auth) {
    for (way, value, ..) in AUTHS {
        if let Some(only) = form.within(&["[data-only=", value, "]"].concat()) {
            only.attribute_if("hidden", (way != auth).then_some(""));
        }
    }
}

/// The way to authenticate that is ticked.
pub(super) fn auth(form: &Drawn) -> Auth {
    let ticked = form.written("[name=auth]:checked").unwrap_or_default();
    AUTHS.iter().find(|(_, value, ..)| *value == ticked).map(|(way, ..)| *way).unwrap_or_default()
}

/// Reads what was written.
pub(super) fn read(form: &Drawn) -> Draft {
    let mut draft = Draft {
        name: form.written("[name=name]").unwrap_or_default(),
        is_default: form.written("[name=is_default]:checked").is_some(),
        settings: Settings { auth: auth(form), ..Settings::default() },
        secrets: Vec::new(),
    };
    for field in fields::all() {
        let named = ["[name=", field.name, "]"].concat();
        let is_ticked = form.written(&[&named, ":checked"].concat()).is_some();
        field.read(form.written(&named).unwrap_or_default().trim(), is_ticked, &mut draft);
    }
    draft
}

/// Says why the server refused what was written, at the end of the form and at the fields that it names, as in
/// `name: …; role ARN, external id: …`.
pub(super) fn tell(form: &Drawn, refused: Option<&Failure>) {
    let problems: Vec<&str> = match refused {
        Some(failure) if failure.code == "bad_request" => failure.message.split("; ").collect(),
        failure => failure.map(|failure| failure.message.as_str()).into_iter().collect(),
    };
    let Some(whole) = form.within(".source-form__refused") else { return };
    whole.clear();
    if !problems.is_empty() {
        let note = whole.child("div", "note note--bad");
        note.says("p", "note__title", "Not saved");
        super::items(&note, &problems);
    }
    for field in fields::all().chain([&NAME]) {
        let said = |problem: &&str| {
            let (labels, why) = problem.split_once(": ")?;
            labels.split(", ").any(|label| label.eq_ignore_ascii_case(field.label)).then(|| why.to_owned())
        };
        let why = problems.iter().find_map(said);
        // A box to tick has no room for what is wrong, and nothing can be.
        let Some(place) = form.within(&["#", field.name, "-why"].concat()) else { continue };
        place.say(why.as_deref().unwrap_or_default());
        if let Some(input) = form.within(&["#", field.name].concat()) {
            input.attribute_if("aria-invalid", why.as_ref().map(|_| "true"));
        }
    }
}
