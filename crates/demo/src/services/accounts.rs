//! Accounts: who is signed in, and who may sign in.

use serde_json::json;

use crate::{
    aws,
    call::{Asked, Reply, call},
    services::ACCOUNTS,
    span::{Exception, Span},
    story::Story,
};

/// The session of the shopper is looked up.
pub(crate) fn session(story: &mut Story, caller: &mut Span) -> Reply {
    call(story, caller, &ACCOUNTS, &Asked::new("GET", "/sessions/current"), |story, accounts| {
        aws::table(story, accounts, "GetItem", "shop-sessions");
        accounts.annotate("signed_in", story.shopper.user.is_some());
        Reply::ok(312)
    })
}

/// The shopper signs in; the password can be wrong.
pub(crate) fn sign_in(story: &mut Story, caller: &mut Span) -> Reply {
    call(story, caller, &ACCOUNTS, &Asked::new("POST", "/sessions"), |story, accounts| {
        aws::table(story, accounts, "GetItem", "shop-accounts");
        let mut hash = story.span("verify password", accounts.now);
        hash.set(
            "metadata",
            json!({"accounts": {"hash": {"algorithm": "argon2id", "memory_kib": 19_456, "passes": 2}}}),
        );
        hash.spend(story.dice.time(58_000));
        accounts.add(&hash);
        if story.dice.per_mille(70) {
            let exception = Exception {
                kind: "accounts.ErrWrongPassword",
                message: "wrong name or password".to_owned(),
                remote: false,
                stack: &[
                    ("internal/session/create.go", 88, "(*Sessions).Create"),
                    ("internal/http/routes.go", 41, "signIn"),
                ],
                cause: None,
            };
            accounts.throw(&mut story.dice, &exception);
            return Reply::status(401);
        }
        aws::table(story, accounts, "PutItem", "shop-sessions");
        Reply { bytes: 298, ..Reply::status(201) }
    })
}
