//! Ends a call at the deadline that its client has set (`grpc-timeout`), streams included, with DEADLINE_EXCEEDED.
//! tonic alone would say CANCELLED, and would let a stream that has begun go on. Dropping the handler tears no
//! write: those run on tasks of the engine.

use super::{Answer, FrameResult, Request, Response, respond, trailers};
use crate::transport::status::Failure;
use http::HeaderMap;
use http_body::SizeHint;
use prost::bytes::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

const HEADER: &str = "grpc-timeout";

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct DeadlineLayer;

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> DeadlineService<S> {
        DeadlineService { inner }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct DeadlineService<S> {
    inner: S,
}

impl<S> Service<Request> for DeadlineService<S>
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

    fn call(&mut self, request: Request) -> Self::Future {
        let deadline = timeout(request.headers()).and_then(|timeout| Instant::now().checked_add(timeout));
        let answer = self.inner.call(request);
        let Some(deadline) = deadline else { return Box::pin(answer) };
        Box::pin(async move {
            match tokio::time::timeout_at(deadline, answer).await {
                Ok(response) => {
                    let sleep = Box::pin(tokio::time::sleep_until(deadline));
                    Ok(response?.map(|inner| Body::new(TimedBody { inner, sleep, late: false })))
                }
                Err(_) => Ok(respond(exceeded())),
            }
        })
    }
}

fn exceeded() -> Status {
    Failure::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the call's deadline has passed").into()
}

/// The timeout that a client has set: up to eight digits and a unit.
pub(super) fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(HEADER)?.to_str().ok()?;
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

/// A body that ends at a deadline.
struct TimedBody {
    inner: Body,
    sleep: Pin<Box<Sleep>>,
    late: bool,
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FrameResult>> {
        if self.late {
            return Poll::Ready(None);
        }
        if let ready @ Poll::Ready(_) = Pin::new(&mut self.inner).poll_frame(cx) {
            return ready;
        }
        std::task::ready!(self.sleep.as_mut().poll(cx));
        self.late = true;
        Poll::Ready(Some(trailers(&exceeded())))
    }

    fn is_end_stream(&self) -> bool {
        self.late || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
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
            headers.insert(HEADER, HeaderValue::from_static(value));
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
