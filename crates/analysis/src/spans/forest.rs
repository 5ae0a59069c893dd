//! Who hangs under whom, from depths alone.

use model::SpanIx;

/// The parent of a root.
pub(super) const NONE: SpanIx = SpanIx::MAX;

/// A forest in pre-order: a span's descendants are the spans between it and its subtree's end.
#[derive(Clone, Debug, Default)]
pub struct Forest {
    parent: Vec<SpanIx>,
    subtree_end: Vec<SpanIx>,
}

impl Forest {
    /// Builds the forest from each span's level below a root, in O(n).
    ///
    /// A span deeper than its predecessor is its child; one that skips levels is its child all the same.
    pub fn new(depth: &[u32]) -> Self {
        // No index is that of nothing.
        let depth = &depth[..depth.len().min(NONE as usize)];
        let mut forest =
            Self { parent: Vec::with_capacity(depth.len()), subtree_end: vec![depth.len() as SpanIx; depth.len()] };
        // The last span whose subtree is not finished yet; the others are above it.
        let mut open = NONE;
        for (span, &level) in depth.iter().enumerate() {
            while open != NONE && depth[open as usize] >= level {
                forest.subtree_end[open as usize] = span as SpanIx;
                open = forest.parent[open as usize];
            }
            forest.parent.push(open);
            open = span as SpanIx;
        }
        forest
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
}
