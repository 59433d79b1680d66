//! Asks who calls, and whether they may do that kind of work; what they do it to is the engine's to judge. Where nobody is set up to be
//! asked, everybody may do everything. Writes, administration and refusals leave a line in the log of decisions, at the end of the call.

use super::ended::{Ending, watched};
use super::request_id::RequestId;
use super::{Answer, Request, Response, respond};
use crate::access::{AuditEvent, Guard, Lack, Meter, Outcome, OverQuota, Principal, Rejection, Scope};
use crate::ports::Note;
use crate::transport::gate::Gate;
use crate::transport::methods;
use crate::transport::status::{Failure, code_name};
use http::{HeaderMap, header::AUTHORIZATION};
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::transport::server::TcpConnectInfo;
use tonic::{Code, Status};
use tower::{Layer, Service};

/// See the module.
#[derive(Clone)]
pub struct AccessLayer(pub Arc<Gate>);

/// Who calls; an extension of the request.
#[derive(Clone)]
pub struct Known {
    /// Somebody who may do this kind of work.
    pub principal: Arc<Principal>,
    /// What they have used.
    pub meter: Arc<Meter>,
    /// What comes to light on the way.
    pub note: Arc<Note>,
}

/// Why a call goes no further.
enum Refusal {
    Unknown(Rejection),
    Denied(Arc<Principal>, Lack),
    Over(Arc<Principal>, OverQuota),
}

impl<S> Layer<S> for AccessLayer {
    type Service = AccessService<S>;

    fn layer(&self, inner: S) -> AccessService<S> {
        AccessService { inner, gate: Arc::clone(&self.0) }
    }
}

/// See the module.
#[derive(Clone)]
pub struct AccessService<S> {
    inner: S,
    gate: Arc<Gate>,
}

impl<S> Service<Request> for AccessService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let Some(guard) = self.gate.guard.as_ref().filter(|_| !self.gate.is_open(request.uri().path()))
        else {
            return Box::pin(self.inner.call(request));
        };
        let scope = methods::scope(request.uri().path());
        let event = event(guard, &request);
        let note = request.extensions().get::<Arc<Note>>().cloned().unwrap_or_default();
        let known = match known(guard, request.headers(), scope, note) {
            Ok(known) => known,
            Err(refusal) => {
                self.gate.record(refusal.told(event));
                let status = Status::from(Failure::from(refusal));
                return Box::pin(async move { Ok(respond(status)) });
            }
        };
        let end = End {
            event: event.by(&known.principal),
            scope,
            note: Arc::clone(&known.note),
            gate: Arc::clone(&self.gate),
        };
        request.extensions_mut().insert(known);
        Box::pin(watched(self.inner.call(request), end))
    }
}

/// Who calls, if they may do that kind of work, and one call more.
fn known(guard: &Guard, headers: &HeaderMap, scope: Scope, note: Arc<Note>) -> Result<Known, Refusal> {
    let sent = headers.get_all(AUTHORIZATION).iter().map(|value| value.as_bytes());
    let principal = guard.authenticate(sent).map_err(Refusal::Unknown)?;
    if let Err(lack) = principal.may(scope) {
        return Err(Refusal::Denied(principal, lack));
    }
    let meter = guard.meter(&principal);
    match meter.request() {
        Ok(()) => Ok(Known { principal, meter, note }),
        Err(over) => Err(Refusal::Over(principal, over)),
    }
}

fn event(guard: &Guard, request: &Request) -> AuditEvent {
    let id = request.extensions().get::<RequestId>();
    let id = id.map_or_else(|| Arc::from(""), RequestId::shared);
    let rpc = request.uri().path().trim_start_matches('/').to_owned();
    let peer = request.extensions().get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
    AuditEvent { peer, ..AuditEvent::new(guard.now(), id, rpc) }
}

impl Refusal {
    fn told(&self, event: AuditEvent) -> AuditEvent {
        match self {
            Self::Unknown(rejection) => event.rejected(rejection),
            Self::Denied(principal, lack) => event.by(principal).denied(*lack),
            Self::Over(principal, over) => event.by(principal).over(over),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown(rejection) => {
                Self::new(Code::Unauthenticated, rejection.answer.reason(), rejection.answer.to_string())
            }
            Refusal::Denied(_, lack) => Self::denied(lack.to_string()).with("scope", lack.0.to_string()),
            Refusal::Over(_, over) => over.into(),
        }
    }
}

/// What is left to say about a call when it ends.
struct End {
    event: AuditEvent,
    scope: Scope,
    note: Arc<Note>,
    gate: Arc<Gate>,
}

impl Ending for End {
    /// One line: of each write and administrative act, and of what was refused for who asked it.
    fn ended(self, status: &Status) {
        let Self { mut event, scope, note, gate } = self;
        let code = status.code();
        event.resource = note.collection().map(|collection| format!("collections/{collection}"));
        event.outcome = match code {
            Code::PermissionDenied => Outcome::Denied,
            Code::Unauthenticated => Outcome::Unauthenticated,
            _ => Outcome::Ok,
        };
        if note.is_hidden() {
            event = event.hidden();
        }
        event.code = code_name(code).into();
        if scope != Scope::Read || event.outcome != Outcome::Ok {
            gate.record(event);
        }
    }
}
