//! The two lines that tell of a successful login, as AWS's client words them: scripts read
//! them. Pure.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, Zoned};

use super::endpoint::Endpoint;

/// The two lines. A space precedes the first line break, as in AWS's client.
pub fn lines(shown_as: &str, endpoint: &Endpoint, expiry: Timestamp, now: &Zoned) -> String {
    format!(
        "Successfully configured {shown_as} to use AWS CodeArtifact repository {endpoint} \n\
         Login expires in {} at {}\n",
        relative(expiry, now.timestamp()),
        local(expiry, now.time_zone())
    )
}

/// The remaining time and half a minute: its first unit that is not zero and the one directly
/// after it. Empty when less than a minute is left.
pub fn relative(expiry: Timestamp, now: Timestamp) -> String {
    let from = now.to_zoned(TimeZone::UTC);
    let until = expiry.to_zoned(TimeZone::UTC);
    let Ok(span) = from.until((Unit::Year, &until)) else {
        return String::new();
    };
    // The calendar part first, then the half minute: it carries into days but never further.
    let day_part = 0
        .seconds()
        .hours(span.get_hours())
        .minutes(span.get_minutes())
        .seconds(span.get_seconds());
    let seconds = day_part
        .total(Unit::Second)
        .map_or(0, |seconds| seconds as i64)
        + 30;
    let units = [
        (i64::from(span.get_years()), "year"),
        (i64::from(span.get_months()), "month"),
        (
            i64::from(span.get_weeks()) * 7 + i64::from(span.get_days()) + seconds / 86_400,
            "day",
        ),
        (seconds / 3_600 % 24, "hour"),
        (seconds / 60 % 60, "minute"),
    ];
    let Some(first) = units.iter().position(|(count, _)| *count > 0) else {
        return String::new();
    };
    units[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}{}", if *count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>()
        .join(" and ")
}

/// `YYYY-MM-DD HH:MM:SS[.ffffff]±HH:MM`; the fraction only where the service gave one.
pub fn local(time: Timestamp, zone: &TimeZone) -> String {
    let zoned = time.to_zoned(zone.clone());
    let micros = time.subsec_microsecond().abs();
    let fraction = match micros {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!(
        "{}{fraction}{}",
        zoned.strftime("%Y-%m-%d %H:%M:%S"),
        zoned.strftime("%:z")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn after(seconds: i64) -> String {
        let now = at("2026-11-22T10:00:00Z");
        relative(
            Timestamp::from_second(now.as_second() + seconds).expect("a time"),
            now,
        )
    }

    #[test]
    fn the_relative_time_is_that_of_aws() {
        for (seconds, text) in [
            (12 * 3600, "12 hours"),
            (12 * 3600 - 1, "12 hours"),
            (3600, "1 hour"),
            (900, "15 minutes"),
            (5400, "1 hour and 30 minutes"),
            (12 * 3600 - 240, "11 hours and 56 minutes"),
            (59, "1 minute"),
            (20, ""),
            (0, ""),
            (-100, ""),
            (86_400 + 44 * 60, "1 day"),
            (86_400 - 30, "1 day"),
            (2 * 86_400 + 3600, "2 days and 1 hour"),
        ] {
            assert_eq!(after(seconds), text, "{seconds} seconds");
        }
        assert_eq!(
            relative(at("2027-12-01T10:00:00Z"), at("2026-11-22T10:00:00Z")),
            "1 year"
        );
        assert_eq!(
            relative(at("2028-02-22T10:00:00Z"), at("2026-11-22T10:00:00Z")),
            "1 year and 3 months"
        );
    }

    #[test]
    fn the_two_lines_are_exact() {
        let endpoint = Endpoint::parse("https://host.test/npm/repo/").expect("is fine");
        let zone = TimeZone::fixed(jiff::tz::offset(-8));
        let now = at("2026-11-22T10:00:00Z").to_zoned(zone);
        assert_eq!(
            lines("npm", &endpoint, at("2026-11-22T22:00:00Z"), &now),
            "Successfully configured npm to use AWS CodeArtifact repository \
             https://host.test/npm/repo/ \nLogin expires in 12 hours at 2026-11-22 14:00:00-08:00\n"
        );
        assert!(
            lines("npm", &endpoint, at("2026-11-22T10:00:10.5Z"), &now)
                .ends_with("Login expires in  at 2026-11-22 02:00:10.500000-08:00\n")
        );
    }
}
