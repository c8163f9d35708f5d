//! Whose request it is, as far as limits are concerned.

use http::HeaderMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The other end of the connection: the listener adds it to each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub SocketAddr);

/// The address of whoever sent a request through `trusted_proxies` proxies, each of which appends
/// the address it received the request from to `X-Forwarded-For`. Whatever is further left was
/// written by the sender and counts for nothing. If the header does not have as many addresses, the
/// request did not come through all of them: it is the peer's.
pub(crate) fn client_address(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted_proxies: usize,
) -> IpAddr {
    let forwarded = trusted_proxies.checked_sub(1).and_then(|skipped| {
        let values: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        let written = values.iter().rev().flat_map(|value| value.rsplit(','));
        parse(written.skip(skipped).map(str::trim).next()?)
    });
    forwarded.unwrap_or(peer.ip()).to_canonical()
}

/// Some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    text.parse().or_else(|_| with_port()).ok()
}

/// What stands for everybody who shares this address: of IPv6 the first half, since one person has
/// the whole other half.
pub(crate) fn shared_by(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn addresses_are_counted_from_the_right() {
        let peer: SocketAddr = "[::ffff:10.0.0.2]:5".parse().expect("an address");
        for (values, proxies, expected) in [
            (&[][..], 0, "10.0.0.2"),
            (&[], 1, "10.0.0.2"),
            (&["6.6.6.6"], 0, "10.0.0.2"),
            (&["6.6.6.6, 203.0.113.7"], 1, "203.0.113.7"),
            (&["6.6.6.6", "203.0.113.7"], 1, "203.0.113.7"),
            (&["6.6.6.6", "203.0.113.7, 10.0.0.3"], 2, "203.0.113.7"),
            (&["6.6.6.6,203.0.113.7", "10.0.0.3"], 2, "203.0.113.7"),
            (&["203.0.113.7:4711"], 1, "203.0.113.7"),
            (&["[2001:db8::7]:4711"], 1, "2001:db8::7"),
            (&["2001:db8::7"], 1, "2001:db8::7"),
            // Fewer than expected, or not an address.
            (&["6.6.6.6"], 2, "10.0.0.2"),
            (&["6.6.6.6, unknown"], 1, "10.0.0.2"),
            (&["6.6.6.6,"], 1, "10.0.0.2"),
        ] {
            let headers = values.iter().map(|value| {
                let name = http::HeaderName::from_static(FORWARDED_FOR);
                (name, HeaderValue::from_static(value))
            });
            let found = client_address(peer, &headers.collect(), proxies);
            assert_eq!(found.to_string(), expected, "{values:?} {proxies}");
        }
    }

    #[test]
    fn a_whole_network_of_ipv6_counts_as_one() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let one = shared_by(address("2001:db8:1:2:3:4:5:6"));
        assert_eq!(one, shared_by(address("2001:db8:1:2:ffff::")));
        assert_ne!(one, shared_by(address("2001:db8:1:3:3:4:5:6")));
        assert_ne!(shared_by(address("1.2.3.4")), shared_by(address("1.2.3.5")));
    }
}
