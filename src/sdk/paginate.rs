//! The pages of a listing: which request comes next, what of an answer is printed, and the
//! token with which a listing that was cut off goes on.
//!
//! Follows AWS CLI v2 in every corner, so that its tokens and ours can be exchanged. A
//! [`Pager`] makes no requests: it says what to ask, and is told the answer. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::api::operation::Pages;
use crate::error::{Error, Result};

/// The member that carries the token, in requests and answers.
const TOKEN: &str = "nextToken";
/// The member that limits a page.
const LIMIT: &str = "maxResults";
/// In a token: how many items of its page have been seen already.
const SEEN: &str = "boto_truncate_amount";

/// What the flags say about pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// `--max-items`: most items in all.
    pub max_items: Option<i64>,
    /// `--page-size`: most items in one answer.
    pub page_size: Option<i64>,
    /// `--starting-token`: where an earlier listing was cut off.
    pub starting_token: Option<String>,
}

/// Goes through the pages of one listing.
#[derive(Debug)]
pub struct Pager {
    pages: Pages,
    request: Option<Map<String, Value>>,
    max_items: Option<i64>,
    /// Items of the first page that an earlier listing has shown.
    skip: Option<usize>,
    shown: i64,
    /// The service's token of the page that is asked for.
    token: Option<String>,
    /// The token before, to notice a service that goes in circles.
    previous: Option<String>,
    resume: Option<String>,
    beside: Map<String, Value>,
    merged: Map<String, Value>,
    is_first: bool,
}

impl Pager {
    /// Starts a listing with the members of its input.
    pub fn new(pages: Pages, mut input: Map<String, Value>, paging: &Paging) -> Result<Pager> {
        let (token, skip) = match &paging.starting_token {
            Some(text) => {
                let (token, skip) = decode(text)?;
                (token, Some(skip))
            }
            None => (None, None),
        };
        set_token(&mut input, token.as_deref(), skip.is_some());
        if let Some(size) = paging.page_size {
            input.insert(LIMIT.to_string(), Value::from(size));
        }
        Ok(Pager {
            pages,
            request: Some(input),
            max_items: paging.max_items,
            skip,
            shown: 0,
            token,
            previous: None,
            resume: None,
            beside: Map::new(),
            merged: Map::new(),
            is_first: true,
        })
    }

    /// The input of the next request; `None` when there is nothing more to ask.
    pub fn request(&self) -> Option<&Map<String, Value>> {
        self.request.as_ref()
    }

    /// Takes the answer to [`Pager::request`] and gives the page to print: without the items
    /// that were shown before, and without those beyond the most that are wanted.
    pub fn accept(&mut self, answer: Value) -> Result<Map<String, Value>> {
        let Value::Object(mut page) = answer else {
            return Err(Error::other("The answer of the service is not an object"));
        };
        let was_skipped = if self.is_first {
            self.begin(&mut page)
        } else {
            0
        };
        let items = page
            .get(self.pages.result)
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let excess = match self.max_items {
            Some(most) => self.shown + items as i64 - most,
            None => 0,
        };
        if excess > 0 {
            self.cut(&mut page, items as i64 - excess, was_skipped);
        } else {
            self.shown += items as i64;
            self.go_on(&page)?;
        }
        self.merge(&page);
        Ok(page)
    }

    /// The token with which a listing that was cut off goes on; `None` if it was not.
    pub fn resume_token(&self) -> Option<&str> {
        self.resume.as_deref()
    }

    /// All pages as one answer: the items, what stands beside them, and `NextToken` if the
    /// listing was cut off.
    pub fn into_whole(self) -> Value {
        let mut whole = self.merged;
        whole.extend(self.beside);
        if let Some(token) = self.resume {
            whole.insert("NextToken".to_string(), Value::from(token));
        }
        Value::Object(whole)
    }

    /// A page as the text format prints it: the items, and on the first page what stands
    /// beside them.
    pub fn for_text(&self, page: &Map<String, Value>, is_first: bool) -> Value {
        let mut shown = if is_first {
            self.beside.clone()
        } else {
            Map::new()
        };
        let items = page.get(self.pages.result).cloned();
        shown.insert(self.pages.result.to_string(), items.unwrap_or_default());
        Value::Object(shown)
    }

    /// The first page: skips what was shown before, and keeps what stands beside the items.
    fn begin(&mut self, page: &mut Map<String, Value>) -> usize {
        self.is_first = false;
        let result = self.pages.result;
        if let Some(skip) = self.skip {
            let items = match page.get_mut(result).map(Value::take) {
                Some(Value::Array(mut items)) => {
                    items.drain(..skip.min(items.len()));
                    Value::Array(items)
                }
                _ => Value::Null,
            };
            page.insert(result.to_string(), items);
        }
        for name in self.pages.beside {
            let value = page.get(*name).cloned().unwrap_or_default();
            self.beside.insert((*name).to_string(), value);
        }
        self.skip.unwrap_or(0)
    }

    /// Drops all but the first items of the page, and ends the listing there.
    fn cut(&mut self, page: &mut Map<String, Value>, keep: i64, was_skipped: usize) {
        let Some(Value::Array(items)) = page.get_mut(self.pages.result) else {
            return;
        };
        // A negative number counts from the end, as it does in the reference.
        let length = items.len();
        let kept = usize::try_from(keep)
            .unwrap_or_else(|_| length.saturating_sub(keep.unsigned_abs() as usize));
        items.truncate(kept);
        let seen = keep + was_skipped as i64;
        self.resume = Some(encode(self.token.as_deref(), Some(seen)));
        self.request = None;
    }

    /// Decides on the next request after a page that was shown whole.
    fn go_on(&mut self, page: &Map<String, Value>) -> Result<()> {
        let next = page
            .get(TOKEN)
            .and_then(Value::as_str)
            .filter(|token| !token.is_empty())
            .map(str::to_string);
        let Some(next) = next else {
            self.request = None;
            return Ok(());
        };
        if self.max_items == Some(self.shown) {
            self.resume = Some(encode(Some(&next), None));
            self.request = None;
            return Ok(());
        }
        if self.previous.as_ref() == Some(&next) {
            return Err(Error::other(format!(
                "Error during pagination: The same next token was received twice: \
                 {{'{TOKEN}': '{next}'}}"
            )));
        }
        if let Some(request) = &mut self.request {
            set_token(request, Some(&next), true);
        }
        self.token = Some(next.clone());
        self.previous = Some(next);
        Ok(())
    }

    fn merge(&mut self, page: &Map<String, Value>) {
        let result = self.pages.result;
        match (page.get(result), self.merged.get_mut(result)) {
            (None | Some(Value::Null), _) => {}
            (Some(Value::Array(more)), Some(Value::Array(items))) => {
                items.extend(more.iter().cloned());
            }
            (Some(items), _) => {
                self.merged.insert(result.to_string(), items.clone());
            }
        }
    }
}

/// Puts the token into a request, or takes an old one out.
fn set_token(request: &mut Map<String, Value>, token: Option<&str>, replace: bool) {
    match token {
        Some(token) if token != "None" => {
            request.insert(TOKEN.to_string(), Value::from(token));
        }
        _ if replace => {
            request.shift_remove(TOKEN);
        }
        _ => {}
    }
}

/// A token of ours: the service's token and how many items of its page were seen.
fn encode(token: Option<&str>, seen: Option<i64>) -> String {
    let mut members = Map::from_iter([(TOKEN.to_string(), json!(token))]);
    if let Some(seen) = seen {
        members.insert(SEEN.to_string(), Value::from(seen));
    }
    // As Python spells JSON: a space behind each separator, nothing but ASCII.
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\": {}", ascii(value)))
        .collect();
    STANDARD.encode(format!("{{{}}}", members.join(", ")))
}

fn ascii(value: &Value) -> String {
    let mut text = String::new();
    for unit in value.to_string().encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(c) if c.is_ascii() && c != '\x7f' => text.push(c),
            _ => text.push_str(&format!("\\u{unit:04x}")),
        }
    }
    text
}

/// The service's token and the number of items seen in a token of ours, of the old form
/// `TOKEN___NUMBER`, or in a plain token of the service.
fn decode(text: &str) -> Result<(Option<String>, usize)> {
    let members = STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).ok());
    if let Some(members) = members {
        let token = members.get(TOKEN).and_then(Value::as_str);
        let seen = members.get(SEEN).and_then(Value::as_u64).unwrap_or(0);
        return Ok((
            token.map(str::to_string),
            usize::try_from(seen).unwrap_or(usize::MAX),
        ));
    }
    let bad = || Error::other(format!("Bad starting token: {text}"));
    let parts: Vec<&str> = text.split("___").collect();
    let (token, seen) = match parts[..] {
        [token] => (token, 0),
        [token, seen] => match seen.parse() {
            Ok(seen) => (token, seen),
            Err(_) => (text, 0),
        },
        _ => return Err(bad()),
    };
    let token = (token != "None").then(|| token.to_string());
    Ok((token, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: Pages = Pages {
        result: "items",
        beside: &["format", "namespace"],
    };

    /// A service with ten items, four a page unless told otherwise.
    fn answer(request: &Map<String, Value>) -> Value {
        let size = request.get(LIMIT).and_then(Value::as_u64).unwrap_or(4) as usize;
        let from: usize = request
            .get(TOKEN)
            .and_then(Value::as_str)
            .map_or(0, |token| {
                token.strip_prefix("from-").unwrap().parse().unwrap()
            });
        let to = (from + size).min(10);
        let mut page = json!({"format": "npm", "items": (from..to).collect::<Vec<_>>()});
        if to < 10 {
            page[TOKEN] = Value::from(format!("from-{to}"));
        }
        page
    }

    fn list(paging: &Paging) -> (Value, usize) {
        let mut pager = Pager::new(PAGES, Map::new(), paging).unwrap();
        let mut requests = 0;
        while let Some(request) = pager.request() {
            let answer = answer(request);
            pager.accept(answer).unwrap();
            requests += 1;
        }
        (pager.into_whole(), requests)
    }

    fn limited(max_items: i64, starting_token: Option<String>) -> Paging {
        Paging {
            max_items: Some(max_items),
            page_size: None,
            starting_token,
        }
    }

    #[test]
    fn all_pages_make_one_answer() {
        let all =
            json!({"items": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "format": "npm", "namespace": null});
        assert_eq!(list(&Paging::default()), (all.clone(), 3));
        let paging = Paging {
            page_size: Some(1),
            ..Paging::default()
        };
        assert_eq!(list(&paging), (all, 10));
    }

    #[test]
    fn a_listing_goes_on_where_it_was_cut_off() {
        for step in 1..=11 {
            let mut seen = Vec::new();
            let mut token = None;
            loop {
                let (whole, _) = list(&limited(step, token.take()));
                let items = whole["items"].as_array().unwrap().clone();
                assert!(items.len() as i64 <= step);
                seen.extend(items);
                match whole.get("NextToken") {
                    Some(next) => token = Some(next.as_str().unwrap().to_string()),
                    None => break,
                }
            }
            assert_eq!(seen, (0..10).map(Value::from).collect::<Vec<_>>(), "{step}");
        }
    }

    #[test]
    fn tokens_are_those_of_the_reference() {
        // base64 of what Python's json.dumps writes for the same dictionaries
        let token = |max| list(&limited(max, None)).0["NextToken"].clone();
        let written = |text: &str| Value::from(STANDARD.encode(text));
        assert_eq!(
            token(2),
            written(r#"{"nextToken": null, "boto_truncate_amount": 2}"#)
        );
        assert_eq!(token(4), written(r#"{"nextToken": "from-4"}"#));
        assert_eq!(
            token(5),
            written(r#"{"nextToken": "from-4", "boto_truncate_amount": 1}"#)
        );
        assert_eq!(
            encode(Some("é\u{1f600}\""), None),
            STANDARD.encode(r#"{"nextToken": "\u00e9\ud83d\ude00\""}"#)
        );
    }

    #[test]
    fn other_tokens_are_understood() {
        assert_eq!(decode("from-4").unwrap(), (Some("from-4".to_string()), 0));
        assert_eq!(
            decode("from-4___2").unwrap(),
            (Some("from-4".to_string()), 2)
        );
        assert_eq!(decode("None___2").unwrap(), (None, 2));
        assert_eq!(decode("a___b").unwrap(), (Some("a___b".to_string()), 0));
        assert!(decode("a___b___c").is_err());
    }

    #[test]
    fn a_service_that_goes_in_circles_is_noticed() {
        let mut pager = Pager::new(PAGES, Map::new(), &Paging::default()).unwrap();
        let page = json!({"items": [1], "nextToken": "again"});
        pager.accept(page.clone()).unwrap();
        let error = pager.accept(page).unwrap_err();
        assert!(error.message.contains("twice: {'nextToken': 'again'}"));
    }

    #[test]
    fn text_shows_what_stands_beside_the_items_once() {
        let mut pager = Pager::new(PAGES, Map::new(), &Paging::default()).unwrap();
        let page = pager.accept(answer(&Map::new())).unwrap();
        assert_eq!(
            pager.for_text(&page, true),
            json!({"format": "npm", "namespace": null, "items": [0, 1, 2, 3]})
        );
        assert_eq!(pager.for_text(&page, false), json!({"items": [0, 1, 2, 3]}));
    }
}
