//! What the tests need beside cargo, and how to get it.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Result, bail};

use crate::run::{self, For};

/// Something that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Rustfmt,
    Clippy,
    Chromium,
    Chromedriver,
    /// Python with virtual environments; the AWS SDKs for Python are installed into one.
    PythonVenv,
}

/// Everything that a person without these tools can do about it.
struct Recipe {
    apt: &'static str,
    /// The name of rustup's component, for those that belong to the toolchain.
    rustup: Option<&'static str>,
}

impl Tool {
    fn recipe(self) -> Recipe {
        let debian = |apt| Recipe { apt, rustup: None };
        match self {
            Self::Rustfmt => Recipe { apt: "rustfmt-web", rustup: Some("rustfmt") },
            Self::Clippy => Recipe { apt: "rust-web-clippy", rustup: Some("clippy") },
            Self::Chromium => debian("chromium"),
            Self::Chromedriver => debian("chromium-driver"),
            Self::PythonVenv => debian("python3-venv"),
        }
    }

    fn is_there(self) -> bool {
        let answers = |command: &mut Command| {
            let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
            run::succeeds_within(quiet, Duration::from_mins(1)).unwrap_or(false)
        };
        match self {
            Self::Rustfmt => answers(&mut run::cargo(For::Host, &["fmt", "--version"])),
            Self::Clippy => answers(&mut run::cargo(For::Host, &["clippy", "--version"])),
            Self::Chromium => run::is_installed("chromium"),
            Self::Chromedriver => run::is_installed("chromedriver"),
            Self::PythonVenv => answers(Command::new("python3").args(["-c", "import ensurepip, venv"])),
        }
    }
}

/// Sees to it that these are there: installs what is missing if it may, else says the commands to run.
pub(crate) fn ensure(tools: &[Tool], may_install: bool) -> Result<()> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !tool.is_there()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let commands = commands(&missing, run::is_installed("rustup"));
    if !may_install {
        bail!("missing: {missing:?}. Run `cargo xtask test --install`, or yourself:\n  {}", commands.join("\n  "));
    }
    for command in &commands {
        run::step(&format!("`{command}`"), || run::run(Command::new("sh").args(["-c", command]).stdin(Stdio::null())))?;
    }
    let still: Vec<_> = missing.iter().filter(|tool| !tool.is_there()).collect();
    if !still.is_empty() {
        bail!("still missing after the installation: {still:?}");
    }
    Ok(())
}

/// The commands that bring these tools, as a person would type them.
fn commands(missing: &[Tool], rustup: bool) -> Vec<String> {
    let mut components = BTreeSet::new();
    let mut packages = BTreeSet::new();
    for tool in missing {
        match tool.recipe() {
            Recipe { rustup: Some(component), .. } if rustup => components.insert(component),
            Recipe { apt, .. } => packages.insert(apt),
        };
    }
    let words = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(" ");
    let mut commands = Vec::new();
    if !components.is_empty() {
        commands.push(format!("rustup component add {}", words(components)));
    }
    if !packages.is_empty() {
        let sudo = if is_root() || !run::is_installed("sudo") { "" } else { "sudo " };
        let install = format!("{sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends");
        commands.push(format!("{sudo}apt-get update -q && {install} {}", words(packages)));
    }
    commands
}

fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_debian_comes_with_one_command() {
        let commands = commands(&[Tool::Chromium, Tool::PythonVenv, Tool::Clippy], true);
        assert_eq!(commands.len(), 2, "{commands:?}");
        assert_eq!(commands[0], "rustup component add clippy");
        assert!(commands[1].ends_with("chromium python3-venv"), "{}", commands[1]);
    }
}
