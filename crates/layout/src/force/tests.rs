//! Layouts as pictures, and what holds for all of them.

use expect_test::{Expect, expect};
use petgraph::graph::NodeIndex;
use proptest::prelude::*;

use super::*;

/// A graph of calls such as `client > shop > cart db`: who stands before `>` calls all that stand after it, up to the
/// next `>` or the end of the line.
fn graph(text: &str) -> (Graph, Vec<String>) {
    let mut graph = Graph::default();
    let mut names: Vec<String> = Vec::new();
    for line in text.lines() {
        let groups: Vec<Vec<usize>> = line
            .split('>')
            .map(|group| {
                let node = |name: &str| {
                    names.iter().position(|known| known == name).unwrap_or_else(|| {
                        names.push(name.to_owned());
                        graph.add_node(Body { radius: 30.0, ..Body::default() });
                        names.len() - 1
                    })
                };
                group.split_whitespace().map(node).collect()
            })
            .collect();
        for pair in groups.windows(2) {
            for (from, to) in pair[0].iter().flat_map(|from| pair[1].iter().map(move |to| (*from, *to))) {
                graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
            }
        }
    }
    (graph, names)
}

/// Names where nodes lie, a letter for 16 units and a line for 32.
fn picture(points: &[Point], names: &[String]) -> String {
    let left = points.iter().map(|point| point.x).fold(f64::INFINITY, f64::min);
    let top = points.iter().map(|point| point.y).fold(f64::INFINITY, f64::min);
    let mut lines: Vec<Vec<char>> = Vec::new();
    for (point, name) in points.iter().zip(names) {
        let (column, row) = (((point.x - left) / 16.0) as usize, ((point.y - top) / 32.0) as usize);
        lines.resize(lines.len().max(row + 1), Vec::new());
        let line = &mut lines[row];
        line.resize(line.len().max(column + name.len()), ' ');
        for (place, letter) in name.chars().enumerate() {
            line[column + place] = letter;
        }
    }
    lines.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned() + "\n").collect()
}

fn check(text: &str, expected: &Expect) {
    let (graph, names) = graph(text);
    expected.assert_eq(&picture(&layout(&graph), &names));
}

#[test]
fn a_shop_reads_from_left_to_right() {
    check(
        "client > gateway > orders cart search\norders > payment stock db\ncart > redis db\npayment > bank",
        &expect![[r#"
                                   paymentbank
                           orders
                                  stock

            client gateway       db
                           cart

                        search
                                redis
        "#]],
    );
}

#[test]
fn small_graphs_look_sane() {
    check("", &expect![[""]]);
    check(
        "alone",
        &expect![[r#"
        alone
    "#]],
    );
    check(
        "self > self",
        &expect![[r#"
        self
    "#]],
    );
    check(
        "a > b > c > a",
        &expect![[r#"
            a    b    c
        "#]],
    );
    check(
        "a > b\nc > d\ne\nf",
        &expect![[r#"
            a     b


            c     d       e



            f
        "#]],
    );
}

#[test]
fn those_that_a_caller_has_in_common_do_not_stand_in_one_line() {
    let (graph, _) = graph("a > b c d e f g\nb > c d\nd > e\nf > g");
    let points = layout(&graph);
    let columns: std::collections::BTreeSet<i64> = points[1..].iter().map(|point| point.x as i64 / 20).collect();
    assert!(columns.len() >= 3, "{points:?}");
}

#[test]
fn a_star_of_two_thousand_is_no_knot() {
    let mut graph = Graph::default();
    let hub = graph.add_node(Body { radius: 60.0, is_entry: true, ..Body::default() });
    for _ in 0..2000 {
        let leaf = graph.add_node(Body { radius: 24.0, ..Body::default() });
        graph.add_edge(hub, leaf, ());
    }
    let points = layout(&graph);
    sane(&graph, &points);
    assert!(points[1..].iter().all(|point| point.x > points[0].x));
    let width = points.iter().map(|point| point.x).fold(0.0, f64::max) - points[0].x;
    let top = points.iter().map(|point| point.y).fold(f64::INFINITY, f64::min);
    let height = points.iter().map(|point| point.y).fold(f64::NEG_INFINITY, f64::max) - top;
    assert!(width > height / 6.0, "a column: {width} by {height}");
}

#[test]
fn a_fixed_node_stays_and_the_others_make_room() {
    let (mut graph, _) = graph("a > b c d\nb > e");
    let point = Point { x: 33.0, y: -44.0 };
    graph[NodeIndex::new(3)].fixed = Some(point);
    let points = layout(&graph);
    assert_eq!(points[3], point);
    sane(&graph, &points);
}

#[test]
fn a_refresh_does_not_make_the_map_jump() {
    let (mut graph, _) =
        graph("client > gateway > orders cart search\norders > payment stock db\ncart > redis db\npayment > bank");
    let before = layout(&graph);
    for (node, point) in before.iter().enumerate() {
        graph[NodeIndex::new(node)].former = Some(*point);
    }
    let new = graph.add_node(Body { radius: 30.0, ..Body::default() });
    graph.add_edge(NodeIndex::new(4), new, ());
    let after = layout(&graph);
    sane(&graph, &after);
    for (one, other) in before.iter().zip(&after) {
        let way = libm::hypot(one.x - other.x, one.y - other.y);
        assert!(way < 60.0, "{way}");
    }
    let near = libm::hypot(after[4].x - after[10].x, after[4].y - after[10].y);
    assert!(near < 300.0, "{near}");
}

/// Finite places, and nobody over another.
fn sane(graph: &Graph, points: &[Point]) {
    assert_eq!(points.len(), graph.node_count());
    assert!(points.iter().all(|point| point.x.is_finite() && point.y.is_finite()));
    for one in 0..points.len() {
        for other in 0..one {
            let room = graph[NodeIndex::new(one)].radius + graph[NodeIndex::new(other)].radius;
            let (dx, dy) = (points[one].x - points[other].x, points[one].y - points[other].y);
            assert!(dx * dx + dy * dy >= room * room * 0.999, "{one} and {other} overlap");
        }
    }
}

prop_compose! {
    fn any_graph()(radii in prop::collection::vec(8.0..70.0_f64, 0..40))
        (edges in prop::collection::vec((0..radii.len().max(1), 0..radii.len().max(1)), 0..60), radii in Just(radii)) -> Graph {
        let mut graph = Graph::default();
        for radius in &radii {
            graph.add_node(Body { radius: *radius, ..Body::default() });
        }
        if !radii.is_empty() {
            for (from, to) in edges {
                graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
            }
        }
        graph
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nobody_overlaps_and_everything_is_finite(graph in any_graph()) {
        sane(&graph, &layout(&graph));
    }

    #[test]
    fn slices_do_not_change_the_picture(graph in any_graph(), slice in 1_u32..50) {
        let mut force = Force::new(&graph);
        while !force.is_done() {
            force.run(slice);
        }
        force.run(1);
        prop_assert_eq!(force.positions(), layout(&graph));
        prop_assert!((force.progress() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn in_a_tree_callers_stand_left(parents in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
        let mut graph = Graph::default();
        graph.add_node(Body { radius: 30.0, is_entry: true, ..Body::default() });
        for parent in &parents {
            let parent = NodeIndex::new(parent.index(graph.node_count()));
            let child = graph.add_node(Body { radius: 20.0, ..Body::default() });
            graph.add_edge(parent, child, ());
        }
        let points = layout(&graph);
        sane(&graph, &points);
        for edge in graph.edge_indices() {
            let (from, to) = graph.edge_endpoints(edge).unwrap();
            prop_assert!(points[from.index()].x < points[to.index()].x);
        }
    }

    #[test]
    fn odd_numbers_do_no_harm(radii in prop::collection::vec(prop::num::f64::ANY, 1..12), places in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 1..12)) {
        let mut graph = Graph::default();
        for (node, radius) in radii.iter().enumerate() {
            let former = places.get(node).map(|(x, y)| Point { x: x % 1e9, y: y % 1e9 });
            graph.add_node(Body { radius: *radius, former, ..Body::default() });
        }
        for node in 1..radii.len() {
            graph.add_edge(NodeIndex::new(node / 2), NodeIndex::new(node), ());
        }
        prop_assert!(layout(&graph).iter().all(|point| point.x.is_finite() && point.y.is_finite()));
    }
}
