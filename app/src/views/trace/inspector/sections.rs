//! The members of a document, by subject.

use console::Resource;
use filter::assist::narrow;
use model::{
    AnnotationValue, Detail, SpanId,
    document::{
        Entity,
        detail::{Aws, Http, Link, Sql},
    },
};

use super::{
    super::header::annotation,
    facts::{self, Fact, copy_button, facts_section, some_code, some_text},
};
use crate::{
    platform::sketch::Sketch,
    route::{Route, TracePlace, TraceView},
};

/// JSON of members without a section of their own is laid out up to this many bytes; the raw document has all.
const MOST_BYTES: usize = 4_000;
/// A query is laid out up to this many bytes.
const MOST_SQL: usize = 100_000;

/// The request and its response; of which service or call they are, in a filter, if a filter can say that.
pub(super) fn http(place: Sketch<'_>, http: &Http, scope: Option<&str>) {
    let mut facts = Vec::new();
    let filtered = |fact: Fact, condition: String| match scope {
        Some(scope) => fact.filtered(narrow::within(scope, &condition)),
        None => fact,
    };
    let mut add = |fact: Fact, keyword: &str, value: &str| {
        facts.push(filtered(fact, narrow::is_text(keyword, value)));
    };
    for (name, keyword, value) in [("Method", "http.method", &http.method), ("URL", "http.url", &http.url)] {
        if let Some(value) = value {
            add(Fact::code(name, value), keyword, value);
        }
    }
    if let Some(address) = &http.client_ip {
        let forged = http.x_forwarded_for == Some(true);
        let note = if forged { " (from X-Forwarded-For, may be forged)" } else { "" };
        add(Fact::text("Client address", format!("{address}{note}")), "http.clientip", address);
    }
    if let Some(agent) = &http.user_agent {
        add(Fact::text("User agent", agent), "http.useragent", agent);
    }
    facts.extend(
        http.status.map(|status| filtered(Fact::text("Status", status.to_string()), narrow::is_status(status))),
    );
    facts.extend(http.content_length.map(|length| {
        let size = u64::try_from(length).map(|length| format!(" ({})", format::number::bytes(length)));
        Fact::text("Content length", format!("{length}{}", size.unwrap_or_default()))
    }));
    if http.client_ip.is_none() {
        facts.extend(http.x_forwarded_for.map(|is| Fact::text("X-Forwarded-For", yes(is))));
    }
    facts.extend(http.traced.map(|is| Fact::text("Downstream traced", yes(is))));
    facts_section(place, "HTTP", &facts);
}

/// The AWS resource and call. `region` is that of the trace, where its pages in the console can be had.
pub(super) fn aws(place: Sketch<'_>, aws: Option<&Aws>, detail: &Detail, region: Option<&str>, logs: Option<String>) {
    let region = region.map(|region| aws.and_then(|aws| aws.region.as_deref()).unwrap_or(region));
    let page = |resource: Resource<'_>| console::resource(region?, resource);
    let mut facts = Vec::new();
    if let Some(aws) = aws {
        some_text(&mut facts, "Operation", aws.operation.as_ref());
        for (name, value) in [("Region", &aws.region), ("Request id", &aws.request_id)] {
            some_code(&mut facts, name, value.as_ref());
        }
        for (name, value, resource) in [
            ("Table", &aws.table_name, aws.table_name.as_deref().map(Resource::Table)),
            ("Bucket", &aws.bucket_name, aws.bucket_name.as_deref().map(Resource::Bucket)),
            ("Queue", &aws.queue_url, aws.queue_url.as_deref().map(Resource::Queue)),
            ("Topic", &aws.topic_arn, aws.topic_arn.as_deref().map(Resource::Topic)),
            ("Function", &aws.function_name, aws.function_name.as_deref().map(Resource::Function)),
            ("Function ARN", &aws.function_arn, aws.function_arn.as_deref().map(Resource::Arn)),
        ] {
            facts.extend(value.as_ref().map(|value| Fact::code(name, value).in_console(resource.and_then(page))));
        }
        some_code(&mut facts, "Account", aws.account_id.as_ref());
        facts.extend(
            searched("Instance", "instance.id", aws.instance_id.as_ref())
                .map(|fact| fact.in_console(aws.instance_id.as_deref().and_then(|id| page(Resource::Instance(id))))),
        );
        facts.extend(searched("Availability zone", "availabilityzone", aws.availability_zone.as_ref()));
        facts.extend(aws.retries.map(|retries| Fact::text("Retries", retries.to_string())));
        for group in &aws.log_groups {
            facts.push(Fact::code("Log group", group).in_console(page(Resource::LogGroup(group))));
        }
    }
    facts.extend(
        searched("Resource ARN", "resource.arn", detail.resource_arn.as_ref())
            .map(|fact| fact.in_console(detail.resource_arn.as_deref().and_then(|arn| page(Resource::Arn(arn))))),
    );
    some_text(&mut facts, "Origin", detail.origin.as_ref());
    facts.extend(aws.iter().flat_map(|aws| &aws.rest).map(|(name, json)| json_fact(name, json)));
    if facts.is_empty() {
        return;
    }
    let section = facts::section(place, "AWS");
    if let Some(logs) = logs {
        let link = section.says("a", "button button--quiet", "Logs of this span ↗");
        link.with(&[("href", &logs), ("target", "_blank"), ("rel", "noreferrer")]);
    }
    facts::list(section, &facts);
}

/// The query and its database.
pub(super) fn sql(place: Sketch<'_>, sql: &Sql) {
    let section = facts::section(place, "SQL");
    if let Some(query) = &sql.sanitized_query {
        let block = section.child("div", "inspector__block");
        let shown = if query.len() > MOST_SQL { query.clone() } else { format::sql::pretty(query) };
        block.says("pre", "inspector__code", &shown).attribute("tabindex", "0");
        copy_button(block, "the query", query);
    }
    let mut facts = Vec::new();
    for (name, value) in [
        ("Database", &sql.database_type),
        ("Version", &sql.database_version),
        ("Driver", &sql.driver_version),
        ("User", &sql.user),
        ("Preparation", &sql.preparation),
    ] {
        some_text(&mut facts, name, value.as_ref());
    }
    some_code(&mut facts, "URL", sql.url.as_ref());
    some_code(&mut facts, "Connection", sql.connection_string.as_ref());
    facts::list(section, &facts);
}

/// The searchable values.
pub(super) fn annotations(place: Sketch<'_>, annotations: &[(String, AnnotationValue)]) {
    let fact = |(key, value): &(String, AnnotationValue)| {
        let tag = match value {
            AnnotationValue::String(_) => "string",
            AnnotationValue::Number(_) => "number",
            AnnotationValue::Boolean(_) => "boolean",
        };
        Fact::text(key, annotation(value)).tagged(tag).filtered(narrow::is_annotated(key, value))
    };
    facts_section(place, "Annotations", &annotations.iter().map(fact).collect::<Vec<_>>());
}

/// The spans of other traces that this one continues. `here` is where this trace comes from.
pub(super) fn links(place: Sketch<'_>, links: &[Link], here: &TracePlace) {
    let mut facts = Vec::new();
    for link in links {
        let id = link.trace_id.to_string();
        let view = TraceView { span: link.id, ..TraceView::default() };
        let there = TracePlace { id: id.clone(), view, at: None, ..here.clone() };
        facts.push(Fact::link("Trace", id, Route::Trace(there).address()));
        facts.extend(link.attributes.as_ref().map(|json| json_fact("Attributes", json)));
    }
    facts_section(place, "Linked traces", &facts);
}

/// The program's versions, the user, and everything that has no section of its own. `is_known` tells whether the trace
/// has a span.
pub(super) fn rest(place: Sketch<'_>, detail: &Detail, entity: &Entity<'_>, is_known: &dyn Fn(SpanId) -> bool) {
    let mut facts: Vec<Fact> = Vec::new();
    facts.extend(searched("User", "user", detail.user.as_ref()));
    facts.extend(detail.service.iter().map(|(name, value)| Fact::text(["Service ", name].concat(), value)));
    let flags = entity.flags();
    let set: Vec<&str> = [("error", flags.error), ("fault", flags.fault), ("throttle", flags.throttle)]
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect();
    if !set.is_empty() {
        facts.push(Fact::text("Flags", set.join(", ")));
    }
    let (known, unknown): (Vec<SpanId>, Vec<SpanId>) = detail.precursor_ids.iter().partition(|id| is_known(**id));
    facts.extend(unknown.iter().map(|id| Fact::code("Finished before", id.to_string())));
    if facts.is_empty() && known.is_empty() {
        return;
    }
    let section = facts::section(place, "More");
    facts::list(section, &facts);
    if !known.is_empty() {
        let line = section.says("p", "", "Finished before it began: ");
        for id in known {
            facts::go(line, id, &id.to_string());
            line.says("span", "", " ");
        }
    }
}

/// A value that traces can be searched by, whichever of their segments has it.
fn searched(name: &str, keyword: &str, value: Option<&String>) -> Option<Fact> {
    value.map(|value| Fact::code(name, value).filtered(narrow::is_text(keyword, value)))
}

/// Members that the X-Ray documentation does not name.
pub(super) fn unknown(place: Sketch<'_>, entity: &Entity<'_>) {
    let facts: Vec<Fact> = entity.unknown.iter().map(|(name, raw)| json_fact(name, raw.get())).collect();
    facts_section(place, "Other fields", &facts);
}

/// A member as JSON, laid out; a string without its quotes.
fn json_fact(name: &str, json: &str) -> Fact {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return Fact::text(name, text);
    }
    let mut pretty = format::json::pretty(json, MOST_BYTES);
    if pretty.cut {
        pretty.text.push_str("\n… (the raw document has the rest)");
    }
    Fact::code(name, pretty.text)
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
