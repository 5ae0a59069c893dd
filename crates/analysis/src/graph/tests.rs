//! Graphs of drawn traces, as text.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use model::graph::Load;
use proptest::prelude::*;

use super::*;

fn load(load: Option<&Load>) -> String {
    let Some(load) = load else { return "–".to_owned() };
    let classes = [("ok", load.ok), ("error", load.error), ("throttle", load.throttle), ("fault", load.fault)];
    let classes: Vec<String> =
        classes.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    let times: Vec<String> =
        load.times.entries().iter().map(|(time, count)| format!("{}×{count}", time.seconds_text())).collect();
    assert_eq!(load.times.total(), load.total());
    format!("{} in {} s [{}]", classes.join(" "), load.time.seconds_text(), times.join(" "))
}

fn name(graph: &ServiceGraph, node: NodeIx) -> String {
    let id = &graph.nodes[node as usize].id;
    format!("{}{}", id.name, id.kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default())
}

fn picture(graph: &ServiceGraph) -> String {
    let mut text = String::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        let root = if node.is_root { " root" } else { "" };
        let name = name(graph, place as NodeIx);
        writeln!(text, "{name}: {:?}{root} {}", node.state, load(node.load.as_ref())).unwrap();
        for edge in graph.edges.iter().filter(|edge| edge.source == place as NodeIx) {
            let aliases: Vec<&str> = edge.aliases.iter().map(|alias| alias.name.as_str()).collect();
            let aliases = if aliases.is_empty() { String::new() } else { format!(" as {}", aliases.join(", ")) };
            let kind = if edge.kind == EdgeKind::Link { "⇢" } else { "→" };
            writeln!(text, "  {kind} {}{aliases}: {}", self::name(graph, edge.target), load(edge.load.as_ref()))
                .unwrap();
        }
    }
    text
}

fn check(drawing: &str, expected: &Expect) {
    expected.assert_eq(&picture(&of_trace(&fixture::trace(drawing)).graph));
}

#[test]
fn calls_count_as_the_caller_saw_them_and_segments_as_the_server_did() {
    check(
        "
front 0..2000 200
  back.internal 200..1700 remote 500
    > back 201..1701 origin=AWS::ECS::Container 500
      database 300..800 aws throttle
  work 1800..1900
    > worker 1810..1890
",
        &expect![[r#"
            back (AWS::ECS::Container): Active 1 fault in 1.5 s [1.5×1]
              → database (AWS::database): 1 throttle in 0.5 s [0.5×1]
            database (AWS::database): Unknown 1 throttle in 0.5 s [0.5×1]
            front: Active root 1 ok in 2.0 s [2.0×1]
              → back (AWS::ECS::Container) as back.internal: 1 fault in 1.5 s [1.5×1]
              → worker: 1 ok in 0.08 s [0.08×1]
            front (client): Unknown –
              → front: 1 ok in 2.0 s [2.0×1]
            worker: Active 1 ok in 0.08 s [0.08×1]
        "#]],
    );
}

#[test]
fn what_is_called_and_reports_nothing_is_a_node() {
    check(
        "
front 0..90 origin=AWS::Lambda
  DynamoDB 1..3 aws op=GetItem table=carts
  DynamoDB 3..9 aws op=GetItem table=carts fault
  stripe.com 10..20 remote 402
  front 20..30 remote
    > front 21..29 origin=AWS::Lambda
",
        &expect![[r#"
            carts (AWS::DynamoDB::Table): Unknown 1 ok 1 fault in 0.008 s [0.002×1 0.006×1]
            front (AWS::Lambda): Active root 2 ok in 0.098 s [0.008×1 0.09×1]
              → carts (AWS::DynamoDB::Table): 1 ok 1 fault in 0.008 s [0.002×1 0.006×1]
              → front (AWS::Lambda) as front: 1 ok in 0.01 s [0.01×1]
              → stripe.com (remote): 1 error in 0.01 s [0.01×1]
            front (client): Unknown –
              → front (AWS::Lambda): 1 ok in 0.09 s [0.09×1]
            stripe.com (remote): Passive 1 error in 0.01 s [0.01×1]
        "#]],
    );
}

#[test]
fn what_is_in_progress_makes_a_node_and_no_count() {
    check(
        "
front 0..90
  back 1..60 remote
    > back 2..?
  busy 40..? remote
",
        &expect![[r#"
            back: Active –
            busy (remote): Passive –
            front: Active root 1 ok in 0.09 s [0.09×1]
              → back as back: 1 ok in 0.059 s [0.059×1]
              → busy (remote): –
            front (client): Unknown –
              → front: 1 ok in 0.09 s [0.09×1]
        "#]],
    );
    check("front 0..?\n  back 1..60 remote", &expect![[""]]);
    check(
        "> back 2..30 parent=ff\n  local 3..4",
        &expect![[r#"
        back: Active 1 ok in 0.028 s [0.028×1]
    "#]],
    );
}

#[test]
fn two_nodes_of_one_name_differ_by_type() {
    check(
        "
fn 0..90 origin=AWS::Lambda
  > fn 5..80 origin=AWS::Lambda::Function
    fn 10..20 remote
",
        &expect![[r#"
            fn (AWS::Lambda): Active root 1 ok in 0.09 s [0.09×1]
              → fn (AWS::Lambda::Function): 1 ok in 0.075 s [0.075×1]
            fn (AWS::Lambda::Function): Active 1 ok in 0.075 s [0.075×1]
              → fn (remote): 1 ok in 0.01 s [0.01×1]
            fn (client): Unknown –
              → fn (AWS::Lambda): 1 ok in 0.09 s [0.09×1]
            fn (remote): Passive 1 ok in 0.01 s [0.01×1]
        "#]],
    );
}

#[test]
fn links_become_edges_when_their_sender_is_known() {
    let sent = fixture::trace("front 0..90\n  SQS 10..15 aws op=SendMessage queue=https://sqs/orders");
    let queue = sender(&sent, SpanId(2)).unwrap();
    assert_eq!((queue.name.as_str(), queue.kind.as_deref()), ("https://sqs/orders", Some("AWS::SQS::Queue")));
    assert_eq!(sender(&sent, SpanId(1)).unwrap().name, "front");
    assert_eq!(sender(&sent, SpanId(77)), None);
    let received = of_trace(&fixture::trace("worker 500..600 link=2"));
    assert_eq!(received.links.len(), 1);
    let mut merger = Merger::default();
    merger.add(&of_trace(&sent).graph);
    merger.add(&received.graph);
    let target = received.graph.nodes[received.links[0].node as usize].id.clone();
    let seen = received.graph.nodes[0].seen.unwrap();
    merger.link(&queue, &target, Nanos::millis(485), seen);
    let graph = merger.finish();
    expect![[r#"
        front: Active root 1 ok in 0.09 s [0.09×1]
          → https://sqs/orders (AWS::SQS::Queue): 1 ok in 0.005 s [0.005×1]
        front (client): Unknown –
          → front: 1 ok in 0.09 s [0.09×1]
        https://sqs/orders (AWS::SQS::Queue): Unknown 1 ok in 0.005 s [0.005×1]
          ⇢ worker: –
        worker: Active root 1 ok in 0.1 s [0.1×1]
        worker (client): Unknown –
          → worker: 1 ok in 0.1 s [0.1×1]
    "#]]
    .assert_eq(&picture(&graph));
    let link = graph.edges.iter().find(|edge| edge.kind == EdgeKind::Link).unwrap();
    assert_eq!(link.age.entries(), [(Nanos::millis(485), 1)]);
}

#[test]
fn merging_adds_up_by_key() {
    let one = of_trace(&fixture::trace("front 0..10 200\n  back 1..9 remote")).graph;
    let two = of_trace(&fixture::trace("front 0..30 503\n  back 1..9 remote\n    > back 2..8")).graph;
    let mut merger = Merger::default();
    for graph in [&one, &two, &one, &ServiceGraph::default()] {
        merger.add(graph);
    }
    let all = merger.finish();
    expect![[r#"
        back: Active 1 ok in 0.006 s [0.006×1]
        back (remote): Passive 2 ok in 0.016 s [0.008×2]
        front: Active root 2 ok 1 fault in 0.05 s [0.01×2 0.03×1]
          → back as back: 1 ok in 0.008 s [0.008×1]
          → back (remote): 2 ok in 0.016 s [0.008×2]
        front (client): Unknown –
          → front: 2 ok 1 fault in 0.05 s [0.01×2 0.03×1]
    "#]]
    .assert_eq(&picture(&all));
    let mut again = Merger::default();
    again.add(&all);
    assert_eq!(again.finish(), all);
}

proptest! {
    #[test]
    fn counts_do_not_depend_on_how_they_were_merged(cuts in prop::collection::vec(0_usize..12, 0..4), seeds in prop::collection::vec(0_u64..40, 1..12)) {
        let graphs: Vec<ServiceGraph> = seeds.iter().map(|seed| {
            let documents = fixture::realistic(*seed, 30).into_iter().map(std::sync::Arc::from);
            of_trace(&Trace::assemble(TraceId::from_bits(1), documents)).graph
        }).collect();
        let mut at_once = Merger::default();
        for graph in &graphs {
            at_once.add(graph);
        }
        let at_once = at_once.finish();
        let mut parts = Merger::default();
        let mut from = 0;
        let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut.min(graphs.len())).collect();
        ends.sort_unstable();
        ends.push(graphs.len());
        for end in ends {
            let mut part = Merger::default();
            for graph in &graphs[from..end] {
                part.add(graph);
            }
            parts.add(&part.finish());
            from = end;
        }
        let parts = parts.finish();
        let counts = |graph: &ServiceGraph| -> Vec<(ServiceId, u64, i64)> {
            graph.nodes.iter().map(|node| (node.id.clone(), node.load.as_ref().map_or(0, Load::total), node.load.as_ref().map_or(0, |load| load.time.0))).collect()
        };
        prop_assert_eq!(counts(&at_once), counts(&parts));
        prop_assert_eq!(at_once.edges.len(), parts.edges.len());
        for edge in &at_once.edges {
            prop_assert!((edge.source as usize) < at_once.nodes.len() && (edge.target as usize) < at_once.nodes.len());
        }
    }
}
