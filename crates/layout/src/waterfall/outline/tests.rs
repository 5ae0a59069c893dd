//! Outlines as pictures, and against a model that moves subtrees about.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::waterfall::Rows;

/// What a line of a drawing says: `name`, `name *` that matches, `name #2` in group 2, `name @` in focus.
#[derive(Debug)]
struct Drawing<'a> {
    depths: Vec<u32>,
    names: Vec<&'a str>,
    groups: Vec<Vec<SpanIx>>,
    keep: Vec<bool>,
    focus: Option<SpanIx>,
}

fn read(text: &str) -> Drawing<'_> {
    let mut drawing =
        Drawing { depths: Vec::new(), names: Vec::new(), groups: Vec::new(), keep: Vec::new(), focus: None };
    for (span, line) in (0..).zip(text.lines().filter(|line| !line.trim().is_empty())) {
        let mut words = line.split_whitespace();
        drawing.depths.push((line.len() - line.trim_start().len()) as u32 / 2);
        drawing.names.push(words.next().unwrap());
        drawing.keep.push(false);
        for word in words {
            match word.split_at(1) {
                ("*", _) => drawing.keep[span as usize] = true,
                ("@", _) => drawing.focus = Some(span),
                ("#", group) => {
                    let group: usize = group.parse().unwrap();
                    drawing.groups.resize(drawing.groups.len().max(group + 1), Vec::new());
                    drawing.groups[group].push(span);
                }
                _ => panic!("{word} means nothing"),
            }
        }
    }
    drawing
}

impl Drawing<'_> {
    fn outline(&self) -> (Outline, Tree) {
        let keep = self.keep.contains(&true).then_some(&self.keep[..]);
        Outline::new(&self.depths, &Plan { groups: &self.groups, focus: self.focus, keep })
    }

    fn line(&self, outline: &Outline, tree: &Tree, node: NodeIx) -> String {
        let indent = "  ".repeat(tree.depth(node) as usize);
        match outline.node(node).unwrap() {
            Node::Span(span) => format!("{indent}{}\n", self.names[span as usize]),
            Node::Group(group) => format!("{indent}group {group} of {}\n", tree.child_count(node)),
        }
    }
}

fn check(text: &str, expected: &Expect) {
    let drawing = read(text);
    let (outline, tree) = drawing.outline();
    let picture = (0..outline.len() as NodeIx).map(|node| drawing.line(&outline, &tree, node)).collect::<String>();
    expected.assert_eq(&picture);
}

#[test]
fn members_come_together_where_the_first_one_stood() {
    check(
        "
gateway
  query1 #0
    socket
  cache
  query2 #0
  query3 #0
    socket
  render
worker #1
  mail
gateway #1
",
        &expect![[r#"
            gateway
              group 0 of 3
                query1
                  socket
                query2
                query3
                  socket
              cache
              render
            group 1 of 2
              worker
                mail
              gateway
        "#]],
    );
}

#[test]
fn groups_in_groups() {
    check(
        "
gateway
  page1 #1
    query1 #0
    query2 #0
  page2 #1
    query3 #2
      socket
    log
    query4 #2
",
        &expect![[r#"
            gateway
              group 1 of 2
                page1
                  group 0 of 2
                    query1
                    query2
                page2
                  group 2 of 2
                    query3
                      socket
                    query4
                  log
        "#]],
    );
}

#[test]
fn only_the_subtree_in_focus() {
    let text = "
gateway
  page1 #0
    query1
  page2 @ #0
    query2 #1
    query3 #1
  page3 #0
";
    check(
        text,
        &expect![[r#"
        page2
          group 1 of 2
            query2
            query3
    "#]],
    );
    let (outline, _) = read(text).outline();
    let nodes: Vec<_> = (0..7).map(|span| outline.node_of_span(span)).collect();
    assert_eq!(nodes, [None, None, None, Some(0), Some(2), Some(3), None]);
    let groups: Vec<_> = (0..7).map(|span| outline.group_of_span(span)).collect();
    assert_eq!(groups, [None, Some(0), None, Some(0), Some(1), Some(1), Some(0)]);
    assert_eq!([0, 1, 2].map(|group| outline.node_of_group(group)), [None, Some(1), None]);
}

#[test]
fn only_matches_and_what_leads_to_them() {
    let text = "
gateway
  query1 #0
    socket1
  cache *
    socket2
  query2 #0
    socket3 *
worker
  mail
";
    check(
        text,
        &expect![[r#"
        gateway
          group 0 of 1
            query2
              socket3
          cache
    "#]],
    );
    let (outline, _) = read(text).outline();
    let nodes: Vec<_> = (0..9).map(|span| outline.node_of_span(span)).collect();
    // What does not match is with its group, its parent, or nowhere.
    assert_eq!(nodes, [Some(0), Some(1), Some(1), Some(4), Some(4), Some(2), Some(3), None, None]);
    assert!(outline.has_span(3) && !outline.has_span(4) && !outline.has_span(8) && !outline.has_span(99));
}

#[test]
fn without_a_plan_nodes_are_spans() {
    let depths = [0, 1, 2, 1, 0];
    let (outline, tree) = Outline::new(&depths, &Plan::default());
    assert!((0..5).all(|span| outline.span(span) == Some(span) && outline.node_of_span(span) == Some(span)));
    assert_eq!((outline.len(), tree.len(), outline.node(5), outline.node_of_span(5)), (5, 5, None, None));
    let (outline, tree) = Outline::new(&depths, &Plan { focus: Some(1), ..Plan::default() });
    assert_eq!((outline.len(), outline.span(1), outline.node_of_span(0), tree.depth(1)), (2, Some(2), None, 1));
    let (outline, _) = Outline::new(&depths, &Plan { focus: Some(5), ..Plan::default() });
    assert_eq!(outline.len(), 5, "a focus that is no span is none");
    let (outline, tree) = Outline::new(&depths, &Plan { keep: Some(&[]), focus: Some(1), ..Plan::default() });
    assert!(outline.is_empty() && tree.is_empty(), "nothing matches");
    assert_eq!(Outline::new(&[], &Plan { groups: &[vec![0, 1]], ..Plan::default() }).0.len(), 0);
}

#[test]
fn what_cannot_be_grouped_is_not() {
    let depths = [0, 1, 1, 1, 0];
    // Another parent, twice, backwards, no span; one of an earlier group; one alone.
    let groups = [vec![1, 4, 1, 9, 2], vec![2, 3], vec![4], vec![]];
    let (outline, tree) = Outline::new(&depths, &Plan { groups: &groups, ..Plan::default() });
    let nodes: Vec<_> =
        (0..outline.len() as NodeIx).map(|node| (tree.depth(node), outline.node(node).unwrap())).collect();
    let span = Node::Span;
    assert_eq!(nodes, [(0, span(0)), (1, Node::Group(0)), (2, span(1)), (2, span(2)), (1, span(3)), (0, span(4))]);
}

#[test]
fn rows_fold_groups_as_they_fold_spans() {
    let drawing = read(
        "
gateway
  query1 #0
    socket
  cache
  query2 #0
  render
",
    );
    let (outline, tree) = drawing.outline();
    let mut rows = Rows::new(tree);
    rows.collapse_where(|node| matches!(outline.node(node), Some(Node::Group(_))));
    let mut picture = String::new();
    for node in rows.nodes() {
        write!(picture, "{}", drawing.line(&outline, rows.tree(), node)).unwrap();
    }
    expect![[r#"
        gateway
          group 0 of 2
          cache
          render
    "#]]
    .assert_eq(&picture);
    assert!(rows.reveal(outline.node_of_span(2).unwrap()));
    assert_eq!(rows.len(), 7);
}

#[test]
fn a_hundred_thousand_deep_and_wide() {
    let count = 100_000;
    let wide: Vec<u32> = (0..count).map(|span| u32::from(span > 0)).collect();
    let deep: Vec<u32> = (0..count).collect();
    let mut keep = vec![false; count as usize];
    keep[count as usize - 1] = true;
    let all = vec![(1..count).collect::<Vec<_>>()];
    let (outline, tree) = Outline::new(&wide, &Plan { groups: &all, keep: Some(&keep), ..Plan::default() });
    assert_eq!((outline.len(), tree.depth(2), outline.span(2)), (3, 2, Some(count - 1)));
    let (outline, tree) = Outline::new(&deep, &Plan { groups: &all, keep: Some(&keep), ..Plan::default() });
    assert_eq!((outline.len() as u32, tree.depth(count - 1)), (count, count - 1));
    let (outline, _) = Outline::new(&deep, &Plan { focus: Some(count / 2), ..Plan::default() });
    assert_eq!(outline.len() as u32, count / 2);
}

#[test]
fn a_million_spans_in_pairs() {
    let count = 1_000_000;
    let depths: Vec<u32> = (0..count).map(|span| [0, 1, 2, 2][span % 4]).collect();
    let groups: Vec<Vec<SpanIx>> = (0..count as SpanIx / 4).map(|four| vec![four * 4 + 2, four * 4 + 3]).collect();
    let (outline, tree) = Outline::new(&depths, &Plan { groups: &groups, ..Plan::default() });
    assert_eq!((outline.len(), outline.node(2)), (count / 4 * 5, Some(Node::Group(0))));
    let mut rows = Rows::new(tree);
    rows.collapse_where(|node| outline.span(node).is_none());
    assert_eq!(rows.len() as usize, count / 4 * 3);
}

/// A tree of spans with up to three groups of siblings, some matches, and perhaps a focus.
fn drawings() -> impl Strategy<Value = Drawing<'static>> {
    let span = (0..5_u32, 0..4_usize, prop::bool::weighted(0.2));
    let spans = prop::collection::vec(span, 1..40);
    (spans, prop::option::weighted(0.3, any::<prop::sample::Index>()), any::<bool>()).prop_map(
        |(spans, focus, keeps)| {
            let mut room = 0;
            let mut depths = Vec::new();
            for (depth, ..) in &spans {
                depths.push((*depth).min(room));
                room = depths[depths.len() - 1] + 1;
            }
            let tree = Tree::new(&depths);
            // Siblings with the same colour.
            let mut groups: Vec<Vec<SpanIx>> = Vec::new();
            for span in 0..depths.len() as SpanIx {
                let alike = |other: SpanIx| {
                    tree.parent(other) == tree.parent(span) && spans[other as usize].1 == spans[span as usize].1
                };
                if spans[span as usize].1 > 0 && !(0..span).any(alike) {
                    groups.push((span..depths.len() as SpanIx).filter(|other| alike(*other)).collect());
                }
            }
            groups.retain(|members| members.len() > 1);
            Drawing {
                focus: focus.map(|focus| focus.index(depths.len()) as SpanIx),
                keep: spans.iter().map(|span| keeps && span.2).collect(),
                names: Vec::new(),
                groups,
                depths,
            }
        },
    )
}

/// The nodes under one that are shown, with their levels: small trees only, for it recurses.
fn model(
    drawing: &Drawing<'_>,
    tree: &Tree,
    siblings: &[SpanIx],
    grouped: bool,
    depth: u32,
    into: &mut Vec<(u32, Node)>,
) {
    let is_kept = |span: SpanIx| {
        !drawing.keep.contains(&true) || (span..tree.subtree_end(span)).any(|below| drawing.keep[below as usize])
    };
    for &span in siblings {
        let group = (0..).zip(&drawing.groups).find(|(_, members)| members.contains(&span)).filter(|_| grouped);
        if let Some((number, members)) = group {
            if members[0] == span && members.iter().any(|member| is_kept(*member)) {
                into.push((depth, Node::Group(number)));
                model(drawing, tree, members, false, depth + 1, into);
            }
        } else if is_kept(span) {
            into.push((depth, Node::Span(span)));
            let children: Vec<_> =
                (span..tree.subtree_end(span)).filter(|below| tree.parent(*below) == Some(span)).collect();
            model(drawing, tree, &children, true, depth + 1, into);
        }
    }
}

proptest! {
    #[test]
    fn an_outline_is_what_the_plan_says(drawing in drawings()) {
        let spans = Tree::new(&drawing.depths);
        let count = spans.len() as SpanIx;
        let mut expected = Vec::new();
        if let Some(focus) = drawing.focus {
            model(&drawing, &spans, &[focus], false, 0, &mut expected);
        } else {
            let roots: Vec<_> = (0..count).filter(|span| spans.parent(*span).is_none()).collect();
            model(&drawing, &spans, &roots, true, 0, &mut expected);
        }
        let (outline, tree) = drawing.outline();
        prop_assert_eq!(outline.len(), tree.len());
        let nodes: Vec<_> = (0..tree.len() as NodeIx).map(|node| (tree.depth(node), outline.node(node).unwrap())).collect();
        prop_assert_eq!(&nodes, &expected);

        let place = |wanted: Node| expected.iter().position(|(_, node)| *node == wanted).map(|place| place as NodeIx);
        for span in 0..count {
            let group = (0..).zip(&drawing.groups).find(|(_, members)| members.contains(&span)).map(|(group, _)| group);
            prop_assert_eq!(outline.group_of_span(span), group);
            prop_assert_eq!(outline.has_span(span), place(Node::Span(span)).is_some());
            let inside = drawing.focus.is_none_or(|focus| focus <= span && span < spans.subtree_end(focus));
            let lineage = std::iter::once(span).chain(spans.ancestors(span)).flat_map(|span| {
                let group = (0..).zip(&drawing.groups).find(|(_, members)| members.contains(&span));
                [Some(Node::Span(span)), group.map(|(group, _)| Node::Group(group))]
            });
            let nearest = lineage.flatten().find_map(place).filter(|_| inside);
            prop_assert_eq!(outline.node_of_span(span), nearest);
        }
        for group in 0..drawing.groups.len() as u32 {
            prop_assert_eq!(outline.node_of_group(group), place(Node::Group(group)));
        }
    }
}
