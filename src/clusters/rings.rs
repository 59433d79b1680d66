//! Which variants are together: the members of each cluster stand in a ring, and each knows the cluster's number, that of one
//! of its members. Clusters are joined by telling the members of the smaller one.

use super::make_room;
use super::variants::Variant;
use std::sync::Arc;

/// The number of a cluster: the same for all of its variants, another at every moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cluster(pub u32);

/// The clusters of one moment; they stay what they are while the book goes on.
#[derive(Debug, Clone, Default)]
pub struct Clusters(Arc<Vec<u32>>);

impl Clusters {
    /// In which cluster a variant is. One that came later is alone.
    pub fn of(&self, variant: Variant) -> Cluster {
        Cluster(self.0.get(variant.0 as usize).copied().unwrap_or(variant.0))
    }
}

/// Every cluster.
#[derive(Default)]
pub(super) struct Rings {
    /// The number of each variant's cluster; shared with those who read.
    roots: Arc<Vec<u32>>,
    /// The next member of the same cluster.
    next: Vec<u32>,
}

impl Rings {
    /// Puts a variant in a cluster of its own; it is the next new number, or that of one which was alone when it went.
    pub(super) fn make_place(&mut self, number: u32) {
        if (number as usize) < self.next.len() {
            return;
        }
        make_room(&mut self.next, 1);
        self.next.push(number);
        let roots = Arc::make_mut(&mut self.roots);
        make_room(roots, 1);
        roots.push(number);
    }

    pub(super) fn root(&self, number: u32) -> u32 {
        self.roots[number as usize]
    }

    pub(super) fn together(&self, one: u32, other: u32) -> bool {
        self.root(one) == self.root(other)
    }

    pub(super) fn is_alone(&self, number: u32) -> bool {
        self.next[number as usize] == number
    }

    /// All members of the variant's cluster.
    pub(super) fn members(&self, number: u32) -> impl Iterator<Item = u32> {
        let next = move |at: &u32| Some(self.next[*at as usize]).filter(|next| *next != number);
        std::iter::successors(Some(number), next)
    }

    /// Makes one cluster of two that are not together.
    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (small, large) = if self.is_smaller(one, other) { (one, other) } else { (other, one) };
        let (root, members) = (self.root(large), self.members(small).collect::<Vec<u32>>());
        let roots = Arc::make_mut(&mut self.roots);
        members.into_iter().for_each(|member| roots[member as usize] = root);
        self.next.swap(small as usize, large as usize);
    }

    /// Makes these a cluster of their own. Those with which they were together must be put somewhere too.
    pub(super) fn form(&mut self, members: &[u32]) {
        let [root, rest @ ..] = members else { return };
        let roots = Arc::make_mut(&mut self.roots);
        for (member, next) in members.iter().zip(rest.iter().chain([root])) {
            self.next[*member as usize] = *next;
            roots[*member as usize] = *root;
        }
    }

    /// What readers get.
    pub(super) fn clusters(&self) -> Clusters {
        Clusters(Arc::clone(&self.roots))
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        (self.roots.capacity() + self.next.capacity()) * 4
    }

    /// Whether the cluster of one has no more members than that of the other: walks both as long as the shorter one goes.
    fn is_smaller(&self, one: u32, other: u32) -> bool {
        let together = self.members(one).skip(1).zip(self.members(other).skip(1)).count();
        self.members(one).nth(together + 1).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings(count: u32) -> Rings {
        let mut rings = Rings::default();
        (0..count).for_each(|number| rings.make_place(number));
        rings
    }

    #[test]
    fn the_smaller_cluster_takes_the_number_of_the_larger() {
        let mut rings = rings(6);
        rings.join(0, 1);
        rings.join(1, 2);
        let root = rings.root(0);
        rings.join(3, 2);
        assert!((0..4).all(|number| rings.root(number) == root));
        assert_eq!(rings.members(3).count(), 4);
        assert!(rings.is_alone(4) && !rings.together(4, 5));
    }

    #[test]
    fn what_was_read_stays_while_clusters_change() {
        let mut rings = rings(3);
        rings.join(0, 1);
        let before = rings.clusters();
        rings.form(&[0]);
        rings.form(&[1, 2]);
        rings.make_place(3);
        assert_eq!(before.of(Variant(0)), before.of(Variant(1)));
        assert_ne!(before.of(Variant(1)), before.of(Variant(2)));
        assert_eq!(before.of(Variant(3)), Cluster(3), "it came later");
        assert!(!rings.together(0, 1) && rings.together(1, 2));
    }
}
