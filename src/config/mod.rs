//! Where settings come from: flag, then variable, then profile, then default.

pub mod env;
