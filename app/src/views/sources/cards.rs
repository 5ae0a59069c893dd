//! The list of data sources: a card each, with what can be done.

use api::{
    DataSource, DataSources,
    about::SourceKind,
    data_source::{Auth, Origin},
};

use super::{AT, button, items, link};
use crate::{
    platform::drawn::Drawn,
    route::{Explore, Route, SourceForm},
};

/// Draws all of them, and what is wrong. `region_of` knows the regions that the server found by itself.
pub(super) fn draw(sheet: &Drawn, sources: &DataSources, here: &Route, region_of: &dyn Fn(&str) -> String) {
    let head = sheet.child("header", "sources__head");
    head.says("h1", "sources__title", "Data sources");
    match &sources.read_only {
        Some(why) => drop(sheet.says("p", "note", &["Data sources cannot be changed here: ", why].concat())),
        None => link(&head, "button button--main", "Add a data source", &here.sources(Some(SourceForm::New))),
    }
    for note in &sources.notes {
        sheet.says("p", "note", note);
    }
    if !sources.refused.is_empty() {
        let note = sheet.child("div", "note note--warn");
        note.says("p", "note__title", "Provisioned, but not usable");
        items(&note, &sources.refused);
    }
    if sources.list.is_empty() {
        let hint = "There is no data source yet. Add one here, or start with --region for AWS, or without --no-local for the X-Ray inside this program.";
        sheet.says("p", "note", hint);
    }
    let list = sheet.child("ul", "sources__list");
    list.attribute("aria-label", "Data sources");
    for (at, source) in sources.list.iter().enumerate() {
        let card = list.child("li", "source");
        card.attribute(AT, &at.to_string());
        let top = card.child("div", "source__top");
        top.says("h2", "source__name", &source.name);
        top.says("span", "badge", if source.kind == SourceKind::Local { "local" } else { "AWS" });
        if source.is_default {
            top.says("span", "badge badge--default", "default");
        }
        tools(&top.child("div", "source__tools"), source, here, sources.read_only.is_none());
        if let Some(problem) = &source.problem {
            card.says("p", "source__problem", &["⚠ ", problem].concat());
        }
        facts(&card.child("dl", "facts source__facts"), source, region_of);
        card.child("section", "report");
    }
}

fn tools(place: &Drawn, source: &DataSource, here: &Route, may_change: bool) {
    let traces = Explore { source: Some(source.name.clone()), region: None, ..here.explore() };
    link(place, "button button--quiet", "Traces", &Route::Explore(traces));
    button(place, "button", "Test", "test");
    if source.origin != Origin::Page || !may_change {
        return;
    }
    link(place, "button button--quiet", "Edit", &here.sources(Some(SourceForm::Edit(source.name.clone()))));
    button(place, "button button--quiet", "Delete", "ask").attribute("aria-expanded", "false");
    let doomed = place.child("span", "sources__doomed");
    for (name, value) in [("role", "group"), ("aria-label", "Delete it?"), ("hidden", "")] {
        doomed.attribute(name, value);
    }
    doomed.says("span", "", "Links that name it will find nothing.");
    button(&doomed, "button sources__delete", "Really delete it", "delete");
    button(&doomed, "button", "Keep it", "keep");
}

fn facts(place: &Drawn, source: &DataSource, region_of: &dyn Fn(&str) -> String) {
    let settings = &source.settings;
    let mut region = settings.default_region.clone();
    if region.is_empty() {
        region = region_of(&source.name);
    }
    let mut budgets = Vec::new();
    for (most, per) in [(settings.scan_budget_query, " traces a query"), (settings.scan_budget_day, " traces a day")] {
        if most > 0 {
            budgets.push(format::number::integer(most as i64) + per);
        }
    }
    for (what, text) in [
        ("Credentials", &credentials(source)),
        ("Region", &region),
        ("Role", &settings.assume_role_arn),
        ("Endpoint", &settings.endpoint),
        ("Scan budget", &budgets.join(", ")),
        ("Comes from", &origin(source)),
    ] {
        if !text.is_empty() {
            let row = place.child("div", "facts__row");
            row.says("dt", "", what);
            row.says("dd", "", text);
        }
    }
}

/// How we authenticate, in words.
fn credentials(source: &DataSource) -> String {
    let settings = &source.settings;
    let words = match settings.auth {
        _ if source.kind == SourceKind::Local => return "none: it takes any".to_owned(),
        Auth::Default => "the AWS SDK's default chain",
        Auth::Keys if source.secrets.len() > 2 => "access key, secret key and session token",
        Auth::Keys => "access key and secret key",
        Auth::Credentials => "credentials file",
        Auth::Role => "the machine's role",
    };
    let mut words = words.to_owned();
    for (what, text) in [(" ", &settings.credentials_file), (", profile ", &settings.profile)] {
        if !text.is_empty() {
            words = words + what + text;
        }
    }
    words
}

/// Where a data source comes from, in words.
pub(super) fn origin(source: &DataSource) -> String {
    match &source.origin {
        Origin::BuiltIn => "Roentgen itself: it is built in".to_owned(),
        Origin::Flags => "the flags --region and --profile".to_owned(),
        Origin::File(file) => ["the file ", file, "; change it there"].concat(),
        Origin::Page => "this page".to_owned(),
    }
}
