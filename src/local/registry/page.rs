//! Pages of lists: where the next one begins, in a token that fits one request only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::refusal::{Answer, invalid};

/// Which page is wanted.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Most items, 1 to 1000; the operation's default without it.
    pub max_results: Option<i64>,
    /// The token which the page before gave.
    pub next_token: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token for the page after this one; none when this is the last.
    pub next_token: Option<String>,
}

/// Makes and reads the tokens of one data directory.
#[derive(Clone)]
pub struct Tokens {
    key: [u8; 32],
}

/// A page on its way: the limit, the place after which it begins, and the request it belongs to.
pub struct Cursor<'a, K> {
    tokens: &'a Tokens,
    request: String,
    /// Most items.
    pub limit: usize,
    /// The last item of the page before.
    pub after: Option<K>,
}

impl Tokens {
    /// Tokens signed with that key.
    pub fn new(key: [u8; 32]) -> Tokens {
        Tokens { key }
    }

    /// Begins a page of the request with those parameters. A token goes on where the page before
    /// it ended, and only for the same parameters.
    ///
    /// # Errors
    /// `ValidationException` for a token that was not made here, or for another request.
    pub fn cursor<K: DeserializeOwned>(
        &self,
        request: &(impl Serialize + ?Sized),
        page: &PageRequest,
        default: usize,
    ) -> Answer<Cursor<'_, K>> {
        let request = serde_json::to_string(request).unwrap_or_default();
        let after =
            match &page.next_token {
                None => None,
                Some(token) => Some(self.open(&request, token).ok_or_else(|| {
                    invalid("The provided nextToken is not valid for this request.")
                })?),
            };
        Ok(Cursor {
            tokens: self,
            request,
            limit: page
                .max_results
                .and_then(|limit| usize::try_from(limit).ok())
                .unwrap_or(default),
            after,
        })
    }

    fn open<K: DeserializeOwned>(&self, request: &str, token: &str) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seal, place) = bytes.split_at_checked(16)?;
        bool::from(seal.ct_eq(&self.seal(request, place)))
            .then(|| serde_json::from_slice(place).ok())
            .flatten()
    }

    fn seal(&self, request: &str, place: &[u8]) -> [u8; 16] {
        let mut inner = Sha256::new_with_prefix(self.key);
        inner.update(request.len().to_le_bytes());
        inner.update(request);
        inner.update(place);
        // The second round keeps anybody from lengthening what the first one covers.
        let outer = Sha256::new_with_prefix(self.key).chain_update(inner.finalize());
        let mut seal = [0; 16];
        seal.copy_from_slice(&outer.finalize()[..16]);
        seal
    }
}

impl<K: Serialize> Cursor<'_, K> {
    /// How many items to fetch: one more than fit, to know whether there is another page.
    pub fn fetch(&self) -> usize {
        self.limit + 1
    }

    /// Cuts what was fetched to the page, and gives the token for the next one.
    pub fn page<T>(self, mut fetched: Vec<T>, place: impl Fn(&T) -> K) -> Page<T> {
        let more = fetched.len() > self.limit;
        fetched.truncate(self.limit);
        let next_token = fetched.last().filter(|_| more).map(|last| {
            let place = serde_json::to_vec(&place(last)).unwrap_or_default();
            let mut bytes = self.tokens.seal(&self.request, &place).to_vec();
            bytes.extend(place);
            URL_SAFE_NO_PAD.encode(bytes)
        });
        Page {
            items: fetched,
            next_token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_on_after_the_last_item() {
        let tokens = Tokens::new([7; 32]);
        let first: Cursor<'_, u32> = tokens
            .cursor(
                "list",
                &PageRequest {
                    max_results: Some(2),
                    next_token: None,
                },
                50,
            )
            .unwrap();
        assert_eq!(first.fetch(), 3);
        let page = first.page(vec![1, 2, 3], |item| *item);
        assert_eq!(page.items, [1, 2]);
        let again = PageRequest {
            max_results: None,
            next_token: page.next_token.clone(),
        };
        let second: Cursor<'_, u32> = tokens.cursor("list", &again, 50).unwrap();
        assert_eq!(second.after, Some(2));
        assert!(second.page(vec![3], |item| *item).next_token.is_none());
        // Not for another request, nor another directory, nor when it was changed.
        assert!(tokens.cursor::<u32>("other", &again, 50).is_err());
        assert!(
            Tokens::new([8; 32])
                .cursor::<u32>("list", &again, 50)
                .is_err()
        );
        let changed = again.next_token.map(|token| format!("{token}A"));
        let changed = PageRequest {
            max_results: None,
            next_token: changed,
        };
        assert!(tokens.cursor::<u32>("list", &changed, 50).is_err());
    }
}
