//! What a run sends, request by request: documents, questions, or both, each following from the seed and its number. A document that is one
//! too many is deleted by the same turn that stored another. Start at [`Workload::turn`].

use super::corpus::{self, Corpus};
use super::drive::Turn;
use super::made::numbered;
use super::questions::Mix;
use super::send::{Lanes, Prepared};
use super::tally::{Call, Fate, Moments, Outcome, Tally};
use prost::bytes::Bytes;
use std::time::Instant;

/// Where questions come from.
pub enum Questions {
    /// None are asked.
    None,
    /// By chance, from what the service has.
    Mix(Mix),
    /// In their order, over and over; at least one.
    Given(Vec<Prepared>),
}

/// See the module.
pub struct Workload {
    /// The connections.
    pub lanes: Lanes,
    /// What becomes of it all.
    pub tally: Tally,
    /// Where documents go, where there are any.
    pub corpus: Option<Corpus>,
    /// What is asked.
    pub questions: Questions,
    /// How many of a hundred requests store a document; all where nothing is asked.
    pub writes: u8,
    /// What chance follows from.
    pub seed: u64,
}

/// The question whether the service is well, which costs nothing but the way.
pub fn health() -> Prepared {
    // Of the whole service: a message without any field.
    Prepared {
        call: Call { method: "grpc.health.v1.Health/Check".into(), variant: "" },
        message: Bytes::new(),
    }
}

impl Workload {
    /// Sends the request of a turn, and sees to its end.
    pub async fn turn(&self, turn: Turn) {
        let mut random = numbered(self.seed, turn.number);
        let stores = matches!(self.questions, Questions::None) || random.u8(..100) < self.writes;
        match (&self.corpus, &self.questions) {
            (Some(corpus), _) if stores => self.store(corpus, turn).await,
            (_, Questions::Mix(mix)) => drop(self.send(turn, &mix.question(&mut random)).await),
            (_, Questions::Given(given)) => {
                // Less than their count, so that it fits.
                let at = (turn.number % given.len() as u64) as usize;
                self.send(turn, &given[at]).await;
            }
            (_, Questions::None) => {}
        }
    }

    async fn store(&self, corpus: &Corpus, turn: Turn) {
        let (id, request) = corpus.next();
        let outcome = self.send(turn, &corpus::ingest(&request)).await;
        if may_be_done(&outcome) {
            corpus.stored(id);
        }
        for id in corpus.surplus() {
            let turn = Turn { due: Instant::now(), ..turn };
            let outcome = self.send(turn, &corpus::delete(corpus.parent(), &id)).await;
            if outcome.fate != Fate::Ok {
                corpus.put_back(id);
            }
        }
    }

    async fn send(&self, turn: Turn, prepared: &Prepared) -> Outcome {
        let sent = Instant::now();
        let outcome = self.lanes.call(turn.number, prepared).await;
        let moments = Moments { due: turn.due, sent, ended: Instant::now() };
        self.tally.record(&prepared.call, moments, outcome.clone());
        outcome
    }
}

/// Whether a write has been done, or whether nobody knows.
fn may_be_done(outcome: &Outcome) -> bool {
    match outcome.fate {
        Fate::Ok => true,
        Fate::Shed { .. } => false,
        Fate::Failed => !matches!(
            outcome.code,
            "INVALID_ARGUMENT" | "NOT_FOUND" | "PERMISSION_DENIED" | "UNAUTHENTICATED" | "UNIMPLEMENTED"
        ),
    }
}
