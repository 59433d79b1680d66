//! Who a call is made for: made by [`super::layers::caller`] from what the client sent along, found again here by the handlers.

use crate::ports::{Caller, Lane};
use http::Extensions;
use tonic::Request;

/// The caller of a request, in the lane that its kind of call belongs to.
pub fn of<T>(request: &Request<T>, lane: Lane) -> Caller {
    within(request.extensions(), lane)
}

/// The caller of the request with these extensions.
pub fn within(extensions: &Extensions, lane: Lane) -> Caller {
    match extensions.get::<Caller>() {
        Some(caller) => Caller { lane, ..caller.clone() },
        // Only where somebody serves without the layer.
        None => Caller::anonymous(lane, ""),
    }
}
