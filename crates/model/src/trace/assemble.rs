//! From documents in any order to one flat tree.
//!
//! Four passes, each a loop: read every document into entities; keep one entity for each id; find each one's parent,
//! with placeholders for parents that have not come and circles cut; lay the tree out in pre-order.

use std::{ops::Range, str::FromStr as _, sync::Arc};

use super::{Marks, Namespace, Span, SpanIx, SpanKind, Strings, Trace, problems::Problems};
use crate::{
    Detail, Moment, SpanId, TraceId,
    document::{self, Entity, Member, read},
    index::{Numbers, Texts},
    outcome::Flags,
    problem::ProblemKind,
};

/// An entity that may become a span.
struct Candidate {
    id: SpanId,
    kind: SpanKind,
    namespace: Namespace,
    parent: ParentRef,
    start: Moment,
    end: Option<Moment>,
    flags: Flags,
    status: Option<i64>,
    name: String,
    detail: Option<Box<Detail>>,
    document: u32,
    range: Range<u32>,
}

/// What a document says of its parent.
#[derive(Clone, Copy, PartialEq)]
enum ParentRef {
    /// Nothing: a root segment.
    None,
    /// The (sub)segment of this id.
    Id(SpanId),
    /// A subsegment on its own that names no parent.
    Unknown,
}

pub(super) fn assemble(id: TraceId, documents: &[Arc<str>]) -> Trace {
    let mut problems = Problems::default();
    let mut candidates = Vec::new();
    for (index, text) in documents.iter().enumerate() {
        read_document(id, index as u32, text, &mut candidates, &mut problems);
    }
    let mut nodes = one_for_each_id(candidates, documents, &mut problems);
    drop_needless_inferred(&mut nodes);
    let parents = find_parents(&mut nodes, &mut problems);
    lay_out(id, nodes, &parents, documents, problems)
}

fn read_document(id: TraceId, index: u32, text: &str, into: &mut Vec<Candidate>, problems: &mut Problems) {
    let entities = match document::parse(text) {
        Ok(entities) => entities,
        Err(error) => {
            problems.add(ProblemKind::Unreadable, None, format!("a document was left out: {error}"));
            return;
        }
    };
    if let Some(other) = entities[0].text(Member::TraceId)
        && TraceId::from_str(&other) != Ok(id)
    {
        let own = entities[0].text(Member::Id).and_then(|own| own.parse().ok());
        problems.add(ProblemKind::WrongTrace, own, format!("a document of trace {other:.40} was left out"));
        return;
    }
    // The ids of this document's entities, by index, for the embedded ones to refer to.
    let mut ids = Vec::with_capacity(entities.len());
    for entity in &entities {
        let own = entity.text(Member::Id).and_then(|own| own.parse().ok()).unwrap_or_else(|| {
            // Made from the bytes, so that the same document makes the same trace again.
            let made_up = SpanId(fnv(&text[entity.range.clone()]));
            problems.add(ProblemKind::BadField, Some(made_up), "id is missing or not 16 hex digits; one was made up");
            made_up
        });
        ids.push(own);
        into.extend(candidate(entity, own, &ids, index, problems));
    }
}

fn candidate(
    entity: &Entity<'_>,
    id: SpanId,
    ids: &[SpanId],
    document: u32,
    problems: &mut Problems,
) -> Option<Candidate> {
    let mut bad = |message: String| problems.add(ProblemKind::BadField, Some(id), message);
    let mut time = |member, name: &str| {
        let raw = entity.get(member)?;
        let read = read::number_text(raw).map(Moment::from_seconds_text);
        match read {
            Some(Ok(moment)) => return Some(moment),
            Some(Err(error)) => bad(format!("{name}: {error}")),
            None => bad(format!("{name} should be a number; it is {}", read::type_name(raw))),
        }
        None
    };
    let (start, end) = (time(Member::StartTime, "start_time"), time(Member::EndTime, "end_time"));
    let Some(start) = start.or(end) else {
        bad("without start_time and end_time it has no place in time and was left out".into());
        return None;
    };
    let (detail, sentences) = entity.detail();
    sentences.into_iter().for_each(&mut bad);
    let name = entity.text(Member::Name).map(std::borrow::Cow::into_owned).unwrap_or_default();
    if name.is_empty() {
        bad("name is missing".into());
    }
    let parent = match (entity.container, entity.text(Member::ParentId)) {
        (Some(container), _) => ParentRef::Id(ids[container as usize]),
        (None, Some(parent)) => parent.parse().map_or_else(
            |error: crate::id::IdError| {
                bad(format!("parent_id: {error}"));
                ParentRef::Unknown
            },
            ParentRef::Id,
        ),
        (None, None) if entity.is_subsegment() => ParentRef::Unknown,
        (None, None) => ParentRef::None,
    };
    Some(Candidate {
        id,
        kind: match entity {
            entity if entity.is_subsegment() => SpanKind::Subsegment,
            entity if entity.is_inferred() => SpanKind::Inferred,
            _ => SpanKind::Segment,
        },
        namespace: match entity.text(Member::Namespace).as_deref() {
            Some("aws") => Namespace::Aws,
            Some("remote") => Namespace::Remote,
            _ => Namespace::Local,
        },
        parent,
        start,
        end,
        flags: entity.flags(),
        status: detail.http.as_ref().and_then(|http| http.status),
        name,
        detail: (detail != Detail::default()).then(|| Box::new(detail)),
        document,
        range: entity.range.start as u32..entity.range.end as u32,
    })
}

/// Keeps one candidate for each id: the first completed one, else the last one in progress. They come out by id.
fn one_for_each_id(candidates: Vec<Candidate>, documents: &[Arc<str>], problems: &mut Problems) -> Vec<Candidate> {
    let text = |candidate: &Candidate| {
        let range = candidate.range.start as usize..candidate.range.end as usize;
        documents[candidate.document as usize].get(range)
    };
    let mut places = Numbers::default();
    let mut kept: Vec<Option<Candidate>> = Vec::new();
    for new in candidates {
        let place = places.get_or_insert(new.id.0, kept.len() as u32) as usize;
        match kept.get(place) {
            Some(Some(old)) if old.end.is_some() => {
                // An embedded copy of a streamed subsegment says its trace and parent differently; that is no conflict.
                if new.end.is_some()
                    && text(old) != text(&new)
                    && (old.end, old.start, &old.name) != (new.end, new.start, &new.name)
                {
                    let message = "completed twice with different times or names; the first document was kept";
                    problems.add(ProblemKind::Conflict, Some(new.id), message);
                }
            }
            Some(_) => kept[place] = Some(new),
            None => kept.push(Some(new)),
        }
    }
    places.in_order().filter_map(|(_, place)| kept[place as usize].take()).collect()
}

/// An inferred segment stands for a callee that reports none: it goes when one has reported, and so do second copies.
fn drop_needless_inferred(nodes: &mut Vec<Candidate>) {
    // The best callee of each caller, by its place.
    let mut best = Numbers::default();
    let rank = |node: &Candidate| (node.kind, node.id);
    for (place, node) in nodes.iter().enumerate().filter(|(_, node)| node.kind != SpanKind::Subsegment) {
        if let ParentRef::Id(parent) = node.parent {
            let known = best.get_or_insert(parent.0, place as u32);
            if rank(node) < rank(&nodes[known as usize]) {
                best.set(parent.0, place as u32);
            }
        }
    }
    let mut dropped = Numbers::default();
    let mut place = 0;
    let mut any = false;
    nodes.retain(|node| {
        place += 1;
        match node.parent {
            ParentRef::Id(parent) if node.kind == SpanKind::Inferred && best.get(parent.0) != Some(place - 1) => {
                dropped.set(node.id.0, 0);
                any = true;
                false
            }
            _ => true,
        }
    });
    // What was embedded in a dropped one goes with it; embedding is at most `document::MAX_LEVELS` deep.
    let mut before = usize::MAX;
    while any && nodes.len() < before {
        before = nodes.len();
        nodes.retain(|node| match node.parent {
            ParentRef::Id(parent) if node.kind == SpanKind::Subsegment && dropped.get(parent.0).is_some() => {
                dropped.set(node.id.0, 0);
                false
            }
            _ => true,
        });
    }
}

/// The parent of each node by index; adds placeholders to `nodes` and cuts circles.
fn find_parents(nodes: &mut Vec<Candidate>, problems: &mut Problems) -> Vec<Parent> {
    let mut places = Numbers::default();
    for (node, index) in nodes.iter().zip(0..) {
        places.set(node.id.0, index);
    }
    let mut parents = Vec::with_capacity(nodes.len());
    for index in 0..nodes.len() {
        let node = &nodes[index];
        let (child, wanted) = match node.parent {
            ParentRef::None => {
                parents.push(Parent::Root);
                continue;
            }
            ParentRef::Id(parent) => (node.id, parent),
            // All subsegments that name no parent share one placeholder.
            ParentRef::Unknown => (node.id, SpanId(0)),
        };
        let fresh = nodes.len() as u32;
        let place = places.get_or_insert(wanted.0, fresh);
        if place == fresh {
            problems.add(ProblemKind::MissingParent, Some(child), missing_parent(wanted));
            nodes.push(placeholder(wanted));
        }
        parents.push(Parent::Node(place));
    }
    parents.resize(nodes.len(), Parent::Root);
    cut_circles(nodes, &mut parents, problems);
    parents
}

/// Where a node hangs.
#[derive(Clone, Copy, PartialEq)]
enum Parent {
    Root,
    Node(u32),
    /// It was part of a circle and stands as a root now.
    Cut,
}

fn missing_parent(wanted: SpanId) -> String {
    if wanted == SpanId(0) {
        return "a subsegment on its own names no parent; it stands under a placeholder".into();
    }
    format!("its parent {wanted} has not come; it stands under a placeholder")
}

fn placeholder(id: SpanId) -> Candidate {
    Candidate {
        id,
        kind: SpanKind::Placeholder,
        namespace: Namespace::Local,
        parent: ParentRef::None,
        start: Moment(i64::MAX),
        end: None,
        flags: Flags::default(),
        status: None,
        name: String::new(),
        detail: None,
        document: u32::MAX,
        range: 0..0,
    }
}

fn cut_circles(nodes: &[Candidate], parents: &mut [Parent], problems: &mut Problems) {
    // Which walk upwards saw a node first; a walk that meets its own number has gone in a circle.
    let mut walks = vec![0_u32; nodes.len()];
    for (start, walk) in (0..nodes.len()).zip(1..) {
        let mut at = start;
        while walks[at] == 0 {
            walks[at] = walk;
            match parents[at] {
                Parent::Node(parent) => at = parent as usize,
                Parent::Root | Parent::Cut => break,
            }
        }
        if walks[at] != walk || matches!(parents[at], Parent::Root | Parent::Cut) {
            continue;
        }
        // `at` lies on a circle. The member that starts first becomes a root: it most likely was one.
        let mut first = at;
        let mut next = at;
        while let Parent::Node(parent) = parents[next] {
            next = parent as usize;
            if (nodes[next].start, nodes[next].id) < (nodes[first].start, nodes[first].id) {
                first = next;
            }
            if next == at {
                break;
            }
        }
        parents[first] = Parent::Cut;
        problems.add(ProblemKind::Cycle, Some(nodes[first].id), "its parents lead back to itself; it stands as a root");
    }
}

fn lay_out(
    id: TraceId,
    mut nodes: Vec<Candidate>,
    parents: &[Parent],
    documents: &[Arc<str>],
    mut problems: Problems,
) -> Trace {
    let (order, depths) = pre_order(&mut nodes, parents);
    let mut place = vec![0 as SpanIx; nodes.len()];
    for (index, &node) in order.iter().enumerate() {
        place[node as usize] = index as SpanIx;
    }
    let mut nodes: Vec<Option<Candidate>> = nodes.into_iter().map(Some).collect();
    let mut strings = Texts::default();
    // Where a document stands among those that are kept; they come in the order of their first span.
    let mut used = vec![u32::MAX; documents.len()];
    let mut kept_documents = Vec::new();
    let mut spans: Vec<Span> = Vec::with_capacity(nodes.len());
    for (index, &node) in order.iter().enumerate() {
        let Some(found) = nodes[node as usize].take() else { continue };
        let parent = match parents[node as usize] {
            Parent::Node(parent) => Some(place[parent as usize]),
            Parent::Root | Parent::Cut => None,
        };
        let own_segment = matches!(found.kind, SpanKind::Segment | SpanKind::Inferred | SpanKind::Placeholder);
        let document = match documents.get(found.document as usize) {
            Some(text) => {
                let place = &mut used[found.document as usize];
                if *place == u32::MAX {
                    *place = kept_documents.len() as u32;
                    kept_documents.push(text.clone());
                }
                *place
            }
            None => u32::MAX,
        };
        spans.push(Span {
            id: found.id,
            kind: found.kind,
            namespace: found.namespace,
            parent,
            depth: depths[index],
            subtree_end: index as SpanIx + 1,
            segment: parent.filter(|_| !own_segment).map_or(index as SpanIx, |parent| spans[parent as usize].segment),
            start: found.start,
            end: found.end,
            flags: found.flags,
            outcome: found.flags.with_status(found.status).outcome(),
            marks: Marks { cut: parents[node as usize] == Parent::Cut, ..Marks::default() },
            detail: found.detail,
            name: strings.number(&found.name),
            document,
            range: found.range,
        });
    }
    for index in (0..spans.len()).rev() {
        if let Some(parent) = spans[index].parent {
            let end = spans[index].subtree_end;
            let parent = &mut spans[parent as usize];
            parent.subtree_end = parent.subtree_end.max(end);
        }
    }
    mark(&mut spans, &mut problems);
    let several =
        spans.iter().filter(|span| span.depth == 0 && span.kind == SpanKind::Segment && !span.marks.cut).skip(1);
    for span in several {
        let message = "a further segment without parent; the one that starts first counts as the entry";
        problems.add(ProblemKind::SeveralRoots, Some(span.id), message);
    }
    Trace {
        id,
        spans,
        problems: problems.finish(),
        documents: kept_documents,
        strings: Strings { texts: strings.list().into_iter().map(Box::from).collect() },
    }
}

/// The nodes in pre-order with their depths. Gives placeholders the times of what hangs on them.
fn pre_order(nodes: &mut [Candidate], parents: &[Parent]) -> (Vec<u32>, Vec<u32>) {
    for (index, parent) in parents.iter().enumerate() {
        if let Parent::Node(parent) = *parent
            && nodes[parent as usize].kind == SpanKind::Placeholder
        {
            let (start, end) = (nodes[index].start, nodes[index].end.unwrap_or(nodes[index].start));
            let placeholder = &mut nodes[parent as usize];
            placeholder.start = placeholder.start.min(start);
            placeholder.end = placeholder.end.max(Some(end));
        }
    }
    // All nodes sorted as siblings should be; then handing them out to their parents keeps that order.
    let rank = |index: u32| {
        let node = &nodes[index as usize];
        let last = node.kind == SpanKind::Placeholder || parents[index as usize] == Parent::Cut;
        (last, node.start, node.id)
    };
    let mut sorted: Vec<u32> = (0..nodes.len() as u32).collect();
    sorted.sort_unstable_by_key(|&index| rank(index));
    // Children of node n: children[first[n]..first[n + 1]].
    let mut first = vec![0_u32; nodes.len() + 1];
    for parent in parents {
        if let Parent::Node(parent) = *parent {
            first[parent as usize + 1] += 1;
        }
    }
    for index in 0..nodes.len() {
        first[index + 1] += first[index];
    }
    let mut fill = first.clone();
    let mut children = vec![0_u32; first[nodes.len()] as usize];
    let mut roots = Vec::new();
    for index in sorted {
        match parents[index as usize] {
            Parent::Node(parent) => {
                children[fill[parent as usize] as usize] = index;
                fill[parent as usize] += 1;
            }
            Parent::Root | Parent::Cut => roots.push(index),
        }
    }
    let (mut order, mut depths) = (Vec::with_capacity(nodes.len()), Vec::with_capacity(nodes.len()));
    let mut waiting: Vec<(u32, u32)> = roots.into_iter().rev().map(|root| (root, 0)).collect();
    while let Some((node, depth)) = waiting.pop() {
        order.push(node);
        depths.push(depth);
        let range = first[node as usize] as usize..first[node as usize + 1] as usize;
        waiting.extend(children[range].iter().rev().map(|&child| (child, depth + 1)));
    }
    (order, depths)
}

/// Marks what clocks and waiting make visible between a span and its parent.
fn mark(spans: &mut [Span], problems: &mut Problems) {
    for index in 0..spans.len() {
        let span = &spans[index];
        let parent =
            span.parent.map(|parent| &spans[parent as usize]).filter(|parent| parent.kind != SpanKind::Placeholder);
        let early = parent.is_some_and(|parent| span.start < parent.start);
        let backwards = span.end.is_some_and(|end| end < span.start);
        let late = parent.and_then(|parent| parent.end).zip(span.end).is_some_and(|(parent, end)| end > parent);
        if backwards {
            problems.add(ProblemKind::ClockSkew, Some(span.id), "it ends before it starts");
        } else if early {
            problems.add(ProblemKind::ClockSkew, Some(span.id), "it starts before its parent");
        }
        let marks = &mut spans[index].marks;
        marks.skewed = early || backwards;
        marks.asynchronous = late;
    }
}

/// The FNV-1a hash: the same on every machine and in every run.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
