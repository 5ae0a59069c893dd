//! `service()`, `edge()` and root causes: what is looked for, before the braces that say how it must be.

use super::{Head, Maybe, Opener, Operand, Parser, condition::leaf};
use crate::{
    keyword::{self, Scope},
    lexer::{Op, TokenKind},
    problem::Span,
    tree::{Category, Kind, Level, NodeRef},
};

impl Parser<'_> {
    /// A selector from its word on, up to the brace of its body; without a body it is an operand right away.
    pub(super) fn selector(&mut self, is_edge: bool, word: Span) {
        let mut is_right = self.scope() == Scope::Trace;
        let name = if is_edge { "edge" } else { "service" };
        if !is_right {
            let message = format!("{name}() can be asked {} only", Scope::Trace.place());
            self.problems.add(word.clone(), message);
        }
        if let Some(TokenKind::Compare(_)) = self.peek().map(|token| &token.kind) {
            self.compared_selector(name, &word);
            return self.operand(None);
        }
        let nodes = match self.eat(&TokenKind::Open) {
            Some(bracket) => self.nodes(&bracket),
            None => Some(Vec::new()),
        };
        let span = word.start..self.end();
        let head = match nodes.as_deref() {
            None => None,
            Some([]) if is_edge => Some(Head::Edge(None)),
            Some([]) => Some(Head::Service(None)),
            Some([node]) if !is_edge => Some(Head::Service(Some(node.clone()))),
            Some([source, target]) if is_edge => Some(Head::Edge(Some((source.clone(), target.clone())))),
            Some(_) => {
                let message = if is_edge {
                    "edge() needs two services: who calls, and who is called"
                } else {
                    "service() takes one service; a call between two is edge()"
                };
                self.problems.add(span.clone(), message);
                None
            }
        };
        is_right &= head.is_some();
        let head = head.filter(|_| is_right).unwrap_or(Head::Broken);
        let scope = if is_edge { Scope::Edge } else { Scope::Service };
        if let Some(brace) = self.eat(&TokenKind::OpenBrace) {
            return self.open(Opener::Body(head), brace, word.start, scope);
        }
        self.operand(selected(head, None, span));
    }

    /// `service = "x"`.
    fn compared_selector(&mut self, name: &str, word: &Span) {
        let comparison = self.eat_comparison();
        let value = self.skip_value();
        let span = word.start..self.end();
        let message = format!("{name} is asked for as {name}(…)");
        match (comparison, value) {
            (Some((Op::Equal, _)), Some(value)) if name == "service" => {
                let node = &self.text[value.span];
                self.problems.replace(span, message, format!("service({node})"));
            }
            _ => self.problems.add(span, message),
        }
    }

    /// The nodes between brackets; `None` where any of them is wrong.
    fn nodes(&mut self, bracket: &Span) -> Option<Vec<NodeRef>> {
        let mut nodes = Some(Vec::new());
        let mut needs_node = false;
        loop {
            if self.eat(&TokenKind::Close).is_some() {
                if needs_node {
                    self.problems.add(self.end() - 1..self.end(), "a service is missing before )");
                    return None;
                }
                return nodes;
            }
            if self.is_end_of_nodes() {
                self.problems.insert(bracket.clone(), "missing )", self.end(), ")");
                return None;
            }
            match self.node() {
                Some(node) => nodes.iter_mut().for_each(|nodes| nodes.push(node.clone())),
                None => nodes = None,
            }
            needs_node = self.eat(&TokenKind::Comma).is_some();
            let goes_on = !self.is_end_of_nodes() && self.peek().is_some_and(|token| token.kind != TokenKind::Close);
            if !needs_node && goes_on && nodes.is_some() {
                let at = self.end();
                self.problems.insert(at..at, "missing , between services", at, ",");
                nodes = None;
            }
        }
    }

    /// Whether here goes on something that cannot be inside brackets of a selector.
    fn is_end_of_nodes(&self) -> bool {
        matches!(
            self.peek().map(|token| &token.kind),
            None | Some(TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::And | TokenKind::Or)
        )
    }

    /// A name, or `id(…)`. Something is always consumed.
    fn node(&mut self) -> Option<NodeRef> {
        let word = self.peek().filter(|token| token.kind == TokenKind::Word).map(|token| token.span.clone());
        if let Some(word) = word.filter(|word| self.text[word.clone()].eq_ignore_ascii_case("id"))
            && self.tokens.get(self.at + 1).is_some_and(|token| token.kind == TokenKind::Open)
        {
            self.at += 1;
            let bracket = self.eat(&TokenKind::Open)?;
            return self.id(&word, &bracket);
        }
        let Some(value) = self.skip_value() else {
            let span = self.peek()?.span.clone();
            self.at += 1;
            let message = "a service is named by a string or by id(name: …, type: …, account.id: …)";
            self.problems.add(span, message);
            return None;
        };
        Some(NodeRef { name: Some(self.text_value(value)?), ..NodeRef::default() })
    }

    /// The parts of `id(…)`.
    fn id(&mut self, word: &Span, bracket: &Span) -> Option<NodeRef> {
        let mut node = NodeRef::default();
        let mut is_right = true;
        loop {
            if self.eat(&TokenKind::Close).is_some() {
                break;
            }
            if self.is_end_of_nodes() {
                self.problems.insert(bracket.clone(), "missing )", self.end(), ")");
                return None;
            }
            is_right &= self.id_part(&mut node);
            let is_close = self.peek().is_some_and(|token| token.kind == TokenKind::Close);
            if self.eat(&TokenKind::Comma).is_none() && !is_close && !self.is_end_of_nodes() && is_right {
                let at = self.end();
                self.problems.insert(at..at, "missing , between the parts of id()", at, ",");
                is_right = false;
            }
        }
        if is_right && node == NodeRef::default() {
            let message = "id() needs a part: name, type or account.id";
            self.problems.add(word.start..self.end(), message);
            return None;
        }
        is_right.then_some(node)
    }

    /// `name: "…"`, and whether it was right. Something is always consumed.
    fn id_part(&mut self, node: &mut NodeRef) -> bool {
        let Some(span) = self.peek().map(|token| token.span.clone()) else { return false };
        self.at += 1;
        let word = self.text[span.clone()].to_ascii_lowercase();
        let part = match word.as_str() {
            "name" => Some(&mut node.name),
            "type" => Some(&mut node.kind),
            "account.id" => Some(&mut node.account_id),
            _ => None,
        };
        let Some(part) = part else {
            self.problems.add(span, "the parts of id() are name, type and account.id");
            self.rest_of_part();
            return false;
        };
        let mut is_right = part.is_none();
        if !is_right {
            self.problems.add(span.clone(), format!("{word} stands in id() twice"));
        }
        if self.eat(&TokenKind::Colon).is_none() {
            match self.eat_comparison() {
                Some((_, sign)) => self.problems.replace(sign, "the parts of id() have a colon", ":"),
                None => self.problems.insert(span.clone(), format!("missing : after {word}"), span.end, ":"),
            }
            is_right = false;
        }
        let Some(value) = self.skip_value() else {
            if is_right {
                self.problems.add(span, format!("{word} needs a value"));
            }
            return false;
        };
        let text = self.text_value(value);
        is_right &= text.is_some();
        *part = text.or(Some(String::new()));
        is_right
    }

    /// Goes on behind a part that is not known.
    fn rest_of_part(&mut self) {
        if self.eat(&TokenKind::Colon).is_some() || self.eat_comparison().is_some() {
            self.skip_value();
        }
    }

    /// `rootcause.fault.service {`, of which the word is read.
    pub(super) fn root_cause(&mut self, span: Span, word: &str) {
        let mut parts = word.split('.').skip(1);
        let category = match parts.next() {
            Some("fault") => Some(Category::Fault),
            Some("error") => Some(Category::Error),
            Some("responsetime") => Some(Category::ResponseTime),
            _ => None,
        };
        let level = match parts.next() {
            Some("service") => Some(Level::Service),
            Some("entity") => Some(Level::Entity),
            Some("exception") => Some(Level::Exception),
            _ => None,
        };
        let mut head = category.zip(level).filter(|_| parts.next().is_none());
        if head.is_none() {
            let message = "root causes are rootcause, fault, error or responsetime, and service, entity or exception, \
                           joined by dots";
            match keyword::meant(word, Scope::Trace) {
                Some(meant) => self.problems.replace(span.clone(), message, meant),
                None => self.problems.add(span.clone(), message),
            }
        } else if head == Some((Category::ResponseTime, Level::Exception)) {
            self.problems.add(span.clone(), "root causes of the response time have no exceptions");
            head = None;
        } else if self.scope() != Scope::Trace {
            self.problems.add(span.clone(), format!("root causes can be asked {} only", Scope::Trace.place()));
            head = None;
        }
        let scope = match (category, level) {
            (_, Some(Level::Service)) => Scope::CauseService,
            (_, Some(Level::Exception)) => Scope::CauseException,
            (Some(Category::ResponseTime), _) => Scope::TimedEntity,
            _ => Scope::CauseEntity,
        };
        let Some(brace) = self.eat(&TokenKind::OpenBrace) else {
            if head.is_some() {
                self.problems.insert(span.clone(), "a root cause needs a condition in braces", span.end, " { last }");
            }
            return self.operand(None);
        };
        let head = head.map_or(Head::Broken, |(category, level)| Head::RootCause(category, level));
        self.open(Opener::Body(head), brace, span.start, scope);
    }
}

/// A selector with its body.
pub(super) fn selected(head: Head, body: Maybe, span: Span) -> Maybe {
    let levels = body.as_ref().map_or(0, |body| body.levels + 1);
    let body = body.map(|body| Box::new(body.expr));
    let kind = match head {
        Head::Broken => return None,
        Head::Service(node) => Kind::Service { node, body },
        Head::Edge(ends) => Kind::Edge { ends, body },
        Head::RootCause(category, level) => Kind::RootCause { category, level, body: body? },
    };
    Some(Operand { levels, ..leaf(kind, span) })
}
