//! The local time zone, from the one file that describes it. Asked for the system's zone, the
//! time library lists the folders of all zones first, which takes longer than a whole call to
//! loopback.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::env::{Env, Platform};

/// No zone's description comes near this size, in bytes.
const LARGEST: u64 = 1 << 20;

/// The zone that `TZ` names, or the machine's. What is not understood here is left to the time
/// library, which knows more ways to name a zone, and takes UTC where there is none.
pub fn local(env: &Env) -> TimeZone {
    described(env).unwrap_or_else(TimeZone::system)
}

fn described(env: &Env) -> Option<TimeZone> {
    let path = file(env)?;
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .ok()?;
    TimeZone::tzif("local", &bytes).ok()
}

/// The file of the zone (POSIX, "Environment Variables", TZ; tzset(3) for where names lead).
fn file(env: &Env) -> Option<PathBuf> {
    if env.platform() == Platform::Windows {
        return None;
    }
    let Some(name) = env.var_or_empty("TZ") else {
        return Some(PathBuf::from("/etc/localtime"));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+/".contains(c);
    let first = |c: char| c.is_ascii_alphabetic();
    (name.starts_with(first) && name.chars().all(plain))
        .then(|| Path::new("/usr/share/zoneinfo").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(platform: Platform, zone: Option<&str>) -> Option<String> {
        let variables = zone.map(|zone| ("TZ", zone));
        let env = Env::made_up(platform, "/", "/", variables);
        file(&env).map(|path| path.display().to_string())
    }

    #[test]
    fn a_name_leads_to_its_file_and_nowhere_else() {
        let named = Some("/usr/share/zoneinfo/Europe/Berlin".to_string());
        assert_eq!(asked(Platform::Linux, Some("Europe/Berlin")), named);
        let machine = Some("/etc/localtime".to_string());
        assert_eq!(asked(Platform::MacOs, None), machine);
        assert_eq!(asked(Platform::Windows, None), None);
        for other in [
            "",
            "/etc/passwd",
            "../../etc/passwd",
            ":UTC",
            "CET-1CEST,M3.5.0",
        ] {
            assert_eq!(asked(Platform::Linux, Some(other)), None, "{other}");
        }
    }

    #[test]
    fn any_zone_is_the_one_that_the_library_would_take() {
        let moment = "2026-07-01T12:00:00Z".parse().expect("a time");
        for name in ["UTC", "Europe/Berlin", "America/St_Johns"] {
            let env = Env::made_up(Platform::Linux, "/", "/", [("TZ", name)]);
            let Some(found) = described(&env) else {
                continue;
            };
            let expected = TimeZone::get(name).expect("the library knows it");
            assert_eq!(
                found.to_offset(moment),
                expected.to_offset(moment),
                "{name}"
            );
        }
    }
}
