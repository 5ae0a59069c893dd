//! Taking the port, TCP and UDP both or neither, and serving it.

use std::{
    future::{Future, IntoFuture as _},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use socket2::{Domain, Protocol, Socket, Type};
use store::{Retention, StoreError};
use tokio::net::{TcpListener, UdpSocket};

use crate::{Engine, StatusHandle, daemon, http::otlp_router, router};

/// How the service listens and behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address of both TCP and UDP; port 0 takes one that is free for both.
    pub listen: SocketAddr,
    /// Where OpenTelemetry's exporters are listened to as well; nowhere if `None`. Port 0 takes a free one.
    pub otlp_listen: Option<SocketAddr>,
    /// Behave as AWS does, limits included.
    pub strict: bool,
    /// Names other than loopback's by which clients may call it.
    pub allowed_hosts: Vec<String>,
    /// Where it keeps everything; without a folder everything is gone when it ends.
    pub folder: Option<PathBuf>,
    /// How long and how much it keeps.
    pub retention: Retention,
}

impl Default for Config {
    /// The X-Ray daemon's port on loopback, lenient, nothing kept beyond its end.
    fn default() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2000);
        Self {
            listen,
            otlp_listen: None,
            strict: false,
            allowed_hosts: Vec::new(),
            folder: None,
            retention: Retention::default(),
        }
    }
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The port could not be had.
    #[error("cannot listen on {address} ({protocol}): {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// `TCP` or `UDP`.
        protocol: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BindError {
    /// Another program has the port.
    pub fn is_address_in_use(&self) -> bool {
        matches!(self, Self::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse)
    }
}

/// A service that has its port and does not serve yet.
pub struct Bound {
    engine: Engine,
    tcp: TcpListener,
    udp: UdpSocket,
    otlp: Option<(TcpListener, SocketAddr)>,
    otlp_error: Option<BindError>,
    address: SocketAddr,
    small_buffer: Option<usize>,
}

/// Takes the port for TCP and UDP; when one of them cannot be had, neither is kept.
pub async fn bind(config: Config) -> Result<Bound, BindError> {
    // With port 0 the system picks a TCP port whose UDP sibling may be taken; then it picks again.
    let mut tries = if config.listen.port() == 0 { 20 } else { 1 };
    loop {
        tries -= 1;
        match bind_once(&config).await {
            Err(error) if tries > 0 && error.is_address_in_use() => {}
            result => return result,
        }
    }
}

async fn bind_once(config: &Config) -> Result<Bound, BindError> {
    let failed = |protocol, address| move |source| BindError::Listen { address, protocol, source };
    let tcp = TcpListener::bind(config.listen).await.map_err(failed("TCP", config.listen))?;
    let address = tcp.local_addr().map_err(failed("TCP", config.listen))?;
    let (udp, small_buffer) = udp_socket(address).map_err(failed("UDP", address))?;
    let (otlp, otlp_error) = match config.otlp_listen {
        None => (None, None),
        Some(listen) => match listen_for_otlp(listen).await {
            Ok(otlp) => (Some(otlp), None),
            Err(source) => (None, Some(failed("OTLP", listen)(source))),
        },
    };
    // What a crash left undone is done first: this can take a while.
    let config = config.clone();
    let opened = tokio::task::spawn_blocking(move || Engine::new(config)).await;
    let engine = opened.map_err(|_| StoreError::Closed)??;
    Ok(Bound { engine, tcp, udp, otlp, otlp_error, address, small_buffer })
}

async fn listen_for_otlp(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The receive buffer asked for: a second of bursts.
const BUFFER_BYTES: usize = 8 << 20;

fn udp_socket(address: SocketAddr) -> io::Result<(UdpSocket, Option<usize>)> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // The kernel may grant less, without an error; it reports twice what it grants.
    socket.set_recv_buffer_size(BUFFER_BYTES)?;
    let granted = socket.recv_buffer_size()? / 2;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok((UdpSocket::from_std(socket.into())?, Some(granted).filter(|granted| *granted < BUFFER_BYTES)))
}

impl Bound {
    /// Where it listens, TCP and UDP.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens to OpenTelemetry's exporters.
    pub fn otlp_address(&self) -> Option<SocketAddr> {
        self.otlp.as_ref().map(|(_, address)| *address)
    }

    /// Why it does not listen there although it should.
    pub fn otlp_error(&self) -> Option<&BindError> {
        self.otlp_error.as_ref()
    }

    /// Tells how it is doing, now and while it runs.
    pub fn status(&self) -> StatusHandle {
        StatusHandle { engine: self.engine.clone(), port: self.address.port(), small_buffer: self.small_buffer }
    }

    /// Serves until `shutdown` is done.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let router = router(&self.engine);
        let serve = axum::serve(self.tcp, router).with_graceful_shutdown(shutdown);
        let otlp = async {
            match self.otlp {
                Some((listener, address)) => axum::serve(listener, otlp_router(&self.engine, address)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            result = serve.into_future() => result,
            result = otlp => result,
            result = daemon::receive(&self.udp, &self.engine) => result,
        }
    }
}
