//! The network: scores for every word piece of one window. [`Network`] is the seam at which a smaller or faster model
//! takes the place of this one; [`RtenNetwork`] runs an ONNX graph by rten. Knows tensors, not words or tags.
//!
//! A window runs alone and without padding, since int8 quantisation takes its scale from the whole input: whatever
//! stood beside it in a batch would change its scores. It also runs on one thread; callers that want more cores run
//! several windows at once. Both together make a window's scores a function of the window.

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use std::sync::{Arc, Mutex, PoisonError};

/// Scores of one window: rows of equal width, one for each piece.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Emissions of every layer of tags, side by side.
    pub tags: Vec<f32>,
    /// Link queries of every role, side by side.
    pub queries: Vec<f32>,
    /// Link keys.
    pub keys: Vec<f32>,
    /// Reference queries.
    pub reference_queries: Vec<f32>,
    /// Reference keys.
    pub reference_keys: Vec<f32>,
}

impl Scores {
    /// The outputs one by one, in the order of the fields.
    pub fn outputs(&self) -> [&Vec<f32>; 5] {
        [&self.tags, &self.queries, &self.keys, &self.reference_queries, &self.reference_keys]
    }

    /// As [`Scores::outputs`], to be changed.
    pub fn outputs_mut(&mut self) -> [&mut Vec<f32>; 5] {
        let Self { tags, queries, keys, reference_queries, reference_keys } = self;
        [tags, queries, keys, reference_queries, reference_keys]
    }
}

/// Reads windows.
pub trait Network: Send + Sync {
    /// Scores one window: the pieces' vocabulary ids and case classes, special pieces included, of equal number.
    /// The same input gives the same scores, on any thread and beside any other run.
    fn run(&self, ids: &[i32], cases: &[i32]) -> Scores;
}

/// An ONNX graph with inputs `input_ids` and `case_ids` and outputs `tags`, `link_q`, `link_k`, `reference_q`, `reference_k`.
pub struct RtenNetwork {
    model: Model,
    inputs: [NodeId; 2],
    outputs: [NodeId; 5],
    /// Pools of one thread each, for there is no other way to keep a run on one thread. As many as ever ran at once.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
}

/// Why a graph cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// Not a graph that rten reads.
    #[error("the model cannot be loaded: {0}")]
    Load(#[from] rten::LoadError),
    /// The graph lacks an input or output, or fails on a trial run.
    #[error("the model cannot be run: {0}")]
    Run(#[from] rten::RunError),
    /// An output is not a row of numbers for each piece.
    #[error("the model's output {0} is not [1, pieces, width] of floats")]
    Output(&'static str),
}

const INPUTS: [&str; 2] = ["input_ids", "case_ids"];
const OUTPUTS: [&str; 5] = ["tags", "link_q", "link_k", "reference_q", "reference_k"];

impl RtenNetwork {
    /// Loads a graph and tries it on a small window.
    pub fn load(graph: &'static [u8]) -> Result<Self, NetworkError> {
        let model = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(graph)?;
        let [ids, cases] = INPUTS.map(|name| model.node_id(name));
        let [tags, queries, keys, reference_queries, reference_keys] =
            OUTPUTS.map(|name| model.node_id(name));
        let (inputs, outputs) =
            ([ids?, cases?], [tags?, queries?, keys?, reference_queries?, reference_keys?]);
        let network = Self { model, inputs, outputs, idle: Mutex::default() };
        network.try_run(&[0; 3], &[0; 3])?;
        Ok(network)
    }

    fn try_run(&self, ids: &[i32], cases: &[i32]) -> Result<Scores, NetworkError> {
        let row = |data| NdTensorView::from_data([1, ids.len()], data).into();
        let inputs = vec![(self.inputs[0], row(ids)), (self.inputs[1], row(cases))];
        let pool = self.borrow_pool();
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&pool)));
        let answer = self.model.run_n(inputs, self.outputs, Some(options));
        self.lock_idle().push(pool);
        let mut rows = answer?.into_iter().zip(OUTPUTS).map(|(value, name)| rows(value, ids.len(), name));
        let mut next = || rows.next().unwrap_or(Ok(Vec::new()));
        Ok(Scores {
            tags: next()?,
            queries: next()?,
            keys: next()?,
            reference_queries: next()?,
            reference_keys: next()?,
        })
    }

    fn borrow_pool(&self) -> Arc<ThreadPool> {
        let idle = self.lock_idle().pop();
        idle.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)))
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Arc<ThreadPool>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rows(value: Value, pieces: usize, name: &'static str) -> Result<Vec<f32>, NetworkError> {
    let tensor: NdTensor<f32, 3> = value.try_into().map_err(|_| NetworkError::Output(name))?;
    if tensor.shape()[..2] != [1, pieces] {
        return Err(NetworkError::Output(name));
    }
    Ok(tensor.into_data())
}

impl Network for RtenNetwork {
    fn run(&self, ids: &[i32], cases: &[i32]) -> Scores {
        // The trial run at loading has passed through every operator of the graph, and none depends on values other
        // than the ids, which the vocabulary bounds; windows are within the length that the header promises.
        self.try_run(ids, cases).expect("a graph that ran once runs again")
    }
}
