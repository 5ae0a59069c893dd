//! The traffic as X-Ray and its users see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use analysis::graph::{self, Merger, TraceGraph};
use expect_test::expect;
use model::{
    Moment, Nanos, Outcome, Trace, document,
    graph::{EdgeKind, Node, NodeState, ServiceGraph},
    time::SECOND,
    trace::SpanKind,
};
use proptest::prelude::*;

use crate::{Incident, Recording, Shop};

const START: Moment = Moment(1_800_000_000 * SECOND);

fn minutes(count: i64) -> Nanos {
    Nanos::seconds(60 * count)
}

/// What begins in these minutes around the start.
fn between(from: i64, to: i64) -> Vec<Recording> {
    Shop::new(1, START).requests(START + minutes(from), START + minutes(to)).collect()
}

fn assemble(recording: &Recording) -> Trace {
    Trace::assemble(recording.id, recording.documents.iter().map(|text| Arc::from(text.as_str())))
}

fn merged<'a>(graphs: impl IntoIterator<Item = &'a TraceGraph>) -> ServiceGraph {
    let mut merger = Merger::default();
    for part in graphs {
        merger.add(&part.graph);
    }
    merger.finish()
}

fn node<'a>(graph: &'a ServiceGraph, name: &str) -> &'a Node {
    let is_meant = |node: &&Node| node.id.name == name && node.id.kind.as_deref() != Some("client");
    graph.nodes.iter().find(is_meant).unwrap_or_else(|| panic!("no node {name}"))
}

/// The share of a node's requests that ended so, in percent.
fn percent(node: &Node, outcome: Outcome) -> f64 {
    let load = node.load.as_ref().unwrap();
    let count = match outcome {
        Outcome::Fault => load.fault,
        Outcome::Throttle => load.throttle,
        Outcome::Error => load.error,
        Outcome::Ok => load.ok,
    };
    100.0 * count as f64 / load.total() as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_document_is_good_and_every_id_is_new(seed: u64, minute in -60_i64..60) {
        let from = START + minutes(minute);
        let recordings: Vec<Recording> = Shop::new(seed, START).requests(from, from + minutes(1)).collect();
        let mut ids = BTreeSet::new();
        for recording in &recordings {
            prop_assert!(recording.start >= from && recording.start < from + minutes(1));
            for text in &recording.documents {
                prop_assert!(text.len() < 64 * 1024, "{}", text.len());
                let entities = document::check(text).map_err(|rejection| TestCaseError::fail(rejection.reason))?;
                for entity in &entities {
                    prop_assert!(ids.insert(entity.text(document::Member::Id).unwrap().into_owned()));
                    for member in [document::Member::StartTime, document::Member::EndTime] {
                        let time = entity.get(member).unwrap().get();
                        prop_assert!(time.split_once('.').is_some_and(|(_, digits)| digits.len() <= 6), "{}", time);
                    }
                    prop_assert_eq!(entity.detail().1, Vec::<String>::new());
                    prop_assert!(entity.unknown.is_empty());
                }
            }
            let trace = assemble(recording);
            prop_assert!(trace.problems.is_empty() && !trace.is_partial(), "{:?}", trace.problems);
            prop_assert_eq!(trace.roots().count(), 1);
            prop_assert!(trace.spans.iter().all(|span| !span.marks.skewed && !span.marks.cut));
            prop_assert_eq!(trace.spans[0].start, recording.start);
            prop_assert_eq!(trace.spans.iter().filter_map(|span| span.end).max(), Some(recording.end));
        }
        prop_assert!(recordings.is_sorted_by_key(|recording| recording.start));
        prop_assert!((20..140).contains(&recordings.len()), "{}", recordings.len());
    }

    #[test]
    fn the_same_traces_come_whatever_span_is_asked(seed: u64, from in -4_000_i64..4_000, cut in 1_i64..120_000) {
        let shop = Shop::new(seed, START);
        let (from, to) = (START + Nanos::seconds(from), START + Nanos::seconds(from + 120));
        let whole: Vec<Recording> = shop.requests(from, to).collect();
        let middle = from + Nanos::millis(cut);
        let parts: Vec<Recording> = shop.requests(from, middle).chain(shop.requests(middle, to)).collect();
        prop_assert_eq!(&whole, &parts);
        let other: Vec<Recording> = Shop::new(seed ^ 1, START).requests(from, to).collect();
        prop_assert_ne!(whole, other);
    }
}

#[test]
fn no_id_of_a_day_comes_twice() {
    let mut ids = BTreeSet::new();
    let mut count = 0;
    for recording in between(0, 180) {
        count += 1;
        ids.insert(recording.id);
    }
    assert_eq!(ids.len(), count);
}

/// All services with what the past hour has done to them, and the calls between them.
#[test]
fn an_hour_in_the_shop() {
    let recordings = between(-60, 0);
    let traces: Vec<Trace> = recordings.iter().map(assemble).collect();
    let graphs: Vec<TraceGraph> = traces.iter().map(graph::of_trace).collect();
    let mut merger = Merger::default();
    let by_id: BTreeMap<_, _> = traces.iter().map(|trace| (trace.id, trace)).collect();
    for part in &graphs {
        merger.add(&part.graph);
        for link in &part.links {
            // An order from before the hour has its sender there.
            let Some(sender) = by_id.get(&link.trace).and_then(|sent| graph::sender(sent, link.span)) else { continue };
            let second = link.start.floor_second();
            let target = &part.graph.nodes[link.node as usize].id;
            merger.link(&sender, target, Nanos(0), (second, second + Nanos::seconds(1)));
        }
    }
    let whole = merger.finish();
    let services = whole.nodes.iter().filter(|node| node.id.kind.as_deref() != Some("client"));
    assert!(services.count() >= 15);
    assert!(is_connected(&whole));
    assert!(whole.edges.iter().any(|edge| edge.kind == EdgeKind::Link));

    expect![[r#"
        Firehose      AWS::Firehose (inferred): 454 requests, ok 454, error 0, throttle 0, fault 0; 24 ms, p99 72 ms
        SES           AWS::SES (inferred): 213 requests, ok 213, error 0, throttle 0, fault 0; 91 ms, p99 392 ms
        accounts      AWS::ECS::Fargate: 1647 requests, ok 1644, error 3, throttle 0, fault 0; 5 ms, p99 123 ms
        api.paygate.example remote (inferred): 306 requests, ok 213, error 0, throttle 0, fault 93; 290 ms, p99 3004 ms
        cart          AWS::ECS::Fargate: 794 requests, ok 746, error 0, throttle 48, fault 0; 11 ms, p99 595 ms
        catalogue     AWS::ECS::Container: 2248 requests, ok 2239, error 9, throttle 0, fault 0; 20 ms, p99 394 ms
        catalogue@db.shop.internal remote (inferred): 11401 requests, ok 11401, error 0, throttle 0, fault 0; 3 ms, p99 81 ms
        checkout      AWS::ECS::Container: 255 requests, ok 213, error 0, throttle 11, fault 31; 336 ms, p99 9832 ms
        fulfilment    AWS::ECS::Container: 213 requests, ok 213, error 0, throttle 0, fault 0; 207 ms, p99 880 ms
        shop-orders   AWS::SQS::Queue (inferred): 213 requests, ok 213, error 0, throttle 0, fault 0; 9 ms, p99 26 ms
        index.search.shop.internal remote (inferred): 543 requests, ok 543, error 0, throttle 0, fault 0; 34 ms, p99 93 ms
        inventory     AWS::ElasticBeanstalk::Environment: 1354 requests, ok 1354, error 0, throttle 0, fault 0; 5 ms, p99 25 ms
        notifications AWS::Lambda: 213 requests, ok 213, error 0, throttle 0, fault 0; 102 ms, p99 814 ms
        notifications AWS::Lambda::Function: 213 requests, ok 213, error 0, throttle 0, fault 0; 99 ms, p99 812 ms
        orders        AWS::ECS::Fargate: 474 requests, ok 474, error 0, throttle 0, fault 0; 9 ms, p99 28 ms
        orders@db.shop.internal remote (inferred): 687 requests, ok 687, error 0, throttle 0, fault 0; 4 ms, p99 19 ms
        payment       AWS::EKS::Container: 244 requests, ok 213, error 0, throttle 0, fault 31; 254 ms, p99 9809 ms
        pricing       AWS::Lambda: 244 requests, ok 244, error 0, throttle 0, fault 0; 7 ms, p99 341 ms
        pricing       AWS::Lambda::Function: 244 requests, ok 244, error 0, throttle 0, fault 0; 5 ms, p99 337 ms
        rates.parcels.example remote (inferred): 213 requests, ok 213, error 0, throttle 0, fault 0; 118 ms, p99 799 ms
        recommendations AWS::Lambda: 1716 requests, ok 1710, error 0, throttle 0, fault 6; 26 ms, p99 676 ms
        recommendations AWS::Lambda::Function: 1716 requests, ok 1710, error 0, throttle 0, fault 6; 24 ms, p99 674 ms
        search        AWS::EC2::Instance: 543 requests, ok 543, error 0, throttle 0, fault 0; 47 ms, p99 187 ms
        shipping      AWS::EKS::Container: 213 requests, ok 213, error 0, throttle 0, fault 0; 123 ms, p99 804 ms
        shop-accounts AWS::DynamoDB::Table (inferred): 289 requests, ok 289, error 0, throttle 0, fault 0; 4 ms, p99 30 ms
        shop-affinities AWS::DynamoDB::Table (inferred): 1716 requests, ok 1716, error 0, throttle 0, fault 0; 4 ms, p99 13 ms
        live          AWS::ApiGateway::Stage: 3003 requests, ok 2921, error 12, throttle 39, fault 31; 68 ms, p99 2077 ms
        shop-carts    AWS::DynamoDB::Table (inferred): 1100 requests, ok 1052, error 0, throttle 48, fault 0; 4 ms, p99 542 ms
        shop-coupons  AWS::DynamoDB::Table (inferred): 63 requests, ok 63, error 0, throttle 0, fault 0; 4 ms, p99 12 ms
        shop-images   AWS::S3::Bucket (inferred): 804 requests, ok 804, error 0, throttle 0, fault 0; 14 ms, p99 42 ms
        shop-invoices AWS::S3::Bucket (inferred): 213 requests, ok 213, error 0, throttle 0, fault 0; 40 ms, p99 114 ms
        shop-order-events AWS::SNS: 213 requests, ok 213, error 0, throttle 0, fault 0; 130 ms, p99 843 ms
        shop-parcels  AWS::DynamoDB::Table (inferred): 213 requests, ok 213, error 0, throttle 0, fault 0; 4 ms, p99 12 ms
        shop-payments AWS::DynamoDB::Table (inferred): 457 requests, ok 457, error 0, throttle 0, fault 0; 4 ms, p99 13 ms
        shop-sessions AWS::DynamoDB::Table (inferred): 1644 requests, ok 1644, error 0, throttle 0, fault 0; 4 ms, p99 13 ms
        shop-stock    AWS::DynamoDB::Table (inferred): 1598 requests, ok 1598, error 0, throttle 0, fault 0; 4 ms, p99 20 ms
        storefront    AWS::ECS::Container: 3003 requests, ok 2921, error 12, throttle 39, fault 31; 64 ms, p99 2073 ms
    "#]].assert_eq(&table(&whole));
}

fn table(graph: &ServiceGraph) -> String {
    let row = |node: &Node| {
        let load = node.load.as_ref()?;
        let (ok, total) = (load.ok, load.total());
        let state = if node.state == NodeState::Active { "" } else { " (inferred)" };
        let kind = node.id.kind.as_deref().unwrap_or("none");
        let ms = |share: f64| load.times.percentile(share).unwrap().0 / 1_000_000;
        Some(format!(
            "{:<13} {kind}{state}: {total} requests, ok {ok}, error {}, throttle {}, fault {}; {} ms, p99 {} ms\n",
            node.id.name.rsplit(['/', ':']).next().unwrap(),
            load.error,
            load.throttle,
            load.fault,
            ms(0.5),
            ms(0.99)
        ))
    };
    graph.nodes.iter().filter_map(row).collect()
}

fn is_connected(graph: &ServiceGraph) -> bool {
    let mut reached = vec![false; graph.nodes.len()];
    let mut waiting = vec![0_u32];
    while let Some(place) = waiting.pop() {
        if !std::mem::replace(&mut reached[place as usize], true) {
            waiting.extend(graph.edges.iter().filter(|edge| edge.source == place).map(|edge| edge.target));
            waiting.extend(graph.edges.iter().filter(|edge| edge.target == place).map(|edge| edge.source));
        }
    }
    reached.iter().all(|is_reached| *is_reached)
}

/// Each incident shows in its time, where it belongs, and nowhere else.
#[test]
fn incidents_show_where_they_belong() {
    let recordings = between(-60, 60);
    let during = |incident: Option<Incident>| {
        let is_on = |it: &&Recording| Incident::ALL.into_iter().find(|one| one.is_on(START, it.start)) == incident;
        let graphs: Vec<TraceGraph> =
            recordings.iter().filter(is_on).map(|it| graph::of_trace(&assemble(it))).collect();
        merged(&graphs)
    };
    let (quiet, payment, carts, slow) = (
        during(None),
        during(Some(Incident::Payment)),
        during(Some(Incident::CartTable)),
        during(Some(Incident::SlowDatabase)),
    );
    for name in ["payment", "checkout", "api.paygate.example"] {
        assert!(percent(node(&payment, name), Outcome::Fault) > 40.0, "{name}");
        for other in [&quiet, &carts, &slow] {
            let share = percent(node(other, name), Outcome::Fault);
            assert!(share < 2.0, "{name} {share}");
        }
    }
    for name in ["storefront", "shop-api/live"] {
        let share = percent(node(&payment, name), Outcome::Fault);
        assert!((2.0..12.0).contains(&share), "{name} {share}");
    }
    for name in ["cart", "shop-carts"] {
        let share = percent(node(&carts, name), Outcome::Throttle);
        assert!(share > 25.0, "{name} {share}");
        assert!(percent(node(&quiet, name), Outcome::Throttle) == 0.0, "{name}");
    }
    for name in ["catalogue", "search", "inventory", "orders", "recommendations", "accounts", "shop-stock", "pricing"] {
        for graph in [&quiet, &payment, &carts, &slow] {
            let share = percent(node(graph, name), Outcome::Fault) + percent(node(graph, name), Outcome::Throttle);
            assert!(share < 1.0, "{name} {share}");
        }
    }
    let median = |graph: &ServiceGraph| {
        node(graph, "catalogue@db.shop.internal").load.as_ref().unwrap().times.percentile(0.5).unwrap().0
    };
    assert!(median(&slow) > 7 * median(&quiet), "{} {}", median(&slow), median(&quiet));
    let failed = 100.0 - percent(node(&quiet, "shop-api/live"), Outcome::Ok);
    assert!(failed < 1.0, "{failed}");
}

/// The first trace of these minutes in which all of these are found, drawn.
fn picture(from: i64, to: i64, of: &[&str]) -> String {
    let recordings = between(from, to);
    let has_all = |it: &&Recording| of.iter().all(|word| it.documents.iter().any(|text| text.contains(word)));
    fixture::picture(&assemble(recordings.iter().find(has_all).unwrap()))
}

#[test]
fn a_good_checkout() {
    expect![[r#"
        shop-api/live                           |█████████████████       |
          storefront                            |█████████████████       |
            storefront                          |█████████████████       |
              accounts                          |█                       |
                accounts                        |█                       |
                  DynamoDB                      |█                       |
              checkout                          | ███████████████        |
                checkout                        | ███████████████        |
                  cart                          | █                      |
                    cart                        | █                      |
                      DynamoDB                  | █                      |
                  inventory                     |  █                     |
                    inventory                   |  █                     |
                      DynamoDB                  |  █                     |
                      DynamoDB                  |  █                     |
                  Lambda                        |  █                     |
                    pricing                     |  █                     |
                      pricing                   |  █                     |
                        Invocation              |  █                     |
                          add up                |  █                     |
                        Overhead                |  █                     |
                  payment                       |   ███████████          |
                    payment                     |   ███████████          |
                      DynamoDB                  |   █                    |
                      api.paygate.example       |   ███████████          |
                      DynamoDB                  |              █         |
                  orders                        |              ██        |
                    orders                      |               █        |
                      transaction               |               █        |
                        orders@db.shop.internal |               █        |
                        orders@db.shop.internal |               █        |
                      process order             |                ████████| asynchronous
                        render invoice          |                ███████ |
                        SQS                     |                       █|
                  cart                          |                █       |
                    cart                        |                █       |
                      DynamoDB                  |                █       |
              render                            |                █       |
    "#]]
    .assert_eq(&picture(-19, -15, &["/checkouts", "thank you"]));
}

#[test]
fn a_checkout_without_a_payment_provider() {
    expect![[r#"
        shop-api/live                     |████████████████████████| fault
          storefront                      |███████████████████████ | fault
            storefront                    |███████████████████████ | fault
              accounts                    |█                       |
                accounts                  |█                       |
                  DynamoDB                |█                       |
              checkout                    |███████████████████████ | fault
                checkout                  |███████████████████████ | fault
                  cart                    |█                       |
                    cart                  |█                       |
                      DynamoDB            |█                       |
                  Lambda                  |█                       |
                    pricing               |█                       |
                      pricing             |█                       |
                        Invocation        |█                       |
                          add up          |█                       |
                        Overhead          |█                       |
                  inventory               |█                       |
                    inventory             |█                       |
                      DynamoDB            |█                       |
                      DynamoDB            |█                       |
                  payment                 |███████████████████████ | fault
                    payment               |███████████████████████ | fault
                      DynamoDB            |█                       |
                      api.paygate.example |███████                 | fault
                      api.paygate.example |       ████████         | fault
                      api.paygate.example |                ███████ | fault
    "#]]
    .assert_eq(&picture(-14, -4, &["/checkouts", "SocketTimeoutException"]));
}

#[test]
fn an_order_behind_the_queue() {
    expect![[r#"
        fulfilment                    |█████████████           |
          S3                          |█                       |
          shipping                    | ███████                |
            shipping                  | ███████                |
              rates.parcels.example   | ███████                |
              DynamoDB                |        █               |
          orders                      |        █               |
            orders                    |        █               |
              orders@db.shop.internal |        █               |
          SNS                         |         ████           |
            shop-order-events         |             ███████████| asynchronous
              notifications           |                 ███████|
                notifications         |                 ██████ |
                  Invocation          |                 ██████ |
                    DynamoDB          |                 █      |
                    SES               |                 ██████ |
                  Overhead            |                       █|
    "#]]
    .assert_eq(&picture(-19, -15, &["fulfilment"]));
}

/// Requests, at times, ask the database for each price by itself.
#[test]
fn some_pages_ask_the_database_too_often() {
    let queries = |it: &Recording| {
        let trace = assemble(it);
        trace.spans.iter().filter(|span| trace.name(span) == "catalogue@db.shop.internal").count()
    };
    let counts: Vec<usize> = between(-60, -50).iter().map(queries).collect();
    let many = counts.iter().filter(|count| (20..=64).contains(*count)).count();
    assert!((5..100).contains(&many), "{many}");
    assert!(counts.iter().all(|count| *count <= 64));
    assert!(between(-60, -50).iter().any(|it| {
        assemble(it).spans.iter().any(|span| span.marks.asynchronous && span.kind == SpanKind::Subsegment)
    }));
}
