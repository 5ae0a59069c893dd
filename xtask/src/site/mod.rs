//! Builds the page into `target/site`: wasm, its JavaScript, style and the files of `public/`, named by their contents.
//!
//! - `index.html`, never cached, names the others;
//! - `assets/<name>-<hash>.<ext>`, cached for ever, with `.br` and `.gz` beside those that compress;
//! - `site.json`, the [`Manifest`]: of which sources this is, and what it weighs.

mod assets;
mod bind;
mod manifest;
mod page;
mod sources;
mod style;
mod trim;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
pub(crate) use manifest::Manifest;

use crate::{
    run::{self, For, WASM},
    wasm_target,
};

/// How much effort goes into the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Small: profile `wasm-release`, brotli at its best.
    Release,
    /// Fast to build: profile `wasm-dev`, with names in stack traces.
    Dev,
    /// As `Dev`, and the page loads itself anew after each build.
    Watch,
}

impl Effort {
    /// Its name in the manifest.
    fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "dev",
            Self::Watch => "watch",
        }
    }

    fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev | Self::Watch => "wasm-dev",
        }
    }
}

/// Where the page lies once it is built; the server embeds this folder.
pub(crate) fn folder() -> PathBuf {
    run::root().join("target/site")
}

/// The hash of the sources that the page is made of, as they are now.
pub(crate) fn source_hash() -> Result<String> {
    sources::hash(&run::root())
}

/// Builds the page unless it stands there already, of these very sources.
pub(crate) fn build(effort: Effort) -> Result<Manifest> {
    let source_hash = source_hash()?;
    if let Some(manifest) = Manifest::read_whole(&folder())
        && manifest.source_hash == source_hash
        && manifest.effort == effort.name()
    {
        eprintln!("xtask: the page is built already ({})", manifest.weight());
        return Ok(manifest);
    }
    wasm_target::ensure()?;
    let wasm = run::step(&format!("building the page for {WASM}, profile {}", effort.profile()), || compile(effort))?;
    let bound = run::step("binding it to JavaScript", || bind::bind(&wasm, effort))?;
    let bound = match effort {
        Effort::Release => run::step("trimming it", || trim::trim(&bound))?,
        Effort::Dev | Effort::Watch => bound,
    };
    let style = run::step("bundling the style", || style::bundle(&run::root().join("style/main.css"), effort))?;
    let files = page::lay_out(&run::root().join("public"), bound, style, effort)?;
    let manifest = run::step("compressing", || assets::write(&folder(), files, source_hash, effort))?;
    eprintln!("xtask: the page is in {} ({})", folder().display(), manifest.weight());
    Ok(manifest)
}

fn compile(effort: Effort) -> Result<Vec<u8>> {
    let args = ["build", "--package", "app", "--target", WASM, "--profile", effort.profile()];
    let path = run::build(&mut run::cargo(For::Wasm, &args), "app")?;
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}
