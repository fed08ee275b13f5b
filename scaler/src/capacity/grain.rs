//! To which step a length of time is rounded, so that a distribution has a bounded number of them.

/// How finely lengths of time are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Grain {
    /// Steps of 0.1 s up to 1,000 s, then of 0.1 % or less. Whole seconds, in which GitHub's stamps
    /// come, are exact up to 10,000 s.
    #[default]
    Fine,
    /// Steps of 1 s up to 100 s, then of 1 % or less.
    Coarse,
}

/// Longer than any job lives (115 days): what is longer counts at this.
const MS_MAX: u64 = 10_000_000_000;

impl Grain {
    /// The steps of a decade begin at this many.
    const fn mantissa(self) -> u64 {
        match self {
            Grain::Fine => 1000,
            Grain::Coarse => 100,
        }
    }

    /// The step below the first decade, in milliseconds.
    const fn step_ms(self) -> u64 {
        match self {
            Grain::Fine => 100,
            Grain::Coarse => 1000,
        }
    }

    /// Where the first decade begins, in milliseconds: its steps are of one second.
    const fn first_decade_ms(self) -> u64 {
        self.mantissa() * 1000
    }

    /// Steps below the first decade.
    const fn steps_before(self) -> u64 {
        self.first_decade_ms() / self.step_ms()
    }

    /// The number of the step that is nearest to this many milliseconds.
    pub(super) fn index(self, ms: u64) -> u16 {
        let ms = ms.min(MS_MAX);
        let index = match (ms / self.first_decade_ms()).checked_ilog10() {
            None => (ms + self.step_ms() / 2) / self.step_ms(),
            Some(decade) => {
                let step = 1000 * 10_u64.pow(decade);
                let steps = (ms + step / 2) / step;
                self.steps_before() + u64::from(decade) * 9 * self.mantissa() + steps
                    - self.mantissa()
            }
        };
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    /// The milliseconds of a step.
    pub(super) fn value_ms(self, index: u16) -> u64 {
        let index = u64::from(index);
        match index.checked_sub(self.steps_before()) {
            None => index * self.step_ms(),
            Some(beyond) => {
                let (decade, steps) =
                    (beyond / (9 * self.mantissa()), beyond % (9 * self.mantissa()));
                let step = 1000 * 10_u64.pow(u32::try_from(decade).unwrap_or(0));
                (self.mantissa() + steps) * step
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_rounded_by_no_more_than_is_promised() {
        for (grain, least, part) in [(Grain::Fine, 50, 0.0005), (Grain::Coarse, 500, 0.005)] {
            let mut before = 0;
            for exponent in 0..4000_i32 {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "small"
                )]
                let ms = 1.0056_f64.powi(exponent) as u64;
                let index = grain.index(ms);
                assert!(index >= before, "{ms} ms has step {index} after {before}");
                before = index;
                let told = grain.value_ms(index);
                let error = told.abs_diff(ms.min(MS_MAX));
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let allowed = (ms as f64 * part).max(f64::from(least)) + 1e-6;
                #[expect(clippy::cast_precision_loss, reason = "small")]
                let error = error as f64;
                assert!(error <= allowed, "{grain:?}: {ms} ms is told as {told}");
                assert_eq!(grain.index(told), index, "a step is its own");
            }
        }
    }

    #[test]
    fn whole_seconds_are_exact_up_to_ten_thousand() {
        for secs in 0..=10_000 {
            let ms = secs * 1000;
            assert_eq!(Grain::Fine.value_ms(Grain::Fine.index(ms)), ms);
        }
    }
}
