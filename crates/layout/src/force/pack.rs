//! Several parts on one sheet: the largest at the left, the others on shelves below each other, about as wide as high.

use super::{Point, part::Part};

/// The room between parts.
const ROOM: f64 = 60.0;

/// By how much each part moves.
///
/// Parts that had a place before stay there, as long as no two of them overlap; the others go below.
pub(super) fn moves(parts: &[Part]) -> Vec<Point> {
    let bounds: Vec<[f64; 4]> = parts.iter().map(Part::bounds).collect();
    let mut moves = vec![Point::default(); parts.len()];
    let kept: Vec<usize> = (0..parts.len()).filter(|part| parts[*part].is_placed).collect();
    let overlap = |one: &[f64; 4], other: &[f64; 4]| {
        one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
    };
    let clash = kept
        .iter()
        .enumerate()
        .any(|(place, one)| kept[..place].iter().any(|other| overlap(&bounds[*one], &bounds[*other])));
    let is_kept = |part: usize| !clash && parts[part].is_placed;
    let bottom = (0..parts.len()).filter(|part| is_kept(*part)).map(|part| bounds[part][3]).fold(f64::NAN, f64::max);
    let left = (0..parts.len()).filter(|part| is_kept(*part)).map(|part| bounds[part][0]).fold(f64::NAN, f64::min);
    let free: Vec<usize> = (0..parts.len()).filter(|part| !is_kept(*part)).collect();
    let size = |part: usize| (bounds[part][2] - bounds[part][0], bounds[part][3] - bounds[part][1]);
    let area: f64 = free.iter().map(|part| (size(*part).0 + ROOM) * (size(*part).1 + ROOM)).sum();
    let widest = free.iter().map(|part| size(*part).0).fold(0.0, f64::max);
    let width = widest.max(area.sqrt() * 1.3);
    let (start_x, start_y) =
        (if left.is_nan() { 0.0 } else { left }, if bottom.is_nan() { 0.0 } else { bottom + ROOM });
    let (mut x, mut y, mut shelf) = (0.0, 0.0, 0.0_f64);
    for part in free {
        let (w, h) = size(part);
        if x > 0.0 && x + w > width {
            x = 0.0;
            y += shelf + ROOM;
            shelf = 0.0;
        }
        moves[part] = Point { x: start_x + x - bounds[part][0], y: start_y + y - bounds[part][1] };
        x += w + ROOM;
        shelf = shelf.max(h);
    }
    moves
}
