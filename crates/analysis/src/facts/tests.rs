//! Facts of drawn traces, as text.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use model::graph::ServiceGraph;
use proptest::prelude::*;

use super::*;
use crate::graph;

fn node(id: &ServiceId) -> String {
    format!("{}{}", id.name, id.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default())
}

fn seen(observations: &[Observation]) -> String {
    let one = |seen: &Observation| {
        let time = seen.time().map_or("…".to_owned(), |time| format!("{} ms", time.0 / 1_000_000));
        let status = seen.http.status.map(|status| format!(" {status}")).unwrap_or_default();
        format!("{} {time}{status}", seen.flags.outcome().as_str())
    };
    format!("[{}]", observations.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn annotations(annotations: &[(String, Vec<AnnotationValue>)]) -> String {
    annotations.iter().fold(String::new(), |text, (key, values)| format!("{text} @{key}={values:?}"))
}

fn picture(facts: &TraceFacts) -> String {
    let mut text = String::new();
    for service in &facts.services {
        let marks = [(service.is_root, " root"), (service.is_inferred, " inferred")];
        let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark).collect();
        let segments = [&service.users, &service.resource_arns, &service.instance_ids, &service.availability_zones];
        let segments: Vec<&str> = segments.into_iter().flatten().map(String::as_str).collect();
        let (seen, annotations) = (seen(&service.observations), annotations(&service.annotations));
        writeln!(text, "{}{marks} {seen}{annotations} {}", node(&service.id), segments.join(" ")).unwrap();
    }
    for edge in &facts.edges {
        let (source, target) = (&facts.services[edge.source].id, &facts.services[edge.target].id);
        let (seen, annotations) = (seen(&edge.observations), annotations(&edge.annotations));
        writeln!(text, "{} → {} {seen}{annotations}", node(source), node(target)).unwrap();
    }
    text.replace(" \n", "\n")
}

fn check(drawing: &str, expected: &Expect) {
    expected.assert_eq(&picture(&facts(&fixture::trace(drawing))));
}

#[test]
fn each_side_says_what_it_saw() {
    check(
        "
front 0..90 200 user=alice zone=z1 @a=1
  back.internal 10..60 remote 502 @try=2
    > back 20..50 404 user=bob user=bob instance=i-1 arn=arn:x
      work 30..40 @deep=true
    > back 50..55 user=alice user=carol
  DynamoDB 60..70 aws op=GetItem table=carts throttle @t=x
  > worker 70..80
  busy 80..? remote
",
        &expect![[r#"
            front root [ok 90 ms 200] @a=[Number(1.0)] @t=[String("x")] @try=[Number(2.0)] alice z1
            front (client) []
            back [error 30 ms 404, ok 5 ms] @deep=[Boolean(true)] bob carol arn:x i-1
            carts (AWS::DynamoDB::Table) inferred [throttle 10 ms] @t=[String("x")]
            worker [ok 10 ms]
            busy (remote) inferred [ok …]
            front (client) → front [ok 90 ms 200] @a=[Number(1.0)]
            front → back [fault 50 ms 502] @try=[Number(2.0)]
            front → carts (AWS::DynamoDB::Table) [throttle 10 ms] @t=[String("x")]
            front → worker [ok 10 ms]
            front → busy (remote) [ok …]
        "#]],
    );
}

#[test]
fn a_root_in_progress_has_facts() {
    check(
        "front 0..?\n  back 1..3 remote\n    > back 1..2",
        &expect![[r#"
        front root [ok …]
        front (client) []
        back [ok 1 ms]
        front (client) → front [ok …]
        front → back [ok 2 ms]
    "#]],
    );
    check(
        "back 0..9 parent=ff\n  db 1..2 aws",
        &expect![[r#"
        back [ok 9 ms]
        db (AWS::db) inferred [ok 1 ms]
        back → db (AWS::db) [ok 1 ms]
    "#]],
    );
}

#[test]
fn what_is_not_indexed_is_nowhere() {
    let parts: Vec<String> = (0..200).map(|n| format!("  part {n}..{n} @n={n}")).collect();
    let facts = facts(&fixture::trace(&format!("front 0..900\n{}", parts.join("\n"))));
    assert_eq!(facts.services[0].annotations[0].1.len(), summary::INDEXED_ANNOTATIONS);
    assert_eq!(facts.services[0].annotations, facts.summary.annotations);
}

#[test]
fn inferred_means_that_some_call_has_ended_without_an_answer() {
    for (drawing, expected) in [
        ("front 0..9\n  db 1..2 aws", true),
        ("front 0..9\n  db 1..? aws", false),
        ("front 0..9\n  back 1..3 remote\n    > back 1..2", false),
        ("front 0..9\n  back 1..3 remote\n    > back 1..2 inferred", true),
    ] {
        assert_eq!(facts(&fixture::trace(drawing)).has_inferred, expected, "{drawing}");
    }
}

proptest! {
    /// The service map and a filter must not disagree on which calls there are.
    #[test]
    fn services_and_calls_are_those_of_the_graph(seed in 0_u64..60, spans in 1_usize..120) {
        let documents = fixture::realistic(seed, spans);
        let trace = Trace::assemble(fixture::trace_id(), documents.into_iter().map(|text| {
            let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
            value["trace_id"] = fixture::trace_id().to_string().into();
            value.to_string().into()
        }));
        let graph = graph::of_trace(&trace).graph;
        prop_assert!(!graph.nodes.is_empty());
        prop_assert_eq!(counts_of_facts(&facts(&trace)), counts_of_graph(&graph));
    }
}

/// Every node and edge with how many completed requests it has.
fn counts_of_facts(facts: &TraceFacts) -> Vec<(String, usize)> {
    let completed = |all: &[Observation]| all.iter().filter(|seen| seen.end.is_some()).count();
    let nodes = facts.services.iter().map(|service| (node(&service.id), completed(&service.observations)));
    let edges = facts.edges.iter().map(|edge| {
        let (source, target) = (&facts.services[edge.source].id, &facts.services[edge.target].id);
        (format!("{} → {}", node(source), node(target)), completed(&edge.observations))
    });
    sorted(nodes.chain(edges))
}

fn counts_of_graph(graph: &ServiceGraph) -> Vec<(String, usize)> {
    let total = |load: &Option<model::graph::Load>| load.as_ref().map_or(0, |load| load.total() as usize);
    let nodes = graph.nodes.iter().map(|it| (node(&it.id), total(&it.load)));
    let edges = graph.edges.iter().map(|edge| {
        let (source, target) = (&graph.nodes[edge.source as usize].id, &graph.nodes[edge.target as usize].id);
        (format!("{} → {}", node(source), node(target)), total(&edge.load))
    });
    sorted(nodes.chain(edges))
}

fn sorted(all: impl Iterator<Item = (String, usize)>) -> Vec<(String, usize)> {
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}
