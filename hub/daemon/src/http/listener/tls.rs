//! TLS before HTTP. The handshake runs in the connection's own task, against its own deadline: a peer that never speaks
//! holds one place until then, and nobody else up.

use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{Closing, Limits};

/// The connection once both sides know who the hub is; `None` when that came to nothing, which is the peer's doing or the
/// end of the hub.
pub(super) async fn shaken(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    limits: Limits,
    closing: &Closing,
) -> Option<TlsStream<TcpStream>> {
    let shaking = tokio::time::timeout(limits.header_timeout, acceptor.accept(stream));
    tokio::select! {
        biased;
        shaken = shaking => match shaken {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => log::debug!("a TLS handshake failed: {error}"),
            Err(_) => log::debug!("a TLS handshake took too long"),
        },
        () = closing.told() => {}
    }
    None
}
