//! Starting and ending: ports, the local X-Ray, the server, and what is said about them.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context as _;
use api::{Notice, about::Level};
use axum::serve::ListenerExt as _;
use local_xray::{BindError, Bound, guard::Guard};
use model::{Moment, Nanos};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    app_state::AppState,
    config::{self, Command, Config, Demo, Local, LogFormat, RotateKey, SecretKey, Serve},
    data_source::{self, AwsChoice, DataSources, Origins, Rotated},
    routes,
    security::Token,
    state::{Database, Vault},
    transfer,
};

/// Open answers get so long to end when the server is told to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Threads for work that blocks; each keeps memory that it has used.
const BLOCKING_THREADS: usize = 32;

/// Does what was asked for; returns when it is told to stop.
pub fn run(config: Config) -> anyhow::Result<()> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().max_blocking_threads(BLOCKING_THREADS).build();
    let runtime = runtime.context("cannot start the runtime")?;
    let result = match config.command {
        Some(Command::Local(local)) => {
            log_as_asked(&local.log, local.log_format)?;
            runtime.block_on(run_local(local))
        }
        Some(Command::Demo(flags)) => {
            log_as_asked(&flags.log, flags.log_format)?;
            runtime.block_on(run_demo(flags))
        }
        Some(Command::Import(flags)) => runtime.block_on(transfer::import(flags)),
        Some(Command::RotateKey(flags)) => runtime.block_on(rotate_key(flags)),
        Some(Command::Export(flags)) => runtime.block_on(transfer::export(flags)),
        Some(Command::Serve(serve)) => {
            log_as_asked(&serve.local.log, serve.local.log_format)?;
            runtime.block_on(run_serve(*serve))
        }
        None => {
            log_as_asked(&config.serve.local.log, config.serve.local.log_format)?;
            runtime.block_on(run_serve(config.serve))
        }
    };
    runtime.shutdown_timeout(GRACE);
    result
}

fn log_as_asked(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let mut filter = tracing_subscriber::EnvFilter::try_new(filter).context("--log is no filter")?;
    for quiet in data_source::QUIET {
        filter = filter.add_directive(quiet.parse().context("a directive of our own")?);
    }
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

async fn run_local(local: Local) -> anyhow::Result<()> {
    refuse_open_door("--xray-listen", local.xray_listen, local.insecure, false)?;
    refuse_open_door("--otlp-listen", local.otlp_listen, local.insecure, false)?;
    let config = xray_config(&local)?;
    let bound = local_xray::bind(config.clone()).await.map_err(|error| cannot_start(&error, &config))?;
    if let Some(notice) = otlp_notice(&bound, &local)? {
        eprintln!("roentgen: warning: {}", notice.message);
    }
    say_xray(&bound)?;
    warn_of_small_buffer(&bound);
    bound.run(stop_signal()).await.context("the local X-Ray failed")
}

async fn run_demo(flags: Demo) -> anyhow::Result<()> {
    let sources = DataSources::only_local(flags.to).await?;
    let xray = sources.client(None, None).await?;
    say(&format!("roentgen: sending the traffic of a web shop to {}", flags.to))?;
    tokio::select! {
        result = xray.run_demo(demo_options(flags.seed)) => result.context("the demo failed"),
        () = stop_signal() => Ok(()),
    }
}

/// The past hour, and then live.
fn demo_options(seed: u64) -> demo::Options {
    let start = Moment(chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX));
    demo::Options { seed, start, fill: Duration::from_hours(1) }
}

/// The demo beside the page, where there is nothing else to show.
async fn start_demo(sources: &DataSources, notices: &mut Vec<Notice>) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let xray = sources.client(None, None).await?;
    notices.push(Notice {
        level: Level::Info,
        message: "This is demo data: a web shop with incidents that come and go. Your own traces join it when you send some; --no-demo shows them alone, --region reads AWS.".to_owned(),
    });
    Ok(tokio::spawn(async move {
        if let Err(error) = xray.run_demo(demo_options(1)).await {
            tracing::error!(%error, "the demo failed");
        }
    }))
}

async fn run_serve(serve: Serve) -> anyhow::Result<()> {
    let token = serve.access_token_file.as_deref().map(Token::read).transpose()?;
    refuse_open_door("--listen", serve.listen, serve.local.insecure, token.is_some())?;
    let mut notices = Vec::new();
    let bound = if serve.no_local { None } else { bind_xray(&serve.local, &mut notices).await? };
    let listener = bind_page(&serve, &mut notices).await?;
    let page = listener.local_addr().context("the page's address")?;
    let aws = AwsChoice { region: serve.region.clone(), profile: serve.profile.clone() };
    let origins = origins(&serve, bound.as_ref().map(Bound::address), aws).await?;
    notices.extend(origins.vault.warnings(data_folder(&serve.local)?.as_deref()).into_iter().map(warning));
    let sources = DataSources::new(origins).await?;
    notices.extend(sources.refused().into_iter().map(|refused| warning(format!("--provisioning: {refused}"))));
    // The page has them beside the data sources, where they go away when the file is corrected.
    for note in sources.notes() {
        eprintln!("roentgen: warning: --provisioning: {note}");
    }
    if sources.describe().is_empty() {
        notices.push(warning(
            "There is no source of traces. Add a data source, start with --region or --profile to read AWS X-Ray, or without --no-local."
                .to_owned(),
        ));
    }
    // Who has a source of their own does not need a made-up one.
    let has_demo = bound.is_some() && !serve.no_demo && sources.describe().len() == 1;
    let demo = if has_demo { Some(start_demo(&sources, &mut notices).await?) } else { None };
    let local = bound.as_ref().map(|bound| (bound.address().to_string(), bound.status()));
    for notice in notices.iter().filter(|notice| notice.level == Level::Warning) {
        eprintln!("roentgen: warning: {}", notice.message);
    }
    let state = AppState::new(sources, notices, local, token, has_demo);
    let watching = serve.provisioning.clone().map(|folder| tokio::spawn(reload_when_changed(folder, state.clone())));
    let guard = Guard {
        allowed_hosts: serve.local.allowed_hosts.clone(),
        any_address: !serve.listen.ip().is_loopback(),
        own_page: true,
    };
    let router = routes::router(state, guard);
    say(&format!("roentgen: app http://{page}"))?;
    let (stop, stopped) = watch::channel(false);
    let xray = bound.map(|bound| {
        if let Err(error) = say_xray(&bound) {
            tracing::warn!(%error, "stdout is closed");
        }
        warn_of_small_buffer(&bound);
        tokio::spawn(bound.run(until(stopped.clone())))
    });
    // Events are small and should go out at once; Nagle's algorithm would hold them back for 40 ms.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let served = axum::serve(listener, router).with_graceful_shutdown(until(stopped));
    let serving = tokio::spawn(async move { served.await });
    stop_signal().await;
    stop.send_replace(true);
    // What is still open after the grace ends with the process.
    if tokio::time::timeout(GRACE, serving).await.is_err() {
        tracing::info!("some answers were cut off");
    }
    if let Some(xray) = xray {
        xray.abort();
    }
    for task in [demo, watching].into_iter().flatten() {
        task.abort();
    }
    Ok(())
}

/// Everything that data sources come from: flags, files, and the database with its key.
async fn origins(serve: &Serve, local: Option<SocketAddr>, aws: AwsChoice) -> anyhow::Result<Origins> {
    let folder = data_folder(&serve.local)?;
    let database = Database::open(folder.as_deref()).await.context("--data-dir")?;
    let vault = if folder.is_some() { vault(&serve.key)? } else { Vault::ephemeral() };
    let provisioning = match &serve.provisioning {
        Some(folder) => {
            anyhow::ensure!(folder.is_dir(), "--provisioning: {} is no folder", folder.display());
            Some((folder.clone(), config::variable as data_source::Variables))
        }
        None => None,
    };
    Ok(Origins { local, aws, provisioning, database, vault, call_timeout: *serve.call_timeout })
}

async fn reload_when_changed(folder: PathBuf, state: AppState) {
    let mut changes = match data_source::Changes::of(&folder) {
        Ok(changes) => changes,
        Err(error) => return tracing::error!(%error, "changes of provisioning files go unnoticed"),
    };
    // What changed before it was watched counts as well.
    let wrong = || [state.sources().refused(), state.sources().notes()].concat();
    let mut told = wrong();
    loop {
        if let Err(error) = state.sources().reload().await {
            tracing::error!(%error, "cannot read the data sources again");
        }
        let now = wrong();
        for problem in now.iter().filter(|problem| !told.contains(problem)) {
            eprintln!("roentgen: warning: --provisioning: {problem}");
        }
        told = now;
        if changes.next().await.is_none() {
            return;
        }
    }
}

fn vault(key: &SecretKey) -> anyhow::Result<Vault> {
    if let Some(text) = config::secret_key() {
        return Vault::from_text(&text).context("ROENTGEN_SECRET_KEY");
    }
    Vault::from_file(&key_file(key)?).context("--secret-key-file")
}

/// Where the key is kept.
fn key_file(key: &SecretKey) -> anyhow::Result<PathBuf> {
    // Not beside the database: who gets hold of one should not have the other.
    if let Some(file) = &key.file {
        return Ok(file.clone());
    }
    // On macOS the folder for configuration is that for data; the one for preferences is another everywhere.
    let own = |folder: Option<PathBuf>| folder.map(|folder| folder.join("roentgen/secret.key"));
    // A key that was made in the other one before is still the key.
    let former = own(dirs::config_dir()).filter(|file| file.exists());
    former
        .or_else(|| own(dirs::preference_dir()))
        .context("there is no configuration folder for this user; say with --secret-key-file where the key is kept")
}

async fn rotate_key(flags: RotateKey) -> anyhow::Result<()> {
    let folder = match &flags.data_dir {
        Some(folder) => folder.clone(),
        None => dirs::data_local_dir().map(|data| data.join("roentgen")).context("--data-dir is needed")?,
    };
    // Neither a database nor a key is made here: a mistyped name must not look like a folder without secrets.
    let database = Database::open_existing(&folder).await.context("--data-dir")?;
    let vault = match config::secret_key() {
        Some(text) => Vault::from_text(&text).context("ROENTGEN_SECRET_KEY")?,
        None => Vault::from_existing_file(&key_file(&flags.key)?).context("--secret-key-file")?,
    };
    let Rotated { sealed, unreadable, dropped } = data_source::rotate(&database, vault, flags.drop_old_keys).await?;
    let place = folder.display();
    say(&format!("roentgen: the secrets of {sealed} data sources in {place} are sealed anew with the present key"))?;
    if config::secret_key().is_none() {
        say(match (dropped, flags.drop_old_keys) {
            (true, _) => "roentgen: the old keys are taken out of the file",
            (false, true) => "roentgen: the old keys stay in the file, because not every secret is sealed anew",
            (false, false) => {
                "roentgen: the old keys stay in the file, for what else may need them; --drop-old-keys takes them out"
            }
        })?;
    }
    anyhow::ensure!(
        unreadable == 0,
        "the secrets of {unreadable} data sources could not be read; they stay as they are, and so do the old keys"
    );
    Ok(())
}

/// Where data is kept; `None`: nowhere.
fn data_folder(local: &Local) -> anyhow::Result<Option<PathBuf>> {
    Ok(match &local.data_dir {
        _ if local.ephemeral => None,
        Some(folder) => Some(folder.clone()),
        None => Some(dirs::data_local_dir().map(|data| data.join("roentgen")).context(
            "there is no data folder for this user; say with --data-dir where traces are kept, or --ephemeral to keep none",
        )?),
    })
}

/// Beyond this machine only with a token, or when somebody takes the risk.
fn refuse_open_door(flag: &str, address: SocketAddr, insecure: bool, token: bool) -> anyhow::Result<()> {
    if address.ip().is_loopback() || insecure || token {
        return Ok(());
    }
    let advice = if flag == "--listen" {
        "give a token with --access-token-file FILE, or take the risk with --insecure"
    } else {
        "AWS SDKs cannot carry a token; take the risk with --insecure"
    };
    anyhow::bail!("{flag} {address} would let everybody who reaches this machine in: {advice}")
}

fn xray_config(local: &Local) -> anyhow::Result<local_xray::Config> {
    let folder = data_folder(local)?;
    Ok(local_xray::Config {
        listen: local.xray_listen,
        otlp_listen: Some(local.otlp_listen),
        strict: local.xray_strict,
        allowed_hosts: local.allowed_hosts.clone(),
        folder: folder.map(|folder| folder.join("xray")),
        retention: local_xray::Retention {
            age: Nanos(i64::try_from(local.retention.as_nanos()).unwrap_or(i64::MAX)),
            bytes: local.retention_size.as_u64(),
        },
    })
}

/// The local X-Ray's port. A default one that is taken (by a real X-Ray daemon, say) costs only the local X-Ray.
async fn bind_xray(local: &Local, notices: &mut Vec<Notice>) -> anyhow::Result<Option<Bound>> {
    refuse_open_door("--otlp-listen", local.otlp_listen, local.insecure, false)?;
    refuse_open_door("--xray-listen", local.xray_listen, local.insecure, false)?;
    let config = xray_config(local)?;
    match local_xray::bind(config.clone()).await {
        Ok(bound) => {
            notices.extend(otlp_notice(&bound, local)?);
            Ok(Some(bound))
        }
        Err(error) if error.is_address_in_use() && !local.explicit.xray_listen => {
            notices.push(warning(format!(
                "The local X-Ray does not run: {error}. Another program has the port (an X-Ray daemon?); --xray-listen 127.0.0.1:2001 takes another one."
            )));
            Ok(None)
        }
        Err(error) => Err(cannot_start(&error, &config)),
    }
}

/// What to say when OpenTelemetry's port cannot be had: another collector usually has it.
fn otlp_notice(bound: &Bound, local: &Local) -> anyhow::Result<Option<Notice>> {
    let Some(error) = bound.otlp_error() else { return Ok(None) };
    anyhow::ensure!(error.is_address_in_use() && !local.explicit.otlp_listen, "--otlp-listen: {error}");
    Ok(Some(warning(format!(
        "OpenTelemetry's port {} is taken by another program (a collector?). Exporters can send to http://{}/v1/traces instead; --otlp-listen 127.0.0.1:4319 takes another port.",
        local.otlp_listen.port(),
        bound.address()
    ))))
}

/// Which flag is about it, and what helps.
fn cannot_start(error: &BindError, config: &local_xray::Config) -> anyhow::Error {
    match (error, &config.folder) {
        (BindError::Listen { .. }, _) | (_, None) => anyhow::anyhow!("--xray-listen: {error}"),
        (BindError::Store(_), Some(folder)) => anyhow::anyhow!(
            "--data-dir: {}: {error} (another folder can be named, or --ephemeral keeps nothing)",
            folder.display()
        ),
    }
}

/// The page's port; when the default one is taken, any other.
async fn bind_page(serve: &Serve, notices: &mut Vec<Notice>) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(serve.listen).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && !serve.local.explicit.listen => {
            let listener = TcpListener::bind(SocketAddr::new(serve.listen.ip(), 0)).await.context("--listen")?;
            let address = listener.local_addr().context("--listen")?;
            notices.push(warning(format!("The port {} is taken; the page is at {address}.", serve.listen.port())));
            Ok(listener)
        }
        result => result.with_context(|| format!("--listen: cannot listen on {}", serve.listen)),
    }
}

fn warning(message: String) -> Notice {
    Notice { level: Level::Warning, message }
}

fn warn_of_small_buffer(bound: &Bound) {
    if let Some(bytes) = bound.status().snapshot().small_buffer {
        tracing::warn!(
            bytes,
            "the kernel grants a small receive buffer; a larger net.core.rmem_max helps against lost datagrams"
        );
    }
}

/// Programs read these lines: they go out at once.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).context("cannot write to stdout")
}

fn say_xray(bound: &Bound) -> anyhow::Result<()> {
    say(&format!("roentgen: local X-Ray {} (TCP and UDP)", bound.address()))?;
    match bound.otlp_address() {
        Some(address) => say(&format!("roentgen: OTLP http://{address}/v1/traces")),
        None => Ok(()),
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop as well.
    if stopped.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("stopping");
    }
}

/// Done when the process is told to stop.
async fn stop_signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot wait for Ctrl-C");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(error) => {
                tracing::error!(%error, "cannot wait for SIGTERM");
                interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
