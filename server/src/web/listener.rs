//! Accepts connections, and lets them end before the process does.

use super::client_address::Peer;
use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore, sync::watch, time};
use tower::ServiceExt as _;

/// How long what runs may take to finish after a stop.
pub(crate) const PATIENCE: Duration = Duration::from_secs(25);

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Connections at once. A proxy in front keeps some dozens.
const CONNECTIONS: usize = 4_096;
/// The largest head of a request, in bytes.
const HEAD_LIMIT: usize = 32 * 1024;
/// How long to wait if no connection can be accepted: the process is out of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` is true or its sender is gone, then finishes what runs.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_LIMIT);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            // An error means that the sender is gone.
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Some((stream, peer, permit)) = accepted else {
            time::sleep(PAUSE).await;
            continue;
        };
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            router.clone().oneshot(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client may hang up at any time.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    if time::timeout(PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests did not finish in time");
    }
}

type Accepted = (
    tokio::net::TcpStream,
    std::net::SocketAddr,
    tokio::sync::OwnedSemaphorePermit,
);

async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> Option<Accepted> {
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are small, and written at once.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "no connection can be accepted");
            None
        }
    }
}
