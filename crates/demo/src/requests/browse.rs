//! People look around: categories, search, products.

use model::Moment;

use super::{enter, render};
use crate::{
    call::{Asked, Reply},
    services::{accounts, catalogue, inventory, recommendations, search as searching},
    span::at_once,
    story::Story,
};

const CATEGORIES: [&str; 6] = ["lamps", "chairs", "kettles", "bicycles", "headphones", "books"];
const WORDS: [&str; 8] = [
    "desk+lamp",
    "red+kettle",
    "noise+cancelling",
    "city+bike",
    "oak+chair",
    "usb-c+cable",
    "rust+programming",
    "coffee+grinder",
];

/// A page of a category.
pub(super) fn category(story: &mut Story, start: Moment) {
    let (category, page) = (story.dice.pick(&CATEGORIES), story.dice.between(1, 4));
    let asked = Asked::new("GET", format!("/categories/{category}?page={page}"));
    enter(story, start, &asked, "browse", |story, storefront| {
        if story.shopper.user.is_some() {
            accounts::session(story, storefront);
        }
        let mut products = Reply::ok(0);
        at_once(
            story,
            storefront,
            &mut [
                &mut |story, storefront| products = catalogue::list(story, storefront, category, page),
                &mut |story, storefront| recommendations::recommend(story, storefront, "category"),
            ],
        );
        if !products.is_ok() {
            return products.passed_on();
        }
        render(story, storefront, "category", 9_000);
        Reply::ok(41_000)
    });
}

/// A search.
pub(super) fn search(story: &mut Story, start: Moment) {
    let words = story.dice.pick(&WORDS);
    enter(story, start, &Asked::new("GET", format!("/search?q={words}")), "search", |story, storefront| {
        let found = searching::search(story, storefront, words);
        if !found.is_ok() {
            return found.passed_on();
        }
        render(story, storefront, "search", 7_000);
        Reply::ok(4_000 + found.bytes)
    });
}

/// A product's page.
pub(super) fn product(story: &mut Story, start: Moment) {
    let product = story.dice.between(1_000, 1_399);
    enter(story, start, &Asked::new("GET", format!("/products/{product}")), "product", |story, storefront| {
        if story.shopper.user.is_some() {
            accounts::session(story, storefront);
        }
        storefront.annotate("product", product);
        let found = catalogue::product(story, storefront, product);
        if !found.is_ok() {
            return found.passed_on();
        }
        at_once(
            story,
            storefront,
            &mut [
                &mut |story, storefront| {
                    inventory::stock(story, storefront, product);
                },
                &mut |story, storefront| recommendations::recommend(story, storefront, "product"),
            ],
        );
        render(story, storefront, "product", 11_000);
        Reply::ok(29_000 + found.bytes)
    });
}
