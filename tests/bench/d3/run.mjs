// Lays a graph out with d3-force: {"nodes": 3, "edges": [[0, 1]]} comes on standard input, and
// {"cpu_ms": 1.5, "points": [[x, y]]} goes to standard output.
import { readFileSync } from "node:fs";
import { forceCollide, forceLink, forceManyBody, forceSimulation } from "d3-force";

const graph = JSON.parse(readFileSync(0, "utf8"));
const nodes = Array.from({ length: graph.nodes }, () => ({}));
const links = graph.edges.map(([source, target]) => ({ source, target }));
const before = process.cpuUsage();
forceSimulation(nodes)
  .force("charge", forceManyBody().strength(-800))
  .force("link", forceLink(links).distance(150).strength(0.5))
  .force("collide", forceCollide(100))
  .stop()
  .tick(300);
const used = process.cpuUsage(before);
const points = nodes.map((node) => [node.x, node.y]);
console.log(JSON.stringify({ cpu_ms: (used.user + used.system) / 1000, points }));
