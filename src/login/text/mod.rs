//! Editors that keep what they do not touch. Each takes a text and gives back a text; none
//! knows a tool, a file or a token.

pub mod lines;
pub mod npmrc;
pub mod secrets;
