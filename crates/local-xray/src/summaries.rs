//! `GetTraceSummaries`: traces of a time range, newest first, a page at a time.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html>

use model::TraceId;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Cursor, ListQuery, Place, StoreError};

use crate::{
    Engine, engine, groups,
    protocol::{Failure, Time, range, read},
    summary_json,
};

/// Traces looked at for one page.
const PAGE: usize = 100;
/// Traces looked at for one page of those that a filter leaves.
const FILTERED_PAGE: usize = 1_000;
/// Strict mode's longest range, as AWS is said to have it.
const STRICT_HOURS: i64 = 24;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    start_time: Option<Time>,
    end_time: Option<Time>,
    time_range_type: Option<String>,
    sampling: Option<bool>,
    sampling_strategy: Option<Strategy>,
    filter_expression: Option<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Strategy {
    name: Option<String>,
    value: Option<f64>,
}

pub(crate) fn get_trace_summaries(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: Request = read(body)?;
    let (from, to) = range(request.start_time, request.end_time)?;
    let place = place(request.time_range_type.as_deref())?;
    if engine.strict() && (to - from).0 > STRICT_HOURS * 3600 * model::time::SECOND {
        return Err(Failure::invalid(format!("Time range cannot be longer than {STRICT_HOURS} hours")));
    }
    let share = sampled_share(&request, place)?;
    let text = request.filter_expression.as_deref().unwrap_or_default();
    let filter = groups::filter(engine, text)?;
    let cursor = request.next_token.as_deref().map(read_token).transpose()?;
    let limit = if text.trim().is_empty() { PAGE } else { FILTERED_PAGE };
    let query = ListQuery { place, from, to, share, needs: filter.needs(), limit };
    let page = engine.store().list(&query, cursor.as_ref(), engine::now()).map_err(|error| match error {
        StoreError::UnknownCursor => invalid_token(request.next_token.as_deref().unwrap_or_default()),
        error => Failure::store(&error),
    })?;
    let matched = place != Place::Start;
    let traces: Vec<Value> = page
        .rows
        .iter()
        .filter(|row| filter.matches(&row.digest.facts))
        .map(|row| summary_json::summary(&row.digest.facts.summary, matched.then_some(row.at), engine.strict()))
        .collect();
    Ok(json!({
        "TraceSummaries": traces, "ApproximateTime": from.floor_second().as_seconds(),
        "TracesProcessedCount": page.scanned, "NextToken": page.next.map(|cursor| write_token(&cursor))
    })
    .to_string())
}

fn place(name: Option<&str>) -> Result<Place, Failure> {
    match name {
        None | Some("TraceId") => Ok(Place::Start),
        Some("Event") => Ok(Place::Updated),
        Some("Service") => Ok(Place::SegmentEnd),
        Some(other) => Err(Failure::not_in(other, "timeRangeType", "[TraceId, Service, Event]")),
    }
}

/// The share of traces that is wanted, 0 to 1; the strategy counts only with `Sampling`.
fn sampled_share(request: &Request, place: Place) -> Result<f64, Failure> {
    let Some(strategy) = request.sampling_strategy.as_ref().filter(|_| request.sampling == Some(true)) else {
        return Ok(1.0);
    };
    match strategy.name.as_deref() {
        // Everything is looked at: the local store is small enough.
        None | Some("PartialScan") => Ok(1.0),
        Some("FixedRate") => {
            let range = request.time_range_type.as_deref().unwrap_or("TraceId");
            let share = strategy.value.filter(|value| (0.0..=1.0).contains(value)).ok_or_else(|| {
                Failure::invalid("sampling rate must be specified and its value must be between [0, 1]")
            })?;
            if place != Place::Updated {
                let advice = "Please try using time range type: Event";
                return Err(Failure::invalid(format!(
                    "Cannot use FixedRate with input time range type: {range}. {advice}"
                )));
            }
            Ok(share)
        }
        Some(other) => Err(Failure::not_in(other, "samplingStrategy.name", "[PartialScan, FixedRate]")),
    }
}

/// A `NextToken` is a cursor's numbers in hex.
fn write_token(cursor: &Cursor) -> String {
    let Cursor { listing, at, trace, scanned } = cursor;
    format!("{listing:016x}{at:016x}{}{scanned:016x}", trace.w3c())
}

fn read_token(text: &str) -> Result<Cursor, Failure> {
    let number = |range: std::ops::Range<usize>| u64::from_str_radix(text.get(range)?, 16).ok();
    let parse = || {
        Some(Cursor {
            listing: number(0..16)?,
            at: number(16..32)? as i64,
            trace: TraceId::from_w3c(text.get(32..64)?).ok()?,
            scanned: number(64..80)?,
        })
    };
    parse().filter(|_| text.len() == 80).ok_or_else(|| invalid_token(text))
}

fn invalid_token(text: &str) -> Failure {
    Failure::invalid(format!("Invalid token {text:.80}"))
}
