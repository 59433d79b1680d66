//! Accepted connections, as many as there may be, that can be closed from outside. A graceful stop waits for
//! clients, and some never go: a peer that has opened a connection and says nothing, or one that holds a stream
//! open. When the drain's time is over, the sockets of those that are left report an error, and everything behind
//! them ends. A peer that never begins to speak is let go much earlier: the pings that find dead peers start with
//! the first frame. Start at [`accept`].

use super::goaway::Watcher;
use super::places::{Place, Places};
use super::socket::Socket;
use crate::tls::Certificates;
use futures_util::{Stream, StreamExt, stream};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};

/// How long a peer may take until it has sent the bytes that every HTTP/2 connection begins with; and where more than half of the places
/// are taken, so that peers that say nothing keep out no others for long.
const HELLO_WITHIN: Duration = Duration::from_secs(20);
const HELLO_WITHIN_IN_A_CROWD: Duration = Duration::from_secs(2);
const HELLO_BYTES: usize = 24;
/// Rest after a connection could not be accepted: the reason, often a lack of file descriptors, stays for a while.
const REST: Duration = Duration::from_millis(100);
/// Least time between two lines of log about connections that were turned away.
const WARN_EVERY: Duration = Duration::from_secs(5);

/// The connections that come in, by TLS where there are certificates. No more than `most` are open at once: those beyond are closed at once, so that
/// their clients know. All end when `closed` is cancelled.
pub fn accept(
    incoming: TcpIncoming,
    certificates: Option<Arc<Certificates>>,
    places: Places,
    closed: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> {
    let acceptor = Acceptor { incoming, certificates, places, closed, warned: None };
    stream::unfold(acceptor, |mut acceptor| async move {
        let connection = acceptor.next().await?;
        Some((Ok(connection), acceptor))
    })
}

struct Acceptor {
    incoming: TcpIncoming,
    certificates: Option<Arc<Certificates>>,
    places: Places,
    closed: CancellationToken,
    warned: Option<Instant>,
}

impl Acceptor {
    async fn next(&mut self) -> Option<Connection> {
        loop {
            match (self.incoming.next().await?, self.places.take()) {
                (Ok(stream), Some(slot)) => {
                    let socket = self.socket(stream);
                    let is_crowded = self.places.taken() > self.places.most() / 2;
                    let hello_within = if is_crowded { HELLO_WITHIN_IN_A_CROWD } else { HELLO_WITHIN };
                    return Some(Connection::new(socket, self.closed.clone(), slot, hello_within));
                }
                (Ok(_), None) => self.warn(&format!("{} are open, the most that may be", self.places.most())),
                (Err(error), _) => {
                    self.warn(&error.to_string());
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    fn socket(&self, stream: TcpStream) -> Socket {
        match &self.certificates {
            Some(certificates) => Socket::secure(stream, &TlsAcceptor::from(certificates.config())),
            None => Socket::plain(stream),
        }
    }

    fn warn(&mut self, reason: &str) {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!(reason, "a connection was turned away");
        }
    }
}

/// A connection that ends when `closed` is cancelled.
pub struct Connection {
    socket: Socket,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Until the peer has spoken: what it has sent, and when it must have.
    hello: Option<(usize, Pin<Box<Sleep>>)>,
    watcher: Watcher,
    _slot: Place,
}

impl Connection {
    fn new(socket: Socket, closed: CancellationToken, slot: Place, hello_within: Duration) -> Self {
        Self {
            socket,
            closed: Box::pin(closed.cancelled_owned()),
            hello: Some((0, Box::pin(tokio::time::sleep(hello_within)))),
            watcher: Watcher::default(),
            _slot: slot,
        }
    }

    /// Fails once the connection is closed, or its peer has not spoken in time; until then the task is woken when that happens. Asked
    /// wherever the connection is: a handshake may be waited for in a write as well as in a read.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.closed.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let Some((_, late)) = &mut self.hello else { return Ok(()) };
        if late.as_mut().poll(cx).is_ready() {
            tracing::debug!(peer = ?self.socket.peer(), "closing a connection whose peer says nothing");
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// The peer has sent so many bytes more.
    fn received(&mut self, bytes: usize) {
        if let Some((so_far, _)) = &mut self.hello {
            *so_far += bytes;
            if *so_far >= HELLO_BYTES {
                self.hello = None;
            }
        }
    }

    fn written(&mut self, bytes: &[u8]) {
        if let Some(reason) = self.watcher.written(bytes) {
            tracing::warn!(peer = ?self.socket.peer(), %reason, "closing a connection that breaks the protocol's rules");
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.socket.info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(cx)?;
        let before = buf.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        self.received(buf.filled().len() - before);
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let written = std::task::ready!(Pin::new(&mut self.socket).poll_write(cx, buf))?;
        self.written(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        let written = std::task::ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, bufs))?;
        let mut left = written;
        for buf in bufs {
            let taken = left.min(buf.len());
            self.written(&buf[..taken]);
            left -= taken;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
