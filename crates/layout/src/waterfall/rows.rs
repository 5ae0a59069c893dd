//! Which nodes are visible, and in which row.

use super::{NodeIx, Tree};

/// A tree of which some nodes are collapsed, that is, show none of their descendants.
///
/// Behind it lies a segment tree over the nodes. Collapsing a node covers the range of its descendants; a part of the
/// segment tree knows how often it is covered as a whole, and how many visible nodes lie under it. Each range is
/// uncovered exactly as it was covered, so covers never have to be pushed down.
///
/// It takes 16 bytes for each node besides the tree's, their number rounded up to a power of two.
#[derive(Clone)]
pub struct Rows {
    tree: Tree,
    /// A bit for each node.
    collapsed: Vec<u64>,
    collapsed_count: usize,
    /// How many leaves the segment tree has: a power of two. Part 1 is its root; the leaf of node n is `leaves` + n.
    leaves: usize,
    covers: Vec<u32>,
    visible: Vec<u32>,
}

impl Rows {
    /// The rows of a tree in which nothing is collapsed.
    pub fn new(tree: Tree) -> Self {
        let leaves = tree.len().next_power_of_two();
        let mut rows = Self {
            collapsed: vec![0; tree.len().div_ceil(64)],
            collapsed_count: 0,
            tree,
            leaves,
            covers: vec![0; 2 * leaves],
            visible: vec![0; 2 * leaves],
        };
        rows.count_again();
        rows
    }

    /// The tree, collapsed or not.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// How many rows there are.
    pub fn len(&self) -> u32 {
        self.visible[1]
    }

    /// Whether there is no row at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The node in a row, rows counted from 0; `None` beyond the last one.
    pub fn node(&self, row: u32) -> Option<NodeIx> {
        if row >= self.len() {
            return None;
        }
        let (mut part, mut rest) = (1, row);
        while part < self.leaves {
            part *= 2;
            let left = self.visible[part];
            if rest >= left {
                rest -= left;
                part += 1;
            }
        }
        Some((part - self.leaves) as NodeIx)
    }

    /// The nodes that have a row, in their order. O(1) for each.
    pub fn nodes(&self) -> impl Iterator<Item = NodeIx> {
        let first = (!self.tree.is_empty()).then_some(0);
        std::iter::successors(first, |&node| {
            let next = if self.is_collapsed(node) { self.tree.subtree_end(node) } else { node + 1 };
            Some(next).filter(|next| (*next as usize) < self.tree.len())
        })
    }

    /// The row of a node; `None` while it is hidden under a collapsed one.
    pub fn row(&self, node: NodeIx) -> Option<u32> {
        let (before, is_visible) = self.rank(node)?;
        is_visible.then_some(before)
    }

    /// The row that stands for a node: its own, or that of the outermost collapsed node above it. `None` only for an
    /// index that is none.
    pub fn row_or_ancestor(&self, node: NodeIx) -> Option<u32> {
        let (before, is_visible) = self.rank(node)?;
        // What is hidden lies in the subtree of the last visible node before it.
        if is_visible { Some(before) } else { before.checked_sub(1) }
    }

    /// Whether the node is collapsed.
    pub fn is_collapsed(&self, node: NodeIx) -> bool {
        self.collapsed.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }

    /// The collapsed nodes, in pre-order.
    pub fn collapsed(&self) -> impl Iterator<Item = NodeIx> {
        let words = (0..).zip(&self.collapsed).filter(|(_, word)| **word != 0);
        words
            .flat_map(|(place, &word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| place * 64 + bit))
    }

    /// How many nodes are collapsed.
    pub fn collapsed_count(&self) -> usize {
        self.collapsed_count
    }

    /// Collapses a node that is expanded and expands one that is collapsed. Returns whether anything changed: what has
    /// no children does not.
    pub fn toggle(&mut self, node: NodeIx) -> bool {
        self.collapse(node) || self.expand(node)
    }

    /// Hides the node's descendants. Returns whether anything changed.
    pub fn collapse(&mut self, node: NodeIx) -> bool {
        if !self.mark(node) {
            return false;
        }
        self.change(node, |covers| *covers += 1);
        true
    }

    /// Shows the node's children again. Returns whether anything changed.
    pub fn expand(&mut self, node: NodeIx) -> bool {
        if !self.is_collapsed(node) {
            return false;
        }
        self.collapsed[node as usize / 64] &= !(1 << (node % 64));
        self.collapsed_count -= 1;
        self.change(node, |covers| *covers -= 1);
        true
    }

    /// Collapses exactly these nodes; what is no node or has no children is left out. O(n), and for each node the
    /// logarithm of what it hides.
    pub fn set_collapsed(&mut self, nodes: impl IntoIterator<Item = NodeIx>) {
        self.clear_marks();
        for node in nodes {
            self.mark(node);
        }
        self.cover_again();
    }

    /// Collapses exactly the nodes of which this is true and which have children; it is asked in pre-order. O(n), and
    /// for each collapsed node the logarithm of what it hides.
    pub fn collapse_where(&mut self, mut is_to_be: impl FnMut(NodeIx) -> bool) {
        self.set_collapsed((0..self.tree.len() as NodeIx).filter(|node| is_to_be(*node)));
    }

    /// Collapses every node that has children.
    pub fn collapse_all(&mut self) {
        self.set_levels(0);
    }

    /// Expands every node.
    pub fn expand_all(&mut self) {
        self.clear_marks();
        self.cover_again();
    }

    /// Shows the levels 0 to `deepest` and collapses what lies deeper.
    pub fn set_levels(&mut self, deepest: u32) {
        self.clear_marks();
        for node in 0..self.tree.len() as NodeIx {
            if self.tree.depth(node) >= deepest {
                self.mark(node);
            }
        }
        self.cover_again();
    }

    /// Hides the deepest level that can be seen. O(n), and O(log n) for each node collapsed.
    pub fn fewer_levels(&mut self) {
        let deepest = self.nodes().map(|node| self.tree.depth(node)).max().unwrap_or(0);
        let Some(parents) = deepest.checked_sub(1) else { return };
        let nodes: Vec<NodeIx> = self.nodes().filter(|&node| self.tree.depth(node) == parents).collect();
        for node in nodes {
            self.collapse(node);
        }
    }

    /// Expands the collapsed nodes of the uppermost level that has any. O(n), and O(log n) for each of them.
    pub fn more_levels(&mut self) {
        let Some(level) = self.collapsed().map(|node| self.tree.depth(node)).min() else { return };
        let nodes: Vec<NodeIx> = self.collapsed().filter(|&node| self.tree.depth(node) == level).collect();
        for node in nodes {
            self.expand(node);
        }
    }

    /// Expands what hides a node. Returns whether anything changed. O(log n) for each node expanded.
    pub fn reveal(&mut self, node: NodeIx) -> bool {
        let mut changed = false;
        while let Some((before, false)) = self.rank(node) {
            let Some(hider) = before.checked_sub(1).and_then(|row| self.node(row)) else { break };
            if !self.expand(hider) {
                break;
            }
            changed = true;
        }
        changed
    }

    /// Notes that a node is collapsed. Returns whether it can be, and was not.
    fn mark(&mut self, node: NodeIx) -> bool {
        let is_new = self.tree.has_children(node) && !self.is_collapsed(node);
        if is_new {
            self.collapsed[node as usize / 64] |= 1 << (node % 64);
            self.collapsed_count += 1;
        }
        is_new
    }

    fn clear_marks(&mut self) {
        self.collapsed.fill(0);
        self.collapsed_count = 0;
    }

    /// Covers what the marks say, and nothing else.
    fn cover_again(&mut self) {
        self.covers.fill(0);
        for node in 0..self.tree.len() as NodeIx {
            if self.is_collapsed(node) {
                let (from, to) = (node as usize + 1, self.tree.subtree_end(node) as usize);
                for_parts(from + self.leaves, to + self.leaves, |part| self.covers[part] += 1);
            }
        }
        self.count_again();
    }

    /// How many visible nodes come before this one, and whether it is visible itself.
    fn rank(&self, node: NodeIx) -> Option<(u32, bool)> {
        if node as usize >= self.tree.len() {
            return None;
        }
        let mut part = self.leaves + node as usize;
        let (mut before, mut is_visible) = (0, true);
        loop {
            if self.covers[part] > 0 {
                // Nothing under this part is visible, whatever was counted there.
                before = 0;
                is_visible = false;
            }
            if part == 1 {
                return Some((before, is_visible));
            }
            if part % 2 == 1 {
                before += self.visible[part - 1];
            }
            part /= 2;
        }
    }

    /// Covers or uncovers the range of a node's descendants, and counts again above it.
    fn change(&mut self, node: NodeIx, change: impl Fn(&mut u32)) {
        let from = node as usize + 1 + self.leaves;
        let to = self.tree.subtree_end(node) as usize + self.leaves;
        for_parts(from, to, |part| {
            change(&mut self.covers[part]);
            self.count(part);
        });
        for end in [from, to - 1] {
            let mut part = end / 2;
            while part > 0 {
                self.count(part);
                part /= 2;
            }
        }
    }

    fn count_again(&mut self) {
        for part in (1..2 * self.leaves).rev() {
            self.count(part);
        }
    }

    fn count(&mut self, part: usize) {
        self.visible[part] = if self.covers[part] > 0 {
            0
        } else if part >= self.leaves {
            u32::from(part - self.leaves < self.tree.len())
        } else {
            self.visible[2 * part] + self.visible[2 * part + 1]
        };
    }
}

/// Visits the few parts that together make up the leaves `from..to`.
fn for_parts(mut from: usize, mut to: usize, mut visit: impl FnMut(usize)) {
    while from < to {
        if from % 2 == 1 {
            visit(from);
            from += 1;
        }
        if to % 2 == 1 {
            to -= 1;
            visit(to);
        }
        from /= 2;
        to /= 2;
    }
}
