//! From the SDK's services to the model's graph.

use std::collections::HashMap;

use aws_sdk_xray::types;
use model::{
    Nanos, ServiceGraph,
    graph::{Edge, EdgeKind, Histogram, Load, Node, NodeIx, NodeState},
    summary::ServiceId,
};

use super::convert::moment;

/// The graph of all services of an answer. A service that edges lead to and the answer does not have is one of which
/// nothing is known but what its callers call it; what has no name keeps its place under an empty one.
pub(super) fn graph(services: &[types::Service]) -> ServiceGraph {
    let mut places: HashMap<i32, NodeIx> = services
        .iter()
        .enumerate()
        .filter_map(|(place, service)| Some((service.reference_id()?, place as NodeIx)))
        .collect();
    let mut graph = ServiceGraph::default();
    let mut missing = Vec::new();
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
            let Some(id) = edge.reference_id() else { continue };
            let target = *places.entry(id).or_insert_with(|| {
                missing.push(edge.aliases().first().map_or_else(|| unnamed(id), alias));
                (services.len() + missing.len() - 1) as NodeIx
            });
            graph.edges.push(Edge {
                source: place as NodeIx,
                target,
                kind: if edge.edge_type() == Some("link") { EdgeKind::Link } else { EdgeKind::Call },
                aliases: edge.aliases().iter().map(alias).collect(),
                load: edge.summary_statistics().map(|statistics| edge_load(statistics, edge)),
                age: histogram(edge.received_event_age_histogram()),
                seen: edge.start_time().map(moment).zip(edge.end_time().map(moment)).or(seen),
            });
        }
    }
    let node = |id| Node { id, state: NodeState::Unknown, is_root: false, load: None, seen: None };
    graph.nodes.extend(missing.into_iter().map(node));
    graph
}

/// A service of which X-Ray tells its number alone.
fn unnamed(id: i32) -> ServiceId {
    ServiceId { name: format!("service {id} (unknown)"), kind: None, account_id: None }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_edges_lead_to_is_shown_even_if_the_answer_does_not_have_it() {
        let alias = types::Alias::builder().name("ledger").r#type("AWS::ECS::Container").build();
        let to = |id: i32| types::Edge::builder().reference_id(id);
        let shop = types::Service::builder().reference_id(0).name("shop");
        let shop =
            shop.edges(to(1).build()).edges(to(7).build()).edges(to(8).aliases(alias).build()).edges(to(7).build());
        let cart = types::Service::builder().reference_id(1).name("cart").build();
        let graph = graph(&[shop.build(), cart]);
        let names: Vec<&str> = graph.nodes.iter().map(|node| node.id.name.as_str()).collect();
        assert_eq!(names, ["shop", "cart", "service 7 (unknown)", "ledger"]);
        let ends: Vec<(NodeIx, NodeIx)> = graph.edges.iter().map(|edge| (edge.source, edge.target)).collect();
        assert_eq!(ends, [(0, 1), (0, 2), (0, 3), (0, 2)]);
        assert!(graph.nodes.iter().all(|node| node.load.is_none()));
    }
}
