//! Courses of events, drawn as the faults and requests of each minute.

use model::{
    Nanos, Outcome,
    graph::{Edge, EdgeKind, Histogram, Node},
};

use super::*;

fn id(name: &str, kind: Option<&str>) -> ServiceId {
    ServiceId { name: name.to_owned(), kind: kind.map(str::to_owned), account_id: None }
}

fn load((fault, total): (u64, u64)) -> Option<Load> {
    let mut load = Load::default();
    (0..total).for_each(|place| {
        load.add(if place < fault { Outcome::Fault } else { Outcome::Ok }, Nanos::millis(5));
    });
    (total > 0).then_some(load)
}

/// A minute of a chain: a client calls front, which calls middle, which calls back.
fn chain(loads: [(u64, u64); 3]) -> ServiceGraph {
    let node = |name: &str, kind, loads| Node {
        id: id(name, kind),
        state: if kind.is_some() { NodeState::Unknown } else { NodeState::Active },
        is_root: name == "front",
        load: load(loads),
        seen: None,
    };
    let nodes = vec![
        node("front", Some("client"), (0, 0)),
        node("front", None, loads[0]),
        node("middle", None, loads[1]),
        node("back", None, loads[2]),
    ];
    let edges = (0..3).map(|place| Edge {
        source: place,
        target: place + 1,
        kind: EdgeKind::Call,
        aliases: Vec::new(),
        load: load(loads[place as usize]),
        age: Histogram::default(),
        seen: None,
    });
    ServiceGraph { nodes, edges: edges.collect() }
}

/// An hour of health, and then these minutes.
fn insights(minutes: &[[(u64, u64); 3]]) -> Vec<Insight> {
    let mut detector = Detector::default();
    let healthy = (0..60).map(|minute| [(u64::from(minute % 20 == 0), 100), (0, 50), (0, 25)]);
    for (minute, loads) in healthy.chain(minutes.iter().copied()).enumerate() {
        detector.minute(minute as i64, &chain(loads));
    }
    detector.finish()
}

const WELL: [(u64, u64); 3] = [(0, 100), (0, 50), (0, 25)];
const BACK_FAILS: [(u64, u64); 3] = [(10, 100), (10, 50), (10, 25)];

fn run(course: &[([(u64, u64); 3], usize)]) -> Vec<[(u64, u64); 3]> {
    course.iter().flat_map(|(loads, times)| std::iter::repeat_n(*loads, *times)).collect()
}

#[test]
fn the_deepest_service_that_fails_is_the_cause_and_its_callers_suffer() {
    let found = insights(&run(&[(BACK_FAILS, 8), (WELL, 10)]));
    assert_eq!(found.len(), 1, "{found:#?}");
    let insight = &found[0];
    assert_eq!(insight.root_cause, id("back", None));
    assert_eq!((insight.first, insight.last, insight.is_closed), (60, 67, true));
    assert_eq!(insight.clients, Impact { fault: 80, total: 800 });
    assert_eq!(insight.of_cause, Impact { fault: 80, total: 200 });
    let names: BTreeSet<&str> = insight.anomalous.iter().map(|id| id.name.as_str()).collect();
    assert_eq!(names, ["back", "front", "middle"].into());
    assert_eq!(insight.path[insight.calls[0].0].kind, None);
    assert_eq!((insight.path.len(), insight.calls.len()), (4, 3), "the client is on the way");
    let told: Vec<i64> = insight.events.iter().map(|event| event.minute).collect();
    assert_eq!(told, [72, 70, 65, 60]);
    assert_eq!(insight.events[0].clients, insight.clients);
}

#[test]
fn one_that_goes_on_is_not_closed() {
    let found = insights(&run(&[(BACK_FAILS, 30)]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].first, found[0].last, found[0].is_closed), (60, 89, false));
}

#[test]
fn an_ordinary_fault_after_the_end_does_not_prolong_it() {
    let stray = [(1, 100), (1, 50), (1, 25)];
    let found = insights(&run(&[(BACK_FAILS, 8), (WELL, 1), (stray, 1), (WELL, 3)]));
    assert_eq!((found.len(), found[0].last, found[0].is_closed), (1, 67, true), "{found:#?}");
}

#[test]
fn a_cause_that_shows_later_is_the_cause_of_the_same_insight() {
    let at_first = [(20, 100), (20, 50), (3, 25)];
    let found = insights(&run(&[(at_first, 1), (BACK_FAILS, 6), (WELL, 8)]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].root_cause.name.as_str(), found[0].first), ("back", 60));
}

#[test]
fn two_causes_after_one_another_are_two_insights() {
    let front_fails = [(30, 100), (0, 50), (0, 25)];
    let found = insights(&run(&[(BACK_FAILS, 5), (WELL, 20), (front_fails, 5), (WELL, 20)]));
    let causes: Vec<&str> = found.iter().map(|insight| insight.root_cause.name.as_str()).collect();
    assert_eq!(causes, ["back", "front"]);
}

#[test]
fn what_is_usual_or_little_is_no_insight() {
    assert!(insights(&run(&[(WELL, 60)])).is_empty());
    assert!(insights(&run(&[([(2, 100), (1, 50), (1, 25)], 2), (WELL, 30)])).is_empty());
    // Errors and throttles are no faults.
    let mut detector = Detector::default();
    for minute in 0..100 {
        let mut graph = chain(WELL);
        for node in &mut graph.nodes {
            node.load.iter_mut().for_each(|load| load.error = if minute > 60 { 50 } else { 0 });
        }
        detector.minute(minute, &graph);
    }
    assert!(detector.finish().is_empty());
}

#[test]
fn one_that_nobody_calls_any_more_closes() {
    let mut detector = Detector::default();
    for minute in 0..10 {
        detector.minute(minute, &chain(if minute < 5 { WELL } else { BACK_FAILS }));
    }
    detector.minute(100_000, &chain(WELL));
    let found = detector.finish();
    assert_eq!(found.len(), 1);
    assert!(found[0].is_closed && found[0].last == 9, "{found:#?}");
}
