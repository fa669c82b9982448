//! The operations, held against AWS's model of the API.

pub(crate) mod answers;
pub(crate) mod model;
pub(crate) mod requests;
