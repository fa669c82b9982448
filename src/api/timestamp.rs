//! Points in time: a number of seconds on the wire, ISO 8601 in what is printed.

use jiff::Timestamp as Instant;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The members of answers that are points in time.
pub const MEMBERS: &[&str] = &["createdTime", "expiration", "publishedTime"];

/// Seconds since 1970-01-01T00:00:00Z, as the API writes them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub f64);

impl Timestamp {
    /// From milliseconds since 1970, the precision that the service keeps.
    pub fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis as f64 / 1000.0)
    }

    /// ISO 8601 in the given zone as AWS CLI v2 prints it: six digits when there is a
    /// fraction, none otherwise. `None` if the number is no time that a calendar has.
    pub fn to_iso8601(self, zone: &TimeZone) -> Option<String> {
        let micros = (self.0 * 1e6).round();
        if !micros.is_finite() || micros.abs() > 1e18 {
            return None;
        }
        let instant = Instant::from_microsecond(micros as i64).ok()?;
        let format = if instant.subsec_microsecond() == 0 {
            "%Y-%m-%dT%H:%M:%S%:z"
        } else {
            "%Y-%m-%dT%H:%M:%S.%6f%:z"
        };
        Some(instant.to_zoned(zone.clone()).strftime(format).to_string())
    }
}

/// Rewrites every point in time of an answer to ISO 8601 in the given zone.
pub fn print_iso8601(answer: &mut Value, zone: &TimeZone) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(|item| print_iso8601(item, zone)),
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_f64() {
                    Some(seconds) if MEMBERS.contains(&name.as_str()) => {
                        if let Some(text) = Timestamp(seconds).to_iso8601(zone) {
                            *value = Value::from(text);
                        }
                    }
                    _ => print_iso8601(value, zone),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_like_the_reference() {
        let utc = TimeZone::UTC;
        let print = |seconds| Timestamp(seconds).to_iso8601(&utc);
        assert_eq!(
            print(1_700_000_000.123).as_deref(),
            Some("2023-11-14T22:13:20.123000+00:00")
        );
        assert_eq!(
            print(1_700_000_000.0).as_deref(),
            Some("2023-11-14T22:13:20+00:00")
        );
        assert_eq!(print(f64::NAN), None);
        assert_eq!(print(1e300), None);
    }

    #[test]
    fn a_version_named_like_a_time_member_stays() {
        let mut answer =
            serde_json::json!({"successfulVersions": {"createdTime": {"status": "Published"}}});
        let before = answer.clone();
        print_iso8601(&mut answer, &TimeZone::UTC);
        assert_eq!(answer, before);
    }
}
