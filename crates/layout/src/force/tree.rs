//! Repulsion between all pairs in O(n log n): far groups act as one (Barnes and Hut, 1986).
//!
//! The quadtree is an array in pre-order over points sorted along a Z-curve; `skip` leads past a cell's content, so that
//! the walk needs no stack.

use super::order::sorted;

/// Points that one cell is not divided below.
const LEAF: usize = 6;
/// Two points nearer than this (its square) lie on one spot.
pub(super) const TOO_NEAR2: f64 = 1e-12;
/// Levels of the grid: coordinates are cut into 2^16 steps.
const LEVELS: u32 = 16;

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    x: f64,
    y: f64,
    /// The sum of the charges.
    charge: f64,
    /// The side of the square, squared.
    size2: f64,
    /// The sorted points.
    from: u32,
    to: u32,
    /// The cell after the last one inside; this one's successor for leaves.
    skip: u32,
    is_leaf: bool,
}

/// A quadtree whose memory is used again from tick to tick.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Z-codes with the points, sorted.
    codes: Vec<(u64, u64)>,
    /// Sorted coordinates and charges.
    points: Vec<(f64, f64, f64)>,
    /// Sums of charge, charge·x and charge·y before each sorted point.
    sums: Vec<(f64, f64, f64)>,
    cells: Vec<Cell>,
    waiting: Vec<(u32, u32, u32)>,
    open: Vec<u32>,
}

impl Tree {
    /// Sorts the points into cells. Charges are positive.
    pub(super) fn build(&mut self, x: &[f64], y: &[f64], charge: &[f64]) {
        let bounds = |values: &[f64]| {
            values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
        };
        let ((left, right), (top, bottom)) = (bounds(x), bounds(y));
        let side = (right - left).max(bottom - top).max(1e-6);
        let scale = f64::from(u16::MAX) / side;
        self.codes = sorted((0..x.len()).map(|point| {
            let code = spread(((x[point] - left) * scale) as u32) | spread(((y[point] - top) * scale) as u32) << 1;
            (u64::from(code), point as u64)
        }));
        self.points.clear();
        self.sums.clear();
        let mut sum = (0.0, 0.0, 0.0);
        for (_, point) in &self.codes {
            let point = *point as usize;
            self.points.push((x[point], y[point], charge[point]));
            self.sums.push(sum);
            sum = (sum.0 + charge[point], sum.1 + charge[point] * x[point], sum.2 + charge[point] * y[point]);
        }
        self.sums.push(sum);
        self.divide(side);
    }

    fn divide(&mut self, side: f64) {
        self.cells.clear();
        self.open.clear();
        self.waiting.clear();
        if self.codes.is_empty() {
            return;
        }
        self.waiting.push((0, self.codes.len() as u32, LEVELS));
        while let Some((from, to, level)) = self.waiting.pop() {
            let place = self.cells.len() as u32;
            while let Some(last) = self.open.last().copied().filter(|last| self.cells[*last as usize].to <= from) {
                self.cells[last as usize].skip = place;
                self.open.pop();
            }
            let (before, after) = (self.sums[from as usize], self.sums[to as usize]);
            let charge = after.0 - before.0;
            let width = side / f64::from(1_u32 << (LEVELS - level));
            let is_leaf = (to - from) as usize <= LEAF || level == 0;
            self.cells.push(Cell {
                x: (after.1 - before.1) / charge,
                y: (after.2 - before.2) / charge,
                charge,
                size2: width * width,
                from,
                to,
                skip: 0,
                is_leaf,
            });
            self.open.push(place);
            if is_leaf {
                continue;
            }
            let shift = 2 * (level - 1);
            let mut end = to;
            // The last quadrant waits at the bottom, so that the first one comes first.
            for quadrant in (0..4_u64).rev() {
                let codes = &self.codes[from as usize..end as usize];
                let begin = from + codes.partition_point(|(code, _)| code >> shift & 3 < quadrant) as u32;
                if begin < end {
                    self.waiting.push((begin, end, level - 1));
                }
                end = begin;
            }
        }
        let count = self.cells.len() as u32;
        for place in &self.open {
            self.cells[*place as usize].skip = count;
        }
    }

    /// Adds to each point's velocity what all others push it by. `theta2` is the square of the largest angle under which
    /// a cell acts as one; `strength` scales the charges.
    pub(super) fn repel(&self, theta2: f64, strength: f64, vx: &mut [f64], vy: &mut [f64]) {
        for (place, (_, point)) in self.codes.iter().enumerate() {
            let (x, y, _) = self.points[place];
            let (mut fx, mut fy) = (0.0, 0.0);
            let mut next = 0;
            while let Some(cell) = self.cells.get(next as usize) {
                let (dx, dy) = (x - cell.x, y - cell.y);
                let distance2 = dx * dx + dy * dy;
                if cell.size2 < theta2 * distance2 {
                    let push = cell.charge / distance2.max(1.0);
                    fx += dx * push;
                    fy += dy * push;
                    next = cell.skip;
                    continue;
                }
                if cell.is_leaf {
                    for other in cell.from..cell.to {
                        if other as usize == place {
                            continue;
                        }
                        let (ox, oy, charge) = self.points[other as usize];
                        let (mut dx, mut dy) = (x - ox, y - oy);
                        if dx * dx + dy * dy < TOO_NEAR2 {
                            // Points on one spot part, in an order that does not depend on the machine.
                            (dx, dy) = nudge(place, other as usize);
                        }
                        let push = charge / (dx * dx + dy * dy).max(1.0);
                        fx += dx * push;
                        fy += dy * push;
                    }
                    next = cell.skip;
                } else {
                    next += 1;
                }
            }
            vx[*point as usize] += fx * strength;
            vy[*point as usize] += fy * strength;
        }
    }
}

/// A small step apart for two points on one spot; opposite for the two.
pub(super) fn nudge(one: usize, other: usize) -> (f64, f64) {
    let sign = if one < other { -1.0 } else { 1.0 };
    let kind = ((one.min(other) * 7 + one.max(other) * 13) % 5) as f64;
    (sign * 0.1, sign * (kind - 2.0) * 0.1)
}

/// The lower 16 bits with a zero between each two.
fn spread(bits: u32) -> u32 {
    let mut bits = bits.min(0xffff);
    bits = (bits | bits << 8) & 0x00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f;
    bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exact sum over all pairs.
    fn direct(x: &[f64], y: &[f64], charge: &[f64]) -> Vec<(f64, f64)> {
        let push = |one: usize| {
            let others = (0..x.len()).filter(|other| *other != one);
            others.fold((0.0, 0.0), |(fx, fy), other| {
                let (dx, dy) = (x[one] - x[other], y[one] - y[other]);
                let push = charge[other] / (dx * dx + dy * dy).max(1.0);
                (fx + dx * push, fy + dy * push)
            })
        };
        (0..x.len()).map(push).collect()
    }

    #[test]
    fn groups_push_nearly_as_their_members_do() {
        // A spiral, so that cells of all sizes occur.
        let place = |n: usize| ((n as f64).sqrt() * 30.0, n as f64 * 2.4);
        let x: Vec<f64> = (0..700).map(|n| place(n).0 * libm::cos(place(n).1)).collect();
        let y: Vec<f64> = (0..700).map(|n| place(n).0 * libm::sin(place(n).1)).collect();
        let charge: Vec<f64> = (0..700).map(|n| 1.0 + f64::from(n % 3)).collect();
        let mut tree = Tree::default();
        tree.build(&x, &y, &charge);
        for (theta2, tolerance) in [(0.0, 1e-9), (0.81, 0.05)] {
            let (mut vx, mut vy) = (vec![0.0; 700], vec![0.0; 700]);
            tree.repel(theta2, 1.0, &mut vx, &mut vy);
            let exact = direct(&x, &y, &charge);
            let error: f64 =
                exact.iter().enumerate().map(|(n, (fx, fy))| libm::hypot(vx[n] - fx, vy[n] - fy)).sum::<f64>();
            let size: f64 = exact.iter().map(|(fx, fy)| libm::hypot(*fx, *fy)).sum();
            assert!(error <= size * tolerance, "{error} of {size}");
        }
    }

    #[test]
    fn points_on_one_spot_part() {
        let mut tree = Tree::default();
        for count in [0_usize, 1, 2, 40] {
            tree.build(&vec![3.0; count], &vec![4.0; count], &vec![1.0; count]);
            let (mut vx, mut vy) = (vec![0.0; count], vec![0.0; count]);
            tree.repel(0.81, 1.0, &mut vx, &mut vy);
            assert!(vx.iter().chain(&vy).all(|value| value.is_finite()));
            assert!(count < 2 || vx.iter().any(|value| *value != 0.0));
        }
    }
}
