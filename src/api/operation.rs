//! What an operation is: its name, its route, and which of its members travel in the query.
//!
//! The SDK encodes requests; [`decode`] is the way back, for the local service.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::members::{Kind, member};

/// An HTTP method that the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// Method and path of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path; the API has no parameters in paths.
    pub path: &'static str,
}

impl Route {
    pub(crate) const fn get(path: &'static str) -> Route {
        Route {
            method: Method::Get,
            path,
        }
    }

    pub(crate) const fn post(path: &'static str) -> Route {
        Route {
            method: Method::Post,
            path,
        }
    }

    pub(crate) const fn put(path: &'static str) -> Route {
        Route {
            method: Method::Put,
            path,
        }
    }

    pub(crate) const fn delete(path: &'static str) -> Route {
        Route {
            method: Method::Delete,
            path,
        }
    }
}

/// How a paginated operation pages. The tokens are `nextToken` and the limit `maxResults`
/// in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The member of the answer that holds the page's items.
    pub result: &'static str,
    /// Members that are the same on every page; they are taken from the first.
    pub beside: &'static [&'static str],
}

/// An operation's input; the structure is shared by the command line and the local service.
pub trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// What the service answers.
    type Output: Serialize + DeserializeOwned + Send;
    /// Name in the API, such as `ListPackages`.
    const NAME: &str;
    /// Method and path.
    const ROUTE: Route;
    /// Members that travel in the query string, in the model's order; the others are the
    /// members of the JSON body, but for the two that carry an asset.
    const QUERY: &[&str];
    /// How it pages, if it does so automatically.
    const PAGES: Option<Pages> = None;
}

/// Why a request cannot be read as its operation's input.
#[derive(Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// The body is not a JSON object.
    Body(String),
    /// A member in the query is not of its type.
    Query {
        /// Name of the member.
        member: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
}

/// Reads a request's members out of its query pairs (already percent-decoded) and its body.
/// Members that the operation does not have are dropped, as the service drops them.
pub fn decode(
    operation: &str,
    in_query: &[&str],
    query: impl IntoIterator<Item = (String, String)>,
    body: &[u8],
) -> Result<Map<String, Value>, Undecodable> {
    let mut members = decode_body(body)?;
    members.retain(|name, value| !in_query.contains(&name.as_str()) && !value.is_null());
    for (spelling, text) in query {
        let Some(member) = in_query
            .iter()
            .filter_map(|name| member(operation, name))
            .find(|member| member.query == Some(spelling.as_str()))
        else {
            continue;
        };
        let value = match &member.kind {
            Kind::Integer { .. } => text
                .parse::<i64>()
                .map(Value::from)
                .map_err(|_| "a whole number"),
            Kind::Boolean => text
                .parse::<bool>()
                .map(Value::from)
                .map_err(|_| "true or false"),
            _ => Ok(Value::from(text.as_str())),
        };
        let value = value.map_err(|expected| Undecodable::Query {
            member: member.name,
            value: text,
            expected,
        })?;
        members.insert(member.name.to_string(), value);
    }
    Ok(members)
}

fn decode_body(body: &[u8]) -> Result<Map<String, Value>, Undecodable> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Undecodable::Body("it is not an object".to_string())),
        Err(error) => Err(Undecodable::Body(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_come_from_query_and_body() {
        let query = [("domain", "d"), ("max-results", "5"), ("other", "x")];
        let members = decode(
            "ListPackages",
            &["domain", "maxResults"],
            query.map(|(name, value)| (name.to_string(), value.to_string())),
            br#"{"tags": [], "domain": "hidden", "description": null}"#,
        );
        assert_eq!(
            Value::Object(members.unwrap()),
            json!({"tags": [], "domain": "d", "maxResults": 5})
        );
    }

    #[test]
    fn a_number_that_is_none_is_named() {
        let query = [("max-results".to_string(), "many".to_string())];
        assert_eq!(
            decode("ListPackages", &["maxResults"], query, b""),
            Err(Undecodable::Query {
                member: "maxResults",
                value: "many".to_string(),
                expected: "a whole number"
            })
        );
    }
}
