//! Connections as they come in: plain, or within TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::error::{Error, Result};

/// How long a client may take to agree on keys.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many clients may be agreeing on keys together; further ones wait.
const MOST: usize = 256;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection is within TLS.
    pub is_secure: bool,
    /// Whether it is a program on this machine.
    pub is_here: bool,
}

impl Peer {
    /// Whoever is at the other end of this stream.
    fn of(stream: &TcpStream, address: SocketAddr, is_secure: bool) -> Peer {
        let here = stream.local_addr().ok().map(|here| here.ip());
        Peer {
            address,
            is_secure,
            is_here: is_same_machine(address.ip(), here),
        }
    }
}

/// Whether a peer with that address is on this machine, which it has reached by the other one: a
/// machine that asks itself by one of its addresses has the same at both ends.
fn is_same_machine(peer: IpAddr, here: Option<IpAddr>) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || here.is_some_and(|here| here.to_canonical() == peer)
}

impl Connected<IncomingStream<'_, PlainListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, PlainListener>) -> Peer {
        Peer::of(stream.io(), *stream.remote_addr(), false)
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Peer {
        Peer::of(stream.io().get_ref().0, *stream.remote_addr(), true)
    }
}

/// Takes connections as they are.
pub struct PlainListener(pub TcpListener);

impl Listener for PlainListener {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        prompt(Listener::accept(&mut self.0).await)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Lets small pieces be sent at once: a head whose body follows a moment later would wait for the
/// client's word that the head was received, which clients hold back for some 40 milliseconds.
fn prompt((stream, peer): (TcpStream, SocketAddr)) -> (TcpStream, SocketAddr) {
    // Where that cannot be had, answers are late but right.
    let _ = stream.set_nodelay(true);
    (stream, peer)
}

/// The files with which the service shows who it is.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate, followed by those that signed it (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file cannot be read, holds something else, or the key is another certificate's.
    fn acceptor(&self) -> Result<TlsAcceptor> {
        let wrong = |file: &PathBuf, error: &dyn std::fmt::Display| {
            Error::configuration(format!("`{}` cannot be used: {error}", file.display()))
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
            .map_err(|error| wrong(&self.certificate, &error))?;
        if certificates.is_empty() {
            return Err(wrong(&self.certificate, &"there is no certificate in it"));
        }
        let key =
            PrivateKeyDer::from_pem_file(&self.key).map_err(|error| wrong(&self.key, &error))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&self.certificate, &error))?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|error| wrong(&self.key, &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Takes connections and agrees on keys with each, apart from the others: one that is slow to do so
/// keeps nobody waiting.
pub struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl TlsListener {
    /// Puts TLS around the connections of a listener.
    ///
    /// # Errors
    /// When the files cannot be used.
    pub fn new(listener: TcpListener, tls: &Tls) -> Result<TlsListener> {
        let acceptor = tls.acceptor()?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::other("the address is not known").caused_by(error))?;
        let (sender, ready) = mpsc::channel(1);
        tokio::spawn(accept(listener, acceptor, sender));
        Ok(TlsListener { address, ready })
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let permits = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let (stream, peer) = tokio::select! {
            () = sender.closed() => return,
            accepted = Listener::accept(&mut listener) => prompt(accepted),
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            let agreed = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
            drop(permit);
            // Whoever speaks something else, or nothing, is let go without a word.
            if let Ok(Ok(stream)) = agreed {
                // The service may have ended meanwhile.
                let _ = sender.send((stream, peer)).await;
            }
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task that sends ends only after this listener has.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_more_than_one_address() {
        for (peer, here, is_here) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.2", "127.0.0.1", true),
            ("::1", "::1", true),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
            ("2001:db8::1", "2001:db8::2", false),
        ] {
            let (peer, here) = (peer.parse().unwrap(), here.parse().unwrap());
            assert_eq!(is_same_machine(peer, Some(here)), is_here, "{peer} {here}");
        }
        assert!(!is_same_machine("192.0.2.1".parse().unwrap(), None));
    }
}
