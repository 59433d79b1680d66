//! What happens around every call, one small tower layer each, outermost first: [`request_id`] names the call and
//! completes its errors, [`trace`] opens its spans ([`trace_context`]) and logs its end, [`metrics`] counts it, [`panic`] turns a panic
//! into INTERNAL, [`deadline`] ends it in time, [`access`] asks who calls, [`caller`] makes that the call's, [`admission`] sees to room for
//! its message, which it hands on without compression ([`whole`], [`plain`]). A call's answer is a head
//! and a body that may go on for hours, so each layer that must see the end wraps the body too ([`ended`]).

pub mod access;
pub mod admission;
pub mod caller;
pub mod deadline;
mod ended;
pub mod metrics;
pub mod panic;
mod plain;
pub mod request_id;
pub mod trace;
pub mod trace_context;
mod whole;

use http::HeaderMap;
use http_body::Frame;
use prost::bytes::Bytes;
use std::future::Future;
use std::pin::Pin;
use tonic::Status;
use tonic::body::Body;

/// The request as tonic gives it.
type Request = http::Request<Body>;
/// The answer as tonic takes it.
type Response = http::Response<Body>;
/// A layer's answer on its way.
type Answer<E> = Pin<Box<dyn Future<Output = Result<Response, E>> + Send>>;
/// What a body yields.
type FrameResult = Result<Frame<Bytes>, Status>;

/// An answer that is nothing but a status.
fn respond(status: Status) -> Response {
    status.into_http()
}

/// The end of a body that has failed.
fn trailers(status: &Status) -> FrameResult {
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers)?;
    Ok(Frame::trailers(trailers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tonic::Code;
    use tonic_types::StatusExt;
    use tower::{Layer, ServiceExt};
    use tracing::instrument::WithSubscriber;

    /// A log to read back.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn panics(_: Request) -> Result<Response, Infallible> {
        panic!("the roof is leaking");
    }

    #[tokio::test]
    async fn a_panic_is_in_the_log_under_the_id_that_the_client_gets() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        let service = deadline::DeadlineLayer.layer(tower::service_fn(panics));
        let service = trace::TraceLayer.layer(panic::PanicLayer.layer(service));
        let service = request_id::RequestIdLayer::default().layer(service);
        let answer = service.oneshot(Request::default()).with_subscriber(subscriber).await.unwrap();
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
        let id = status.get_error_details().request_info().unwrap().request_id.clone();
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let line = log.lines().find(|line| line.contains("the roof is leaking")).unwrap();
        assert!(line.contains(&id), "{id} is not in {line}");
    }
}
