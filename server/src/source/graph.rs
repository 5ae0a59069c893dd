//! From the SDK's services to the model's graph.

use std::collections::HashMap;

use aws_sdk_xray::types;
use model::{
    Nanos, ServiceGraph,
    graph::{Edge, EdgeKind, Histogram, Load, Node, NodeIx, NodeState},
    summary::ServiceId,
};

use super::convert::moment;

/// The graph of all services of an answer. Edges to services that it does not have are left out; what has no name keeps
/// its place under an empty one.
pub(super) fn graph(services: &[types::Service]) -> ServiceGraph {
    let places: HashMap<i32, NodeIx> = services
        .iter()
        .enumerate()
        .filter_map(|(place, service)| Some((service.reference_id()?, place as NodeIx)))
        .collect();
    let mut graph = ServiceGraph::default();
    for (place, service) in services.iter().enumerate() {
        let seen = service.start_time().map(moment).zip(service.end_time().map(moment));
        graph.nodes.push(Node {
            id: ServiceId {
                name: service.name().unwrap_or_default().to_owned(),
                kind: service.r#type().map(str::to_owned),
                account_id: service.account_id().map(str::to_owned),
            },
            state: match service.state() {
                Some("active") => NodeState::Active,
                Some("passive") => NodeState::Passive,
                _ => NodeState::Unknown,
            },
            is_root: service.root() == Some(true),
            load: service.summary_statistics().map(|statistics| service_load(statistics, service)),
            seen,
        });
        for edge in service.edges() {
            let Some(target) = edge.reference_id().and_then(|id| places.get(&id)) else { continue };
            graph.edges.push(Edge {
                source: place as NodeIx,
                target: *target,
                kind: if edge.edge_type() == Some("link") { EdgeKind::Link } else { EdgeKind::Call },
                aliases: edge.aliases().iter().map(alias).collect(),
                load: edge.summary_statistics().map(|statistics| edge_load(statistics, edge)),
                age: histogram(edge.received_event_age_histogram()),
                seen: edge.start_time().map(moment).zip(edge.end_time().map(moment)).or(seen),
            });
        }
    }
    graph
}

fn alias(alias: &types::Alias) -> ServiceId {
    ServiceId {
        name: alias.name().unwrap_or_default().to_owned(),
        kind: alias.r#type().map(str::to_owned),
        account_id: None,
    }
}

fn service_load(statistics: &types::ServiceStatistics, service: &types::Service) -> Load {
    load(
        statistics.ok_count(),
        statistics.error_statistics(),
        statistics.fault_statistics(),
        statistics.total_response_time(),
        histogram(service.response_time_histogram()),
    )
}

fn edge_load(statistics: &types::EdgeStatistics, edge: &types::Edge) -> Load {
    load(
        statistics.ok_count(),
        statistics.error_statistics(),
        statistics.fault_statistics(),
        statistics.total_response_time(),
        histogram(edge.response_time_histogram()),
    )
}

fn load(
    ok: Option<i64>,
    errors: Option<&types::ErrorStatistics>,
    faults: Option<&types::FaultStatistics>,
    seconds: Option<f64>,
    times: Histogram,
) -> Load {
    let count = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let throttle = count(errors.and_then(types::ErrorStatistics::throttle_count));
    let all_errors = count(errors.and_then(types::ErrorStatistics::total_count));
    Load {
        ok: count(ok),
        error: all_errors.saturating_sub(throttle),
        throttle,
        fault: count(faults.and_then(types::FaultStatistics::total_count)),
        time: seconds.map_or(Nanos(0), Nanos::from_seconds),
        times,
    }
}

fn histogram(entries: &[types::HistogramEntry]) -> Histogram {
    Histogram::new(
        entries.iter().map(|entry| (Nanos::from_seconds(entry.value()), u64::try_from(entry.count()).unwrap_or(0))),
    )
}
