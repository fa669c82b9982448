//! What the external connections of a repository offer of a package, gathered in their order.

use crate::local::registry::lookup::Connected;
use crate::local::upstream::Unavailable;

/// All that can be had, and the first failure on the way.
pub struct Offers<T> {
    /// What was found, and by which connection.
    pub found: Vec<(Connected, T)>,
    /// Why the rest may be missing.
    pub failure: Option<Unavailable>,
}

impl<T> Default for Offers<T> {
    fn default() -> Offers<T> {
        Offers {
            found: Vec::new(),
            failure: None,
        }
    }
}

impl<T> Offers<T> {
    /// Adds what a connection answered.
    pub fn take(&mut self, connected: &Connected, answer: Result<Option<T>, Unavailable>) {
        match answer {
            Ok(None) => {}
            Ok(Some(found)) => self.found.push((connected.clone(), found)),
            Err(unavailable) => {
                self.failure.get_or_insert(unavailable);
            }
        }
    }
}
