//! Where the microphones are.

/// Metres a second at 20 °C.
pub(crate) const SOUND_METRES_PER_S: f32 = 343.0;

/// Where a microphone is, in metres from the middle of the array; 0° lies along `x`, 90° along `y`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Towards 0°.
    pub x: f32,
    /// Towards 90°.
    pub y: f32,
}

impl Place {
    fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// Microphones in one horizontal plane, in the order in which the channel map names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    places: Vec<Place>,
}

impl Array {
    /// One microphone, or several whose places are not known.
    pub fn unknown() -> Self {
        Self { places: Vec::new() }
    }

    /// Any places.
    pub fn at(places: Vec<Place>) -> Self {
        Self { places }
    }

    /// On a circle, at these degrees.
    pub fn circle(radius_m: f32, degrees: &[f32]) -> Self {
        let place = |degrees: &f32| {
            let (y, x) = degrees.to_radians().sin_cos();
            Place { x: radius_m * x, y: radius_m * y }
        };
        Self { places: degrees.iter().map(place).collect() }
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// By how many seconds a wave from far away at `degrees` reaches each microphone before it reaches the middle.
    pub(crate) fn leads_s(&self, degrees: f32) -> impl Iterator<Item = f32> + '_ {
        let (y, x) = degrees.to_radians().sin_cos();
        self.places.iter().map(move |place| (place.x * x + place.y * y) / SOUND_METRES_PER_S)
    }

    /// Metres between each two microphones.
    pub(crate) fn distances(&self) -> Vec<Vec<f32>> {
        self.places.iter().map(|one| self.places.iter().map(|other| one.distance(*other)).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_reaches_the_microphone_that_faces_it_first() {
        let array = Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0]);
        let leads: Vec<_> = array.leads_s(45.0).collect();
        assert!((leads[0] - 0.032 / SOUND_METRES_PER_S).abs() < 1e-9);
        assert!((leads[2] + leads[0]).abs() < 1e-9);
        assert!(leads[1].abs() < 1e-9);
        assert!((array.distances()[0][2] - 0.064).abs() < 1e-6);
    }
}
