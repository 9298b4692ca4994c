//! Merkle trees and proofs of RFC 6962, section 2.1. Leaves are given as leaf hashes.

use crate::hash::{Hash, Hasher};

pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(leaf);
    hasher.finish()
}

pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = halves(leaves);
            node_hash(&root(left), &root(right))
        }
    }
}

/// The path that shows that leaf `index` is under the root of `leaves`; `None` when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    inclusion(leaves, index, &mut proof);
    Some(proof)
}

fn inclusion(leaves: &[Hash], index: usize, proof: &mut Vec<Hash>) {
    if leaves.len() <= 1 {
        return;
    }
    let (left, right) = halves(leaves);
    if index < left.len() {
        inclusion(left, index, proof);
        proof.push(root(right));
    } else {
        inclusion(right, index - left.len(), proof);
        proof.push(root(left));
    }
}

/// The proof that the first `old` leaves are a prefix of `leaves`; `None` for a size outside `1..=len`.
pub fn consistency_proof(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    consistency(leaves, old, true, &mut proof);
    Some(proof)
}

fn consistency(leaves: &[Hash], old: usize, is_whole: bool, proof: &mut Vec<Hash>) {
    if old == leaves.len() {
        if !is_whole {
            proof.push(root(leaves));
        }
        return;
    }
    let (left, right) = halves(leaves);
    if old <= left.len() {
        consistency(left, old, is_whole, proof);
        proof.push(root(right));
    } else {
        consistency(right, old - left.len(), false, proof);
        proof.push(root(left));
    }
}

/// RFC 9162, section 2.1.3.2.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// RFC 9162, section 2.1.4.2.
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut path = proof.iter();
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        path.next()
    };
    let Some(first) = first else {
        return false;
    };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// Splits at the largest power of two smaller than the number of leaves.
fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    let middle = leaves.len().next_power_of_two() / 2;
    leaves.split_at_checked(middle).unwrap_or((leaves, &[]))
}
