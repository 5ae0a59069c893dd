//! Which spans are visible, and in which row.

use std::collections::BTreeSet;

use super::{SpanIx, Tree};

/// A tree of which some spans are collapsed, that is, show none of their descendants.
///
/// Behind it lies a segment tree over the spans. Collapsing a span covers the range of its descendants; a node of the
/// segment tree knows how often it is covered as a whole, and how many visible spans lie under it. Each range is
/// uncovered exactly as it was covered, so covers never have to be pushed down.
#[derive(Clone)]
pub struct Rows {
    tree: Tree,
    collapsed: BTreeSet<SpanIx>,
    /// How many leaves the segment tree has: a power of two. Node 1 is its root; the leaf of span s is `leaves` + s.
    leaves: usize,
    covers: Vec<u32>,
    visible: Vec<u32>,
}

impl Rows {
    /// The rows of a tree in which nothing is collapsed.
    pub fn new(tree: Tree) -> Self {
        let leaves = tree.len().next_power_of_two();
        let mut rows = Self {
            tree,
            collapsed: BTreeSet::new(),
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

    /// The span in a row, rows counted from 0; `None` beyond the last one.
    pub fn span(&self, row: u32) -> Option<SpanIx> {
        if row >= self.len() {
            return None;
        }
        let (mut node, mut rest) = (1, row);
        while node < self.leaves {
            node *= 2;
            let left = self.visible[node];
            if rest >= left {
                rest -= left;
                node += 1;
            }
        }
        Some((node - self.leaves) as SpanIx)
    }

    /// The row of a span; `None` while it is hidden under a collapsed one.
    pub fn row(&self, span: SpanIx) -> Option<u32> {
        let (before, is_visible) = self.rank(span)?;
        is_visible.then_some(before)
    }

    /// The row that stands for a span: its own, or that of the outermost collapsed span above it. `None` only for an
    /// index that is none.
    pub fn row_or_ancestor(&self, span: SpanIx) -> Option<u32> {
        let (before, is_visible) = self.rank(span)?;
        // What is hidden lies in the subtree of the last visible span before it.
        if is_visible { Some(before) } else { before.checked_sub(1) }
    }

    /// Whether the span is collapsed.
    pub fn is_collapsed(&self, span: SpanIx) -> bool {
        self.collapsed.contains(&span)
    }

    /// The collapsed spans, in pre-order.
    pub fn collapsed(&self) -> impl Iterator<Item = SpanIx> {
        self.collapsed.iter().copied()
    }

    /// How many spans are collapsed.
    pub fn collapsed_count(&self) -> usize {
        self.collapsed.len()
    }

    /// Collapses a span that is expanded and expands one that is collapsed. Returns whether anything changed: what has
    /// no children does not.
    pub fn toggle(&mut self, span: SpanIx) -> bool {
        self.collapse(span) || self.expand(span)
    }

    /// Hides the span's descendants. Returns whether anything changed.
    pub fn collapse(&mut self, span: SpanIx) -> bool {
        if !self.tree.has_children(span) || !self.collapsed.insert(span) {
            return false;
        }
        self.change(span, |covers| *covers += 1);
        true
    }

    /// Shows the span's children again. Returns whether anything changed.
    pub fn expand(&mut self, span: SpanIx) -> bool {
        if !self.collapsed.remove(&span) {
            return false;
        }
        self.change(span, |covers| *covers -= 1);
        true
    }

    /// Collapses exactly these spans; what is no span or has no children is left out. O(n + k log n).
    pub fn set_collapsed(&mut self, spans: impl IntoIterator<Item = SpanIx>) {
        self.collapsed = spans.into_iter().filter(|&span| self.tree.has_children(span)).collect();
        self.covers.fill(0);
        for &span in &self.collapsed {
            let (from, to) = (span as usize + 1, self.tree.subtree_end(span) as usize);
            for_nodes(from + self.leaves, to + self.leaves, |node| self.covers[node] += 1);
        }
        self.count_again();
    }

    /// Collapses every span that has children.
    pub fn collapse_all(&mut self) {
        self.set_levels(0);
    }

    /// Expands every span.
    pub fn expand_all(&mut self) {
        self.set_collapsed([]);
    }

    /// Shows the levels 0 to `deepest` and collapses what lies deeper.
    pub fn set_levels(&mut self, deepest: u32) {
        let spans = (0..self.tree.len() as SpanIx).filter(|&span| self.tree.depth(span) >= deepest);
        self.set_collapsed(spans.collect::<Vec<_>>());
    }

    /// Hides the deepest level that can be seen. O(n).
    pub fn fewer_levels(&mut self) {
        let visible = (0..self.len()).filter_map(|row| self.span(row));
        let deepest = visible.map(|span| self.tree.depth(span)).max().unwrap_or(0);
        let Some(parents) = deepest.checked_sub(1) else { return };
        for span in 0..self.tree.len() as SpanIx {
            if self.tree.depth(span) == parents && self.row(span).is_some() {
                self.collapse(span);
            }
        }
    }

    /// Expands the collapsed spans of the uppermost level that has any. O(n).
    pub fn more_levels(&mut self) {
        let Some(level) = self.collapsed.iter().map(|&span| self.tree.depth(span)).min() else { return };
        let spans: Vec<SpanIx> =
            self.collapsed.iter().copied().filter(|&span| self.tree.depth(span) == level).collect();
        for span in spans {
            self.expand(span);
        }
    }

    /// Expands what hides a span. Returns whether anything changed. O(log n) for each span expanded.
    pub fn reveal(&mut self, span: SpanIx) -> bool {
        let mut changed = false;
        while let Some((before, false)) = self.rank(span) {
            let Some(hider) = before.checked_sub(1).and_then(|row| self.span(row)) else { break };
            if !self.expand(hider) {
                break;
            }
            changed = true;
        }
        changed
    }

    /// How many visible spans come before this one, and whether it is visible itself.
    fn rank(&self, span: SpanIx) -> Option<(u32, bool)> {
        if span as usize >= self.tree.len() {
            return None;
        }
        let mut node = self.leaves + span as usize;
        let (mut before, mut is_visible) = (0, true);
        loop {
            if self.covers[node] > 0 {
                // Nothing under this node is visible, whatever was counted there.
                before = 0;
                is_visible = false;
            }
            if node == 1 {
                return Some((before, is_visible));
            }
            if node % 2 == 1 {
                before += self.visible[node - 1];
            }
            node /= 2;
        }
    }

    /// Covers or uncovers the range of a span's descendants, and counts again above it.
    fn change(&mut self, span: SpanIx, change: impl Fn(&mut u32)) {
        let from = span as usize + 1 + self.leaves;
        let to = self.tree.subtree_end(span) as usize + self.leaves;
        for_nodes(from, to, |node| {
            change(&mut self.covers[node]);
            self.count(node);
        });
        for end in [from, to - 1] {
            let mut node = end / 2;
            while node > 0 {
                self.count(node);
                node /= 2;
            }
        }
    }

    fn count_again(&mut self) {
        for node in (1..2 * self.leaves).rev() {
            self.count(node);
        }
    }

    fn count(&mut self, node: usize) {
        self.visible[node] = if self.covers[node] > 0 {
            0
        } else if node >= self.leaves {
            u32::from(node - self.leaves < self.tree.len())
        } else {
            self.visible[2 * node] + self.visible[2 * node + 1]
        };
    }
}

/// Visits the few nodes that together make up the leaves `from..to`.
fn for_nodes(mut from: usize, mut to: usize, mut visit: impl FnMut(usize)) {
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
