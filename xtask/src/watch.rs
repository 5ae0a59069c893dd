//! `cargo xtask serve --watch`: builds and starts anew whatever a change of the sources touches; the page in the browser
//! reloads itself (`site/reload.js`).

use std::{
    path::{Component, Path, PathBuf},
    process::{Child, Command},
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use anyhow::{Context as _, Result};
use notify::{Event, EventKind, RecursiveMode, Watcher as _, event::ModifyKind};

use crate::{
    run, serve,
    site::{self, Effort},
};

/// What is watched.
const WATCHED: [&str; 7] = ["app", "crates", "server", "style", "public", "Cargo.toml", "Cargo.lock"];
/// An editor that saves all writes several files: the build begins when none has come for so long.
const QUIET: Duration = Duration::from_millis(150);

/// The server under way; shared with the handler of Ctrl-C.
type Running = Arc<Mutex<Option<Child>>>;

/// Builds and serves, again and again, until Ctrl-C.
pub(crate) fn watch(args: &[String]) -> Result<()> {
    let changes = Changes::watch()?;
    let running = Running::default();
    let ended = running.clone();
    ctrlc::set_handler(move || {
        stop(&ended);
        std::process::exit(0);
    })?;
    let mut stale = Stale { page: true, server: true };
    loop {
        if let Err(error) = renew(&mut stale, &running, args) {
            eprintln!("xtask: {error:#}");
        }
        eprintln!("xtask: waiting for a change in {} …", WATCHED.join(", "));
        changes.wait(&mut stale)?;
    }
}

/// What has been changed and not yet been built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stale {
    page: bool,
    server: bool,
}

impl Stale {
    /// A file was changed.
    fn touch(&mut self, file: &Path) {
        let Ok(inner) = file.strip_prefix(run::root()) else { return };
        let names: Vec<&str> = inner.components().filter_map(name).collect();
        // An editor's and proptest's own files.
        if names.iter().any(|name| name.starts_with('.') || name.ends_with('~') || *name == "proptest-regressions") {
            return;
        }
        self.page |= names.first().is_some_and(|name| *name != "server");
        self.server |= names.first().is_some_and(|name| !["app", "style", "public"].contains(name));
    }
}

fn name(component: Component<'_>) -> Option<&str> {
    component.as_os_str().to_str()
}

fn renew(stale: &mut Stale, running: &Running, args: &[String]) -> Result<()> {
    if stale.page {
        site::build(Effort::Watch)?;
        stale.page = false;
    }
    if stale.server {
        let binary = run::step("building the server", || serve::build_server(true))?;
        stop(running);
        start(running, &binary, args)?;
        stale.server = false;
    }
    Ok(())
}

fn start(running: &Running, binary: &PathBuf, args: &[String]) -> Result<()> {
    let mut server = Command::new(binary);
    server.arg("serve").args(args);
    eprintln!("xtask: starting `{}`", run::shown(&server));
    let child = server.spawn().context("the server does not start")?;
    *running.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
    Ok(())
}

fn stop(running: &Running) {
    if let Some(mut child) = running.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // It may have ended by itself; then there is nothing to end.
        drop(child.kill());
        drop(child.wait());
    }
}

/// Changes of the sources as they happen.
struct Changes {
    events: mpsc::Receiver<notify::Result<Event>>,
    /// It watches as long as it lives.
    _watcher: notify::RecommendedWatcher,
}

impl Changes {
    fn watch() -> Result<Self> {
        let (send, events) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(send)?;
        for name in WATCHED {
            let path = run::root().join(name);
            watcher.watch(&path, RecursiveMode::Recursive).with_context(|| format!("cannot watch {name}"))?;
        }
        Ok(Self { events, _watcher: watcher })
    }

    /// Waits until something is stale and nothing has changed for a moment.
    fn wait(&self, stale: &mut Stale) -> Result<()> {
        let before = *stale;
        while *stale == before {
            take(&self.events.recv().context("nobody watches any more")?, stale);
        }
        while let Ok(event) = self.events.recv_timeout(QUIET) {
            take(&event, stale);
        }
        Ok(())
    }
}

fn take(event: &notify::Result<Event>, stale: &mut Stale) {
    match event {
        // Building reads the files; that is no change.
        Ok(event) if matches!(event.kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))) => {}
        Ok(event) => event.paths.iter().for_each(|path| stale.touch(path)),
        Err(error) => eprintln!("xtask: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_stale_what_is_made_of_it() {
        for (path, page, server) in [
            ("app/src/main.rs", true, false),
            ("style/map.css", true, false),
            ("public/index.html", true, false),
            ("server/src/main.rs", false, true),
            ("crates/model/src/lib.rs", true, true),
            ("Cargo.lock", true, true),
            ("app/src/.main.rs.swp", false, false),
            ("app/src/main.rs~", false, false),
            ("crates/store/proptest-regressions/tests.txt", false, false),
        ] {
            let mut stale = Stale { page: false, server: false };
            stale.touch(&run::root().join(path));
            assert_eq!(stale, Stale { page, server }, "{path}");
        }
    }
}
