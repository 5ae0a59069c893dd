//! Sees to it that the compiler can compile for the browser.

use std::{env, path::Path, process::Command, time::Duration};

use anyhow::{Result, bail};

use crate::run::{self, BUILD_STD, WASM};

/// A download of some 20 MB; a network that blocks it may also hang for ever.
const PATIENCE: Duration = Duration::from_mins(4);

const WHAT_TO_INSTALL: &str = "\
the compiler has no standard library for wasm32-unknown-unknown. Do one of these:
  with rustup:     rustup target add wasm32-unknown-unknown
  on Debian 12:    apt-get install rustc-web cargo-web rust-web-src lld-22
                   export PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1
                   export CARGO_UNSTABLE_BUILD_STD=std,panic_abort
                   export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22";

/// Adds the target through rustup when it is missing; the error says what to install.
pub(crate) fn ensure() -> Result<()> {
    if env::var_os(BUILD_STD).is_some() {
        eprintln!("xtask: {BUILD_STD} is set: the standard library for wasm is built from source");
        return Ok(());
    }
    if is_there()? {
        return Ok(());
    }
    if !run::is_installed("rustup") {
        bail!("{WHAT_TO_INSTALL}");
    }
    run::step("adding the target with `rustup target add wasm32-unknown-unknown`", || {
        let added = run::succeeds_within(Command::new("rustup").args(["target", "add", WASM]), PATIENCE)?;
        // rustup may have added it to another toolchain than the one in use.
        if !added || !is_there()? {
            bail!("rustup could not add it within {} s; {WHAT_TO_INSTALL}", PATIENCE.as_secs());
        }
        Ok(())
    })
}

fn is_there() -> Result<bool> {
    Ok(Path::new(&rustc(&["--print", "target-libdir", "--target", WASM])?).is_dir())
}

/// Whether the source of the standard library lies beside the compiler; rustup is asked for it when it does not.
pub(crate) fn has_library_source() -> Result<bool> {
    let is_here = || -> Result<bool> {
        let root = rustc(&["--print", "sysroot"])?;
        Ok(Path::new(&root).join("lib/rustlib/src/rust/library/Cargo.lock").is_file())
    };
    if is_here()? {
        return Ok(true);
    }
    if !run::is_installed("rustup") || env::var_os(BUILD_STD).is_some() {
        return Ok(false);
    }
    run::step("adding the library's source with `rustup component add rust-src`", || {
        Ok(run::succeeds_within(Command::new("rustup").args(["component", "add", "rust-src"]), PATIENCE)? && is_here()?)
    })
}

/// Has a build compile the standard library as well: for size, with panics as traps and without what `{:?}` prints.
///
/// These are features of the nightly compiler that the stable one has as well; the environment variable asks it for them.
pub(crate) fn build_small_library(command: &mut Command) {
    command.env("RUSTC_BOOTSTRAP", "1").env_remove(BUILD_STD);
    command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    let flags = ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zfmt-debug=none", "-Zlocation-detail=none"];
    command.args(["--config", &format!("target.{WASM}.rustflags={flags:?}")]);
}

fn rustc(args: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(run::output(Command::new(rustc).args(args))?.trim().to_owned())
}
