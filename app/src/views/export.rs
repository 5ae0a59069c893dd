//! A list as a file.

use std::sync::Arc;

use crate::prelude::*;
use api::TraceRow;
use format::csv::cell;
use model::{AnnotationValue, Outcome};

use crate::{
    platform::{self, drawn::Drawn},
    state::Shared,
};

/// What the buttons save the list as.
const BUTTONS: [(&str, &str); 2] = [("CSV", "Save the list as CSV"), ("JSON", "Save the list as JSON")];

/// Draws buttons that save the list, after what is there.
pub(crate) fn draw(place: &Drawn, rows: Signal<Shared<Vec<Arc<TraceRow>>>>) {
    for (form, title) in BUTTONS {
        let button = place.says("button", "button button--quiet", form);
        let button = button.with(&[("type", "button"), ("title", title), ("data-save", form)]);
        Effect::new(move |_| button.attribute_if("disabled", rows.with(|rows| rows.is_empty()).then_some("")));
    }
    place.on_press("data-save", move |form| {
        let rows = rows.get_untracked();
        let newest_first = order::places(rows.len(), &mut |one, other| rows[other].start.cmp(&rows[one].start));
        let rows: Vec<&TraceRow> = newest_first.into_iter().map(|place| &*rows[place]).collect();
        if form == "CSV" {
            platform::save("traces.csv", "text/csv", &csv(&rows));
        } else if let Ok(text) = serde_json::to_string(&rows) {
            platform::save("traces.json", "application/json", &text);
        }
    });
}

/// A line a trace; times in UTC, durations in milliseconds.
fn csv(rows: &[&TraceRow]) -> String {
    let mut lines = String::from(
        "id,start,duration_ms,response_time_ms,outcome,partial,method,url,status,entry_point,services,users,annotations\n",
    );
    for row in rows {
        let ms = |time: Option<model::Nanos>| time.map(|time| (time.0 / 1_000_000).to_string()).unwrap_or_default();
        let http = &row.http;
        let outcome = match row.outcome {
            Outcome::Ok => "ok",
            Outcome::Error => "error",
            Outcome::Fault => "fault",
            Outcome::Throttle => "throttle",
        };
        let cells = [
            row.id.to_string(),
            row.start.map(|start| format::moment::rfc3339(start.0, 0)).unwrap_or_default(),
            ms(row.duration),
            ms(row.response_time),
            outcome.to_owned(),
            row.partial.to_string(),
            cell(http.method.as_deref().unwrap_or("")),
            cell(http.url.as_deref().unwrap_or("")),
            http.status.map(|status| status.to_string()).unwrap_or_default(),
            cell(row.entry_point.as_ref().map_or("", |entry| &entry.name)),
            row.services.to_string(),
            cell(&row.users.join(" ")),
            cell(&annotations(row)),
        ];
        lines.push_str(&cells.join(","));
        lines.push('\n');
    }
    lines
}

fn annotations(row: &TraceRow) -> String {
    let of_key = |(key, values): &(String, Vec<AnnotationValue>)| {
        let value = |value: &AnnotationValue| match value {
            AnnotationValue::String(text) => text.clone(),
            AnnotationValue::Number(number) => format::number::decimal(*number),
            AnnotationValue::Boolean(is) => is.to_string(),
        };
        let values: Vec<String> = values.iter().map(value).collect();
        [key.as_str(), "=", &values.join("|")].concat()
    };
    row.annotations.iter().map(of_key).collect::<Vec<_>>().join("; ")
}
