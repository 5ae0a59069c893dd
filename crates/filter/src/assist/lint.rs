//! What is wrong with an expression, and what is right and yet probably not meant: the traps that AWS documents.

use super::{Catalogue, docs};
use crate::{
    Mode, compile,
    keyword::{self, Flag, Number},
    lexer::{self, Token, TokenKind},
    print,
    problem::{Fix, Problem, Problems, Span},
    tree::{AnnotationTest, Expr, Kind, Match, Order},
};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot be run.
    Error,
    /// It runs, and may not mean what was meant.
    Warning,
}

/// Something to be said about an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// How bad it is.
    pub severity: Severity,
    /// What, for people: lower case, without a full stop.
    pub message: String,
    /// What to write instead, where one can tell.
    pub fix: Option<Fix>,
}

/// From so many seconds on, a time was probably meant in milliseconds.
const LONG_SECONDS: f64 = 100.0;

/// Everything to be said about an expression, in the order of the places.
pub fn diagnostics(text: &str, mode: Mode, catalogue: &Catalogue) -> Vec<Diagnostic> {
    let tokens = lexer::tokens(text, &mut Problems::default());
    match compile(text, mode) {
        Err(problems) => problems.into_iter().map(|problem| told(problem, text, &tokens, catalogue)).collect(),
        Ok(filter) => {
            let mut lint = Lint { text, tokens, catalogue, found: Vec::new() };
            lint.look(filter.tree(), true);
            let found = lint.found;
            let order =
                order::places(found.len(), &mut |one, other| found[one].span.start.cmp(&found[other].span.start));
            order.into_iter().map(|place| found[place].clone()).collect()
        }
    }
}

/// A problem; where a word is the name of a service, that is what was meant.
fn told(problem: Problem, text: &str, tokens: &[Token], catalogue: &Catalogue) -> Diagnostic {
    let Problem { span, mut message, mut fix } = problem;
    let written = text.get(span.clone()).unwrap_or("");
    let name = written.trim_matches('"');
    if keyword::find(name).is_none()
        && let Some(service) = catalogue.services.find(name)
        && stands_alone(tokens, &span)
    {
        message = format!("{service} is a service: ask for its requests with service()");
        let replacement = ["service(", &lexer::quoted(service), ")"].concat();
        fix = Some(Fix { span: span.clone(), replacement });
    }
    Diagnostic { span, severity: Severity::Error, message, fix }
}

/// Whether a place is one token, and neither compared nor a comparison's value.
fn stands_alone(tokens: &[Token], span: &Span) -> bool {
    let Some(place) = tokens.iter().position(|token| token.span == *span) else { return false };
    !matches!(place.checked_sub(1).map(|before| &tokens[before].kind), Some(TokenKind::Compare(_)))
        && !matches!(tokens.get(place + 1).map(|token| &token.kind), Some(TokenKind::Compare(_) | TokenKind::Open))
}

struct Lint<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    catalogue: &'a Catalogue,
    found: Vec<Diagnostic>,
}

impl Lint<'_> {
    /// Looks at a condition and those inside it; the tree's depth is bounded.
    fn look(&mut self, expr: &Expr, is_trace: bool) {
        match &expr.kind {
            Kind::And(parts) => parts.iter().for_each(|part| self.look(part, is_trace)),
            Kind::Or(parts) => {
                for part in parts {
                    if matches!(part.kind, Kind::And(_)) && !self.is_bracketed(&part.span) {
                        let replacement = ["(", &self.text[part.span.clone()], ")"].concat();
                        let message = "AND binds closer than OR: brackets show what belongs together";
                        self.warn(part.span.clone(), message.to_owned(), Some((part.span.clone(), replacement)));
                    }
                    self.look(part, is_trace);
                }
            }
            Kind::Not(inner) => self.look(inner, is_trace),
            Kind::Service { body: Some(body), .. }
            | Kind::Edge { body: Some(body), .. }
            | Kind::RootCause { body, .. } => self.look(body, false),
            Kind::Flag(flag @ (Flag::Error | Flag::Fault | Flag::Throttle), true) if is_trace => {
                let name = docs_name(*flag);
                let message = format!("{name} alone looks at the first segment only, not at the services behind it");
                let replacement = format!("service() {{ {name} }}");
                self.warn(expr.span.clone(), message, Some((expr.span.clone(), replacement)));
            }
            Kind::Number(Number::ResponseTime | Number::Duration, Some((_, value))) if *value >= LONG_SECONDS => {
                let seconds = print::number(*value / 1000.0);
                let message = format!("times are in seconds: {} milliseconds are {seconds}", print::number(*value));
                let fix = self.last_number(&expr.span).map(|span| (span, seconds));
                self.warn(expr.span.clone(), message, fix);
            }
            Kind::Number(_, Some((Order::NotEqual, _))) | Kind::Text(_, Some((Match::NotEqual, _))) => {
                self.differs(expr);
            }
            Kind::Annotation { key, test, .. } => self.annotation(expr, key, test),
            _ => {}
        }
    }

    /// `!=` is false where there is no value.
    fn differs(&mut self, expr: &Expr) {
        let written = &self.text[expr.span.clone()];
        let Some((field, value)) = written.split_once("!=") else { return };
        let replacement = format!("!({} = {})", field.trim_end(), value.trim_start());
        let message = format!("traces without {} do not match != either", field.trim_end());
        self.warn(expr.span.clone(), message, Some((expr.span.clone(), replacement)));
    }

    fn annotation(&mut self, expr: &Expr, key: &str, test: &AnnotationTest) {
        if let AnnotationTest::Text(Match::NotEqual, _) | AnnotationTest::Number(Order::NotEqual, _) = test {
            self.differs(expr);
        }
        let Some(known) = self.catalogue.annotation(key) else { return };
        let [texts, numbers] = [&known.texts, &known.numbers].map(|values| values.iter().next().is_some());
        match test {
            AnnotationTest::Text(Match::Equal | Match::NotEqual, written) if numbers && !texts => {
                let Some(value) = lexer::number(written) else { return };
                let message = format!("{key} holds numbers: a number in quotes never matches");
                let fix = self.last_text(&expr.span).map(|span| (span, print::number(value)));
                self.warn(expr.span.clone(), message, fix);
            }
            AnnotationTest::Number(Order::Equal | Order::NotEqual, value) if texts && !numbers => {
                let message = format!("{key} holds texts: a number without quotes never matches");
                let fix = self.last_number(&expr.span).map(|span| (span, lexer::quoted(&print::number(*value))));
                self.warn(expr.span.clone(), message, fix);
            }
            _ => {}
        }
    }

    fn warn(&mut self, span: Span, message: String, fix: Option<(Span, String)>) {
        let fix = fix.map(|(span, replacement)| Fix { span, replacement });
        self.found.push(Diagnostic { span, severity: Severity::Warning, message, fix });
    }

    fn last_number(&self, span: &Span) -> Option<Span> {
        self.last(span, |kind| matches!(kind, TokenKind::Number(_)))
    }

    fn last_text(&self, span: &Span) -> Option<Span> {
        self.last(span, |kind| matches!(kind, TokenKind::Text(_)))
    }

    fn last(&self, span: &Span, is: fn(&TokenKind) -> bool) -> Option<Span> {
        self.inside(span).iter().rfind(|token| is(&token.kind)).map(|token| token.span.clone())
    }

    /// The tokens of a place.
    fn inside(&self, span: &Span) -> &[Token] {
        let from = self.tokens.partition_point(|token| token.span.start < span.start);
        let to = self.tokens.partition_point(|token| token.span.end <= span.end);
        self.tokens.get(from..to).unwrap_or(&[])
    }

    /// Whether brackets stand around a place, and close there.
    fn is_bracketed(&self, span: &Span) -> bool {
        let mut depth = 0_usize;
        for token in self.inside(span) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return token.span.end == span.end && token.kind == TokenKind::Close;
            }
        }
        false
    }
}

fn docs_name(flag: Flag) -> &'static str {
    let name = keyword::name(keyword::Field::Flag(flag));
    docs::of(name).map_or(name, |doc| doc.name)
}
