//! The output room from outside.

mod compliance;
