//! Parents, children and subtrees, from depths alone.

use super::NodeIx;

/// The parent of a root.
const NONE: NodeIx = NodeIx::MAX;

/// A forest in pre-order: a node's descendants are the nodes between it and its subtree's end.
///
/// It takes 20 bytes a node.
#[derive(Clone)]
pub struct Tree {
    parent: Vec<NodeIx>,
    subtree_end: Vec<NodeIx>,
    depth: Vec<u32>,
    position: Vec<u32>,
    child_count: Vec<u32>,
    root_count: u32,
}

impl Tree {
    /// Builds the tree from each node's level below a root, in O(n) and without recursion.
    ///
    /// A node deeper than its predecessor is its child; one that skips levels is its child all the same.
    pub fn new(depths: &[u32]) -> Self {
        let count = depths.len();
        let mut tree = Self {
            parent: Vec::with_capacity(count),
            subtree_end: vec![count as NodeIx; count],
            depth: Vec::with_capacity(count),
            position: Vec::with_capacity(count),
            child_count: vec![0; count],
            root_count: 0,
        };
        // The nodes whose subtree is not finished yet, outermost first.
        let mut open: Vec<NodeIx> = Vec::new();
        for (node, &depth) in depths.iter().enumerate() {
            while let Some(&done) = open.last().filter(|&&last| depths[last as usize] >= depth) {
                tree.subtree_end[done as usize] = node as NodeIx;
                open.pop();
            }
            let parent = open.last().copied().unwrap_or(NONE);
            let siblings = tree.child_count.get_mut(parent as usize).unwrap_or(&mut tree.root_count);
            *siblings += 1;
            tree.position.push(*siblings);
            tree.parent.push(parent);
            tree.depth.push(open.len() as u32);
            open.push(node as NodeIx);
        }
        tree
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there is no node at all.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// The node under which this one hangs; `None` for a root, and for an index that is none.
    pub fn parent(&self, node: NodeIx) -> Option<NodeIx> {
        self.parent.get(node as usize).copied().filter(|parent| *parent != NONE)
    }

    /// The index after the node's last descendant.
    pub fn subtree_end(&self, node: NodeIx) -> NodeIx {
        self.subtree_end.get(node as usize).copied().unwrap_or(node)
    }

    /// Levels below a root; 0 for a root.
    pub fn depth(&self, node: NodeIx) -> u32 {
        self.depth.get(node as usize).copied().unwrap_or(0)
    }

    /// How many nodes hang directly under this one.
    pub fn child_count(&self, node: NodeIx) -> u32 {
        self.child_count.get(node as usize).copied().unwrap_or(0)
    }

    /// Whether anything hangs under this node.
    pub fn has_children(&self, node: NodeIx) -> bool {
        self.child_count(node) > 0
    }

    /// The node's place among its siblings, from 1, and how many siblings there are with it.
    pub fn place(&self, node: NodeIx) -> (u32, u32) {
        let position = self.position.get(node as usize).copied().unwrap_or(0);
        (position, self.parent(node).map_or(self.root_count, |parent| self.child_count(parent)))
    }

    /// The node's parent, its parent's parent, and so on up to a root.
    pub fn ancestors(&self, node: NodeIx) -> impl Iterator<Item = NodeIx> {
        std::iter::successors(self.parent(node), |&ancestor| self.parent(ancestor))
    }
}
