//! The real package managers, each in a home of its own: they have the last word.

mod java;
mod javascript;
mod npm;
mod nuget;
mod python;
mod ruby;
mod rust;
