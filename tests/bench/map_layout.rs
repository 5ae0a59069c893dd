//! The map's layout beside d3-force under Node, on the same graphs: time and crossings.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use layout::force::{self, Body, Graph, Point};
use petgraph::graph::NodeIndex;
use serde_json::{Value, json};

use crate::{Limit, Measure, median};

pub(crate) fn measure() -> Vec<Measure> {
    let peer = peer();
    let mut measures = Vec::new();
    for nodes in [200_usize, 1_000, 5_000] {
        let edges = service_map(nodes);
        let mut graph = Graph::default();
        for _ in 0..nodes {
            graph.add_node(Body { radius: 30.0, ..Body::default() });
        }
        for (from, to) in &edges {
            graph.add_edge(NodeIndex::new(*from), NodeIndex::new(*to), ());
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let (mut our_points, mut their_points) = (Vec::new(), Vec::new());
        // A picture of 5,000 nodes takes d3 half a minute.
        for _ in 0..if nodes == 5_000 { 1 } else { 3 } {
            let begun = cpu_time::ThreadTime::now();
            our_points = force::layout(&graph);
            ours.push(begun.elapsed().as_secs_f64() * 1000.0);
            let answer = run_peer(&peer, nodes, &edges);
            theirs.push(answer["cpu_ms"].as_f64().unwrap_or(f64::NAN));
            their_points = points(&answer);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let (our_crossings, their_crossings) = (crossings(&our_points, &edges), crossings(&their_points, &edges));
        measures.push(Measure::new(format!("layout of {nodes} nodes"), ours, "ms", Limit::None));
        measures.push(Measure::new("  against d3-force, CPU time", ours / theirs, "×", Limit::AtMost(0.1)));
        let name = format!("  edges that cross ({our_crossings}, d3-force {their_crossings})");
        measures.push(Measure::new(name, our_crossings as f64 / their_crossings as f64, "×", Limit::AtMost(1.0)));
    }
    measures
}

/// The calls of a made-up system: 1.6 a service, most to few hubs, some of them back towards the entry.
pub(crate) fn service_map(nodes: usize) -> Vec<(usize, usize)> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ nodes as u64;
    let mut dice = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % sides as u64) as usize
    };
    let mut edges = Vec::new();
    for node in 1..nodes {
        // The square of a fair choice prefers those that came first: hubs.
        let caller = |dice: &mut dyn FnMut(usize) -> usize| dice(node) * dice(node) / node.max(1);
        edges.push((caller(&mut dice).min(node - 1), node));
        if dice(10) < 6 {
            edges.push((caller(&mut dice).min(node - 1), node));
        }
        if dice(100) < 3 {
            edges.push((node, dice(node)));
        }
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// How many pairs of edges cross, drawn as straight lines.
fn crossings(points: &[Point], edges: &[(usize, usize)]) -> usize {
    let side = |a: Point, b: Point, c: Point| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let mut count = 0;
    for (number, (a, b)) in edges.iter().enumerate() {
        for (c, d) in &edges[..number] {
            if a == c || a == d || b == c || b == d {
                continue;
            }
            let (a, b, c, d) = (points[*a], points[*b], points[*c], points[*d]);
            let apart = side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0;
            count += usize::from(apart);
        }
    }
    count
}

fn points(answer: &Value) -> Vec<Point> {
    let points = answer["points"].as_array().cloned().unwrap_or_default();
    points.iter().map(|point| Point { x: point[0].as_f64().unwrap(), y: point[1].as_f64().unwrap() }).collect()
}

/// d3-force from the npm package, in a folder of its own.
fn peer() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/d3");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/d3");
    std::fs::create_dir_all(&folder).expect("a folder");
    for name in ["package.json", "package-lock.json", "run.mjs"] {
        std::fs::copy(source.join(name), folder.join(name)).expect("a file of the peer");
    }
    if !folder.join("node_modules/d3-force").exists() {
        let status = Command::new("npm").args(["ci", "--silent"]).current_dir(&folder).status();
        assert!(status.expect("npm starts (Debian: nodejs, npm)").success(), "npm cannot install d3-force");
    }
    folder
}

fn run_peer(folder: &Path, nodes: usize, edges: &[(usize, usize)]) -> Value {
    let mut node = Command::new("node")
        .arg(folder.join("run.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let graph = json!({ "nodes": nodes, "edges": edges }).to_string();
    node.stdin.take().expect("stdin is piped").write_all(graph.as_bytes()).expect("it reads");
    let output = node.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).expect("it answers in JSON")
}
