//! Editors that keep what they do not touch. Each takes a text and gives back a text; none
//! knows a tool, a file or a token.

pub mod edn;
pub mod ini;
pub mod json;
pub mod lines;
pub mod netrc;
pub mod npmrc;
pub mod properties;
pub mod secrets;
pub mod toml;
pub mod xml;
pub mod yaml;
