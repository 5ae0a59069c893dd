//! The page: what a person sees of traces, in the browser.
//!
//! `route` is the state that a link carries, `data` fetches, `pages` wire both to `views`, which draw and fetch nothing.
#![expect(unreachable_pub, reason = "Leptos' component macro makes what it derives public")]

mod data;
mod pages;
mod platform;
mod prelude;
mod reactive;
mod route;
mod state;
mod views;
mod widgets;

fn main() {
    // A page built for release has no messages of panics; `boot.js` tells of both.
    if cfg!(debug_assertions) {
        console_error_panic_hook::set_once();
    }
    leptos::mount::mount_to_body(pages::Root);
}
