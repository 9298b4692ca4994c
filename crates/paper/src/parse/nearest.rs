//! What somebody may have meant by a word that is not known.

/// `, did you mean …?` with the nearest known word; all of them where none is near.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|other| (distance(word, other), other))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((far @ 1..=2, other)) if word.chars().count() > far => {
            format!(", did you mean {other}?")
        }
        Some((0, other)) => format!(": what stands after {other} does not belong there"),
        _ => format!(": it is one of {}", known.join(", ")),
    }
}

/// Letters to put in, take out or change. Words of a layout are short.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(40).enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        let mut next = vec![left];
        for (above, known) in row.iter().skip(1).zip(&other) {
            let changed = diagonal + usize::from(letter != *known);
            diagonal = *above;
            left = changed.min(left + 1).min(above + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
