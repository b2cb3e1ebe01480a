//! Which address a request really comes from, for rate limits only.
//!
//! Behind the tunnel every peer is loopback and the tunnel names the client in `CF-Connecting-IP`. Anybody else could
//! write that header too, so it counts only when the peer is loopback. It never decides who may do what.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;

use super::listener::Peer;

const HEADER: &str = "cf-connecting-ip";

/// The client's address; `None` for a local process on the Unix socket.
pub(crate) fn client_address(peer: Peer, headers: &HeaderMap) -> Option<IpAddr> {
    match peer {
        Peer::Unix { .. } => None,
        Peer::Tcp(address) | Peer::Tls(address) => {
            let address = address.ip().to_canonical();
            let named = || headers.get(HEADER)?.to_str().ok()?.trim().parse::<IpAddr>().ok();
            Some(if address.is_loopback() { named().map_or(address, |named| named.to_canonical()) } else { address })
        }
    }
}

/// What one client can't easily change: the address, or the /64 network of an IPv6 address (RFC 6177).
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_counts_only_from_this_machine() {
        let cases = [
            ("127.0.0.1:1", Some("203.0.113.7"), "203.0.113.7"),
            ("[::1]:1", Some("2001:db8::1"), "2001:db8::1"),
            ("[::ffff:127.0.0.1]:1", Some("203.0.113.7"), "203.0.113.7"),
            ("127.0.0.1:1", None, "127.0.0.1"),
            ("127.0.0.1:1", Some("nonsense"), "127.0.0.1"),
            ("192.168.1.5:1", Some("203.0.113.7"), "192.168.1.5"),
        ];
        for (peer, header, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(header) = header {
                headers.insert(HEADER, header.parse().unwrap());
            }
            let address = client_address(Peer::Tcp(peer.parse().unwrap()), &headers).unwrap();
            assert_eq!(address.to_string(), expected, "{peer} {header:?}");
        }
        assert_eq!(client_address(Peer::Unix { uid: Some(0) }, &HeaderMap::new()), None);
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::");
        assert_eq!(network("203.0.113.7".parse().unwrap()).to_string(), "203.0.113.7");
    }
}
