//! Which rows there can be: spans, groups of repeated siblings, the subtree in focus, what matches.

use super::{NodeIx, SpanIx, Tree};

/// No node, no group.
const NONE: u32 = u32::MAX;
/// Marks the code of a node that is a group. So there is room for 2³¹ spans.
const GROUP: u32 = 1 << 31;

/// What is to be shown of a trace, and how. The default: every span, as it is.
#[derive(Clone, Copy, Default, Debug)]
pub struct Plan<'a> {
    /// Groups of repeated siblings; each one's members in ascending order.
    ///
    /// A member that is no span, has another parent than the first one, is out of order or in an earlier group is left
    /// out; what has fewer than two members then is no group. Groups keep their numbers all the same.
    pub groups: &'a [Vec<SpanIx>],
    /// Only this span and its descendants are in the outline; what is no span counts as none.
    pub focus: Option<SpanIx>,
    /// For each span whether it matches: only those that do are in the outline, and what leads to them. Spans beyond
    /// the slice's end do not match.
    pub keep: Option<&'a [bool]>,
}

/// What a node of an outline stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Node {
    /// A span.
    Span(SpanIx),
    /// A group of repeated siblings, by its number in [`Plan::groups`].
    Group(u32),
}

/// The nodes that rows can show, in pre-order.
///
/// A group stands where its first member stood, with all members under it, also those that other siblings came between.
/// A span keeps its place among its siblings otherwise. Without groups and matches the nodes are spans one after
/// another, and an outline has no memory of its own; else it has 4 bytes for each node, span and group, and 4 more for
/// each span where there are groups.
#[derive(Clone, Debug)]
pub struct Outline {
    shape: Shape,
}

#[derive(Clone, Debug)]
enum Shape {
    /// Node 0 is span `first`, node 1 the next one.
    Straight {
        first: SpanIx,
        count: u32,
    },
    Planned(Planned),
}

#[derive(Clone, Debug)]
struct Planned {
    /// For each node its span, or its group with the mark [`GROUP`].
    code: Vec<u32>,
    /// For each span its node, or the one that it is missing under, or [`NONE`].
    node: Vec<NodeIx>,
    /// For each span its group, or [`NONE`]; empty where there are no groups.
    group: Vec<u32>,
    /// For each group its node, or [`NONE`].
    group_node: Vec<NodeIx>,
}

impl Outline {
    /// The outline of spans with these levels below a root, in pre-order, and the tree of its nodes. O(n).
    pub fn new(depths: &[u32], plan: &Plan<'_>) -> (Self, Tree) {
        let focus = plan.focus.filter(|focus| (*focus as usize) < depths.len());
        if plan.groups.is_empty() && plan.keep.is_none() {
            let range = focus.map_or(0..depths.len(), |focus| subtree(depths, focus as usize));
            let shape = Shape::Straight { first: range.start as SpanIx, count: range.len() as u32 };
            return (Self { shape }, Tree::new(&depths[range]));
        }
        let (planned, node_depths) = planned(&Tree::new(depths), plan, focus);
        (Self { shape: Shape::Planned(planned) }, Tree::new(&node_depths))
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        match &self.shape {
            Shape::Straight { count, .. } => *count as usize,
            Shape::Planned(planned) => planned.code.len(),
        }
    }

    /// Whether there is no node at all: no span, or none that matches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a node stands for; `None` for an index that is none.
    pub fn node(&self, node: NodeIx) -> Option<Node> {
        match &self.shape {
            Shape::Straight { first, count } => (node < *count).then(|| Node::Span(first + node)),
            Shape::Planned(planned) => planned
                .code
                .get(node as usize)
                .map(|&code| if code & GROUP == 0 { Node::Span(code) } else { Node::Group(code & !GROUP) }),
        }
    }

    /// The span that a node stands for; `None` for a group, and for an index that is none.
    pub fn span(&self, node: NodeIx) -> Option<SpanIx> {
        match self.node(node)? {
            Node::Span(span) => Some(span),
            Node::Group(_) => None,
        }
    }

    /// The node of a span. For one that does not match it is the nearest node above it: its group's, its parent's, and
    /// so on. `None` when there is none in the outline.
    pub fn node_of_span(&self, span: SpanIx) -> Option<NodeIx> {
        match &self.shape {
            Shape::Straight { first, count } => span.checked_sub(*first).filter(|node| node < count),
            Shape::Planned(planned) => entry(&planned.node, span),
        }
    }

    /// Whether a span has a node of its own.
    pub fn has_span(&self, span: SpanIx) -> bool {
        self.node_of_span(span).is_some_and(|node| self.span(node) == Some(span))
    }

    /// The node of a group; `None` when it is not in the outline.
    pub fn node_of_group(&self, group: u32) -> Option<NodeIx> {
        match &self.shape {
            Shape::Straight { .. } => None,
            Shape::Planned(planned) => entry(&planned.group_node, group),
        }
    }

    /// The group of which a span is a member, whether or not they are in the outline.
    pub fn group_of_span(&self, span: SpanIx) -> Option<u32> {
        match &self.shape {
            Shape::Straight { .. } => None,
            Shape::Planned(planned) => entry(&planned.group, span),
        }
    }
}

/// The span and its descendants, from depths alone.
fn subtree(depths: &[u32], span: usize) -> std::ops::Range<usize> {
    let below = depths[span + 1..].iter().take_while(|depth| **depth > depths[span]).count();
    span..span + 1 + below
}

fn entry(list: &[u32], index: u32) -> Option<u32> {
    list.get(index as usize).copied().filter(|known| *known != NONE)
}

/// Siblings that are still to be visited.
enum Open {
    /// Spans side by side: the next one, and where the last one's subtree ends.
    Siblings(SpanIx, SpanIx),
    /// The members of a group, from this one on.
    Members(u32, u32),
}

/// The nodes of a plan, and their levels.
fn planned(spans: &Tree, plan: &Plan<'_>, focus: Option<SpanIx>) -> (Planned, Vec<u32>) {
    let group = group_of_spans(spans, plan.groups);
    let matching = plan.keep.map(|keep| Matching::new(spans, keep, &group, plan.groups.len()));
    let mut pass = Pass {
        spans,
        depths: Vec::new(),
        open: Vec::new(),
        planned: Planned {
            code: Vec::new(),
            node: vec![NONE; spans.len()],
            group,
            group_node: vec![NONE; plan.groups.len()],
        },
    };
    let has = |span: SpanIx| matching.as_ref().is_none_or(|matching| matching.spans[span as usize]);
    let has_group = |group: u32| matching.as_ref().is_none_or(|matching| matching.groups[group as usize]);
    match focus {
        // Without its group, which reaches beyond it.
        Some(focus) if has(focus) => {
            pass.open.push(Open::Siblings(0, 0));
            pass.enter(focus);
        }
        Some(_) => {}
        None => pass.open.push(Open::Siblings(0, spans.len() as SpanIx)),
    }
    while let Some(open) = pass.open.last_mut() {
        match open {
            Open::Siblings(next, end) if *next < *end => {
                let span = *next;
                *next = spans.subtree_end(span);
                match entry(&pass.planned.group, span) {
                    // The first member brings all of them.
                    Some(group) if has_group(group) => pass.enter_group(group),
                    None if has(span) => pass.enter(span),
                    _ => {}
                }
            }
            Open::Members(group, place) if (*place as usize) < plan.groups[*group as usize].len() => {
                let (group, span) = (*group, plan.groups[*group as usize][*place as usize]);
                *place += 1;
                // Members can be there twice, or have been left out.
                let is_new =
                    entry(&pass.planned.group, span) == Some(group) && entry(&pass.planned.node, span).is_none();
                if is_new && has(span) {
                    pass.enter(span);
                }
            }
            _ => {
                pass.open.pop();
            }
        }
    }
    if plan.keep.is_some() {
        let end = focus.map_or(spans.len() as SpanIx, |focus| spans.subtree_end(focus));
        pass.planned.find_the_missing(spans, focus.unwrap_or(0)..end);
    }
    (pass.planned, pass.depths)
}

struct Pass<'a> {
    spans: &'a Tree,
    depths: Vec<u32>,
    /// Outermost first. A node is as deep as there are entries before the one that it was found in.
    open: Vec<Open>,
    planned: Planned,
}

impl Pass<'_> {
    fn enter(&mut self, span: SpanIx) {
        self.planned.node[span as usize] = self.planned.code.len() as NodeIx;
        self.add(span);
        let end = self.spans.subtree_end(span);
        if span + 1 < end {
            self.open.push(Open::Siblings(span + 1, end));
        }
    }

    fn enter_group(&mut self, group: u32) {
        if self.planned.group_node[group as usize] == NONE {
            self.planned.group_node[group as usize] = self.planned.code.len() as NodeIx;
            self.add(group | GROUP);
            self.open.push(Open::Members(group, 0));
        }
    }

    fn add(&mut self, code: u32) {
        self.planned.code.push(code);
        self.depths.push(self.open.len() as u32 - 1);
    }
}

impl Planned {
    /// Spans without a node get the nearest one above them.
    fn find_the_missing(&mut self, spans: &Tree, range: std::ops::Range<SpanIx>) {
        for span in range {
            if self.node[span as usize] == NONE {
                let group_node = entry(&self.group, span).and_then(|group| entry(&self.group_node, group));
                // Parents come before their children, and one outside the focus has no node.
                let above = || spans.parent(span).and_then(|parent| entry(&self.node, parent));
                self.node[span as usize] = group_node.or_else(above).unwrap_or(NONE);
            }
        }
    }
}

/// What matches, or leads to what does.
struct Matching {
    spans: Vec<bool>,
    groups: Vec<bool>,
}

impl Matching {
    fn new(spans: &Tree, keep: &[bool], group: &[u32], group_count: usize) -> Self {
        let mut matching = Self { spans: keep.to_vec(), groups: vec![false; group_count] };
        matching.spans.resize(spans.len(), false);
        for span in (0..spans.len() as SpanIx).rev() {
            if matching.spans[span as usize] {
                if let Some(parent) = spans.parent(span) {
                    matching.spans[parent as usize] = true;
                }
                if let Some(group) = entry(group, span) {
                    matching.groups[group as usize] = true;
                }
            }
        }
        matching
    }
}

/// For each span its group; empty where there are no groups.
fn group_of_spans(spans: &Tree, groups: &[Vec<SpanIx>]) -> Vec<u32> {
    if groups.is_empty() {
        return Vec::new();
    }
    let mut group_of = vec![NONE; spans.len()];
    for (group, members) in groups.iter().enumerate() {
        let (mut count, mut last) = (0, None);
        for &span in members {
            let is_free = group_of.get(span as usize) == Some(&NONE);
            let follows = last.is_none_or(|last| last < span && spans.parent(last) == spans.parent(span));
            if is_free && follows {
                group_of[span as usize] = group as u32;
                (count, last) = (count + 1, Some(span));
            }
        }
        if let (1, Some(span)) = (count, last) {
            group_of[span as usize] = NONE;
        }
    }
    group_of
}

#[cfg(test)]
mod tests;
