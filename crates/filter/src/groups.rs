//! Groups: named expressions, put in where an expression asks for one.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-groups.html>

use crate::{
    Filter, Mode, compile,
    problem::{Problem, Problems, Span},
    tree::{Expr, Kind},
};

/// Groups may ask for groups this many levels deep.
const MOST_LEVELS: usize = 8;
/// The most groups that are put into one expression, counted each time.
const MOST_PUT_IN: usize = 200;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Which traces belong to it; empty for all of them.
    pub expression: String,
}

impl Filter {
    /// Puts in what groups ask for. A group that is not there has no traces.
    ///
    /// The problems are those of groups that ask for themselves, or too deep, or for nonsense; they stand where this
    /// expression asks for the group.
    pub fn with_groups(mut self, groups: &[Group], mode: Mode) -> Result<Self, Vec<Problem>> {
        let mut resolver = Resolver { groups, mode, put_in: 0, problems: Problems::default() };
        resolver.resolve(&mut self.root, &mut Vec::new(), None);
        let problems = resolver.problems.finish();
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

struct Resolver<'a> {
    groups: &'a [Group],
    mode: Mode,
    put_in: usize,
    problems: Problems,
}

impl Resolver<'_> {
    /// Recurses no deeper than the trees, which are bounded, and [`MOST_LEVELS`] of them. `open` are the groups being put
    /// in, `outside` where the expression itself asks for the outermost one.
    fn resolve(&mut self, expr: &mut Expr, open: &mut Vec<usize>, outside: Option<&Span>) {
        let here = outside.cloned().unwrap_or_else(|| expr.span.clone());
        match &mut expr.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                for part in parts {
                    self.resolve(part, open, outside);
                }
            }
            Kind::Not(inner) => self.resolve(inner, open, outside),
            Kind::Group { by_arn, name, body, .. } => *body = self.put_in(*by_arn, name, open, &here).map(Box::new),
            // Groups are asked of whole traces alone.
            _ => {}
        }
    }

    fn put_in(&mut self, by_arn: bool, name: &str, open: &mut Vec<usize>, here: &Span) -> Option<Expr> {
        let is_it = |group: &Group| if by_arn { group.arn == name } else { group.name == name };
        let place = self.groups.iter().position(is_it)?;
        let group = &self.groups[place];
        self.put_in += 1;
        let wrong = if open.contains(&place) {
            Some(format!("the group {} asks for itself", group.name))
        } else if open.len() >= MOST_LEVELS {
            Some(format!("groups ask for groups more than {MOST_LEVELS} levels deep"))
        } else if self.put_in > MOST_PUT_IN {
            Some(format!("more than {MOST_PUT_IN} groups are asked for in all"))
        } else {
            None
        };
        if let Some(wrong) = wrong {
            self.problems.add(here.clone(), wrong);
            return None;
        }
        match compile(&group.expression, self.mode) {
            Ok(filter) => {
                let mut root = filter.root;
                open.push(place);
                self.resolve(&mut root, open, Some(here));
                open.pop();
                Some(root)
            }
            Err(problems) => {
                let first = problems.into_iter().next().map(|problem| problem.message).unwrap_or_default();
                self.problems.add(here.clone(), format!("the group {} cannot be read: {first}", group.name));
                None
            }
        }
    }
}
