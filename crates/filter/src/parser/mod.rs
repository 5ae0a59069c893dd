//! From tokens to the tree: brackets wait on a stack of ours, and reading goes on after a problem.
//!
//! An operand is an expression with its levels, or nothing where it was wrong; then a problem has been noted, and it
//! still counts as an operand, so that one mistake is told once.

mod condition;
mod json;
mod selector;
mod value;

use crate::{
    Mode,
    keyword::Scope,
    lexer::{self, Op, Token, TokenKind},
    problem::{Problem, Problems, Span},
    tree::{Category, Expr, Kind, Level, MOST_LEVELS, NodeRef},
};

/// Reads an expression.
pub(crate) fn parse(text: &str, mode: Mode) -> Result<Expr, Vec<Problem>> {
    let mut problems = Problems::default();
    let tokens = lexer::tokens(text, &mut problems);
    let mut parser = Parser { text, tokens, at: 0, mode, problems, frames: Vec::new(), brackets: 0, braces: 0 };
    let whole = parser.run();
    let problems = parser.problems.finish();
    if problems.is_empty() {
        let everything = Expr { kind: Kind::Everything, span: 0..text.len() };
        return Ok(whole.map_or(everything, |operand| operand.expr));
    }
    Err(problems)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    mode: Mode,
    problems: Problems,
    /// What is open, from the outside in; the first one is the whole text.
    frames: Vec<Frame>,
    /// How many of them are brackets, and how many braces.
    brackets: usize,
    braces: usize,
}

/// An expression and how many levels of conditions are inside it.
struct Operand {
    expr: Expr,
    levels: usize,
}

/// A condition about to be read, or wrong.
type Maybe = Option<Operand>;

/// Something that is open, with what has been read in it so far.
struct Frame {
    opener: Opener,
    /// The bracket or brace; empty for the whole text.
    bracket: Span,
    /// Where the operand begins that it will be.
    start: usize,
    scope: Scope,
    /// Finished groups of the conditions between ORs, and the group at hand.
    ors: Group,
    ands: Group,
    /// `!` and NOT before the next operand.
    nots: Vec<Span>,
    /// AND or OR before the next operand.
    dangling: Option<Span>,
    /// An operand has just been read.
    has_left: bool,
    /// Any operand has been read, right or wrong.
    has_any: bool,
}

enum Opener {
    Text,
    Bracket,
    Body(Head),
}

/// What a body in braces belongs to.
enum Head {
    Service(Option<NodeRef>),
    Edge(Option<(NodeRef, NodeRef)>),
    RootCause(Category, Level),
    /// Something wrong.
    Broken,
}

#[derive(Default)]
struct Group {
    parts: Vec<Expr>,
    /// The most levels of any part.
    levels: usize,
}

impl Group {
    fn push(&mut self, operand: Operand) {
        self.levels = self.levels.max(operand.levels);
        self.parts.push(operand.expr);
    }

    /// The parts as one, one level deeper where there are several.
    fn take(&mut self, join: fn(Vec<Expr>) -> Option<Expr>) -> Maybe {
        let Self { parts, levels } = std::mem::take(self);
        let levels = levels + usize::from(parts.len() > 1);
        join(parts).map(|expr| Operand { expr, levels })
    }
}

impl Parser<'_> {
    fn run(&mut self) -> Maybe {
        self.open(Opener::Text, 0..0, 0, Scope::Trace);
        while let Some(token) = self.peek() {
            let (kind, span) = (token.kind.clone(), token.span.clone());
            match kind {
                TokenKind::Word => self.condition(),
                TokenKind::Not => {
                    self.at += 1;
                    let frame = self.top();
                    (frame.dangling, frame.has_left) = (None, false);
                    frame.nots.push(span);
                }
                TokenKind::And | TokenKind::Or => self.operator(kind == TokenKind::Or, &span),
                TokenKind::Open => {
                    self.at += 1;
                    let scope = self.scope();
                    self.open(Opener::Bracket, span.clone(), span.start, scope);
                }
                TokenKind::OpenBrace => {
                    self.at += 1;
                    let message = "{ stands after service(), edge() and root causes alone";
                    self.problems.add(span.clone(), message);
                    let scope = self.scope();
                    self.open(Opener::Body(Head::Broken), span.clone(), span.start, scope);
                }
                TokenKind::Close | TokenKind::CloseBrace => self.close_one(kind == TokenKind::Close, &span),
                TokenKind::Compare(_) => self.lonely_comparison(&span),
                _ => self.noise(&span),
            }
        }
        let end = self.text.len();
        while self.frames.len() > 1 {
            self.missing_close(end);
        }
        self.finish(end)
    }

    fn open(&mut self, opener: Opener, bracket: Span, start: usize, scope: Scope) {
        match opener {
            Opener::Text => {}
            Opener::Bracket => self.brackets += 1,
            Opener::Body(_) => self.braces += 1,
        }
        self.frames.push(Frame {
            opener,
            bracket,
            start,
            scope,
            ors: Group::default(),
            ands: Group::default(),
            nots: Vec::new(),
            dangling: None,
            has_left: false,
            has_any: false,
        });
    }

    /// AND or OR.
    fn operator(&mut self, is_or: bool, span: &Span) {
        self.foreign_sign();
        self.at += 1;
        self.end_of_nots();
        let frame = self.frames.last_mut().expect("the whole text is open until the end");
        if !frame.has_left {
            let message =
                if frame.dangling.is_some() { "is one operator too many" } else { "needs a condition before it" };
            let word = &self.text[span.clone()];
            self.problems.replace(span.clone(), format!("{word} {message}"), "");
        }
        if is_or && let Some(group) = frame.ands.take(Expr::and) {
            frame.ors.push(group);
        }
        frame.dangling = Some(span.clone());
        frame.has_left = false;
    }

    /// A `)` or `}`. Whatever was opened since its partner is missing its own end.
    fn close_one(&mut self, is_bracket: bool, span: &Span) {
        self.at += 1;
        if (if is_bracket { self.brackets } else { self.braces }) == 0 {
            let (sign, partner) = if is_bracket { (")", "(") } else { ("}", "{") };
            return self.problems.replace(span.clone(), format!("no {partner} belongs to this {sign}"), "");
        }
        while matches!(self.top().opener, Opener::Bracket) != is_bracket {
            self.missing_close(span.start);
        }
        let operand = self.finish(span.end);
        self.operand(operand);
    }

    /// Ends what is open as if its end stood here.
    fn missing_close(&mut self, at: usize) {
        let frame = self.top();
        let sign = if matches!(frame.opener, Opener::Bracket) { ")" } else { "}" };
        let bracket = frame.bracket.clone();
        self.problems.insert(bracket, format!("missing {sign}"), at, sign);
        let operand = self.finish(at);
        self.operand(operand);
    }

    /// Takes the innermost open thing off the stack: what it says, if that can be said.
    fn finish(&mut self, end: usize) -> Maybe {
        self.end_of_nots();
        let mut frame = self.frames.pop().expect("only what is open is finished");
        if let Some(span) = frame.dangling.take() {
            let word = &self.text[span.clone()];
            self.problems.replace(span, format!("{word} needs a condition after it"), "");
        }
        if let Some(group) = frame.ands.take(Expr::and) {
            frame.ors.push(group);
        }
        let body = frame.ors.take(Expr::or);
        let span = frame.start..end;
        match frame.opener {
            Opener::Text => body,
            Opener::Bracket => {
                self.brackets -= 1;
                if !frame.has_any {
                    self.problems.add(span.clone(), "nothing stands between these brackets");
                }
                body.map(|operand| Operand { expr: Expr { span, ..operand.expr }, ..operand })
            }
            Opener::Body(head) => {
                self.braces -= 1;
                if !frame.has_any && matches!(head, Head::RootCause(..)) {
                    self.problems.add(frame.bracket, "the braces of a root cause need a condition");
                    return None;
                }
                selector::selected(head, body, span)
            }
        }
    }

    /// Puts an operand, right or wrong, in its place.
    fn operand(&mut self, operand: Maybe) {
        let frame = self.frames.last_mut().expect("the whole text is open until the end");
        (frame.has_left, frame.has_any, frame.dangling) = (true, true, None);
        let nots = std::mem::take(&mut frame.nots);
        let Some(mut operand) = operand else { return };
        if operand.levels + nots.len() > MOST_LEVELS {
            let message = format!("conditions stand inside each other more than {MOST_LEVELS} levels deep");
            return self.problems.add(operand.expr.span, message);
        }
        for not in nots.into_iter().rev() {
            let span = not.start..operand.expr.span.end;
            let expr = Expr { kind: Kind::Not(Box::new(operand.expr)), span };
            operand = Operand { expr, levels: operand.levels + 1 };
        }
        frame.ands.push(operand);
    }

    /// A `!` before something that is no condition.
    fn end_of_nots(&mut self) {
        let frame = self.top();
        let nots = std::mem::take(&mut frame.nots);
        frame.has_any |= !nots.is_empty();
        for span in nots {
            let word = &self.text[span.clone()];
            self.problems.replace(span, format!("{word} needs a condition after it"), "");
        }
    }

    fn lonely_comparison(&mut self, span: &Span) {
        let word = &self.text[span.clone()];
        self.problems.add(span.clone(), format!("{word} needs a keyword before it, such as duration"));
        self.at += 1;
        self.skip_value();
        self.operand(None);
    }

    /// Strings, numbers and signs where a condition should begin; a run of them is told once.
    fn noise(&mut self, first: &Span) {
        let is_noise = |kind: &TokenKind| {
            !matches!(
                kind,
                TokenKind::Word
                    | TokenKind::And
                    | TokenKind::Or
                    | TokenKind::Not
                    | TokenKind::Open
                    | TokenKind::Close
                    | TokenKind::OpenBrace
                    | TokenKind::CloseBrace
                    | TokenKind::Compare(_)
            )
        };
        let mut end = first.end;
        while let Some(token) = self.peek().filter(|token| is_noise(&token.kind)) {
            end = token.span.end;
            self.at += 1;
        }
        let message = "a condition begins with a keyword, such as http.url or duration";
        self.problems.add(first.start..end, message);
        self.operand(None);
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the whole text is open until the end")
    }

    fn scope(&self) -> Scope {
        self.frames.last().map_or(Scope::Trace, |frame| frame.scope)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// The next token's span, if it is of this kind; it is consumed.
    fn eat(&mut self, kind: &TokenKind) -> Option<Span> {
        let span = self.peek().filter(|token| token.kind == *kind)?.span.clone();
        self.at += 1;
        Some(span)
    }

    /// The next comparison, if it is one; it is consumed.
    fn eat_comparison(&mut self) -> Option<(Op, Span)> {
        let token = self.peek()?;
        let TokenKind::Compare(op) = token.kind else { return None };
        let span = token.span.clone();
        self.foreign_sign();
        self.at += 1;
        Some((op, span))
    }

    /// A problem where the next token is a sign of another language.
    fn foreign_sign(&mut self) {
        let Some(Token { span, ours: Some(ours), .. }) = self.tokens.get(self.at) else { return };
        let sign = &self.text[span.clone()];
        // `a&&b` becomes three words.
        let pad = |next: Option<char>| if next.is_some_and(lexer::is_word) { " " } else { "" };
        let (before, after) = (self.text[..span.start].chars().next_back(), self.text[span.end..].chars().next());
        let fix = format!("{}{ours}{}", pad(before), pad(after));
        self.problems.replace(span.clone(), format!("write {ours} instead of {sign}"), fix);
    }

    /// Where the last token ends that was consumed.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |token| token.span.end)
    }
}
