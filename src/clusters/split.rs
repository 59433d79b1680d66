//! What becomes of a cluster that loses members. Each piece of it holds somebody who was related to one that is gone, or else it
//! would not have hung together. So whoever was related is looked for from one of them; if all are reached, the cluster is
//! whole, mostly after a step or two. If the search ends before, what it saw is a piece of its own.

use std::collections::BTreeSet;

/// The pieces of what is left of a cluster: its `members`, of whom `bereft` were related to those that are gone. `related` says
/// who is related to one, among those for whom it is told to look.
pub(super) fn pieces(
    members: Vec<u32>,
    mut bereft: BTreeSet<u32>,
    mut related: impl FnMut(u32, &dyn Fn(u32) -> bool) -> Vec<u32>,
) -> Vec<Vec<u32>> {
    let (mut rest, mut pieces) = (members, Vec::new());
    while let Some(start) = bereft.pop_first()
        && let Some(piece) = reach(start, &mut bereft, &mut related)
    {
        rest.retain(|member| !piece.contains(member));
        pieces.push(piece.into_iter().collect());
    }
    pieces.push(rest);
    pieces
}

/// All that hang together with one; nothing if that are all that are `wanted`, and so all that are left.
fn reach(
    start: u32,
    wanted: &mut BTreeSet<u32>,
    related: &mut impl FnMut(u32, &dyn Fn(u32) -> bool) -> Vec<u32>,
) -> Option<BTreeSet<u32>> {
    let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
    while let Some(at) = open.pop() {
        if wanted.is_empty() {
            return None;
        }
        for other in related(at, &|other| !seen.contains(&other)) {
            wanted.remove(&other);
            seen.insert(other);
            open.push(other);
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces of what hangs together along these edges, and how many were asked for their relations.
    fn split(members: &[u32], bereft: &[u32], edges: &[(u32, u32)]) -> (BTreeSet<Vec<u32>>, usize) {
        let mut asked = 0;
        let related = |one: u32, wanted: &dyn Fn(u32) -> bool| {
            asked += 1;
            let others = edges.iter().filter_map(|(a, b)| match (*a == one, *b == one) {
                (true, _) => Some(*b),
                (_, true) => Some(*a),
                _ => None,
            });
            others.filter(|other| wanted(*other)).collect()
        };
        let mut found = pieces(members.to_vec(), bereft.iter().copied().collect(), related);
        found.iter_mut().for_each(|piece| piece.sort_unstable());
        found.retain(|piece| !piece.is_empty());
        (found.into_iter().collect(), asked)
    }

    #[test]
    fn who_lost_one_relation_is_not_even_asked() {
        assert_eq!(split(&[1, 2], &[1], &[(1, 2)]), ([vec![1, 2]].into(), 0));
    }

    #[test]
    fn those_who_are_related_anyway_are_asked_once() {
        let edges = [(1, 2), (1, 3), (2, 3), (3, 4)];
        assert_eq!(split(&[1, 2, 3, 4], &[1, 2, 3], &edges), ([vec![1, 2, 3, 4]].into(), 1));
    }

    #[test]
    fn a_bridge_that_is_gone_leaves_both_sides() {
        let edges = [(1, 2), (3, 4), (5, 6)];
        let right = [vec![1, 2], vec![3, 4], vec![5, 6]].into();
        assert_eq!(split(&[1, 2, 3, 4, 5, 6], &[2, 3, 5], &edges).0, right);
    }
}
