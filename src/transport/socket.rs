//! The bytes of a connection, plain or by TLS. The handshake is part of the first read or write, so that nobody who takes his time with
//! it keeps another from being accepted.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};
use tonic::transport::server::{Connected, TcpConnectInfo};

/// See the module.
pub struct Socket {
    state: State,
    info: TcpConnectInfo,
}

enum State {
    Plain(TcpStream),
    Greeting(Box<Accept<TcpStream>>),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Socket {
    /// The bytes as they are.
    pub fn plain(stream: TcpStream) -> Self {
        Self { info: stream.connect_info(), state: State::Plain(stream) }
    }

    /// The bytes by TLS.
    pub fn secure(stream: TcpStream, acceptor: &TlsAcceptor) -> Self {
        Self { info: stream.connect_info(), state: State::Greeting(Box::new(acceptor.accept(stream))) }
    }

    /// From where it came.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.info.remote_addr()
    }

    /// What handlers may know of it.
    pub fn info(&self) -> TcpConnectInfo {
        self.info.clone()
    }

    /// Goes on with the handshake.
    fn poll_greeted(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<&mut State>> {
        if let State::Greeting(accept) = &mut self.state {
            let stream = ready!(Pin::new(accept.as_mut()).poll(cx)).inspect_err(|error| {
                tracing::debug!(peer = ?self.info.remote_addr(), %error, "a TLS handshake failed");
            })?;
            self.state = State::Secure(Box::new(stream));
        }
        Poll::Ready(Ok(&mut self.state))
    }
}

/// Does the same with whichever stream there is.
macro_rules! with_stream {
    ($self:ident, $cx:ident, $stream:ident => $done:expr) => {
        match ready!($self.get_mut().poll_greeted($cx))? {
            State::Plain($stream) => $done,
            State::Secure($stream) => $done,
            // The handshake is over, or has failed.
            State::Greeting(_) => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    };
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, cx, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        with_stream!(self, cx, stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        with_stream!(self, cx, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.state {
            State::Plain(stream) => stream.is_write_vectored(),
            State::Secure(stream) => stream.is_write_vectored(),
            State::Greeting(_) => false,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, cx, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, cx, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
