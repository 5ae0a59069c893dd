//! What keys and buttons do to the sheet.

use layout::waterfall::{Node, SpanIx, find};

use super::{News, ROW_PX, Sheet, level};
use crate::{route::Fold, views::trace::waterfall::keys::Command};

impl Sheet {
    /// Does what a key or a button asks for.
    pub(in crate::views::trace::waterfall) fn command(&mut self, command: Command) -> News {
        match command {
            Command::Rows(count) => self.go(i64::from(count)),
            Command::Pages(count) => {
                let page = ((self.view_px() / ROW_PX).floor() as i64 - 1).max(1);
                self.go(i64::from(count) * page);
            }
            Command::First => self.go(i64::MIN),
            Command::Last => self.go(i64::MAX),
            Command::Into if self.rows.is_collapsed(self.active) => {
                self.toggle(self.active);
                return self.folded();
            }
            Command::Into if self.rows.tree().has_children(self.active) => self.go(1),
            Command::Into => {}
            Command::Out if self.rows.tree().has_children(self.active) && !self.rows.is_collapsed(self.active) => {
                self.toggle(self.active);
                return self.folded();
            }
            Command::Out => {
                if let Some(parent) = self.rows.tree().parent(self.active) {
                    self.active = parent;
                    self.scroll_to_active();
                }
            }
            Command::Select => return self.select_active(),
            Command::CollapseAll => return self.fold_by(Fold::Level(0)),
            Command::ExpandAll => return self.fold_by(Fold::None),
            Command::FewerLevels => return self.fold_by(self.one_level_less()),
            Command::MoreLevels => {
                return self.fold_by(level(self.view.fold).map_or(Fold::None, |level| Fold::Level(level + 1)));
            }
            Command::FoldOffPath => return self.fold_by(Fold::OffPath),
            Command::Close if self.view.span.is_some() => return self.select(None),
            Command::Close if !self.view.find.is_empty() => return self.change(|view| view.find.clear()),
            Command::Close if self.view.focus.is_some() => return self.change(|view| view.focus = None),
            Command::Close => return News { close: true, ..News::default() },
            Command::ZoomIn => return self.zoom(0.5, None),
            Command::ZoomOut => return self.zoom(2.0, None),
            Command::Fit => return self.set_window(self.whole),
            Command::FitSpan => return self.fit_active(),
            Command::Pan(tenths) => return self.pan(f64::from(tenths) / 10.0),
            Command::Focus => {
                let id = self.active_id().filter(|_| self.rows.tree().has_children(self.active));
                return self.change(|view| view.focus = id.or(view.focus));
            }
            Command::Unfocus => return self.change(|view| view.focus = None),
            Command::Group => return self.change(|view| view.ungrouped = !view.ungrouped),
            Command::Gaps => return self.change(|view| view.gaps = !view.gaps),
            Command::Only => return self.change(|view| view.only = !view.only),
            Command::Match(forward) => return self.step_match(forward),
            Command::Path(forward) => return self.step_path(forward),
            Command::Longest(forward) => return self.step_longest(forward),
        }
        News::default()
    }

    fn select_active(&mut self) -> News {
        match self.outline.node(self.active) {
            Some(Node::Span(span)) => self.select(Some(span).filter(|span| self.selected != Some(*span))),
            Some(Node::Group(_)) if self.toggle(self.active) => self.folded(),
            _ => News::default(),
        }
    }

    /// Goes that many rows down, as far as there are rows.
    fn go(&mut self, rows: i64) {
        let Some(last) = self.rows.len().checked_sub(1) else { return };
        let now = i64::from(self.rows.row_or_ancestor(self.active).unwrap_or(0));
        let row = now.saturating_add(rows).clamp(0, i64::from(last)) as u32;
        if let Some(node) = self.rows.node(row) {
            self.active = node;
            self.scroll_to_active();
        }
    }

    /// The span from which the next one is looked for: the active one, or the first of the active group.
    fn here(&self) -> Option<SpanIx> {
        match self.outline.node(self.active)? {
            Node::Span(span) => Some(span),
            Node::Group(group) => {
                let repeats = self.reading.repeats();
                repeats.members(repeats.groups.get(group as usize)?).first().copied()
            }
        }
    }

    fn step_match(&mut self, forward: bool) -> News {
        let here = self.here();
        let next = if forward { find::next(&self.matches, here) } else { find::previous(&self.matches, here) };
        self.select_and_go(next)
    }

    /// To the next piece of the critical path, in the order of time; to the first or last one when none was looked at.
    fn step_path(&mut self, forward: bool) -> News {
        let path = self.reading.path();
        let pieces = path.pieces();
        let is_selected = |piece: &usize| pieces.get(*piece).map(|piece| piece.span) == self.selected;
        // A span may have many pieces: which one it was is remembered.
        let here = self.piece.filter(is_selected).or_else(|| Some(*path.of(self.selected?).first()? as usize));
        let place = match (here, self.selected) {
            (Some(here), _) if forward => Some(here + 1),
            (Some(here), _) => here.checked_sub(1),
            (None, None) if forward => Some(0),
            (None, None) => pieces.len().checked_sub(1),
            (None, Some(span)) => {
                let from = path.first_from(self.reading.stretch(span).0);
                if forward { Some(from) } else { from.checked_sub(1) }
            }
        };
        let Some(piece) = place.and_then(|place| pieces.get(place)).copied() else { return News::default() };
        self.piece = place;
        self.select_and_go(Some(piece.span))
    }

    /// To the span with the next shorter self time, beginning with the longest; or back.
    fn step_longest(&mut self, forward: bool) -> News {
        let longest = self.reading.longest();
        let here = self.walked.filter(|place| longest.get(*place).copied() == self.selected);
        let place = match here {
            None => Some(0),
            Some(place) if forward => Some(place + 1),
            Some(place) => place.checked_sub(1),
        };
        let Some(span) = place.and_then(|place| longest.get(place)).copied() else { return News::default() };
        self.walked = place;
        self.select_and_go(Some(span))
    }

    fn select_and_go(&mut self, span: Option<SpanIx>) -> News {
        let Some(span) = span else { return News::default() };
        if self.selected == Some(span) {
            self.go_to(span);
            return self.news();
        }
        self.select(Some(span))
    }
}
