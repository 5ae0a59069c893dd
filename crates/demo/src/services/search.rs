//! Search: words to products, by an index of its own.

use crate::{
    call::{Asked, Reply, call, outside},
    services::{SEARCH, catalogue},
    span::Span,
    story::Story,
};

/// Looks for words.
pub(crate) fn search(story: &mut Story, caller: &mut Span, words: &str) -> Reply {
    let asked = Asked::new("GET", format!("/search?q={words}&size=20"));
    call(story, caller, &SEARCH, &asked, |story, search| {
        let mut parse = story.span("parse query", search.now);
        parse.spend(story.dice.time(700));
        search.add(&parse);
        let url = "https://index.search.shop.internal:9200/products/_search";
        let mut index = outside(story, search, "index.search.shop.internal", "POST", url);
        index.spend(story.dice.time(31_000));
        let hits = if story.dice.per_mille(40) { 0 } else { story.dice.between(1, 20) };
        index.answer(200, 400 + 350 * hits);
        search.add(&index);
        search.annotate("query", words.replace('+', " "));
        search.annotate("hits", hits);
        search.annotate("fuzzy", hits < 5);
        if hits == 0 {
            return Reply::ok(96);
        }
        let products = catalogue::several(story, search, hits);
        if products.is_ok() { Reply::ok(1_100 * hits) } else { products.passed_on() }
    })
}
