//! Taking one port for TCP and UDP, and serving both until told to stop.

use std::{
    fmt,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::{
    guard::{Guard, Origins},
    service::{Service, router},
    status::StatusHandle,
};

/// How the service is to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address for TCP and UDP. Port 0 takes one that is free for both.
    pub listen: SocketAddr,
    /// Apply AWS's limits, and place traces in time by their receipt, as AWS does.
    pub strict: bool,
    /// Names besides the loopback ones that a request may use in its `Host`.
    pub allowed_hosts: Vec<String>,
    /// Traces are kept in this many bytes of memory; the oldest ones go when it is full.
    pub memory_bytes: usize,
}

impl Default for Config {
    /// Port 2000 on loopback, as the X-Ray daemon; lenient; 1 GiB.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 2000)),
            strict: false,
            allowed_hosts: Vec::new(),
            memory_bytes: 1 << 30,
        }
    }
}

/// One of the two transports that share the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// HTTP.
    Tcp,
    /// The X-Ray daemon's datagrams.
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// The port could not be taken; neither transport is bound then.
#[derive(Debug, thiserror::Error)]
#[error("the local X-Ray could not take {transport} {address}: {source}")]
pub struct BindError {
    /// Which of the two failed.
    pub transport: Transport,
    /// The address that was asked for.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

impl BindError {
    /// Whether another program (an X-Ray daemon, say) has the port.
    pub fn is_address_in_use(&self) -> bool {
        self.source.kind() == io::ErrorKind::AddrInUse
    }
}

/// Both sockets, bound and not served yet; what arrives meanwhile waits in the kernel.
#[derive(Debug)]
pub struct Bound {
    address: SocketAddr,
    tcp: TcpListener,
    udp: std::net::UdpSocket,
    service: Arc<Service>,
    guard: Guard,
}

/// With port 0, TCP gets a free port that may be taken on UDP; so often another one is tried.
const FREE_PORT_TRIES: usize = 32;

/// The receive buffer that is asked for. Sixty thousand small segments fit into it: seconds of a very busy program.
const RECEIVE_BUFFER_BYTES: usize = 8 << 20;

/// Takes the port for both transports, or for neither. Needs a Tokio runtime.
pub async fn bind(config: Config) -> Result<Bound, BindError> {
    let mut tries = 0;
    let (tcp, udp, address) = loop {
        let fail = |transport| move |source| BindError { transport, address: config.listen, source };
        let tcp = TcpListener::bind(config.listen).await.map_err(fail(Transport::Tcp))?;
        let address = tcp.local_addr().map_err(fail(Transport::Tcp))?;
        tries += 1;
        match udp_socket(address) {
            Ok(udp) => break (tcp, udp, address),
            Err(error)
                if config.listen.port() == 0 && error.kind() == io::ErrorKind::AddrInUse && tries < FREE_PORT_TRIES => {
            }
            Err(source) => return Err(BindError { transport: Transport::Udp, address, source }),
        }
    };
    let service = Service::new(&config);
    let mut hosts = config.allowed_hosts;
    if !address.ip().is_unspecified() {
        hosts.push(address.ip().to_string());
    }
    Ok(Bound { address, tcp, udp, service, guard: Guard::new(Origins::None, hosts) })
}

fn udp_socket(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // Loopback hands datagrams over as fast as a program can write them; what does not fit is lost without a trace.
    // A smaller buffer than asked for is no error: the kernel's limit decides.
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

impl Bound {
    /// The address that was taken; with its real port where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle on the service's state, valid before, while and after it runs.
    pub fn status(&self) -> StatusHandle {
        self.service.status_handle()
    }

    /// Serves until `shutdown` is over, then lets running requests finish.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let _udp = self.udp;
        let app = router(self.service).layer(self.guard);
        axum::serve(self.tcp, app).with_graceful_shutdown(shutdown).await
    }
}
