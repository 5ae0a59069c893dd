//! Makes the JavaScript that starts the compiled page, with wasm-bindgen at the version in Cargo.lock.

use std::fs;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::Effort;
use crate::run;

/// The page's program as the browser takes it.
pub(crate) struct Bound {
    /// A module whose default export loads and starts the wasm.
    pub(crate) js: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// Binds a compiled module.
pub(crate) fn bind(wasm: &[u8], effort: Effort) -> Result<Bound> {
    let folder = run::root().join("target/site-bound");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let release = effort == Effort::Release;
    Bindgen::new()
        .input_bytes("app", wasm.to_owned())
        .web(true)?
        .typescript(false)
        .debug(!release)
        // Names are a third of the bytes; a stack trace of the small build goes without.
        .remove_name_section(release)
        .remove_producers_section(true)
        .generate(&folder)?;
    if folder.join("snippets").exists() {
        bail!("a dependency of the page brings JavaScript files of its own, and `xtask` has no place for them");
    }
    let read = |name: &str| fs::read(folder.join(name)).with_context(|| format!("wasm-bindgen made no {name}"));
    Ok(Bound { js: read("app.js")?, wasm: read("app_bg.wasm")? })
}
