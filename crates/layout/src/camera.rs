//! Which part of a plane a view shows, and how large.

use crate::force::Point;

/// The smallest and the largest scale.
const SCALES: (f64, f64) = (0.02, 4.0);
/// A picture that fits is not drawn larger than this.
const MOST_FIT: f64 = 1.15;

/// A camera over a plane. A plane's unit is a CSS pixel at scale 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What stands in the middle of the view.
    pub centre: Point,
    /// CSS pixels a unit.
    pub scale: f64,
    /// Width of the view in CSS pixels.
    pub width: f64,
    /// Height of the view in CSS pixels.
    pub height: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self { centre: Point::default(), scale: 1.0, width: 0.0, height: 0.0 }
    }
}

impl Camera {
    /// Where a point of the plane stands in the view.
    pub fn to_view(&self, point: Point) -> Point {
        Point {
            x: (point.x - self.centre.x) * self.scale + self.width / 2.0,
            y: (point.y - self.centre.y) * self.scale + self.height / 2.0,
        }
    }

    /// Which point of the plane stands at a place of the view.
    pub fn to_plane(&self, place: Point) -> Point {
        Point {
            x: (place.x - self.width / 2.0) / self.scale + self.centre.x,
            y: (place.y - self.height / 2.0) / self.scale + self.centre.y,
        }
    }

    /// Left, top, right and bottom of what the view shows, on the plane.
    pub fn window(&self) -> [f64; 4] {
        let (from, to) = (self.to_plane(Point::default()), self.to_plane(Point { x: self.width, y: self.height }));
        [from.x, from.y, to.x, to.y]
    }

    /// Enlarges by a factor, so that what stands at a place of the view stays there.
    pub fn zoom(&mut self, at: Point, factor: f64) {
        if !factor.is_finite() || factor <= 0.0 {
            return;
        }
        let anchor = self.to_plane(at);
        self.scale = crate::clamp(self.scale * factor, SCALES.0, SCALES.1);
        let moved = self.to_plane(at);
        self.centre.x += anchor.x - moved.x;
        self.centre.y += anchor.y - moved.y;
    }

    /// Enlarges by so many steps of a wheel, of about a fifth each; negative ones make it smaller.
    pub fn zoom_steps(&mut self, at: Point, steps: f64) {
        self.zoom(at, crate::power(1.2, crate::clamp(steps, -5.0, 5.0)));
    }

    /// Moves the picture by CSS pixels.
    pub fn pan(&mut self, dx: f64, dy: f64) {
        self.centre.x -= dx / self.scale;
        self.centre.y -= dy / self.scale;
    }

    /// Shows all of a rectangle (left, top, right, bottom on the plane) with a rim of CSS pixels around it.
    pub fn fit(&mut self, bounds: [f64; 4], rim: f64) {
        let (width, height) = (bounds[2] - bounds[0], bounds[3] - bounds[1]);
        if !(width.is_finite() && height.is_finite() && width >= 0.0 && height >= 0.0) {
            return;
        }
        self.centre = Point { x: f64::midpoint(bounds[0], bounds[2]), y: f64::midpoint(bounds[1], bounds[3]) };
        let room = |size: f64| (size - 2.0 * rim).max(1.0);
        let scale = (room(self.width) / width.max(1.0)).min(room(self.height) / height.max(1.0));
        self.scale = crate::clamp(scale, SCALES.0, MOST_FIT);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(one: Point, other: Point) -> bool {
        (one.x - other.x).abs() < 1e-6 && (one.y - other.y).abs() < 1e-6
    }

    fn camera() -> Camera {
        Camera { width: 800.0, height: 600.0, ..Camera::default() }
    }

    #[test]
    fn what_fits_is_all_in_view() {
        let mut camera = camera();
        camera.fit([-1000.0, -50.0, 3000.0, 250.0], 20.0);
        assert!(near(camera.centre, Point { x: 1000.0, y: 100.0 }));
        assert!((camera.scale - 0.19).abs() < 1e-9);
        let window = camera.window();
        assert!(window[0] <= -1000.0 && window[2] >= 3000.0 && window[1] <= -50.0 && window[3] >= 250.0);
        camera.fit([0.0, 0.0, 0.0, 0.0], 20.0);
        assert!((camera.scale - MOST_FIT).abs() < 1e-9, "one node is not blown up");
        let before = camera;
        camera.fit([f64::INFINITY, 0.0, f64::NEG_INFINITY, 0.0], 20.0);
        assert_eq!(camera, before, "nothing to fit");
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_same(x in -1e4..1e4, y in -1e4..1e4, factor in 0.1..9.0, dx in -500.0..500.0) {
            let mut camera = camera();
            camera.zoom(Point { x: 100.0, y: 40.0 }, factor);
            camera.pan(dx, -dx);
            let point = Point { x, y };
            prop_assert!(near(camera.to_plane(camera.to_view(point)), point));
        }

        #[test]
        fn zooming_keeps_what_is_under_the_pointer(x in 0.0..800.0, y in 0.0..600.0, factor in 0.01..99.0) {
            let mut camera = camera();
            let place = Point { x, y };
            let before = camera.to_plane(place);
            camera.zoom(place, factor);
            prop_assert!(near(camera.to_plane(place), before));
        }
    }
}
