//! Whether probabilities mean what they say: of the answers given with confidence 0.8, four in five should be right.

/// Bins of equal width over 0 to 1.
const BINS: usize = 10;

/// Expected calibration error over pairs of confidence and whether the answer was right: the mean, weighted by count,
/// of the distance between a bin's mean confidence and its share of right answers. 0 for no answers.
pub fn expected_calibration_error(answers: &[(f32, bool)]) -> f32 {
    let mut bins = [(0.0f64, 0u32, 0u32); BINS];
    for (confidence, right) in answers {
        let bin = &mut bins[((confidence.clamp(0.0, 1.0) * BINS as f32) as usize).min(BINS - 1)];
        *bin = (bin.0 + f64::from(*confidence), bin.1 + u32::from(*right), bin.2 + 1);
    }
    let gaps: f64 = bins.iter().map(|(sum, right, _)| (sum - f64::from(*right)).abs()).sum();
    if answers.is_empty() { 0.0 } else { (gaps / answers.len() as f64) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_confidence_has_no_error_and_bragging_has() {
        let honest: Vec<(f32, bool)> = (0..10).map(|at| (0.85, at % 20 != 0)).collect();
        assert!(expected_calibration_error(&honest) < 0.06);
        assert_eq!(expected_calibration_error(&[(1.0, false), (1.0, true)]), 0.5);
        assert_eq!(expected_calibration_error(&[]), 0.0);
    }
}
