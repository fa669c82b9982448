//! How patiently the machine's metadata service is asked for credentials.

use super::Sources;

/// How the machine's metadata service is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Seconds to wait for it.
    pub timeout: u64,
    /// How often it is asked at most.
    pub attempts: u32,
}

impl Metadata {
    /// AWS CLI's variables and keys; numbers that are none count as the default, 1.
    pub(super) fn resolve(from: &Sources<'_>) -> Metadata {
        let number = |variable, key| {
            from.text(&[variable], key)
                .and_then(|text| text.trim().parse().ok())
                .filter(|number| *number > 0)
                .unwrap_or(1)
        };
        Metadata {
            timeout: number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout").into(),
            attempts: number(
                "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                "metadata_service_num_attempts",
            ),
        }
    }
}
