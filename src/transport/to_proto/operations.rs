//! Long-running operations.

use super::time::timestamp;
use crate::domain::annotation::AnalyzerName;
use crate::domain::ids::collection_name;
use crate::domain::operation::{Operation, OperationState, Progress, Task};
use crate::transport::wire;
use crate::transport::wire::operation::{Metadata, Result as Outcome};
use tonic::Code;

/// An operation, in whatever state it is.
pub fn operation(operation: &Operation) -> wire::Operation {
    wire::Operation {
        name: operation.id.to_string(),
        state: state(&operation.state).into(),
        done: operation.state.is_done(),
        metadata: Some(metadata(operation)),
        result: result(operation),
        create_time: Some(timestamp(operation.created_at)),
        update_time: Some(timestamp(operation.updated_at)),
    }
}

fn state(state: &OperationState) -> wire::OperationState {
    match state {
        OperationState::Waiting => wire::OperationState::Waiting,
        OperationState::Running => wire::OperationState::Running,
        OperationState::Succeeded => wire::OperationState::Succeeded,
        OperationState::Cancelled => wire::OperationState::Cancelled,
        OperationState::Failed(_) => wire::OperationState::Failed,
    }
}

fn metadata(operation: &Operation) -> Metadata {
    let progress = Some(progress(operation.progress));
    match &operation.task {
        Task::Reanalyze { collection, renewal, filter: _ } => {
            Metadata::ReanalyzeDocuments(wire::ReanalyzeDocumentsMetadata {
                parent: collection_name(collection),
                only_older: renewal.only_older(),
                analyzer: renewal.analyzer().map(AnalyzerName::as_str).unwrap_or_default().to_owned(),
                progress,
            })
        }
        Task::Purge { collection, before, erase, filter: _ } => {
            Metadata::PurgeDocuments(wire::PurgeDocumentsMetadata {
                parent: collection_name(collection),
                before: before.map(timestamp),
                erase: *erase,
                progress,
            })
        }
    }
}

fn progress(progress: Progress) -> wire::OperationProgress {
    let Progress { total, done, skipped, failed } = progress;
    wire::OperationProgress {
        total_count: total,
        done_count: done,
        skipped_count: skipped,
        failed_count: failed,
    }
}

fn result(operation: &Operation) -> Option<Outcome> {
    let Progress { done, skipped, failed, .. } = operation.progress;
    match (&operation.state, &operation.task) {
        (OperationState::Waiting | OperationState::Running, _) => None,
        (OperationState::Cancelled, _) => {
            Some(error(Code::Cancelled, "CANCELLED", "the operation was called off"))
        }
        (OperationState::Failed(why), _) => Some(error(Code::Internal, "OPERATION_FAILED", why)),
        (OperationState::Succeeded, Task::Reanalyze { .. }) => {
            Some(Outcome::ReanalyzeDocumentsResult(wire::ReanalyzeDocumentsResult {
                reanalyzed_count: done,
                skipped_count: skipped,
                failed_count: failed,
            }))
        }
        (OperationState::Succeeded, Task::Purge { erase, .. }) => {
            Some(Outcome::PurgeDocumentsResult(wire::PurgeDocumentsResult {
                deleted_count: done,
                erased: *erase,
            }))
        }
    }
}

fn error(code: Code, reason: &str, message: &str) -> Outcome {
    let (reason, message) = (reason.to_owned(), message.to_owned());
    Outcome::Error(wire::ItemError { code: code as i32, reason, message, ..Default::default() })
}
