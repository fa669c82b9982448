//! Arithmetic and comparison as the reference does them: integers are exact and stay
//! integers, and only what has a fraction is a float.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// A number of either kind. 128 bits hold every integer that JSON values can, and their sums.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numeric {
    Integer(i128),
    Float(f64),
}

impl Numeric {
    pub(super) fn of(number: &Number) -> Numeric {
        if let Some(integer) = number.as_i64() {
            Numeric::Integer(integer.into())
        } else if let Some(integer) = number.as_u64() {
            Numeric::Integer(integer.into())
        } else {
            Numeric::Float(number.as_f64().unwrap_or_default())
        }
    }

    /// The number that a value is, if it is one.
    pub(super) fn of_value(value: &Value) -> Option<Numeric> {
        match value {
            Value::Number(number) => Some(Numeric::of(number)),
            _ => None,
        }
    }

    pub(super) fn as_float(self) -> f64 {
        match self {
            Numeric::Integer(integer) => integer as f64,
            Numeric::Float(float) => float,
        }
    }

    /// The value for it: beyond 64 bits a float, and `Null` where JSON has no number at all.
    pub(super) fn into_value(self) -> Value {
        match self {
            Numeric::Integer(integer) => {
                if let Ok(integer) = i64::try_from(integer) {
                    Value::from(integer)
                } else if let Ok(integer) = u64::try_from(integer) {
                    Value::from(integer)
                } else {
                    Value::from(integer as f64)
                }
            }
            Numeric::Float(float) => Value::from(float),
        }
    }

    pub(super) fn plus(self, other: Numeric) -> Numeric {
        match (self, other) {
            (Numeric::Integer(a), Numeric::Integer(b)) => Numeric::Integer(a.saturating_add(b)),
            (a, b) => Numeric::Float(a.as_float() + b.as_float()),
        }
    }

    pub(super) fn absolute(self) -> Numeric {
        match self {
            Numeric::Integer(integer) => Numeric::Integer(integer.saturating_abs()),
            Numeric::Float(float) => Numeric::Float(float.abs()),
        }
    }

    /// To an integer, with the given rounding of floats.
    pub(super) fn rounded(self, round: fn(f64) -> f64) -> Numeric {
        match self {
            Numeric::Float(float) => Numeric::Integer(round(float) as i128),
            integer => integer,
        }
    }

    /// Compares exactly, also an integer with a float that could not hold it.
    pub(super) fn compare(self, other: Numeric) -> Ordering {
        match (self, other) {
            (Numeric::Integer(a), Numeric::Integer(b)) => a.cmp(&b),
            (Numeric::Integer(a), Numeric::Float(b)) => compare_mixed(a, b),
            (Numeric::Float(a), Numeric::Integer(b)) => compare_mixed(b, a).reverse(),
            // JSON has no NaN.
            (Numeric::Float(a), Numeric::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        }
    }

    /// What the text means to Python's `int()` or else `float()`: blanks around it and
    /// underscores between digits are fine.
    pub(super) fn parse(text: &str) -> Option<Numeric> {
        let trimmed = text.trim();
        let characters: Vec<char> = trimmed.chars().collect();
        let misplaced = |(at, c): (usize, &char)| {
            *c == '_'
                && !(at > 0
                    && characters[at - 1].is_ascii_digit()
                    && characters.get(at + 1).is_some_and(char::is_ascii_digit))
        };
        if characters.iter().enumerate().any(misplaced) {
            return None;
        }
        let digits = trimmed.replace('_', "");
        if let Ok(integer) = digits.parse::<i128>() {
            return Some(Numeric::Integer(integer));
        }
        let float: f64 = digits.parse().ok()?;
        float.is_finite().then_some(Numeric::Float(float))
    }
}

fn compare_mixed(integer: i128, float: f64) -> Ordering {
    // Truncating saturates, which orders what is out of range correctly as well.
    integer
        .cmp(&(float.trunc() as i128))
        .then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_comparison_is_exact() {
        let big = Numeric::Integer(9_007_199_254_740_993);
        assert_eq!(
            big.compare(Numeric::Float(9_007_199_254_740_992.0)),
            Ordering::Greater
        );
        for (integer, float, expected) in [
            (1, 1.0, Ordering::Equal),
            (1, 1.5, Ordering::Less),
            (-1, -1.5, Ordering::Greater),
            (0, 1e300, Ordering::Less),
            (0, -1e300, Ordering::Greater),
        ] {
            let (a, b) = (Numeric::Integer(integer), Numeric::Float(float));
            assert_eq!(a.compare(b), expected);
            assert_eq!(b.compare(a), expected.reverse());
        }
    }

    #[test]
    fn text_to_number() {
        let parse = |text| Numeric::parse(text).map(Numeric::into_value);
        assert_eq!(parse(" 12 "), Some(Value::from(12)));
        assert_eq!(parse("+1_000"), Some(Value::from(1000)));
        assert_eq!(parse("1e3"), Some(Value::from(1000.0)));
        for not in ["", "_1", "1_", "1__0", "0x10", "one", "nan", "inf", "1e999"] {
            assert_eq!(parse(not), None, "{not}");
        }
    }
}
