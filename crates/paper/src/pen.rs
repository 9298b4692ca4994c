//! 笔迹 – pen strokes in the place of a signature: one line of an even width, or one that follows the pressure of the pen.

use crate::Point;
use crate::item::{Item, PenLine};

/// Widths this close, in points, are one.
const STEP: f32 = 0.05;
/// A width changes in jumps no larger than this, in points, and over no more of them than this between two points.
const JUMP: f32 = 0.1;
const MOST_JUMPS: f32 = 8.0;

pub(crate) fn strokes<'a>(
    strokes: &'a [Vec<Point>],
    at: [f32; 2],
    size: [f32; 2],
    width: f32,
) -> impl Iterator<Item = Item> + 'a {
    let ([x, y], [wide, high]) = (at, size);
    let written = strokes.iter().filter(|points| !points.is_empty());
    written.map(move |written| {
        let mut points: Vec<[f32; 2]> = written
            .iter()
            .map(|point| {
                let [dx, dy] = point.at.map(inside);
                [x + dx * wide, y + dy * high]
            })
            .collect();
        // A dot is a very short line.
        if let [[x, y]] = points.as_slice() {
            points.push([x + width * 0.3, *y]);
        }
        if written.iter().all(|point| point.pressure.is_none()) {
            return Item::Stroke { points, width };
        }
        let lines = lines(&points, &widths(written, width));
        Item::Pen { lines }
    })
}

fn inside(value: f32) -> f32 {
    if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// Half the width for the lightest touch, once and a half for the firmest; a jump is spread over its neighbours.
fn widths(points: &[Point], width: f32) -> Vec<f32> {
    let own: Vec<f32> = points
        .iter()
        .map(|point| {
            let told = point.pressure.filter(|pressure| pressure.is_finite());
            width * (0.5 + told.map_or(0.5, inside))
        })
        .collect();
    let last = own.last().copied().unwrap_or(width);
    let first = own.first().copied().unwrap_or(width);
    let before = std::iter::once(first).chain(own.iter().copied());
    let after = own.iter().copied().skip(1).chain([last]);
    before
        .zip(&own)
        .zip(after)
        .map(|((before, own), after)| (before + 2.0 * own + after) / 4.0)
        .collect()
}

/// Pieces of one width each, one beginning where the other ends.
fn lines(points: &[[f32; 2]], widths: &[f32]) -> Vec<PenLine> {
    let mut lines: Vec<PenLine> = Vec::new();
    let ends = points.iter().zip(points.iter().skip(1));
    for (index, ([x, y], [end_x, end_y])) in ends.enumerate() {
        let width = |at: usize| widths.get(at).or(widths.last()).copied().unwrap_or(1.0);
        let (from, to) = (width(index), width(index + 1));
        let parts = ((to - from).abs() / JUMP).ceil().clamp(1.0, MOST_JUMPS);
        let at = |share: f32| [x + (end_x - x) * share, y + (end_y - y) * share];
        for part in 0..parts as usize {
            let (begin, end) = (part as f32 / parts, (part as f32 + 1.0) / parts);
            let middle = from + (to - from) * (begin + end) / 2.0;
            let width = (middle / STEP).round().max(1.0) * STEP;
            match lines.last_mut() {
                Some(line) if (line.width - width).abs() < STEP / 2.0 => line.points.push(at(end)),
                _ => lines.push(PenLine {
                    width,
                    points: vec![at(begin), at(end)],
                }),
            }
        }
    }
    lines
}
