//! The members of a document, by subject.

use crate::prelude::*;
use filter::assist::narrow;
use model::{
    AnnotationValue, Detail,
    document::{
        Entity,
        detail::{Aws, Http, Link, Sql},
    },
};

use super::{
    super::header::annotation,
    facts::{self, Fact, copy_button, facts_section, some_code, some_text},
};

/// JSON of members without a section of their own is laid out up to this many bytes; the raw document has all.
const MOST_BYTES: usize = 4_000;

/// The request and its response; of which service or call they are, in a filter, if a filter can say that.
pub(super) fn http(http: &Http, scope: Option<&str>) -> Option<AnyView> {
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
    facts_section("HTTP", facts)
}

/// The AWS resource and call.
pub(super) fn aws(aws: Option<&Aws>, detail: &Detail) -> Option<AnyView> {
    let mut facts = Vec::new();
    if let Some(aws) = aws {
        some_text(&mut facts, "Operation", aws.operation.as_ref());
        for (name, value) in [
            ("Region", &aws.region),
            ("Request id", &aws.request_id),
            ("Table", &aws.table_name),
            ("Bucket", &aws.bucket_name),
            ("Queue", &aws.queue_url),
            ("Topic", &aws.topic_arn),
            ("Function", &aws.function_name),
            ("Function ARN", &aws.function_arn),
            ("Account", &aws.account_id),
        ] {
            some_code(&mut facts, name, value.as_ref());
        }
        for (name, keyword, value) in [
            ("Instance", "instance.id", &aws.instance_id),
            ("Availability zone", "availabilityzone", &aws.availability_zone),
        ] {
            searched(&mut facts, name, keyword, value.as_ref());
        }
        facts.extend(aws.retries.map(|retries| Fact::text("Retries", retries.to_string())));
        facts.extend(aws.log_groups.iter().map(|group| Fact::code("Log group", group)));
    }
    searched(&mut facts, "Resource ARN", "resource.arn", detail.resource_arn.as_ref());
    some_text(&mut facts, "Origin", detail.origin.as_ref());
    facts.extend(aws.iter().flat_map(|aws| &aws.rest).map(|(name, json)| json_fact(name, json)));
    facts_section("AWS", facts)
}

/// The query and its database.
pub(super) fn sql(sql: &Sql) -> AnyView {
    let mut facts = Vec::new();
    some_text(&mut facts, "Database", sql.database_type.as_ref());
    some_text(&mut facts, "Version", sql.database_version.as_ref());
    some_text(&mut facts, "Driver", sql.driver_version.as_ref());
    some_code(&mut facts, "URL", sql.url.as_ref());
    some_code(&mut facts, "Connection", sql.connection_string.as_ref());
    some_text(&mut facts, "User", sql.user.as_ref());
    some_text(&mut facts, "Preparation", sql.preparation.as_ref());
    let query = sql.sanitized_query.as_ref().map(|query| {
        view! {
            <div class="inspector__block">
                <pre class="inspector__code" tabindex="0">{query.clone()}</pre>
                {copy_button("the query", query.clone())}
            </div>
        }
    });
    let facts = (!facts.is_empty()).then(|| facts::list(facts));
    facts::section("SQL", view! { {query} {facts} }.into_any())
}

/// The searchable values.
pub(super) fn annotations(annotations: &[(String, AnnotationValue)]) -> Option<AnyView> {
    let fact = |(key, value): &(String, AnnotationValue)| {
        let tag = match value {
            AnnotationValue::String(_) => "string",
            AnnotationValue::Number(_) => "number",
            AnnotationValue::Boolean(_) => "boolean",
        };
        Fact::text(key, annotation(value)).tagged(tag).filtered(narrow::is_annotated(key, value))
    };
    facts_section("Annotations", annotations.iter().map(fact).collect())
}

/// The spans of other traces that this one continues.
pub(super) fn links(links: &[Link]) -> Option<AnyView> {
    let fact = |link: &Link| {
        let address = match &link.id {
            Some(span) => format!("/trace/{}?span={span}", link.trace_id),
            None => format!("/trace/{}", link.trace_id),
        };
        let mut facts = vec![Fact::link("Trace", link.trace_id.to_string(), address)];
        facts.extend(link.attributes.as_ref().map(|json| json_fact("Attributes", json)));
        facts
    };
    facts_section("Linked traces", links.iter().flat_map(fact).collect())
}

/// The program's versions, the user, and everything that has no section of its own.
pub(super) fn rest(detail: &Detail, entity: &Entity<'_>) -> Option<AnyView> {
    let mut facts: Vec<Fact> = Vec::new();
    searched(&mut facts, "User", "user", detail.user.as_ref());
    facts.extend(detail.service.iter().map(|(name, value)| Fact::text(format!("Service {name}"), value)));
    let flags = entity.flags();
    let set: Vec<&str> = [("error", flags.error), ("fault", flags.fault), ("throttle", flags.throttle)]
        .into_iter()
        .filter_map(|(name, is)| is.then_some(name))
        .collect();
    if !set.is_empty() {
        facts.push(Fact::text("Flags", set.join(", ")));
    }
    if !detail.precursor_ids.is_empty() {
        let ids: Vec<String> = detail.precursor_ids.iter().map(ToString::to_string).collect();
        facts.push(Fact::code("Finished before", ids.join(" ")));
    }
    facts_section("More", facts)
}

/// A value that traces can be searched by, whichever of their segments has it.
fn searched(facts: &mut Vec<Fact>, name: &str, keyword: &str, value: Option<&String>) {
    facts.extend(value.map(|value| Fact::code(name, value).filtered(narrow::is_text(keyword, value))));
}

/// Members that the X-Ray documentation does not name.
pub(super) fn unknown(entity: &Entity<'_>) -> Option<AnyView> {
    facts_section("Other fields", entity.unknown.iter().map(|(name, raw)| json_fact(name, raw.get())).collect())
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
