//! Makes the caller of every call, an extension of its request: its lane by the method, its deadline by
//! `grpc-timeout`, its id by the layer before. It is cancelled when nobody waits any more: where the client gives up
//! before there is an answer, and where the answer's body has ended or is dropped.

use super::request_id::RequestId;
use super::{Answer, FrameResult, Request, Response};
use crate::engine::{Caller, Lane};
use crate::transport::methods::Kind;
use http::{Extensions, HeaderMap};
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio_util::sync::DropGuard;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

const TIMEOUT: &str = "grpc-timeout";

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct CallerLayer;

impl<S> Layer<S> for CallerLayer {
    type Service = CallerService<S>;

    fn layer(&self, inner: S) -> CallerService<S> {
        CallerService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct CallerService<S> {
    inner: S,
}

impl<S> Service<Request> for CallerService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let caller = caller(&request);
        let waits = caller.cancelled.clone().drop_guard();
        request.extensions_mut().insert(caller);
        let answer = self.inner.call(request);
        Box::pin(
            async move { Ok(answer.await?.map(|inner| Body::new(AwaitedBody { inner, _waits: waits }))) },
        )
    }
}

fn caller(request: &Request) -> Caller {
    let lane = Kind::of(request.uri().path()).map_or(Lane::Query, Kind::lane);
    let caller = Caller::patient(lane);
    Caller {
        deadline: timeout(request.headers()).and_then(|timeout| Instant::now().checked_add(timeout)),
        request_id: request.extensions().get::<RequestId>().map_or(caller.request_id, RequestId::shared),
        ..caller
    }
}

/// The caller of a request that came through this layer; somebody patient where it did not.
pub fn of(extensions: &Extensions) -> Caller {
    extensions.get::<Caller>().cloned().unwrap_or_else(|| Caller::patient(Lane::Query))
}

/// The timeout that a client has set: up to eight digits and a unit.
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

/// A body whose call is over when it ends.
struct AwaitedBody {
    inner: Body,
    _waits: DropGuard,
}

impl http_body::Body for AwaitedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT, HeaderValue::from_static(value));
            timeout(&headers)
        };
        assert_eq!(read("90m"), Some(Duration::from_millis(90)));
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("99999999S"), Some(Duration::from_secs(99_999_999)));
        for nonsense in ["", "S", "5", "-5S", "123456789S", "5s"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
        assert_eq!(timeout(&HeaderMap::new()), None);
    }
}
