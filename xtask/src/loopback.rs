//! Loopback addresses: whether a port is free, and whether a server responds.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::workspace;

const TIMEOUT: Duration = Duration::from_secs(2);

/// Fails if another program listens on `port`, naming the option to change.
pub(crate) fn check_free(port: u16, option: &str) -> Result<()> {
    let addresses = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ];
    for address in addresses {
        match TcpListener::bind((address, port)) {
            Ok(_) => {}
            Err(problem) if problem.kind() == ErrorKind::AddrInUse => bail!(
                "port {port} is in use by another program; stop it, or choose another port with \
                 {option}"
            ),
            Err(problem) if problem.kind() == ErrorKind::PermissionDenied => bail!(
                "this user may not listen on port {port}; choose one above 1023 with {option}"
            ),
            // The machine lacks one of the two address families.
            Err(_) => {}
        }
    }
    Ok(())
}

/// The status code of `http://localhost:PORT/`, if anything responds.
pub(crate) fn status(port: u16) -> Option<u16> {
    let agent = workspace::http(TIMEOUT);
    let response = agent.get(format!("http://localhost:{port}/")).call().ok()?;
    Some(response.status().as_u16())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn a_port_that_is_listened_on_is_taken() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let problem = check_free(port, "--port").expect_err("it is taken");
        assert!(problem.to_string().contains("--port"));
        drop(listener);
        check_free(port, "--port").expect("it is free again");
    }

    #[test]
    fn every_response_has_a_status() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the test connects");
            let mut request = [0; 16];
            stream.read_exact(&mut request).expect("the test writes");
            stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                .expect("the test reads");
        });
        assert_eq!(status(port), Some(404));
        server.join().expect("the server does not panic");
        assert_eq!(status(port), None);
    }
}
