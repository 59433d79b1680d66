//! What happens around every call, one small tower layer each, outermost first: [`request_id`] names the call and
//! completes its errors, [`trace`] opens its span and logs its end, [`panic`] turns a panic into INTERNAL,
//! [`deadline`] ends it in time. A call's answer is a head and a body that may go on for hours, so each layer that
//! must see the end wraps the body too.

pub mod deadline;
pub mod panic;
pub mod request_id;
pub mod trace;

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
