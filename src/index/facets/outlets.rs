//! Outlets side by side: what is counted within each, whom one alone quotes, and what one alone carries.

use super::super::error::IndexError;
use super::super::schema;
use super::buckets::Buckets;
use super::field::Field;
use super::tally::{self, Chosen, Count, Sums};
use super::{Counter, STRIDE};
use crate::domain::facet::{Bucket, Counted, Facet, FacetField, FacetValue};
use crate::domain::outlets::{MOST_OUTLETS, Outlet};
use std::collections::HashSet;

impl Counter<'_> {
    /// The outlets of most matches, with at most `values` of each list.
    pub(in super::super) fn outlets(&self, values: usize) -> Result<Vec<Outlet>, IndexError> {
        let by = |by| Facet { by, limit: values, nested: None };
        let mut sources = self.field(&FacetField::Source)?;
        let tally = self.tally(&mut sources)?;
        let outlets = Facet { limit: MOST_OUTLETS, ..by(FacetField::Source) };
        let chosen = tally::chosen(&outlets, tally.counts().map(|one| (one, 0.0)));
        let counted = sources.counted(tally.sums(), &chosen)?;
        let speakers = self.alone(&mut sources, &chosen, &by(FacetField::Speaker))?;
        let said = self.alone(&mut sources, &chosen, &by(FacetField::Cluster))?;
        let documents = self.documents(&mut sources, &chosen)?;
        let mut found: Vec<Outlet> = counted.buckets.iter().map(named).collect();
        for (outlet, ((speakers, exclusive), documents)) in
            found.iter_mut().zip(speakers.into_iter().zip(documents))
        {
            (outlet.speakers, outlet.exclusive_speakers, outlet.documents) = (speakers, exclusive, documents);
        }
        for (outlet, (said, exclusive)) in found.iter_mut().zip(said) {
            (outlet.said, outlet.exclusive_said) = (said, exclusive);
        }
        let mut within = |field| {
            let mut counted = counted.clone();
            self.divide(&mut counted, &mut sources, &chosen, &by(field))?;
            Ok::<_, IndexError>(counted.buckets.into_iter().map(|bucket| bucket.nested.unwrap_or_default()))
        };
        for (outlet, mentions) in found.iter_mut().zip(within(FacetField::Mention)?) {
            outlet.mentions = mentions;
        }
        for (outlet, words) in found.iter_mut().zip(within(FacetField::Words)?) {
            outlet.words = words;
        }
        found.sort_by(|one, other| other.quotes.cmp(&one.quotes).then_with(|| one.source.cmp(&other.source)));
        Ok(found)
    }

    /// For each chosen outlet which values are there, and which are there alone: who speaks, what is said.
    fn alone(
        &self,
        sources: &mut Field<'_>,
        chosen: &[Chosen],
        facet: &Facet,
    ) -> Result<Vec<(Counted, Counted)>, IndexError> {
        let mut values = self.field(&facet.by)?;
        let divided = self.nested(sources, &mut values, chosen)?;
        let largest = |counts: Vec<Count>, missing| {
            let given = tally::chosen(facet, counts.iter().map(|one| (*one, 0.0)));
            let mut counted = values.counted(Sums::of(counts.into_iter(), missing), &given)?;
            counted.buckets.sort_by(|one, other| tally::order(facet, one, other));
            Ok::<_, IndexError>(counted)
        };
        let mut outlets = vec![0; divided.values.len()];
        for (number, _) in divided.parts.iter().flat_map(|part| &part.counts) {
            outlets[*number as usize] += 1;
        }
        let lists = divided.parts.iter().map(|part| {
            let all = divided.counts(part).map(|(_, one)| one).collect();
            let alone = divided.counts(part).filter(|(number, _)| outlets[*number] == 1).map(|(_, one)| one);
            // What has no value is nowhere alone.
            Ok((largest(all, part.missing)?, largest(alone.collect(), 0)?))
        });
        lists.collect()
    }

    /// For each chosen outlet the documents in which its matches stand.
    fn documents(&self, sources: &mut Field<'_>, chosen: &[Chosen]) -> Result<Vec<u64>, IndexError> {
        let mut outlets = Buckets::of(chosen);
        let mut documents: Vec<HashSet<u64>> = chosen.iter().map(|_| HashSet::new()).collect();
        for (n, (segment, docs)) in self.segments.iter().zip(self.matches).enumerate() {
            outlets.begin();
            for stride in docs.chunks(STRIDE) {
                self.seam.check()?;
                for (doc, outlet) in outlets.of_entries(sources, n, segment, stride)? {
                    // Each document was put there by a change of its own.
                    documents[*outlet].insert(schema::change_of(segment.place(*doc)));
                }
            }
        }
        Ok(documents.iter().map(|changes| changes.len() as u64).collect())
    }
}

fn named(bucket: &Bucket) -> Outlet {
    let source = match &bucket.value {
        FacetValue::Text(source) => source.clone(),
        _ => String::new(),
    };
    Outlet { quotes: bucket.count, ..Outlet::without_matches(source) }
}
