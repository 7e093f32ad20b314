//! Exponential, error function and GELU in a form that the compiler can do many of at once.

/// e to the power of `x`, to about 1e-7 of its value: range reduction by ln 2, then a polynomial
/// (the coefficients of Cephes' `expf`, Moshier 1992).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Adding and taking away this rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let whole = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let rest = x - whole * 0.693_359_4 - whole * -2.121_944_4e-4;
    let p = 1.987_569_1e-4f32;
    let p = p * rest + 1.398_199_9e-3;
    let p = p * rest + 8.333_452e-3;
    let p = p * rest + 4.166_579_6e-2;
    let p = p * rest + 1.666_666_5e-1;
    let p = p * rest + 5e-1;
    let p = p * rest * rest + rest + 1.0;
    p * f32::from_bits(((whole as i32 + 127) << 23) as u32)
}

/// The distribution function of the normal distribution, to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26).
#[inline(always)]
fn normal(x: f32) -> f32 {
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let p = t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
    let tail = 0.5 * p * exp(-z * z);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// `x` times the share of the normal distribution below it.
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    x * normal(x)
}

/// The derivative of [`gelu`].
#[inline(always)]
pub(super) fn gelu_slope(x: f32) -> f32 {
    /// 1 / √(2π).
    const DENSITY: f32 = 0.398_942_3;
    normal(x) + x * DENSITY * exp(-0.5 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_library_functions() {
        for i in -8_000..8_000 {
            let x = i as f32 / 100.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 3e-7 * x.abs().max(1.0), "exp {x}");
        }
        // GELU and its slope: the slope is the difference of the function, and far out it is the line or zero.
        for i in -600..600 {
            let x = i as f32 / 100.0;
            let difference = (f64::from(gelu(x + 0.01)) - f64::from(gelu(x - 0.01))) / 0.02;
            assert!((difference - f64::from(gelu_slope(x))).abs() < 1e-4, "slope {x}");
        }
        assert!((gelu(1.0) - 0.841_344_7).abs() < 1e-6 && (gelu(-1.0) + 0.158_655_3).abs() < 1e-6);
        assert!(gelu(9.0) == 9.0 && gelu(-20.0).abs() < 1e-30 && exp(f32::NEG_INFINITY) < 1e-37);
    }
}
