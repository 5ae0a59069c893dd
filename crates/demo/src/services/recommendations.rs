//! Recommendations: a function that nobody depends on.

use serde_json::json;

use crate::{
    aws,
    call::Reply,
    lambda::{Function, invoke},
    span::{Exception, Span},
    story::Story,
};

const FUNCTION: Function = Function { name: "recommendations", runtime: "python3.13", cold_start: 610_000 };

/// What the shopper may like; the shop does without where it fails.
pub(crate) fn recommend(story: &mut Story, caller: &mut Span, place: &str) {
    invoke(story, caller, &FUNCTION, |story, function| {
        aws::table(story, function, "Query", "shop-affinities");
        let mut rank = story.span("rank", function.now);
        rank.set(
            "metadata",
            json!({"model": {"name": "co-purchase", "revision": 41, "features": ["views", "purchases", "brand"]}}),
        );
        rank.annotate("place", place);
        rank.spend(story.dice.time(16_000));
        let fails = story.dice.per_mille(3);
        if fails {
            let exception = Exception {
                kind: "KeyError",
                message: "'brand'".to_owned(),
                remote: false,
                stack: &[("/var/task/ranking.py", 57, "score"), ("/var/task/handler.py", 19, "handler")],
                cause: None,
            };
            rank.throw(&mut story.dice, &exception);
            rank.flag(500);
        }
        function.add(&rank);
        if fails { Reply::status(500) } else { Reply::ok(640) }
    });
}
