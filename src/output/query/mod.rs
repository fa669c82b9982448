//! `--query`: JMESPath over `serde_json` values, as jmespath.py (AWS CLI's own) reads it.
//!
//! Written here rather than taken from the `jmespath` crate, for what the crate cannot give:
//!
//! - The printed order is the order of the response and of the expression. The crate's
//!   values and literals sort their keys.
//! - The error text is part of the reference's behaviour, down to the column and the caret;
//!   it follows from the order in which the parser looks at tokens.
//! - The crate copies the document into values of its own; here a result borrows from it.
//! - Numbers are Python's: integers stay integers, `avg` does not.
//!
//! The language is defined at <https://jmespath.org/specification.html>; where AWS CLI is
//! laxer (missing commas, bare text in backquotes, ordering of strings) so are we, as
//! scripts depend on it. The official compliance cases are in tests/jmespath/.
//!
//! Knows nothing of formats or streams.

mod builtin;
mod evaluate;
mod functions;
mod lexer;
mod number;
mod parser;
mod value;

use std::borrow::Cow;

use serde_json::Value;

use crate::error::{Error, Result};
use parser::Ast;

/// A parsed `--query`.
#[derive(Clone, Debug)]
pub struct Query {
    ast: Ast,
}

impl Query {
    /// Parses the expression. The error is a usage error in the reference's words.
    pub fn parse(expression: &str) -> Result<Query> {
        match parser::parse(expression) {
            Ok(ast) => Ok(Query { ast }),
            Err(error) => Err(Error::parameter(format!(
                "Bad value for --query {expression}: {}",
                error.describe(expression)
            ))),
        }
    }

    /// Applies the expression. Fails when a function is unknown, has the wrong number of
    /// arguments, or is given a type that it does not take.
    pub fn search<'a>(&'a self, document: &'a Value) -> Result<Cow<'a, Value>> {
        evaluate::evaluate(&self.ast, document).map_err(Error::other)
    }
}
