//! Addresses that must not be reached: link-local ones, behind which clouds keep the credentials of machines.

use std::net::{IpAddr, ToSocketAddrs as _};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};

/// Whether an address is link-local, in whatever form it is written.
pub(crate) fn is_link_local(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        // AWS's own metadata service over IPv6 is not in fe80::/10.
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.segments()[..2] == [0xfd00, 0x0ec2],
    }
}

/// Finds addresses of hosts, except link-local ones: a name can stand for any address.
#[derive(Clone, Debug)]
pub(crate) struct NoLinkLocal;

impl ResolveDns for NoLinkLocal {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let host = name.to_owned();
        DnsFuture::new(async move {
            let found = tokio::task::spawn_blocking(move || (host.as_str(), 0).to_socket_addrs()).await;
            let found = found.map_err(ResolveDnsError::new)?.map_err(ResolveDnsError::new)?;
            let (forbidden, allowed): (Vec<IpAddr>, Vec<IpAddr>) =
                found.map(|address| address.ip()).partition(|ip| is_link_local(*ip));
            if allowed.is_empty() && !forbidden.is_empty() {
                return Err(ResolveDnsError::new("the name stands for a link-local address, which is refused"));
            }
            Ok(allowed)
        })
    }
}
