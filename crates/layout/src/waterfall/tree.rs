//! Parents, children and subtrees, from depths alone.

use super::SpanIx;

/// The parent of a root.
const NONE: SpanIx = SpanIx::MAX;

/// A forest in pre-order: a span's descendants are the spans between it and its subtree's end.
#[derive(Clone)]
pub struct Tree {
    parent: Vec<SpanIx>,
    subtree_end: Vec<SpanIx>,
    depth: Vec<u32>,
    position: Vec<u32>,
    child_count: Vec<u32>,
    root_count: u32,
}

impl Tree {
    /// Builds the tree from each span's level below a root, in O(n) and without recursion.
    ///
    /// A span deeper than its predecessor is its child; one that skips levels is its child all the same.
    pub fn new(depths: &[u32]) -> Self {
        let count = depths.len();
        let mut tree = Self {
            parent: Vec::with_capacity(count),
            subtree_end: vec![count as SpanIx; count],
            depth: Vec::with_capacity(count),
            position: Vec::with_capacity(count),
            child_count: vec![0; count],
            root_count: 0,
        };
        // The spans whose subtree is not finished yet, outermost first.
        let mut open: Vec<SpanIx> = Vec::new();
        for (span, &depth) in depths.iter().enumerate() {
            while let Some(&done) = open.last().filter(|&&last| depths[last as usize] >= depth) {
                tree.subtree_end[done as usize] = span as SpanIx;
                open.pop();
            }
            let parent = open.last().copied().unwrap_or(NONE);
            let siblings = tree.child_count.get_mut(parent as usize).unwrap_or(&mut tree.root_count);
            *siblings += 1;
            tree.position.push(*siblings);
            tree.parent.push(parent);
            tree.depth.push(open.len() as u32);
            open.push(span as SpanIx);
        }
        tree
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there is no span at all.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// The span under which this one hangs; `None` for a root, and for an index that is none.
    pub fn parent(&self, span: SpanIx) -> Option<SpanIx> {
        self.parent.get(span as usize).copied().filter(|parent| *parent != NONE)
    }

    /// The index after the span's last descendant.
    pub fn subtree_end(&self, span: SpanIx) -> SpanIx {
        self.subtree_end.get(span as usize).copied().unwrap_or(span)
    }

    /// Levels below a root; 0 for a root.
    pub fn depth(&self, span: SpanIx) -> u32 {
        self.depth.get(span as usize).copied().unwrap_or(0)
    }

    /// How many spans hang directly under this one.
    pub fn child_count(&self, span: SpanIx) -> u32 {
        self.child_count.get(span as usize).copied().unwrap_or(0)
    }

    /// Whether anything hangs under this span.
    pub fn has_children(&self, span: SpanIx) -> bool {
        self.child_count(span) > 0
    }

    /// The span's place among its siblings, from 1, and how many siblings there are with it.
    pub fn place(&self, span: SpanIx) -> (u32, u32) {
        let position = self.position.get(span as usize).copied().unwrap_or(0);
        (position, self.parent(span).map_or(self.root_count, |parent| self.child_count(parent)))
    }

    /// The span's parent, its parent's parent, and so on up to a root.
    pub fn ancestors(&self, span: SpanIx) -> impl Iterator<Item = SpanIx> {
        std::iter::successors(self.parent(span), |&ancestor| self.parent(ancestor))
    }
}
