//! Builds the page into `target/site`: wasm, its JavaScript, style and the files of `public/`, named by their contents.
//!
//! - `index.html`, never cached, names the others;
//! - `assets/<name>-<hash>.<ext>`, cached for ever, with `.br` and `.gz` beside those that compress;
//! - `site.json`, the [`Manifest`]: of which sources this is, and what it weighs.

mod assets;
mod bind;
mod manifest;
mod order;
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
        Effort::Release => {
            let mut bound = run::step("trimming it", || trim::trim(&bound))?;
            bound.wasm = run::step("putting like to like in it", || order::order(&bound.wasm))?;
            bound
        }
        Effort::Dev | Effort::Watch => bound,
    };
    let style = run::step("bundling the style", || style::bundle(&run::root().join("style/main.css"), effort))?;
    let files = page::lay_out(&run::root().join("public"), bound, style, effort)?;
    let manifest = run::step("compressing", || assets::write(&folder(), files, source_hash, effort))?;
    eprintln!("xtask: the page is in {} ({})", folder().display(), manifest.weight());
    Ok(manifest)
}

/// Compiles the page. For release with a standard library built for size, in which a panic is a trap without a message:
/// that is 7 % of the page. Where the library's source cannot be had, with the one that the compiler brings.
fn compile(effort: Effort) -> Result<Vec<u8>> {
    let args = ["build", "--package", "app", "--target", WASM, "--profile", effort.profile()];
    let mut command = run::cargo(For::Wasm, &args);
    if effort == Effort::Release {
        if wasm_target::has_library_source()? {
            wasm_target::build_small_library(&mut command);
        } else {
            eprintln!("xtask: without the source of the standard library the page is some 30 kB larger");
        }
    }
    let path = run::build(&mut command, "app")?;
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}
