//! JMESPath tokens to a tree: a top-down operator precedence parser.
//!
//! It looks at tokens in the same order as the reference does, because that order decides
//! which mistake an error text speaks of.

use serde_json::Value;

use super::lexer::{Kind, SyntaxError, Token, tokenize};

/// How deep an expression may be nested. Evaluating and dropping a tree takes stack; the
/// reference's own limit is Python's, at some three hundred. Chains such as `a.b.c` and
/// `a || b || c` are flat and do not count.
pub(super) const MAX_HEIGHT: usize = 128;

/// How tightly a token binds to what is on its left; those below this end a projection.
const PROJECTION_STOP: u8 = 10;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Ast {
    /// `@`, and the nothing at either end of a projection.
    Identity,
    Field(String),
    Literal(Value),
    /// `[n]`.
    Index(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: Option<i64>,
    },
    /// `a.b`, `a | b`: each applied to the result of the one before.
    Chain(Vec<Ast>),
    /// `a[0][1]`: as [`Ast::Chain`]. The reference lets a slice behind an index join such a
    /// chain, where it then does not project.
    Indexed(Vec<Ast>),
    Or(Vec<Ast>),
    And(Vec<Ast>),
    Not(Box<Ast>),
    Comparison(Kind, Box<[Ast; 2]>),
    /// Each element of the first through the second.
    Projection(Box<[Ast; 2]>),
    /// Each member of the first through the second.
    ValueProjection(Box<[Ast; 2]>),
    /// Each element of the first for which the third holds, through the second.
    FilterProjection(Box<[Ast; 3]>),
    Flatten(Box<Ast>),
    List(Vec<Ast>),
    Object(Vec<(String, Ast)>),
    Function(String, Vec<Ast>),
    /// `&expression`, an argument that a function evaluates itself.
    Reference(Box<Ast>),
}

/// Parses a whole expression.
pub(super) fn parse(expression: &str) -> Result<Ast, SyntaxError> {
    let mut parser = Parser {
        tokens: tokenize(expression)?,
        index: 0,
        depth: 0,
    };
    let parsed = parser.expression(0)?;
    if parser.kind() != Kind::Eof {
        let token = parser.token();
        let message = format!(
            "Unexpected token: {}",
            crate::output::python::str(&token.value)
        );
        return Err(SyntaxError::at(token, message));
    }
    Ok(parsed.ast)
}

/// A tree and its height, so that no tree is built that is too high to walk.
struct Parsed {
    ast: Ast,
    height: usize,
}

/// What a part of the parser gives.
type Parse = Result<Parsed, SyntaxError>;

fn leaf(ast: Ast) -> Parsed {
    Parsed { ast, height: 1 }
}

/// A node over children of the given height.
fn node(height: usize, ast: Ast) -> Parse {
    if height >= MAX_HEIGHT {
        return Err(SyntaxError::TooDeep(MAX_HEIGHT));
    }
    Ok(Parsed {
        ast,
        height: height + 1,
    })
}

/// A node with two children.
fn pair(left: Parsed, right: Parsed, make: impl FnOnce(Box<[Ast; 2]>) -> Ast) -> Parse {
    let height = left.height.max(right.height);
    node(height, make(Box::new([left.ast, right.ast])))
}

/// `left` and `right` under an operator whose repetition is one flat node.
fn join(operator: Kind, left: Parsed, right: Parsed) -> Parse {
    let (mut parts, below) = match (operator, left.ast) {
        (Kind::Or, Ast::Or(parts))
        | (Kind::And, Ast::And(parts))
        | (Kind::Dot | Kind::Pipe, Ast::Chain(parts)) => (parts, left.height - 1),
        (_, other) => (vec![other], left.height),
    };
    parts.push(right.ast);
    let joined = match operator {
        Kind::Or => Ast::Or(parts),
        Kind::And => Ast::And(parts),
        _ => Ast::Chain(parts),
    };
    node(below.max(right.height), joined)
}

fn binding_power(kind: Kind) -> u8 {
    match kind {
        Kind::Pipe => 1,
        Kind::Or => 2,
        Kind::And => 3,
        Kind::Eq | Kind::Ne | Kind::Gt | Kind::Gte | Kind::Lt | Kind::Lte => 5,
        Kind::Flatten => 9,
        Kind::Star => 20,
        Kind::Filter => 21,
        Kind::Dot => 40,
        Kind::Not => 45,
        Kind::Lbrace => 50,
        Kind::Lbracket => 55,
        Kind::Lparen => 60,
        _ => 0,
    }
}

struct Parser {
    tokens: Vec<Token>,
    index: usize,
    depth: usize,
}

impl Parser {
    /// The token `ahead` of the current one; the end goes on for ever.
    fn ahead(&self, ahead: usize) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[(self.index + ahead).min(last)]
    }

    fn token(&self) -> &Token {
        self.ahead(0)
    }

    fn kind(&self) -> Kind {
        self.token().kind
    }

    fn advance(&mut self) -> Token {
        let token = self.token().clone();
        self.index += 1;
        token
    }

    fn expect(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        if self.kind() != kind {
            return Err(self.unexpected(kind.name()));
        }
        self.index += 1;
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let token = self.token();
        if token.kind == Kind::Eof {
            return SyntaxError::Incomplete;
        }
        SyntaxError::at(
            token,
            format!("Expecting: {expected}, got: {}", token.kind.name()),
        )
    }

    /// An expression, up to a token that binds no tighter than `power`.
    fn expression(&mut self, power: u8) -> Parse {
        if self.depth >= MAX_HEIGHT {
            return Err(SyntaxError::TooDeep(MAX_HEIGHT));
        }
        self.depth += 1;
        let mut left = self.prefix()?;
        while power < binding_power(self.kind()) {
            left = self.infix(left)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// What may begin an expression.
    fn prefix(&mut self) -> Parse {
        let token = self.advance();
        match token.kind {
            Kind::Literal => Ok(leaf(Ast::Literal(token.value))),
            Kind::UnquotedIdentifier => Ok(leaf(Ast::Field(text(token)))),
            Kind::QuotedIdentifier => {
                if self.kind() == Kind::Lparen {
                    let mut paren = self.token().clone();
                    paren.start = 0;
                    let message = "Quoted identifier not allowed for function names.";
                    return Err(SyntaxError::at(&paren, message));
                }
                Ok(leaf(Ast::Field(text(token))))
            }
            Kind::Current => Ok(leaf(Ast::Identity)),
            Kind::Star => {
                let right = if self.kind() == Kind::Rbracket {
                    leaf(Ast::Identity)
                } else {
                    self.projected(binding_power(Kind::Star))?
                };
                pair(leaf(Ast::Identity), right, Ast::ValueProjection)
            }
            Kind::Filter => self.filter(leaf(Ast::Identity)),
            Kind::Lbrace => self.object(),
            Kind::Lparen => {
                let inner = self.expression(0)?;
                self.expect(Kind::Rparen)?;
                Ok(inner)
            }
            Kind::Flatten => self.flatten(leaf(Ast::Identity)),
            Kind::Not => {
                let inner = self.expression(binding_power(Kind::Not))?;
                node(inner.height, Ast::Not(Box::new(inner.ast)))
            }
            Kind::Lbracket => self.bracket(),
            Kind::Expref => {
                let inner = self.expression(binding_power(Kind::Expref))?;
                node(inner.height, Ast::Reference(Box::new(inner.ast)))
            }
            Kind::Eof => Err(SyntaxError::Incomplete),
            _ => Err(SyntaxError::at(&token, "invalid token")),
        }
    }

    /// What may follow an expression.
    fn infix(&mut self, left: Parsed) -> Parse {
        let token = self.advance();
        let kind = token.kind;
        match kind {
            Kind::Dot => {
                if self.kind() == Kind::Star {
                    self.advance();
                    let right = self.projected(binding_power(Kind::Dot))?;
                    return pair(left, right, Ast::ValueProjection);
                }
                let right = self.after_dot(binding_power(Kind::Dot))?;
                join(kind, left, right)
            }
            Kind::Pipe | Kind::Or | Kind::And => {
                let right = self.expression(binding_power(kind))?;
                join(kind, left, right)
            }
            Kind::Eq | Kind::Ne | Kind::Gt | Kind::Gte | Kind::Lt | Kind::Lte => {
                let right = self.expression(binding_power(kind))?;
                pair(left, right, |sides| Ast::Comparison(kind, sides))
            }
            Kind::Lparen => self.call(left),
            Kind::Filter => self.filter(left),
            Kind::Flatten => self.flatten(left),
            Kind::Lbracket => self.subscript(left),
            _ => Err(SyntaxError::at(&token, "invalid token")),
        }
    }

    /// Behind `[` at the beginning of an expression.
    fn bracket(&mut self) -> Parse {
        match self.kind() {
            Kind::Number | Kind::Colon => {
                let subscript = self.index_or_slice()?;
                self.project_if_slice(leaf(Ast::Identity), subscript)
            }
            Kind::Star if self.ahead(1).kind == Kind::Rbracket => {
                self.index += 2;
                let right = self.projected(binding_power(Kind::Star))?;
                pair(leaf(Ast::Identity), right, Ast::Projection)
            }
            _ => self.list(),
        }
    }

    /// Behind `[` that follows an expression.
    fn subscript(&mut self, left: Parsed) -> Parse {
        if matches!(self.kind(), Kind::Number | Kind::Colon) {
            let subscript = self.index_or_slice()?;
            let Parsed { ast, height } = left;
            if let Ast::Indexed(mut parts) = ast {
                parts.push(subscript);
                let ast = Ast::Indexed(parts);
                return Ok(Parsed { ast, height });
            }
            return self.project_if_slice(Parsed { ast, height }, subscript);
        }
        self.expect(Kind::Star)?;
        self.expect(Kind::Rbracket)?;
        let right = self.projected(binding_power(Kind::Star))?;
        pair(left, right, Ast::Projection)
    }

    fn project_if_slice(&mut self, left: Parsed, subscript: Ast) -> Parse {
        let is_slice = matches!(subscript, Ast::Slice { .. });
        let indexed = node(left.height, Ast::Indexed(vec![left.ast, subscript]))?;
        if !is_slice {
            return Ok(indexed);
        }
        let right = self.projected(binding_power(Kind::Star))?;
        pair(indexed, right, Ast::Projection)
    }

    fn index_or_slice(&mut self) -> Result<Ast, SyntaxError> {
        if self.kind() == Kind::Colon || self.ahead(1).kind == Kind::Colon {
            return self.slice();
        }
        let index = self.advance().number();
        self.expect(Kind::Rbracket)?;
        Ok(Ast::Index(index))
    }

    fn slice(&mut self) -> Result<Ast, SyntaxError> {
        let mut parts = [None; 3];
        let mut part = 0;
        while self.kind() != Kind::Rbracket && part < 3 {
            match self.kind() {
                Kind::Colon if part < 2 => part += 1,
                Kind::Number => parts[part] = Some(self.token().number()),
                _ => return Err(SyntaxError::at(self.token(), "syntax error")),
            }
            self.index += 1;
        }
        self.expect(Kind::Rbracket)?;
        let [start, stop, step] = parts;
        Ok(Ast::Slice { start, stop, step })
    }

    fn call(&mut self, left: Parsed) -> Parse {
        let Ast::Field(name) = left.ast else {
            // In front of the parenthesis that was just read.
            let previous = &self.tokens[self.index - 2];
            let value = crate::output::python::str(&previous.value);
            return Err(SyntaxError::at(
                previous,
                format!("Invalid function name '{value}'"),
            ));
        };
        let mut arguments = Vec::new();
        let mut height = 0;
        while self.kind() != Kind::Rparen {
            let argument = self.expression(0)?;
            if self.kind() == Kind::Comma {
                self.index += 1;
            }
            height = height.max(argument.height);
            arguments.push(argument.ast);
        }
        self.expect(Kind::Rparen)?;
        node(height, Ast::Function(name, arguments))
    }

    fn filter(&mut self, left: Parsed) -> Parse {
        let condition = self.expression(0)?;
        self.expect(Kind::Rbracket)?;
        let right = if self.kind() == Kind::Flatten {
            leaf(Ast::Identity)
        } else {
            self.projected(binding_power(Kind::Filter))?
        };
        let height = left.height.max(right.height).max(condition.height);
        let parts = Box::new([left.ast, right.ast, condition.ast]);
        node(height, Ast::FilterProjection(parts))
    }

    fn flatten(&mut self, left: Parsed) -> Parse {
        let flattened = node(left.height, Ast::Flatten(Box::new(left.ast)))?;
        let right = self.projected(binding_power(Kind::Flatten))?;
        pair(flattened, right, Ast::Projection)
    }

    fn list(&mut self) -> Parse {
        let mut items = Vec::new();
        let mut height = 0;
        loop {
            let item = self.expression(0)?;
            height = height.max(item.height);
            items.push(item.ast);
            if self.kind() == Kind::Rbracket {
                break;
            }
            self.expect(Kind::Comma)?;
        }
        self.index += 1;
        node(height, Ast::List(items))
    }

    fn object(&mut self) -> Parse {
        let mut members = Vec::new();
        let mut height = 0;
        loop {
            if !matches!(
                self.kind(),
                Kind::QuotedIdentifier | Kind::UnquotedIdentifier
            ) {
                return Err(self.unexpected("['quoted_identifier', 'unquoted_identifier']"));
            }
            let name = text(self.advance());
            self.expect(Kind::Colon)?;
            let member = self.expression(0)?;
            height = height.max(member.height);
            members.push((name, member.ast));
            match self.kind() {
                Kind::Comma => self.index += 1,
                Kind::Rbrace => break,
                // The reference does not insist on the comma.
                _ => {}
            }
        }
        self.index += 1;
        node(height, Ast::Object(members))
    }

    /// The right side of a projection: what each element goes through.
    fn projected(&mut self, power: u8) -> Parse {
        match self.kind() {
            kind if binding_power(kind) < PROJECTION_STOP => Ok(leaf(Ast::Identity)),
            Kind::Lbracket | Kind::Filter => self.expression(power),
            Kind::Dot => {
                self.index += 1;
                self.after_dot(power)
            }
            _ => Err(SyntaxError::at(self.token(), "syntax error")),
        }
    }

    fn after_dot(&mut self, power: u8) -> Parse {
        match self.kind() {
            Kind::QuotedIdentifier | Kind::UnquotedIdentifier | Kind::Star => {
                self.expression(power)
            }
            Kind::Lbracket => {
                self.index += 1;
                self.list()
            }
            Kind::Lbrace => {
                self.index += 1;
                self.object()
            }
            kind => {
                let message = format!(
                    "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: {}",
                    kind.name()
                );
                Err(SyntaxError::at(self.token(), message))
            }
        }
    }
}

fn text(token: Token) -> String {
    match token.value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
