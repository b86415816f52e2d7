//! Reading values that come in more than one spelling.
//!
//! Ids are texts or numbers. A field nothing depends on is `None` when it comes in a shape nobody expected; a field on
//! which an answer depends is never read by these.

use std::fmt;

use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::Value;

/// A scalar as text; nothing for null, lists and objects.
struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Some(flag.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A text; an empty one is nothing, because privacy settings empty a field rather than leave it out.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(deserializer.deserialize_any(Scalar)?.filter(|text| !text.is_empty()))
}

/// A flag.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match deserializer.deserialize_any(Scalar)?.as_deref() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    })
}

/// A count; nothing where it is negative.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(deserializer.deserialize_any(Scalar)?.and_then(|text| text.parse().ok()))
}

/// An id, which comes as a text or a number. Null and the empty text are nothing; any other shape is an error, because a
/// wrong id joins the wrong facts.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) if !number.is_f64() => Ok(Some(number.to_string())),
        _ => Err(de::Error::custom("an id is a text or a whole number")),
    }
}

/// An id without which the record means nothing.
pub(crate) fn required_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    id(deserializer)?.ok_or_else(|| de::Error::custom("the id is missing"))
}

/// A part on which the record depends: an object, or null.
pub(crate) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        part @ Value::Object(_) => serde_json::from_value(part).map(Some).map_err(de::Error::custom),
        _ => Err(de::Error::custom("an object was expected")),
    }
}

/// A part nothing depends on: `None` in any other shape.
pub(crate) fn or_none<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        #[serde(deserialize_with = "required_id")]
        id: String,
        #[serde(default, deserialize_with = "id")]
        parent: Option<String>,
        #[serde(default, deserialize_with = "text")]
        title: Option<String>,
        #[serde(default, deserialize_with = "flag")]
        guest: Option<bool>,
        #[serde(default, deserialize_with = "count")]
        size: Option<u64>,
    }

    fn row(value: Value) -> Result<Row, serde_json::Error> {
        serde_json::from_str(&value.to_string())
    }

    #[test]
    fn ids_may_be_texts_or_numbers() {
        let read = row(json!({"id": 7, "parent": "8", "title": 5, "guest": "true", "size": "3"})).unwrap();
        assert_eq!((read.id.as_str(), read.parent.as_deref()), ("7", Some("8")));
        assert_eq!((read.title.as_deref(), read.guest, read.size), (Some("5"), Some(true), Some(3)));
    }

    #[test]
    fn a_field_nothing_depends_on_never_kills_its_record() {
        let read = row(json!({"id": "7", "title": {"a": [1]}, "guest": [], "size": -1, "parent": null})).unwrap();
        assert_eq!(read, Row { id: "7".into(), parent: None, title: None, guest: None, size: None });
    }

    #[test]
    fn a_wrong_id_does() {
        for wrong in [json!({}), json!({"id": null}), json!({"id": ""}), json!({"id": 1.5}), json!({"id": {}})] {
            assert!(row(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(row(json!({"id": 1, "parent": []})).is_err());
    }
}
