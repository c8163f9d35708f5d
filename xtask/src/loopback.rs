//! This machine's own addresses: whether a port is free, and whether a server answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Result, bail};

const TIMEOUT: Duration = Duration::from_secs(2);

/// An error when another program listens on `port`, and which option to change.
pub(crate) fn check_free(port: u16, option: &str) -> Result<()> {
    let addresses = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ];
    for address in addresses {
        match TcpListener::bind((address, port)) {
            Ok(_) => {}
            Err(problem) if problem.kind() == ErrorKind::AddrInUse => bail!(
                "port {port} is taken by another program; end it, or choose another port with \
                 {option}"
            ),
            Err(problem) if problem.kind() == ErrorKind::PermissionDenied => bail!(
                "this user may not listen on port {port}; choose one above 1023 with {option}"
            ),
            // A machine without one of the two address families.
            Err(_) => {}
        }
    }
    Ok(())
}

/// The status code with which `http://localhost:PORT/` answers, if anything does.
pub(crate) fn status(port: u16) -> Option<u16> {
    let addresses = ("localhost", port).to_socket_addrs().ok()?;
    let mut stream = addresses
        .into_iter()
        .find_map(|address| TcpStream::connect_timeout(&address, TIMEOUT).ok())?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    let request = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    status_code(&answer)
}

/// `HTTP/1.1 200`
fn status_code(start: &[u8]) -> Option<u16> {
    let (version, code) = std::str::from_utf8(start).ok()?.split_once(' ')?;
    if !version.starts_with("HTTP/1.") {
        return None;
    }
    code.parse().ok()
}

#[cfg(test)]
mod tests {
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
    fn the_status_line_holds_the_code() {
        assert_eq!(status_code(b"HTTP/1.1 200"), Some(200));
        assert_eq!(status_code(b"HTTP/1.0 404"), Some(404));
        assert_eq!(status_code(b"SSH-2.0-Open"), None);
        assert_eq!(status_code(b"HTTP/1.1 2x0"), None);
    }

    #[test]
    fn an_answer_is_awaited() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the test connects");
            let mut request = [0; 16];
            stream.read_exact(&mut request).expect("the test writes");
            stream
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .expect("the test reads");
        });
        assert_eq!(status(port), Some(204));
        server.join().expect("the server is content");
        assert_eq!(status(port), None);
    }
}
