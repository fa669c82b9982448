//! Conditions in policies: an operator, a key of the request, and the values it may have.

use serde_json::Value;

use super::{Request, pattern};

/// One line of a condition block.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    operator: Operator,
    quantifier: Quantifier,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    /// The key has one value.
    None,
    /// Some value of the key will do.
    ForAnyValue,
    /// Every value of the key must do.
    ForAllValues,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
    EqualsIgnoringCase,
    NotEqualsIgnoringCase,
    Like,
    NotLike,
    Number(Comparison),
    Time(Comparison),
    Bool,
    Null,
    IpAddress,
    NotIpAddress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn from_name(name: &str) -> Option<Operator> {
        let comparison = |name: &str| {
            Some(match name {
                "Equals" => Comparison::Equal,
                "NotEquals" => Comparison::NotEqual,
                "LessThan" => Comparison::Less,
                "LessThanEquals" => Comparison::LessOrEqual,
                "GreaterThan" => Comparison::Greater,
                "GreaterThanEquals" => Comparison::GreaterOrEqual,
                _ => return None,
            })
        };
        Some(match name {
            "StringEquals" => Operator::Equals,
            "StringNotEquals" => Operator::NotEquals,
            "StringEqualsIgnoreCase" => Operator::EqualsIgnoringCase,
            "StringNotEqualsIgnoreCase" => Operator::NotEqualsIgnoringCase,
            "StringLike" | "ArnLike" | "ArnEquals" => Operator::Like,
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Operator::NotLike,
            "Bool" => Operator::Bool,
            "Null" => Operator::Null,
            "IpAddress" => Operator::IpAddress,
            "NotIpAddress" => Operator::NotIpAddress,
            _ => match (name.strip_prefix("Numeric"), name.strip_prefix("Date")) {
                (Some(name), _) => Operator::Number(comparison(name)?),
                (_, Some(name)) => Operator::Time(comparison(name)?),
                _ => return None,
            },
        })
    }

    /// Whether several values of the policy mean "none of them".
    fn is_negated(self) -> bool {
        matches!(
            self,
            Operator::NotEquals
                | Operator::NotEqualsIgnoringCase
                | Operator::NotLike
                | Operator::NotIpAddress
                | Operator::Number(Comparison::NotEqual)
                | Operator::Time(Comparison::NotEqual)
        )
    }
}

impl Condition {
    /// Reads a condition block.
    pub(super) fn parse_all(block: &Value) -> Result<Vec<Condition>, String> {
        let block = block
            .as_object()
            .ok_or("a `Condition` is not a JSON object")?;
        let mut conditions = Vec::new();
        for (name, keys) in block {
            let (quantifier, plain) = match name.split_once(':') {
                None => (Quantifier::None, name.as_str()),
                Some(("ForAnyValue", plain)) => (Quantifier::ForAnyValue, plain),
                Some(("ForAllValues", plain)) => (Quantifier::ForAllValues, plain),
                Some(_) => return Err(format!("there is no condition operator `{name}`")),
            };
            let (plain, if_exists) = match plain.strip_suffix("IfExists") {
                Some(plain) => (plain, true),
                None => (plain, false),
            };
            let operator = Operator::from_name(plain)
                .ok_or_else(|| format!("there is no condition operator `{name}`"))?;
            let keys = keys
                .as_object()
                .ok_or_else(|| format!("the condition `{name}` is not a JSON object"))?;
            for (key, values) in keys {
                conditions.push(Condition {
                    operator,
                    quantifier,
                    if_exists,
                    key: key.clone(),
                    values: scalars(values)
                        .ok_or_else(|| format!("the values of `{key}` cannot be understood"))?,
                });
            }
        }
        Ok(conditions)
    }

    /// Whether the request fulfils the condition.
    pub(super) fn holds(&self, request: &Request<'_>) -> bool {
        let actual = request.values(&self.key);
        if self.operator == Operator::Null {
            return self
                .values
                .iter()
                .any(|value| value.eq_ignore_ascii_case("true") == actual.is_empty());
        }
        match self.quantifier {
            _ if actual.is_empty() && self.if_exists => true,
            Quantifier::ForAllValues => actual.iter().all(|value| self.value_does(value, request)),
            Quantifier::ForAnyValue => actual.iter().any(|value| self.value_does(value, request)),
            // A negated operator holds for a key that the request does not have.
            Quantifier::None if actual.is_empty() => self.operator.is_negated(),
            Quantifier::None => actual.iter().any(|value| self.value_does(value, request)),
        }
    }

    fn value_does(&self, actual: &str, request: &Request<'_>) -> bool {
        let mut outcomes = self.values.iter().map(|value| {
            let wanted = pattern::with_variables(value, request);
            compare(self.operator, actual, &wanted)
        });
        if self.operator.is_negated() {
            outcomes.all(|outcome| outcome)
        } else {
            outcomes.any(|outcome| outcome)
        }
    }
}

fn compare(operator: Operator, actual: &str, wanted: &str) -> bool {
    match operator {
        Operator::Equals => actual == wanted,
        Operator::NotEquals => actual != wanted,
        Operator::EqualsIgnoringCase | Operator::Bool => {
            actual.to_lowercase() == wanted.to_lowercase()
        }
        Operator::NotEqualsIgnoringCase => actual.to_lowercase() != wanted.to_lowercase(),
        Operator::Like => pattern::matches(wanted, actual),
        Operator::NotLike => !pattern::matches(wanted, actual),
        Operator::Number(comparison) => {
            match (actual.trim().parse::<f64>(), wanted.trim().parse::<f64>()) {
                (Ok(actual), Ok(wanted)) => compares(comparison, actual.partial_cmp(&wanted)),
                _ => false,
            }
        }
        Operator::Time(comparison) => match (seconds(actual), seconds(wanted)) {
            (Some(actual), Some(wanted)) => compares(comparison, Some(actual.cmp(&wanted))),
            _ => false,
        },
        Operator::IpAddress => in_network(actual, wanted),
        Operator::NotIpAddress => !in_network(actual, wanted),
        Operator::Null => false,
    }
}

fn compares(comparison: Comparison, ordering: Option<std::cmp::Ordering>) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (comparison, ordering) {
        (_, None) => false,
        (Comparison::Equal, Some(ordering)) => ordering == Equal,
        (Comparison::NotEqual, Some(ordering)) => ordering != Equal,
        (Comparison::Less, Some(ordering)) => ordering == Less,
        (Comparison::LessOrEqual, Some(ordering)) => ordering != Greater,
        (Comparison::Greater, Some(ordering)) => ordering == Greater,
        (Comparison::GreaterOrEqual, Some(ordering)) => ordering != Less,
    }
}

/// A time as a policy writes it: ISO 8601, or seconds since 1970.
fn seconds(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().or_else(|| {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(jiff::Timestamp::as_second)
    })
}

/// Whether the address is in the network, written as an address or as `address/bits`.
fn in_network(address: &str, network: &str) -> bool {
    use std::net::IpAddr;
    let (network, bits) = match network.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let wide = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    match (address.parse(), network.parse(), bits) {
        (Ok(address), Ok(network), Some(bits)) => {
            let ((address, width), (network, network_width)) = (wide(address), wide(network));
            let mask = u128::MAX
                .checked_shl(128 - bits.min(width))
                .unwrap_or_default();
            width == network_width && (address & mask) == (network & mask)
        }
        _ => false,
    }
}

fn scalars(value: &Value) -> Option<Vec<String>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().map(scalar).collect(),
        value => scalar(value).map(|value| vec![value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_in_their_networks() {
        assert!(in_network("10.1.2.3", "10.0.0.0/8"));
        assert!(!in_network("11.1.2.3", "10.0.0.0/8"));
        assert!(in_network("10.1.2.3", "0.0.0.0/0"));
        assert!(in_network("::1", "::1"));
        assert!(!in_network("10.1.2.3", "::/0"));
    }

    #[test]
    fn times_are_written_in_two_ways() {
        assert_eq!(seconds("1970-01-01T00:01:00Z"), Some(60));
        assert_eq!(seconds("60"), Some(60));
        assert_eq!(seconds("soon"), None);
    }
}
