//! Keeping nodes from lying over each other: softly in each tick, strictly at the end.

use super::{
    Point,
    order::{ordered, sorted},
    tree::{TOO_NEAR2, nudge},
};

/// A grid of cells as wide as the largest node, so that only neighbours are compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    /// The first entry of each cell in `nodes`.
    starts: Vec<u32>,
    nodes: Vec<u32>,
    cell_of: Vec<u32>,
}

impl Grid {
    /// Adds to the velocities what parts nodes that would overlap, heavier ones less than lighter ones.
    pub(super) fn part(&mut self, x: &[f64], y: &[f64], radius: &[f64], gap: f64, vx: &mut [f64], vy: &mut [f64]) {
        let (columns, rows) = self.fill(x, y, radius, gap);
        for node in 0..x.len() {
            let cell = self.cell_of[node] as usize;
            let (column, row) = (cell % columns, cell / columns);
            for other_row in row.saturating_sub(1)..=(row + 1).min(rows - 1) {
                let from = other_row * columns + column.saturating_sub(1);
                let to = other_row * columns + (column + 1).min(columns - 1);
                for place in self.starts[from]..self.starts[to + 1] {
                    let other = self.nodes[place as usize] as usize;
                    if other <= node {
                        continue;
                    }
                    let room = radius[node] + radius[other] + gap;
                    let mut dx = x[node] + vx[node] - x[other] - vx[other];
                    let mut dy = y[node] + vy[node] - y[other] - vy[other];
                    let mut distance2 = dx * dx + dy * dy;
                    if distance2 >= room * room {
                        continue;
                    }
                    if distance2 < TOO_NEAR2 {
                        (dx, dy) = nudge(node, other);
                        distance2 = dx * dx + dy * dy;
                    }
                    let distance = distance2.sqrt();
                    let by = (room - distance) / distance * 0.7;
                    let (mine, others) = (radius[node] * radius[node], radius[other] * radius[other]);
                    let share = others / (mine + others);
                    vx[node] += dx * by * share;
                    vy[node] += dy * by * share;
                    vx[other] -= dx * by * (1.0 - share);
                    vy[other] -= dy * by * (1.0 - share);
                }
            }
        }
    }

    /// Sorts the nodes into cells; the numbers of columns and rows.
    fn fill(&mut self, x: &[f64], y: &[f64], radius: &[f64], gap: f64) -> (usize, usize) {
        let bounds = |values: &[f64]| {
            values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
        };
        let ((left, right), (top, bottom)) = (bounds(x), bounds(y));
        let largest = radius.iter().copied().fold(0.0, f64::max);
        // Not many more cells than nodes, however far they lie apart.
        let most = (x.len() as f64).sqrt() * 2.0 + 1.0;
        let size = (2.0 * largest + gap).max((right - left) / most).max((bottom - top) / most);
        let columns = ((right - left) / size) as usize + 1;
        let rows = ((bottom - top) / size) as usize + 1;
        self.cell_of.clear();
        self.cell_of.extend((0..x.len()).map(|node| {
            let (column, row) = (((x[node] - left) / size) as usize, ((y[node] - top) / size) as usize);
            (row.min(rows - 1) * columns + column.min(columns - 1)) as u32
        }));
        self.starts.clear();
        self.starts.resize(columns * rows + 1, 0);
        for cell in &self.cell_of {
            self.starts[*cell as usize + 1] += 1;
        }
        for cell in 0..columns * rows {
            self.starts[cell + 1] += self.starts[cell];
        }
        let mut next = self.starts.clone();
        self.nodes.clear();
        self.nodes.resize(x.len(), 0);
        for (node, cell) in self.cell_of.iter().enumerate() {
            self.nodes[next[*cell as usize] as usize] = node as u32;
            next[*cell as usize] += 1;
        }
        (columns, rows)
    }
}

/// Moves nodes up or down until none overlaps another; x stays, and fixed nodes stay altogether.
///
/// From the middle outwards each node goes to the free place nearest to where it was.
pub(super) fn vertically(x: &[f64], y: &mut [f64], radius: &[f64], fixed: &[Option<Point>], gap: f64) {
    let count = x.len();
    let largest = radius.iter().copied().fold(0.0, f64::max);
    let width = (2.0 * largest + gap).max(1.0);
    let left = x.iter().copied().fold(f64::INFINITY, f64::min);
    let strip = |node: usize| ((x[node] - left) / width) as usize;
    let strips = (0..count).map(strip).max().map_or(0, |last| last + 1);
    // Nodes already in place, by strips as wide as the widest node: only neighbouring strips can be touched.
    let mut placed: Vec<Vec<usize>> = vec![Vec::new(); strips];
    let middle = if count == 0 { 0.0 } else { y.iter().sum::<f64>() / count as f64 };
    // Fixed nodes come first: the others make room.
    let rank = |node: usize| if fixed[node].is_some() { 0 } else { ordered((y[node] - middle).abs()) };
    let order = sorted((0..count).map(|node| (rank(node), node as u64)));
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for (_, node) in order {
        let node = node as usize;
        let here = strip(node);
        if fixed[node].is_none() {
            taken.clear();
            for other in placed[here.saturating_sub(1)..=(here + 1).min(strips - 1)].iter().flatten() {
                let room = radius[node] + radius[*other] + gap;
                let dx = x[node] - x[*other];
                let reach = room * room - dx * dx;
                if reach > 0.0 {
                    let reach = reach.sqrt();
                    taken.push((y[*other] - reach, y[*other] + reach));
                }
            }
            let by_start = sorted(taken.iter().enumerate().map(|(place, (from, _))| (ordered(*from), place as u64)));
            y[node] = nearest_free(y[node], by_start.iter().map(|(_, place)| taken[*place as usize]));
        }
        placed[here].push(node);
    }
}

/// The place nearest to `wanted` that lies in none of the (sorted) intervals.
fn nearest_free(wanted: f64, taken: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut up = f64::NEG_INFINITY;
    let mut best: Option<f64> = None;
    let mut consider = |place: f64| {
        if best.is_none_or(|best| (place - wanted).abs() < (best - wanted).abs()) {
            best = Some(place);
        }
    };
    // The free stretches lie between the intervals once overlapping ones are joined.
    for (from, to) in taken {
        if from >= up {
            consider(crate::clamp(wanted, up, from));
        }
        up = up.max(to);
    }
    consider(wanted.max(up));
    best.unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::nearest_free;

    #[test]
    fn the_nearest_free_place_is_found() {
        for (wanted, taken, expected) in [
            (5.0, &[][..], 5.0),
            (5.0, &[(0.0, 4.0)], 5.0),
            (5.0, &[(0.0, 8.0)], 8.0),
            (5.0, &[(4.0, 9.0)], 4.0),
            (5.0, &[(0.0, 6.0), (5.5, 20.0)], 0.0),
            (5.0, &[(0.0, 6.0), (7.0, 20.0)], 6.0),
            (5.0, &[(-90.0, 6.0), (6.0, 20.0)], 6.0),
        ] {
            let found = nearest_free(wanted, taken.iter().copied());
            assert!((found - expected).abs() < 1e-9, "{wanted} {taken:?}");
        }
    }
}
