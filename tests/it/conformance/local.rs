//! The pair for one machine: a store in redb and an index in tantivy.

use super::conforms;
use super::pair::{Pair, at};
use dictum::engine::Ports;
use dictum::index::{IndexConfig, TantivyIndex};
use dictum::store::{Store, StoreConfig};
use std::path::Path;

/// Opens what lies in the folder.
async fn open(dir: &Path) -> Ports {
    let dir = dir.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let store = Store::open(&dir.join("store"), &StoreConfig::default(), at(0)).unwrap();
        let index = TantivyIndex::new(IndexConfig {
            dir: dir.join("index"),
            heap_bytes: 15_000_000,
            threads: 2,
            queue: 64,
        })
        .unwrap();
        Ports { log: store.clone(), entities: store, index }
    });
    opened.await.unwrap()
}

async fn pair() -> Pair {
    Pair::new(|dir| Box::pin(async move { open(&dir).await })).await
}

conforms! {
    pair();
    documents: a_document_comes_back_as_it_was_put, the_same_content_writes_nothing,
        two_revisions_are_kept_whole, a_write_that_expects_another_revision_is_refused_alone,
        metadata_changes_without_a_new_analysis, a_follower_sees_what_is_there_and_what_has_gone,
        a_deleted_collection_takes_everything_along, an_erasure_keeps_what_lives_and_every_position,
        positions_belong_to_an_opening,
        operations_are_kept_until_they_are_forgotten, everything_is_there_after_opening_again,
        analyzers_are_counted, lists_go_on_where_they_ended, a_moment_of_the_past_is_shown_as_far_as_it_is_kept;
    entities: an_entity_sums_up_its_documents, a_bare_surname_counts_with_the_full_name_it_is_taken_for,
        names_resolve_however_they_are_written, forms_are_listed_by_frequency, what_a_change_touched_is_told;
    search: a_view_stays_whatever_is_applied, a_hit_shows_all_there_is_to_show, filters_hold_all_together,
        the_order_of_changes_ends_at_one_and_goes_on_in_any_later_view,
        every_order_pages_through_everything_once, entities_are_found_by_prefix_and_type,
        what_is_deleted_is_found_no_more, an_index_goes_on_where_it_stood, an_index_of_another_log_begins_anew,
        what_resembles_a_claim_is_found_however_much_is_altered, a_caller_who_has_gone_is_not_answered;
    together: entities_go_together_by_their_documents, outlets_have_their_matches_documents_and_speakers;
}
