//! `GetServiceGraph` and `GetTraceGraph`.
//! <https://docs.aws.amazon.com/xray/latest/api/API_GetServiceGraph.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use analysis::graph::{self, Continued, Merger};
use filter::Filter;
use model::{
    Moment, Nanos, SpanId, Trace, TraceId,
    graph::{Histogram, Load, Node, NodeState, ServiceGraph},
    summary::ServiceId,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{ListQuery, Place, Row};

use crate::{
    Engine, engine, groups,
    protocol::{Failure, Time, range, read},
};

/// AWS answers for this long at most.
const MOST_HOURS: i64 = 6;
/// The length of a minute in nanoseconds.
pub(crate) const MINUTE: i64 = 60 * model::time::SECOND;
/// Traces taken from the store at a time.
const PAGE: usize = 500;

#[derive(Deserialize)]
struct ServiceGraphRequest {
    #[serde(rename = "StartTime")]
    start_time: Option<Time>,
    #[serde(rename = "EndTime")]
    end_time: Option<Time>,
    #[serde(rename = "GroupName")]
    group_name: Option<String>,
    #[serde(rename = "GroupARN")]
    group_arn: Option<String>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

pub(crate) fn get_service_graph(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: ServiceGraphRequest = read(body)?;
    let (from, to) = range(request.start_time, request.end_time)?;
    if (to - from).0 > MOST_HOURS * 3600 * model::time::SECOND {
        return Err(Failure::invalid(format!("Time range cannot be longer than {MOST_HOURS} hours")));
    }
    let filter = groups::filter_of(engine, request.group_name.as_deref(), request.group_arn.as_deref())?;
    if request.next_token.is_some() {
        return Err(Failure::invalid("Invalid token"));
    }
    let graph = window(engine, from, to, &filter)?;
    let bounds = graph.nodes.iter().filter_map(|node| node.seen);
    let (first, last) = bounds.fold((to, from), |(first, last), seen| (first.min(seen.0), last.max(seen.1)));
    let (first, last) = if graph.nodes.is_empty() { (from, to) } else { (first, last) };
    Ok(json!({
        "StartTime": first.as_seconds(), "EndTime": last.as_seconds(), "Services": services(&graph, true),
        "ContainsOldGroupVersions": false, "NextToken": null
    })
    .to_string())
}

/// The graph of the traces of a group that were complete within a span of time: each trace belongs to one window, whole.
pub(crate) fn window(engine: &Engine, from: Moment, to: Moment, filter: &Filter) -> Result<ServiceGraph, Failure> {
    let mut merger = Merger::default();
    let mut links: Vec<(ServiceId, Continued)> = Vec::new();
    let (first, last) =
        (from.0.saturating_add(MINUTE - 1).div_euclid(MINUTE), to.0.saturating_add(1).div_euclid(MINUTE) - 1);
    let spans = if filter.is_empty() && first <= last {
        let taken = engine.store().minutes((first, last), |_, totals| {
            merger.add(&totals.graph);
            links.extend(totals.links);
        });
        taken.map_err(|error| Failure::store(&error))?;
        // What is left at both ends.
        vec![(from, Moment(first * MINUTE - 1)), (Moment((last + 1) * MINUTE), to)]
    } else {
        vec![(from, to)]
    };
    for (from, to) in spans {
        each(engine, (from, to), filter, |row| {
            let part = &row.digest.graph;
            merger.add(&part.graph);
            links.extend(part.links.iter().filter_map(|link| {
                let node = part.graph.nodes.get(link.node as usize)?;
                Some((node.id.clone(), link.clone()))
            }));
        })?;
    }
    connect(engine, &mut merger, &links)?;
    Ok(merger.finish())
}

/// Every trace of a group that was complete within a span of time, both ends included.
pub(crate) fn each(
    engine: &Engine,
    (from, to): (Moment, Moment),
    filter: &Filter,
    mut take: impl FnMut(&Row),
) -> Result<(), Failure> {
    let query = ListQuery { place: Place::Updated, from, to, share: 1.0, needs: filter.needs(), limit: PAGE };
    let mut cursor = None;
    loop {
        let page = engine.store().list(&query, cursor.as_ref(), engine::now());
        // The listing is ours alone, and continued at once.
        let page = page.map_err(|error| Failure::store(&error))?;
        page.rows.iter().filter(|row| filter.matches(&row.digest.facts)).for_each(&mut take);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Adds an edge for each segment that went on with what another trace had sent, if that trace is here.
fn connect(engine: &Engine, merger: &mut Merger, links: &[(ServiceId, Continued)]) -> Result<(), Failure> {
    let ids: BTreeSet<TraceId> = links.iter().map(|(_, link)| link.trace).collect();
    let ids: Vec<TraceId> = ids.into_iter().collect();
    let stored = engine.store().traces(&ids).map_err(|error| Failure::store(&error))?;
    let mut by_trace: BTreeMap<TraceId, Vec<&(ServiceId, Continued)>> = BTreeMap::new();
    for link in links {
        by_trace.entry(link.1.trace).or_default().push(link);
    }
    for stored in stored {
        let sent = Trace::assemble(stored.id, stored.documents);
        for (target, link) in by_trace.get(&stored.id).into_iter().flatten() {
            let Some(source) = graph::sender(&sent, link.span) else { continue };
            let age = link.start - end_of(&sent, link.span).unwrap_or(link.start);
            let second = link.start.floor_second();
            merger.link(&source, target, age.max(Nanos(0)), (second, second + Nanos::seconds(1)));
        }
    }
    Ok(())
}

fn end_of(trace: &Trace, span: SpanId) -> Option<Moment> {
    let span = trace.span(trace.find(span)?)?;
    Some(span.end.unwrap_or(span.start))
}

#[derive(Deserialize)]
struct TraceGraphRequest {
    #[serde(rename = "TraceIds")]
    ids: Option<Vec<String>>,
    #[serde(rename = "NextToken")]
    next_token: Option<String>,
}

pub(crate) fn get_trace_graph(engine: &Engine, body: &[u8]) -> Result<String, Failure> {
    let request: TraceGraphRequest = read(body)?;
    let ids = request.ids.ok_or_else(|| Failure::missing("traceIds"))?;
    if request.next_token.is_some() {
        return Err(Failure::invalid("NextToken is currently not supported"));
    }
    if ids.is_empty() {
        return Err(Failure::invalid("Zero trace ids provided"));
    }
    if engine.strict() && ids.len() > 1 {
        return Err(Failure::invalid("Currently only one trace Id is supported"));
    }
    let parse =
        |id: &String| id.parse::<TraceId>().map_err(|_| Failure::invalid("Invalid traceId. ErrorCode: InvalidId"));
    let ids = ids.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let services = of_traces(engine, &ids)?.ok_or_else(|| Failure::invalid("Trace id not found"))?;
    Ok(json!({ "Services": services, "NextToken": null }).to_string())
}

/// The graph of some traces together, as AWS writes it; `None` where none of them is there.
pub(crate) fn of_traces(engine: &Engine, ids: &[TraceId]) -> Result<Option<Vec<Value>>, Failure> {
    let stored = engine.store().traces(ids).map_err(|error| Failure::store(&error))?;
    if stored.is_empty() {
        return Ok(None);
    }
    let mut merger = Merger::default();
    let mut links = Vec::new();
    for stored in stored {
        let documents: Vec<Arc<str>> = stored.documents;
        let part = graph::of_trace(&Trace::assemble(stored.id, documents));
        merger.add(&part.graph);
        links.extend(part.links.into_iter().filter(|link| ids.contains(&link.trace)).filter_map(|link| {
            let node = part.graph.nodes.get(link.node as usize)?;
            Some((node.id.clone(), link))
        }));
    }
    connect(engine, &mut merger, &links)?;
    Ok(Some(services(&merger.finish(), false)))
}

/// The graph as AWS writes it; times only where the graph is one of a window.
fn services(graph: &ServiceGraph, of_window: bool) -> Vec<Value> {
    let mut edges: Vec<Vec<Value>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        let seen = edge.seen.filter(|_| of_window);
        let aliases =
            edge.aliases.iter().map(|alias| json!({"Name": alias.name, "Names": [alias.name], "Type": alias.kind}));
        let mut value = json!({
            "ReferenceId": edge.target, "StartTime": seen.map(|seen| seen.0.as_seconds()),
            "EndTime": seen.map(|seen| seen.1.as_seconds()), "Aliases": aliases.collect::<Vec<_>>(),
            "SummaryStatistics": edge.load.as_ref().map(statistics),
            "ResponseTimeHistogram": histogram(edge.load.as_ref().map(|load| &load.times))
        });
        if edge.kind == model::graph::EdgeKind::Link {
            value["EdgeType"] = json!("link");
            value["ReceivedEventAgeHistogram"] = histogram(Some(&edge.age));
        }
        if let Some(edges) = edges.get_mut(edge.source as usize) {
            edges.push(value);
        }
    }
    let nodes = graph.nodes.iter().zip(edges).enumerate();
    nodes.map(|(place, (node, edges))| service(place, node, &edges, of_window)).collect()
}

fn service(place: usize, node: &Node, edges: &[Value], of_window: bool) -> Value {
    let seen = node.seen.filter(|_| of_window);
    let state = match node.state {
        NodeState::Active => "active",
        NodeState::Passive => "passive",
        NodeState::Unknown => "unknown",
    };
    let times = histogram(node.load.as_ref().map(|load| &load.times));
    json!({
        "ReferenceId": place, "Name": node.id.name, "Names": [node.id.name], "Type": node.id.kind,
        "AccountId": node.id.account_id, "State": state, "Root": node.is_root.then_some(true),
        "StartTime": seen.map(|seen| seen.0.as_seconds()), "EndTime": seen.map(|seen| seen.1.as_seconds()),
        "Edges": edges, "SummaryStatistics": node.load.as_ref().map(statistics),
        "ResponseTimeHistogram": times.clone(), "DurationHistogram": times
    })
}

pub(crate) fn statistics(load: &Load) -> Value {
    json!({
        "OkCount": load.ok,
        "ErrorStatistics": {"ThrottleCount": load.throttle, "OtherCount": load.error, "TotalCount": load.throttle + load.error},
        "FaultStatistics": {"OtherCount": load.fault, "TotalCount": load.fault},
        "TotalCount": load.total(), "TotalResponseTime": load.time.as_seconds()
    })
}

pub(crate) fn histogram(times: Option<&Histogram>) -> Value {
    let Some(times) = times else { return Value::Null };
    times.entries().iter().map(|(time, count)| json!({"Value": time.as_seconds(), "Count": count})).collect()
}
