//! The time of the service, which may be set ahead or back for tests of what expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A clock in milliseconds since 1970. Clones share what they were set to.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> i64 {
        let machine = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            });
        machine.saturating_add(self.offset.load(Ordering::Relaxed))
    }

    /// Moves the clock by so many milliseconds, back with a negative number.
    pub fn advance(&self, milliseconds: i64) {
        // Never beyond what time can be.
        let moved = |offset: i64| Some(offset.saturating_add(milliseconds));
        let _ = self
            .offset
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved);
    }
}
