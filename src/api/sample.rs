//! A made-up answer of each operation, with every member: the text members hold their own
//! name, numbers are 0. It is what `--generate-cli-skeleton output` prints.
//!
//! Made by reading the answer's type from a source that says yes to every member, so that no
//! second table of the answers exists.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::timestamp;

/// When everything of a made-up answer happened; without a zone, as AWS CLI prints it there.
const EPOCH: &str = "1970-01-01T00:00:00";

/// What texts in lists are called: the only ones in answers are names of repositories.
const TEXT_IN_LIST: &str = "RepositoryName";

/// A made-up answer of the type.
pub fn sample<T: DeserializeOwned + serde::Serialize>() -> Result<Value, Unmade> {
    let answer = T::deserialize(Source { name: "" })?;
    let mut answer = serde_json::to_value(answer).map_err(Unmade::custom)?;
    date(&mut answer);
    Ok(answer)
}

fn date(answer: &mut Value) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(date),
        Value::Object(members) => {
            for (name, value) in members {
                if value.is_number() && timestamp::MEMBERS.contains(&name.as_str()) {
                    *value = Value::from(EPOCH);
                } else {
                    date(value);
                }
            }
        }
        _ => {}
    }
}

/// An answer's type has something that this source cannot make up.
#[derive(Debug)]
pub struct Unmade(String);

impl fmt::Display for Unmade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "No made-up answer: {}", self.0)
    }
}

impl std::error::Error for Unmade {}

impl serde::de::Error for Unmade {
    fn custom<T: fmt::Display>(message: T) -> Unmade {
        Unmade(message.to_string())
    }
}

/// Makes up the value of the member of that name.
struct Source {
    name: &'static str,
}

impl<'de> Deserializer<'de> for Source {
    type Error = Unmade;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Unmade> {
        Err(Unmade::custom(format_args!(
            "`{}` may be anything",
            self.name
        )))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_bool(true)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_i64(0)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_f64(0.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_str(self.name)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_str(self.name)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_seq(Once {
            key: "",
            value: Some(Source { name: TEXT_IN_LIST }),
        })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unmade> {
        visitor.visit_map(Once {
            key: "KeyName",
            value: Some(Source { name: "" }),
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unmade> {
        visitor.visit_map(Members { fields, at: 0 })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple
        tuple_struct enum identifier ignored_any
    }
}

/// A list of one item, or a map of one.
struct Once {
    key: &'static str,
    value: Option<Source>,
}

impl<'de> SeqAccess<'de> for Once {
    type Error = Unmade;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unmade> {
        self.value
            .take()
            .map(|source| seed.deserialize(source))
            .transpose()
    }
}

impl<'de> MapAccess<'de> for Once {
    type Error = Unmade;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unmade> {
        match self.value {
            Some(_) => seed.deserialize(StrDeserializer::new(self.key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unmade> {
        let source = self
            .value
            .take()
            .ok_or_else(|| Unmade::custom("no value"))?;
        seed.deserialize(source)
    }
}

/// All members of a structure.
struct Members {
    fields: &'static [&'static str],
    at: usize,
}

impl<'de> MapAccess<'de> for Members {
    type Error = Unmade;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unmade> {
        match self.fields.get(self.at) {
            Some(name) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unmade> {
        let name = self.fields.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        seed.deserialize(Source { name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::answers::{
        ListDomainsOutput, ListPackageVersionAssetsOutput,
        UpdatePackageGroupOriginConfigurationOutput,
    };
    use serde_json::json;

    #[test]
    fn texts_hold_their_names() {
        let domains = sample::<ListDomainsOutput>().unwrap();
        assert_eq!(
            domains,
            json!({
                "domains": [{
                    "name": "name",
                    "owner": "owner",
                    "arn": "arn",
                    "status": "status",
                    "createdTime": "1970-01-01T00:00:00",
                    "encryptionKey": "encryptionKey"
                }],
                "nextToken": "nextToken"
            })
        );
    }

    #[test]
    fn maps_have_one_key() {
        let assets = sample::<ListPackageVersionAssetsOutput>().unwrap();
        assert_eq!(assets["assets"][0]["hashes"], json!({"KeyName": ""}));
        let update = sample::<UpdatePackageGroupOriginConfigurationOutput>().unwrap();
        assert_eq!(
            update["allowedRepositoryUpdates"],
            json!({"KeyName": {"KeyName": ["RepositoryName"]}})
        );
    }
}
