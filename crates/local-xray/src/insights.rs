//! The insight operations. What an insight is, [`analysis::insights`] decides from the minutes of a group.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-insights.html>

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use analysis::{
    graph::Merger,
    insights::{Detector, Impact, Insight},
};
use filter::{Filter, Group};
use model::{Moment, summary::ServiceId};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Engine, engine,
    graphs::{self, MINUTE},
    groups,
    protocol::{Failure, Time, read},
};

/// AWS keeps insights so long, in minutes.
const KEPT: i64 = 30 * 24 * 60;
/// Minutes that may still change when late documents come: they are looked at anew every time.
const UNSETTLED: i64 = 15;
/// Traces of a group with a filter are taken for so many minutes at a time.
const AT_ONCE: i64 = 60;
/// Pages are no longer.
const MOST_SUMMARIES: usize = 100;
const MOST_EVENTS: usize = 50;
/// AWS shows the graph of so many hours at most.
const MOST_HOURS: i64 = 6;

/// How far each group has been looked at, so that only what is new is.
#[derive(Default)]
pub(crate) struct Kept(Mutex<BTreeMap<String, Reached>>);

#[derive(Clone)]
struct Reached {
    expression: String,
    detector: Detector,
    /// The next minute to look at.
    next: i64,
}

/// An insight of a group.
struct Found {
    id: Uuid,
    group: Group,
    insight: Insight,
}

/// The insights of a group, in the order of their beginnings.
fn of_group(engine: &Engine, group: &Group) -> Result<Vec<Found>, Failure> {
    let filter = groups::filter_of(engine, Some(&group.name), None)?;
    let now = engine::now().0.div_euclid(MINUTE);
    let mut kept = engine.insights().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(changed) = engine.store().take_oldest_change() {
        kept.retain(|_, reached| reached.next <= changed);
    }
    let known = kept.get(&group.arn).filter(|reached| reached.expression == group.expression);
    let mut reached = known.cloned().unwrap_or_else(|| Reached {
        expression: group.expression.clone(),
        detector: Detector::default(),
        next: now - KEPT,
    });
    // The present minute is not over yet.
    advance(engine, &filter, &mut reached, now - UNSETTLED)?;
    kept.insert(group.arn.clone(), reached.clone());
    advance(engine, &filter, &mut reached, now - 1)?;
    reached.detector.quiet_until(now);
    let of = |insight: Insight| {
        let name = format!("{}\n{:?}\n{}", group.arn, insight.root_cause, insight.first);
        Found { id: Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()), group: group.clone(), insight }
    };
    Ok(reached.detector.finish().into_iter().map(of).collect())
}

/// Takes the minutes up to one, this included.
fn advance(engine: &Engine, filter: &Filter, reached: &mut Reached, last: i64) -> Result<(), Failure> {
    if filter.is_empty() && reached.next <= last {
        let detector = &mut reached.detector;
        let taken =
            engine.store().minutes((reached.next, last), |minute, totals| detector.minute(minute, &totals.graph));
        taken.map_err(|error| Failure::store(&error))?;
        reached.next = last + 1;
    }
    while reached.next <= last {
        let end = (reached.next + AT_ONCE - 1).min(last);
        let span = (Moment(reached.next * MINUTE), Moment((end + 1) * MINUTE - 1));
        let mut minutes: BTreeMap<i64, Merger> = BTreeMap::new();
        graphs::each(engine, span, filter, |row| {
            minutes.entry(row.at.0.div_euclid(MINUTE)).or_default().add(&row.digest.graph.graph);
        })?;
        for (minute, merger) in minutes {
            reached.detector.minute(minute, &merger.finish());
        }
        reached.next = end + 1;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SummariesRequest {
    states: Option<Vec<String>>,
    #[serde(rename = "GroupARN")]
    group_arn: Option<String>,
    group_name: Option<String>,
    start_time: Option<Time>,
    end_time: Option<Time>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(crate) fn get_insight_summaries(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: SummariesRequest = read(body)?;
    let (from, to) = crate::protocol::range(request.start_time, request.end_time)?;
    let states = request.states.unwrap_or_default();
    if states.len() > 1 || states.iter().any(|state| state != "ACTIVE" && state != "CLOSED") {
        return Err(Failure::validation(
            "1 validation error detected: Value at 'states' failed to satisfy constraint: one of [ACTIVE, CLOSED]"
                .to_owned(),
        ));
    }
    let (name, arn) = (request.group_name.as_deref(), request.group_arn.as_deref());
    if name.is_none() == arn.is_none() {
        return Err(Failure::invalid("Provide either GroupName or GroupARN"));
    }
    // An unknown group is an error; one without insights has none.
    groups::filter_of(engine, name, arn)?;
    let group =
        groups::with_insights(engine).into_iter().find(|group| name == Some(&group.name) || arn == Some(&group.arn));
    let mut found = group.map_or(Ok(Vec::new()), |group| of_group(engine, &group))?;
    found.retain(|found| {
        let (start, end) = span(&found.insight);
        start <= to
            && end.is_none_or(|end| end >= from)
            && states.iter().all(|state| *state == self::state(&found.insight))
    });
    found.reverse();
    let (page, next) = page(&found, request.max_results, MOST_SUMMARIES, request.next_token.as_deref())?;
    let summaries = page.iter().map(|found| {
        let mut summary = described(found);
        let (start, end) = span(&found.insight);
        let told = found.insight.events.first().map(|event| at_end(event.minute));
        summary["LastUpdateTime"] = json!(told.or(end).unwrap_or(start).as_seconds());
        summary
    });
    Ok(json!({ "InsightSummaries": summaries.collect::<Vec<_>>(), "NextToken": next }).to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneRequest {
    insight_id: Option<String>,
    start_time: Option<Time>,
    end_time: Option<Time>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(crate) fn get_insight(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: OneRequest = read(body)?;
    let found = one(engine, &request)?;
    Ok(json!({ "Insight": described(&found) }).to_string())
}

pub(crate) fn get_insight_events(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: OneRequest = read(body)?;
    let found = one(engine, &request)?;
    let events = &found.insight.events;
    let (page, next) = page(events, request.max_results, MOST_EVENTS, request.next_token.as_deref())?;
    let cause = &found.insight.root_cause;
    let events = page.iter().map(|event| {
        json!({
            "Summary": told(cause, event.of_cause, event.clients), "EventTime": at_end(event.minute).as_seconds(),
            "ClientRequestImpactStatistics": impact(event.clients),
            "RootCauseServiceRequestImpactStatistics": impact(event.of_cause),
            "TopAnomalousServices": anomalous(&event.anomalous)
        })
    });
    Ok(json!({ "InsightEvents": events.collect::<Vec<_>>(), "NextToken": next }).to_string())
}

pub(crate) fn get_insight_impact_graph(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: OneRequest = read(body)?;
    let (from, to) = crate::protocol::range(request.start_time, request.end_time)?;
    if (to - from).0 > MOST_HOURS * 60 * MINUTE {
        return Err(Failure::invalid(format!("Time range cannot be longer than {MOST_HOURS} hours")));
    }
    if from.0 % MINUTE != 0 || to.0 % MINUTE != 0 {
        return Err(Failure::invalid("StartTime and EndTime must be multiples of 60 seconds"));
    }
    let found = one(engine, &request)?;
    let Insight { path, calls, .. } = &found.insight;
    let services = path.iter().enumerate().map(|(place, id)| {
        let edges = calls.iter().filter(|(source, _)| *source == place);
        let edges: Vec<Value> = edges.map(|(_, target)| json!({ "ReferenceId": target })).collect();
        let mut node = service(id);
        node["ReferenceId"] = json!(place);
        node["Edges"] = json!(edges);
        node
    });
    let (start, end) = span(&found.insight);
    Ok(json!({
        "InsightId": found.id, "StartTime": from.as_seconds(), "EndTime": to.as_seconds(),
        "ServiceGraphStartTime": start.max(from).min(to).as_seconds(),
        "ServiceGraphEndTime": end.unwrap_or(to).min(to).max(from).as_seconds(),
        "Services": services.collect::<Vec<_>>(), "NextToken": null
    })
    .to_string())
}

/// The insight that a request names.
fn one(engine: &Engine, request: &OneRequest) -> Result<Found, Failure> {
    let id = request.insight_id.as_deref().ok_or_else(|| Failure::missing("insightId"))?;
    let unknown = || Failure::invalid("Insight not found");
    let id: Uuid = id.parse().map_err(|_| unknown())?;
    for group in groups::with_insights(engine) {
        if let Some(found) = of_group(engine, &group)?.into_iter().find(|found| found.id == id) {
            return Ok(found);
        }
    }
    Err(unknown())
}

/// One page of a list, and the token of the next one: where it begins.
fn page<'a, T>(
    all: &'a [T],
    wanted: Option<usize>,
    most: usize,
    token: Option<&str>,
) -> Result<(&'a [T], Option<String>), Failure> {
    let size = wanted.unwrap_or(most);
    if !(1..=most).contains(&size) {
        let constraint = format!("failed to satisfy constraint: Member must be between 1 and {most}");
        return Err(Failure::validation(format!(
            "1 validation error detected: Value '{size}' at 'maxResults' {constraint}"
        )));
    }
    let from = match token {
        Some(token) => token.parse().map_err(|_| Failure::invalid(format!("Invalid token {token:.80}")))?,
        None => 0,
    };
    let rest = all.get(from..).unwrap_or_default();
    let next = (rest.len() > size).then(|| (from + size).to_string());
    Ok((&rest[..size.min(rest.len())], next))
}

fn at_end(minute: i64) -> Moment {
    Moment((minute + 1) * MINUTE)
}

/// From its first minute to the end of its last one, if it is over.
fn span(insight: &Insight) -> (Moment, Option<Moment>) {
    (Moment(insight.first * MINUTE), insight.is_closed.then(|| at_end(insight.last)))
}

fn state(insight: &Insight) -> &'static str {
    if insight.is_closed { "CLOSED" } else { "ACTIVE" }
}

fn described(found: &Found) -> Value {
    let Insight { root_cause, clients, of_cause, .. } = &found.insight;
    let (start, end) = span(&found.insight);
    json!({
        "InsightId": found.id, "GroupARN": found.group.arn, "GroupName": found.group.name,
        "RootCauseServiceId": service(root_cause), "Categories": ["FAULT"], "State": state(&found.insight),
        "StartTime": start.as_seconds(), "EndTime": end.map(Moment::as_seconds),
        "Summary": told(root_cause, *of_cause, *clients),
        "ClientRequestImpactStatistics": impact(*clients),
        "RootCauseServiceRequestImpactStatistics": impact(*of_cause),
        "TopAnomalousServices": anomalous(&found.insight.anomalous)
    })
}

/// An insight in a sentence.
fn told(cause: &ServiceId, of_cause: Impact, clients: Impact) -> String {
    let share = |impact: Impact| 100.0 * impact.fault as f64 / (impact.total.max(1)) as f64;
    format!(
        "{}: {:.0}% of its {} requests failed. {:.0}% of {} client requests failed.",
        cause.name,
        share(of_cause),
        of_cause.total,
        share(clients),
        clients.total
    )
}

fn impact(impact: Impact) -> Value {
    json!({ "FaultCount": impact.fault, "OkCount": impact.ok(), "TotalCount": impact.total })
}

fn service(id: &ServiceId) -> Value {
    json!({ "Name": id.name, "Names": [id.name], "AccountId": id.account_id, "Type": id.kind })
}

fn anomalous(ids: &[ServiceId]) -> Vec<Value> {
    ids.iter().map(|id| json!({ "ServiceId": service(id) })).collect()
}
