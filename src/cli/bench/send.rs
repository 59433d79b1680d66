//! Requests as bytes over connections, one kind of call for all methods: what is measured is the service and the wire, and no answer is
//! decoded. Start at [`Lanes`].

use super::tally::{Call, Fate, Outcome};
use crate::cli::CliError;
use crate::cli::client::{Connection, LONGEST_MESSAGE, Line, ServerArgs, explain};
use crate::transport::status::code_name;
use prost::bytes::{Buf, BufMut, Bytes};
use prost::{Message, Name};
use std::error::Error;
use std::time::Duration;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

/// What stands for a code where there was no answer: nobody there, or a connection that broke.
pub const NO_ANSWER: &str = "NO_ANSWER";

/// How much later than this side the service gives a request up.
const AFTER_TIMEOUT: Duration = Duration::from_secs(1);

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What it counts as.
    pub call: Call,
    /// The message.
    pub message: Bytes,
}

impl Prepared {
    /// A request of a method of `dictum.v1`, such as "QuoteService/SearchQuotes".
    pub fn new<M: Message + Name>(method: &str, variant: &'static str, request: &M) -> Self {
        let method = format!("{}.{method}", M::PACKAGE).into();
        Self { call: Call { method, variant }, message: request.encode_to_vec().into() }
    }
}

/// Connections, taken in turns.
pub struct Lanes {
    lines: Vec<Line>,
    timeout: Duration,
}

impl Lanes {
    /// Opens so many connections, and gives the first for questions that are not measured.
    ///
    /// # Errors
    /// As for connecting.
    pub async fn open(
        server: &ServerArgs,
        count: usize,
        timeout: Duration,
    ) -> Result<(Self, Connection), CliError> {
        let first = server.connect().await?;
        let mut lines = vec![first.channel()];
        while lines.len() < count {
            lines.push(server.connect().await?.channel());
        }
        Ok((Self { lines, timeout }, first))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// Sends a request over the connection whose turn it is, and waits for its end.
    pub async fn call(&self, number: u64, prepared: &Prepared) -> Outcome {
        // Less than their count, so that it fits.
        let line = &self.lines[(number % self.lines.len() as u64) as usize];
        let answered = tokio::time::timeout(self.timeout, self.unary(line.clone(), prepared)).await;
        answered.map_or_else(|_| late(self.timeout), |answered| outcome(answered.err()))
    }

    async fn unary(&self, line: Line, prepared: &Prepared) -> Result<(), Status> {
        let path = format!("/{}", prepared.call.method);
        let path: PathAndQuery =
            path.parse().map_err(|_| Status::invalid_argument("the method's name is no path"))?;
        let mut grpc = Grpc::new(line).max_decoding_message_size(LONGEST_MESSAGE);
        grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
        let mut request = Request::new(prepared.message.clone());
        // The service gives it up, too; a little later, so that it is this side that says so.
        request.set_timeout(self.timeout + AFTER_TIMEOUT);
        grpc.unary(request, path, Raw).await.map(drop)
    }
}

/// What a call came to.
fn outcome(error: Option<Status>) -> Outcome {
    let Some(status) = error else {
        return Outcome { fate: Fate::Ok, code: code_name(Code::Ok), message: String::new() };
    };
    // What a service answers has no cause on this side.
    let is_answer = status.source().is_none();
    let fate = match status.code() {
        Code::ResourceExhausted | Code::Unavailable if is_answer => {
            Fate::Shed { has_retry_info: status.get_details_retry_info().is_some() }
        }
        _ => Fate::Failed,
    };
    let code = if is_answer { code_name(status.code()) } else { NO_ANSWER };
    Outcome { fate, code, message: explain(&status) }
}

fn late(timeout: Duration) -> Outcome {
    Outcome {
        fate: Fate::Failed,
        code: code_name(Code::DeadlineExceeded),
        message: format!("no answer within {timeout:?}"),
    }
}

/// Bytes in; what comes out is passed over.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        buffer.advance(buffer.remaining());
        Ok(Some(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn who_is_turned_away_has_not_failed_and_who_got_no_answer_has() {
        let busy = ErrorDetails::with_retry_info(Some(Duration::from_secs(1)));
        let busy = Status::with_error_details(Code::Unavailable, "busy", busy);
        let broken = Status::from_error(Box::new(std::io::Error::other("reset")));
        for (status, fate, code) in [
            (busy, Fate::Shed { has_retry_info: true }, "UNAVAILABLE"),
            (Status::resource_exhausted("quota"), Fate::Shed { has_retry_info: false }, "RESOURCE_EXHAUSTED"),
            (Status::not_found("gone"), Fate::Failed, "NOT_FOUND"),
            (broken, Fate::Failed, NO_ANSWER),
        ] {
            let told = outcome(Some(status));
            assert_eq!((told.fate, told.code), (fate, code), "{}", told.message);
        }
        assert_eq!(outcome(None).fate, Fate::Ok);
    }
}
