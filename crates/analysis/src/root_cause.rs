//! Where faults and errors came from, and what the response time was spent on.
//! <https://docs.aws.amazon.com/xray/latest/api/API_FaultRootCause.html>
//!
//! A failure is followed downwards along entities whose document carries the literal flag (statuses do not count) until
//! an entity with exceptions, or a call that nobody answered. Whether a walk can end well is known beforehand from one
//! pass over the spans backwards, so each walk is a loop and all walks together touch a span a constant number of times.

use std::collections::BTreeMap;

use model::{
    Span, SpanId, SpanIx, Trace,
    document::detail::Cause,
    outcome::Flags,
    summary::{RootCause, RootCauseEntity, RootCauseException, RootCauseService},
    trace::{Namespace, SpanKind},
};

use crate::{inferred, node};

/// The kinds of failures that have root causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The server's failures.
    Fault,
    /// The client's mistakes.
    Error,
}

impl Category {
    fn is_set(self, flags: Flags) -> bool {
        match self {
            Self::Fault => flags.fault,
            Self::Error => flags.error,
        }
    }
}

/// The root causes of all failures of a category, in the order of the spans at which they begin.
pub fn failures(trace: &Trace, category: Category) -> Vec<RootCause> {
    let walk = Walk::new(trace, category);
    (0..trace.spans.len() as SpanIx)
        .filter(|&index| walk.is_start(index))
        .filter_map(|index| walk.follow(index))
        .collect()
}

/// Along which children a failure may be followed.
#[derive(PartialEq)]
enum Branch {
    /// Any that is flagged.
    Any,
    /// The cause refers to an exception that was recorded in this child's branch.
    Only(SpanIx),
    /// The cause refers to an exception that is in no branch.
    Nowhere,
}

struct Walk<'a> {
    trace: &'a Trace,
    category: Category,
    /// Which span recorded the exception of this id.
    owners: BTreeMap<SpanId, SpanIx>,
    /// Calls that no reported segment answered.
    unanswered: Vec<bool>,
    /// Following the failure from here ends at a cause.
    yields: Vec<bool>,
}

impl<'a> Walk<'a> {
    fn new(trace: &'a Trace, category: Category) -> Self {
        let mut owners = BTreeMap::new();
        let mut unanswered = vec![false; trace.spans.len()];
        for (index, span) in trace.spans.iter().enumerate() {
            unanswered[index] = span.kind == SpanKind::Subsegment && span.namespace != Namespace::Local;
            if let Some(parent) = span.parent.filter(|_| span.kind == SpanKind::Segment) {
                unanswered[parent as usize] = false;
            }
            for exception in exceptions(span) {
                owners.extend(exception.id.map(|id| (id, index as SpanIx)));
            }
        }
        let mut walk = Self { trace, category, owners, unanswered, yields: vec![false; trace.spans.len()] };
        if trace.spans.iter().any(|span| category.is_set(span.flags)) {
            for index in (0..trace.spans.len()).rev() {
                walk.yields[index] = walk.is_flagged(index as SpanIx)
                    && (walk.unanswered[index]
                        || !exceptions(&trace.spans[index]).is_empty()
                        || walk.next(index as SpanIx).is_some());
            }
        }
        walk
    }

    fn is_flagged(&self, index: SpanIx) -> bool {
        let span = &self.trace.spans[index as usize];
        span.kind != SpanKind::Inferred && self.category.is_set(span.flags)
    }

    /// Whether a failure begins here: a flagged segment or unanswered call that its parent does not explain.
    fn is_start(&self, index: SpanIx) -> bool {
        let span = &self.trace.spans[index as usize];
        if !self.is_flagged(index) || !(span.kind == SpanKind::Segment || self.unanswered[index as usize]) {
            return false;
        }
        let Some(parent) = span.parent.filter(|&parent| self.is_flagged(parent)) else { return true };
        let parent_span = &self.trace.spans[parent as usize];
        let caller_alone = parent_span.namespace != Namespace::Local
            && parent_span.parent.is_none_or(|grandparent| !self.is_flagged(grandparent));
        // The parent's failure came from another branch.
        let elsewhere = !matches!(self.branch(parent), Branch::Any) && self.branch(parent) != Branch::Only(index);
        caller_alone || elsewhere
    }

    /// Along which children the failure may be followed.
    fn branch(&self, index: SpanIx) -> Branch {
        let detail = self.trace.spans[index as usize].detail.as_deref();
        let Some(Cause::Reference(id)) = detail.and_then(|detail| detail.cause.as_ref()) else {
            return Branch::Any;
        };
        let owner = self.owners.get(id).copied();
        let inside = owner.filter(|&owner| owner > index && owner < self.trace.spans[index as usize].subtree_end);
        let branch = inside.and_then(|owner| {
            self.trace.children(index).find(|&child| owner < self.trace.spans[child as usize].subtree_end)
        });
        branch.map_or(Branch::Nowhere, Branch::Only)
    }

    /// The child along which the failure is followed from here.
    fn next(&self, index: SpanIx) -> Option<SpanIx> {
        let can = |child: SpanIx| self.is_flagged(child) && self.yields[child as usize];
        match self.branch(index) {
            Branch::Only(child) => return Some(child).filter(|&child| can(child)),
            Branch::Nowhere => return None,
            Branch::Any => {}
        }
        let mut first = None;
        for child in self.trace.children(index).filter(|&child| can(child)) {
            if self.unanswered[child as usize] {
                return Some(child);
            }
            first = first.or(Some(child));
        }
        first
    }

    fn follow(&self, start: SpanIx) -> Option<RootCause> {
        let mut path = Path::default();
        if self.unanswered[start as usize] {
            path.callee(self.trace, start, None);
            return Some(RootCause { services: path.services, client_impacting: false });
        }
        if !self.yields[start as usize] {
            return None;
        }
        let mut at = Some(start);
        while let Some(index) = at {
            let span = &self.trace.spans[index as usize];
            let exceptions = exceptions(span)
                .iter()
                .map(|exception| RootCauseException {
                    name: exception.kind.clone(),
                    message: exception.message.clone(),
                })
                .collect();
            path.entity(self.trace, span, None, exceptions);
            if self.unanswered[index as usize] {
                path.callee(self.trace, index, None);
                break;
            }
            at = self.next(index);
        }
        Some(RootCause { services: path.services, client_impacting: self.trace.root() == Some(start) })
    }
}

fn exceptions(span: &Span) -> &[model::document::detail::Exception] {
    match span.detail.as_deref().and_then(|detail| detail.cause.as_ref()) {
        Some(Cause::Exceptions { exceptions, .. }) => exceptions,
        _ => &[],
    }
}

/// What most of the response time was spent on: at most one path, from the root into the longest completed child that
/// takes more than half of the root's time (and not more than all of it), and so on.
pub fn response_time(trace: &Trace) -> Vec<RootCause> {
    let Some((root, total)) = trace.root().and_then(|root| Some((root, trace.spans[root as usize].duration()?.0)))
    else {
        return Vec::new();
    };
    if total == 0 {
        return Vec::new();
    }
    let coverage = |span: &Span| span.duration().map_or(0.0, |length| length.0 as f64 / total as f64);
    let mut path = Path::default();
    let mut at = root;
    let mut steps = 0;
    loop {
        let span = &trace.spans[at as usize];
        path.entity(trace, span, Some(coverage(span)), Vec::new());
        if inferred::is_unanswered_call(trace, at) {
            path.callee(trace, at, Some(coverage(span)));
            break;
        }
        let length = |index: SpanIx| trace.spans[index as usize].duration().map_or(0, |length| length.0);
        let candidates = trace.children(at).filter(|&child| {
            trace.spans[child as usize].kind != SpanKind::Inferred
                && length(child) * 2 > total
                && length(child) <= total
        });
        // Of equals the first one counts.
        let Some(longest) = candidates.max_by_key(|&child| (length(child), std::cmp::Reverse(child))) else { break };
        at = longest;
        steps += 1;
    }
    if steps == 0 {
        return Vec::new();
    }
    vec![RootCause { services: path.services, client_impacting: true }]
}

/// A path in the making.
#[derive(Default)]
struct Path {
    services: Vec<RootCauseService>,
}

impl Path {
    /// Appends an entity; a segment begins a new service.
    fn entity(&mut self, trace: &Trace, span: &Span, coverage: Option<f64>, exceptions: Vec<RootCauseException>) {
        if span.is_segment() || self.services.is_empty() {
            let service = node::of_segment(trace, &trace.spans[span.segment as usize]);
            self.services.push(RootCauseService { service, inferred: false, entity_path: Vec::new() });
        }
        let remote = span.kind == SpanKind::Subsegment && span.namespace != Namespace::Local;
        let entity = RootCauseEntity { name: trace.name(span).to_owned(), remote, coverage, exceptions };
        self.services.last_mut().expect("one was pushed above").entity_path.push(entity);
    }

    /// Appends the inferred callee of an unanswered call.
    fn callee(&mut self, trace: &Trace, index: SpanIx, coverage: Option<f64>) {
        let span = &trace.spans[index as usize];
        let service = inferred::infer(trace, index, span).node;
        let name = trace.name(span).to_owned();
        let entity_path = vec![RootCauseEntity { name, remote: false, coverage, exceptions: Vec::new() }];
        self.services.push(RootCauseService { service, inferred: true, entity_path });
    }
}

#[cfg(test)]
mod tests;
