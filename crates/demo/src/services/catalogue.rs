//! The catalogue: products and their prices, out of the database; some products make it ask far too often.

use serde_json::json;

use crate::{
    aws::{self, CATALOGUE as DATABASE},
    call::{Asked, Reply, call},
    services::CATALOGUE,
    span::{Exception, Span},
    story::Story,
};

const LIST: &str = "SELECT p.id, p.name, p.image, p.price_cents FROM products p JOIN product_categories c ON c.product_id = p.id WHERE c.category = ? ORDER BY p.rank LIMIT ? OFFSET ?";
const COUNT: &str = "SELECT count(*) FROM product_categories WHERE category = ?";
const BY_ID: &str = "SELECT id, name, description, image, brand_id, price_cents FROM products WHERE id = ?";
const BY_IDS: &str = "SELECT id, name, image, price_cents FROM products WHERE id = ANY (?)";
const VARIANTS: &str = "SELECT id, colour, size FROM product_variants WHERE product_id = ?";
const PRICE: &str = "SELECT price_cents, valid_from FROM variant_prices WHERE variant_id = ? AND currency = ?";

/// A page of a category.
pub(crate) fn list(story: &mut Story, caller: &mut Span, category: &str, page: u64) -> Reply {
    let asked = Asked::new("GET", format!("/categories/{category}/products?page={page}&size=24"));
    call(story, caller, &CATALOGUE, &asked, |story, catalogue| {
        aws::query(story, catalogue, &DATABASE, COUNT, 2_600);
        aws::query(story, catalogue, &DATABASE, LIST, 11_000);
        catalogue.annotate("products", 24);
        Reply::ok(18_400)
    })
}

/// Several products at once, as search finds them.
pub(crate) fn several(story: &mut Story, caller: &mut Span, count: u64) -> Reply {
    call(story, caller, &CATALOGUE, &Asked::new("POST", "/products/batch"), |story, catalogue| {
        aws::query(story, catalogue, &DATABASE, BY_IDS, 5_500);
        catalogue.annotate("products", count);
        Reply::ok(900 * count)
    })
}

/// One product. Those with variants are slow: the price of each is asked for by itself.
pub(crate) fn product(story: &mut Story, caller: &mut Span, product: u64) -> Reply {
    let asked = Asked::new("GET", format!("/products/{product}"));
    call(story, caller, &CATALOGUE, &asked, |story, catalogue| {
        aws::query(story, catalogue, &DATABASE, BY_ID, 2_900);
        if story.dice.per_mille(9) {
            let exception = Exception {
                kind: "shop.catalogue.ProductNotFoundException",
                message: format!("there is no product {product}"),
                remote: false,
                stack: &[
                    ("shop/catalogue/ProductRepository.java", 73, "shop.catalogue.ProductRepository.byId"),
                    ("shop/catalogue/ProductController.java", 38, "shop.catalogue.ProductController.product"),
                ],
                cause: None,
            };
            catalogue.throw(&mut story.dice, &exception);
            return Reply::status(404);
        }
        aws::query(story, catalogue, &DATABASE, VARIANTS, 3_100);
        // One product in five has variants, and always the same ones do.
        let variants = if product.is_multiple_of(5) { story.dice.between(20, 60) } else { 1 };
        let mut prices = story.span("load prices", catalogue.now);
        prices.annotate("variants", variants);
        for _ in 0..variants {
            aws::query(story, &mut prices, &DATABASE, PRICE, 2_700);
        }
        catalogue.add(&prices);
        aws::call(
            story,
            catalogue,
            "S3",
            "HeadObject",
            &[("bucket_name", json!("shop-images")), ("key", json!(format!("products/{product}/front.webp")))],
            14_000,
        );
        Reply::ok(5_200 + 210 * variants)
    })
}
