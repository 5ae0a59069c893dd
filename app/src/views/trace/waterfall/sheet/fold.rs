//! What is folded: what the view's rule says, but for the spans that were touched by hand.

use layout::waterfall::{Node, NodeIx};
use model::SpanId;

use super::{News, Sheet};
use crate::route::Fold;

impl Sheet {
    /// Folds the rows as the view says, in one pass over them.
    pub(super) fn fold(&mut self) {
        let toggled: Vec<u64> = self.view.toggled.iter().map(|id| id.0).collect();
        let toggled = order::distinct(&toggled);
        let on_path = if self.view.fold == Fold::OffPath { self.on_path() } else { Vec::new() };
        let (outline, reading, fold) = (&self.outline, &self.reading, self.view.fold);
        let depths: Vec<u32> = match fold {
            Fold::Level(_) => (0..outline.len() as NodeIx).map(|node| self.rows.tree().depth(node)).collect(),
            _ => Vec::new(),
        };
        self.rows.collapse_where(|node| {
            let (rule, id) = match outline.node(node) {
                None => return false,
                // Whoever wants to see the members opens the group.
                Some(Node::Group(group)) => (true, group_id(reading, group)),
                Some(Node::Span(span)) => {
                    let rule = match fold {
                        Fold::None => false,
                        Fold::Level(level) => depths.get(node as usize).is_some_and(|depth| *depth >= level),
                        Fold::OffPath => on_path.get(span as usize) == Some(&false),
                        Fold::Shorter(nanos) => {
                            let (start, end) = reading.stretch(span);
                            end - start < nanos
                        }
                    };
                    (rule, reading.trace.span_id(span as usize))
                }
            };
            let by_hand = !toggled.is_empty() && id.is_some_and(|id| toggled.binary_search(&id.0).is_ok());
            rule != by_hand
        });
        self.rescale();
    }

    /// For each span whether it, or something under it, is on the critical path.
    fn on_path(&self) -> Vec<bool> {
        let path = self.reading.path();
        let count = self.reading.trace.span.len() as u32;
        let mut on_path: Vec<bool> = (0..count).map(|span| !path.of(span).is_empty()).collect();
        for span in (0..count).rev().filter(|span| *span > 0) {
            if let Some(parent) = self.reading.forest().parent(span).filter(|_| on_path[span as usize]) {
                on_path[parent as usize] = true;
            }
        }
        on_path
    }

    /// Folds what is open and opens what is folded, by hand. Whether anything changed.
    pub(super) fn toggle(&mut self, node: NodeIx) -> bool {
        if !self.rows.toggle(node) {
            return false;
        }
        let id = match self.outline.node(node) {
            Some(Node::Span(span)) => self.reading.trace.span_id(span as usize),
            Some(Node::Group(group)) => group_id(&self.reading, group),
            None => None,
        };
        if let Some(id) = id {
            match self.view.toggled.iter().position(|known| *known == id) {
                Some(place) => drop(self.view.toggled.remove(place)),
                None => self.view.toggled.push(id),
            }
        }
        true
    }

    /// Opens what hides a node.
    pub(super) fn reveal(&mut self, node: NodeIx) {
        let hiders: Vec<NodeIx> =
            self.rows.tree().ancestors(node).filter(|ancestor| self.rows.is_collapsed(*ancestor)).collect();
        for hider in hiders {
            self.toggle(hider);
        }
    }

    /// After folding by hand: the address can wait.
    pub(super) fn folded(&mut self) -> News {
        self.keep_active_visible();
        self.later()
    }

    /// Folds by another rule, with nothing touched by hand.
    pub(in crate::views::trace::waterfall) fn fold_by(&mut self, fold: Fold) -> News {
        self.change(|view| {
            view.fold = fold;
            view.toggled.clear();
        })
    }

    /// The rule under which the deepest level that can be seen is hidden.
    pub(super) fn one_level_less(&self) -> Fold {
        let deepest = self.rows.nodes().map(|node| self.rows.tree().depth(node)).max().unwrap_or(0);
        Fold::Level(deepest.saturating_sub(1))
    }
}

/// The id by which a view knows a group: its first member's, turned over, for the member itself can be folded too.
fn group_id(reading: &super::Reading, group: u32) -> Option<SpanId> {
    let repeats = reading.repeats();
    let first = *repeats.members(repeats.groups.get(group as usize)?).first()?;
    reading.trace.span_id(first as usize).map(|id| SpanId(!id.0))
}
