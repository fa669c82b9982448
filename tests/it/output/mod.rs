//! The output room from outside.

mod compliance;
mod golden;
mod properties;
