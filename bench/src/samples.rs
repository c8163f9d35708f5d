//! Repeated measurements.

/// The values of one figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// The median; with an even number of values, the mean of the middle two. `None` without
    /// values.
    pub(crate) fn median(&self) -> Option<f64> {
        let sorted = self.sorted();
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        Some(match sorted.len() % 2 {
            1 => upper,
            _ => f64::midpoint(sorted[middle - 1], upper),
        })
    }

    /// The smallest and largest values, if there are several.
    pub(crate) fn spread(&self) -> Option<(f64, f64)> {
        match self.sorted().as_slice() {
            [first, .., last] => Some((*first, *last)),
            _ => None,
        }
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples<const N: usize>(values: [f64; N]) -> Samples {
        values.into_iter().collect()
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Samples::default().median(), None);
        assert_eq!(samples([7.0]).median(), Some(7.0));
        assert_eq!(samples([9.0, 1.0, 5.0]).median(), Some(5.0));
        assert_eq!(samples([9.0, 1.0, 5.0, 2.0]).median(), Some(3.5));
        assert_eq!(samples([-1.0, 0.0, 1000.0]).median(), Some(0.0));
    }

    #[test]
    fn the_spread_goes_from_the_smallest_to_the_largest() {
        assert_eq!(Samples::default().spread(), None);
        assert_eq!(samples([7.0]).spread(), None);
        assert_eq!(samples([9.0, 1.0, 5.0]).spread(), Some((1.0, 9.0)));
    }
}
