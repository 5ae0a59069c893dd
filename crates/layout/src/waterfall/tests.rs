//! Rows as pictures, and against a model that looks at every ancestor.

use std::{collections::BTreeSet, fmt::Write as _};

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::{Rows, SpanIx, Tree};

/// The depths and names of an indented text, two spaces a level.
fn read(text: &str) -> (Vec<u32>, Vec<&str>) {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| ((line.len() - line.trim_start().len()) as u32 / 2, line.trim()))
        .unzip()
}

fn draw(rows: &Rows, names: &[&str]) -> String {
    let mut picture = String::new();
    for row in 0..rows.len() {
        let span = rows.node(row).unwrap();
        assert_eq!(rows.row(span), Some(row));
        let tree = rows.tree();
        let twisty = match (tree.has_children(span), rows.is_collapsed(span)) {
            (false, _) => "·",
            (true, false) => "▾",
            (true, true) => "▸",
        };
        let (place, count) = tree.place(span);
        let indent = "  ".repeat(tree.depth(span) as usize);
        writeln!(picture, "{indent}{twisty} {} {place}/{count}", names[span as usize]).unwrap();
    }
    picture
}

fn check(text: &str, change: impl Fn(&mut Rows, &dyn Fn(&str) -> SpanIx), expected: &Expect) {
    let (depths, names) = read(text);
    let mut rows = Rows::new(Tree::new(&depths));
    change(&mut rows, &|name| names.iter().position(|known| *known == name).unwrap() as SpanIx);
    expected.assert_eq(&draw(&rows, &names));
}

const SHOP: &str = "
gateway
  auth
    keys
  orders
    dynamo
    queue
worker
  mail
";

#[test]
fn everything_is_shown_at_first() {
    check(
        SHOP,
        |_, _| (),
        &expect![[r#"
            ▾ gateway 1/2
              ▾ auth 1/2
                · keys 1/1
              ▾ orders 2/2
                · dynamo 1/2
                · queue 2/2
            ▾ worker 2/2
              · mail 1/1
        "#]],
    );
}

#[test]
fn a_collapsed_span_hides_its_descendants() {
    check(
        SHOP,
        |rows, span| {
            assert!(rows.toggle(span("orders")));
            assert!(rows.toggle(span("worker")));
            assert!(!rows.toggle(span("keys")), "nothing hangs under it");
        },
        &expect![[r#"
            ▾ gateway 1/2
              ▾ auth 1/2
                · keys 1/1
              ▸ orders 2/2
            ▸ worker 2/2
        "#]],
    );
}

#[test]
fn what_was_collapsed_inside_stays_so() {
    check(
        SHOP,
        |rows, span| {
            rows.collapse(span("auth"));
            rows.collapse(span("gateway"));
            assert_eq!(rows.row(span("keys")), None);
            assert_eq!(rows.row_or_ancestor(span("keys")), Some(0));
            rows.expand(span("gateway"));
        },
        &expect![[r#"
            ▾ gateway 1/2
              ▸ auth 1/2
              ▾ orders 2/2
                · dynamo 1/2
                · queue 2/2
            ▾ worker 2/2
              · mail 1/1
        "#]],
    );
}

#[test]
fn levels_can_be_chosen() {
    check(
        SHOP,
        |rows, _| rows.set_levels(1),
        &expect![[r#"
            ▾ gateway 1/2
              ▸ auth 1/2
              ▸ orders 2/2
            ▾ worker 2/2
              · mail 1/1
        "#]],
    );
    check(
        SHOP,
        |rows, _| rows.collapse_all(),
        &expect![[r#"
            ▸ gateway 1/2
            ▸ worker 2/2
        "#]],
    );
}

#[test]
fn a_level_less_and_a_level_more() {
    let hide_the_deepest = &expect![[r#"
        ▾ gateway 1/2
          ▸ auth 1/2
          ▸ orders 2/2
        ▾ worker 2/2
          · mail 1/1
    "#]];
    check(SHOP, |rows, _| rows.fewer_levels(), hide_the_deepest);
    check(
        SHOP,
        |rows, _| (0..5).for_each(|_| rows.fewer_levels()),
        &expect![[r#"
        ▸ gateway 1/2
        ▸ worker 2/2
    "#]],
    );
    check(
        SHOP,
        |rows, _| {
            rows.collapse_all();
            rows.more_levels();
        },
        hide_the_deepest,
    );
}

#[test]
fn revealing_expands_only_what_is_in_the_way() {
    check(
        SHOP,
        |rows, span| {
            rows.collapse_all();
            assert!(rows.reveal(span("queue")));
            assert!(!rows.reveal(span("queue")), "it is visible now");
        },
        &expect![[r#"
            ▾ gateway 1/2
              ▸ auth 1/2
              ▾ orders 2/2
                · dynamo 1/2
                · queue 2/2
            ▸ worker 2/2
        "#]],
    );
}

#[test]
fn skipped_levels_do_not_matter() {
    let tree = Tree::new(&[3, 5, 5, 1, 0]);
    let parents: Vec<_> = (0..5).map(|span| tree.parent(span)).collect();
    assert_eq!(parents, [None, Some(0), Some(0), None, None]);
}

#[test]
fn nothing_and_what_does_not_exist() {
    let mut rows = Rows::new(Tree::new(&[]));
    assert_eq!((rows.len(), rows.node(0), rows.row(0), rows.row_or_ancestor(7)), (0, None, None, None));
    assert!(!rows.toggle(3) && !rows.reveal(3));
    rows.collapse_all();
    rows.set_collapsed([0, 9]);
    assert!(rows.is_empty() && rows.collapsed_count() == 0);
}

#[test]
fn a_hundred_thousand_spans_wide_and_deep() {
    let count = 100_000;
    let wide: Vec<u32> = (0..count).map(|span| u32::from(span > 0)).collect();
    let deep: Vec<u32> = (0..count).collect();
    for depths in [wide, deep] {
        let mut rows = Rows::new(Tree::new(&depths));
        assert_eq!(rows.len(), count);
        rows.collapse_all();
        assert_eq!(rows.len(), 1);
        assert!(rows.reveal(count - 1));
        assert_eq!(rows.len(), count);
        // Toggles in the thousands: in linear time each this would take minutes.
        for span in (0..count).step_by(7) {
            rows.toggle(span);
            let shown = rows.row_or_ancestor(count - 1).unwrap();
            assert!(rows.node(shown).is_some());
            rows.toggle(span);
        }
        assert_eq!(rows.len(), count);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Toggle(prop::sample::Index),
    Reveal(prop::sample::Index),
    Levels(u32),
    Set(Vec<prop::sample::Index>),
    Where(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = || any::<prop::sample::Index>();
    let step = prop_oneof![
        6 => index().prop_map(Step::Toggle),
        2 => index().prop_map(Step::Reveal),
        1 => (0..5_u32).prop_map(Step::Levels),
        1 => prop::collection::vec(index(), 0..6).prop_map(Step::Set),
        1 => (1..5_u32).prop_map(Step::Where),
    ];
    prop::collection::vec(step, 0..30)
}

/// Depths as a trace has them: each at most one more than the one before.
fn depths() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..6_u32, 1..60).prop_map(|wished| {
        let mut room = 0;
        wished
            .into_iter()
            .map(|depth| {
                let depth = depth.min(room);
                room = depth + 1;
                depth
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn rows_agree_with_looking_at_every_ancestor(depths in depths(), steps in steps()) {
        let tree = Tree::new(&depths);
        let count = depths.len();
        let spans = || 0..count as SpanIx;
        let mut rows = Rows::new(tree.clone());
        let mut collapsed = BTreeSet::new();
        for step in steps {
            match step {
                Step::Toggle(index) => {
                    let span = index.index(count) as SpanIx;
                    prop_assert_eq!(rows.toggle(span), tree.has_children(span));
                    if tree.has_children(span) && !collapsed.remove(&span) {
                        collapsed.insert(span);
                    }
                }
                Step::Reveal(index) => {
                    let span = index.index(count) as SpanIx;
                    rows.reveal(span);
                    for ancestor in tree.ancestors(span) {
                        collapsed.remove(&ancestor);
                    }
                }
                Step::Levels(deepest) => {
                    rows.set_levels(deepest);
                    collapsed = spans().filter(|&s| tree.has_children(s) && tree.depth(s) >= deepest).collect();
                }
                Step::Set(indices) => {
                    let set: Vec<_> = indices.iter().map(|index| index.index(count) as SpanIx).collect();
                    rows.set_collapsed(set.iter().copied());
                    collapsed = set.into_iter().filter(|&span| tree.has_children(span)).collect();
                }
                Step::Where(nth) => {
                    rows.collapse_where(|span| span % nth == 0);
                    collapsed = spans().filter(|&s| tree.has_children(s) && s % nth == 0).collect();
                }
            }
            prop_assert_eq!(rows.collapsed_count(), collapsed.len());
            let hidden = |span| tree.ancestors(span).any(|ancestor| collapsed.contains(&ancestor));
            let visible: Vec<_> = spans().filter(|&span| !hidden(span)).collect();
            prop_assert_eq!(rows.collapsed().collect::<BTreeSet<_>>(), collapsed.clone());
            let shown: Vec<_> = (0..rows.len()).map(|row| rows.node(row).unwrap()).collect();
            prop_assert_eq!(&shown, &visible);
            prop_assert_eq!(&rows.nodes().collect::<Vec<_>>(), &visible);
            prop_assert_eq!(rows.node(rows.len()), None);
            for span in spans() {
                let row = visible.iter().position(|&known| known == span).map(|row| row as u32);
                prop_assert_eq!(rows.row(span), row);
                let standing = visible.iter().rposition(|&known| known <= span).map(|row| row as u32);
                prop_assert_eq!(rows.row_or_ancestor(span), standing);
            }
        }
    }

    #[test]
    fn a_tree_is_what_the_depths_say(depths in depths()) {
        let tree = Tree::new(&depths);
        for span in 0..depths.len() {
            let ix = span as SpanIx;
            prop_assert_eq!(tree.depth(ix), depths[span]);
            let end = (span + 1..depths.len()).find(|&next| depths[next] <= depths[span]).unwrap_or(depths.len());
            prop_assert_eq!(tree.subtree_end(ix) as usize, end);
            let parent = (0..span).rev().find(|&before| depths[before] < depths[span]);
            prop_assert_eq!(tree.parent(ix), parent.map(|parent| parent as SpanIx));
            let children = (span + 1..end).filter(|&child| depths[child] == depths[span] + 1).count();
            prop_assert_eq!(tree.child_count(ix) as usize, children);
        }
    }
}
