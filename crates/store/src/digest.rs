//! What is worth keeping of a trace beside its documents, so that a list or a map need not read them again.

use analysis::graph::{self, TraceGraph};
use model::{Trace, TraceFacts, TraceSummary, facts::Observation, graph::Load};
use serde::{Deserialize, Serialize};

/// What follows from a trace until it changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// What a list shows, and what a filter can ask.
    pub facts: TraceFacts,
    /// What it adds to the graph of services.
    pub graph: TraceGraph,
}

impl Digest {
    /// The digest of a trace that has had so many updates.
    pub fn of(trace: &Trace, revision: i32) -> Self {
        let summary = analysis::summary::summarize(trace, revision);
        Self { facts: analysis::facts::with_summary(trace, summary), graph: graph::of_trace(trace) }
    }

    /// The bytes that it takes, roughly.
    pub(crate) fn weight(&self) -> usize {
        facts_weight(&self.facts) + graph_weight(&self.graph)
    }
}

fn graph_weight(graph: &TraceGraph) -> usize {
    let load = |load: &Option<Load>| load.as_ref().map_or(0, |load| load.times.entries().len() * 16);
    let nodes = graph.graph.nodes.iter().map(|node| 220 + node.id.name.len() + load(&node.load));
    let edges = graph.graph.edges.iter().map(|edge| 200 + edge.aliases.len() * 120 + load(&edge.load));
    nodes.chain(edges).sum::<usize>() + graph.links.len() * 48
}

fn facts_weight(facts: &TraceFacts) -> usize {
    let observations = |list: &[Observation]| {
        let texts = |seen: &Observation| seen.http.url.as_ref().map_or(0, String::len);
        list.iter().map(|seen| 160 + texts(seen)).sum::<usize>()
    };
    let services = facts.services.iter().map(|service| {
        240 + service.id.name.len() + observations(&service.observations) + service.annotations.len() * 120
    });
    let edges = facts.edges.iter().map(|edge| 80 + observations(&edge.observations) + edge.annotations.len() * 120);
    summary_weight(&facts.summary) + services.chain(edges).sum::<usize>()
}

/// The bytes that a summary takes, roughly.
fn summary_weight(summary: &TraceSummary) -> usize {
    let services = |count: usize| count * 120;
    let causes = [&summary.fault_root_causes, &summary.error_root_causes, &summary.response_time_root_causes];
    let entities: usize = causes
        .into_iter()
        .flatten()
        .flat_map(|cause| &cause.services)
        .map(|service| 1 + service.entity_path.len())
        .sum();
    let annotations: usize = summary.annotations.iter().map(|(key, values)| key.len() + values.len() * 80).sum();
    let texts = [&summary.users, &summary.resource_arns, &summary.instance_ids, &summary.availability_zones];
    let texts: usize = texts.into_iter().flatten().map(|text| text.len() + 24).sum();
    600 + services(summary.services.len()) + entities * 150 + annotations + texts
}
