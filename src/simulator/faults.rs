//! Things that go wrong on the way, on request.
//!
//! A [`Fault`] says which requests it touches (method, part of the path or query, how many pass before it, how often it
//! strikes) and what happens to them (an [`Effect`]). Faults are tried in order; the first that strikes is the only one.

use std::time::Duration;

use serde_json::Value;

use super::effect::{Effect, Plain};

/// Which requests go wrong, and how.
///
/// ```
/// use std::time::Duration;
/// use confluence_access::simulator::Fault;
///
/// let busy = Fault::status("/restriction", 429).retry_after("1").times(2);
/// let slow = Fault::stall("/api/v2/pages", Duration::from_secs(30)).skip(1).once();
/// ```
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(try_from = "Value")]
pub struct Fault {
    /// Method; `None`: any.
    pub method: Option<String>,
    /// Part of the path with its query, as sent; empty: any.
    pub path: String,
    /// Whether `path` is the whole of it.
    pub exact: bool,
    /// This many matching requests pass unharmed first.
    pub skip: u64,
    /// It strikes this often; `None`: for ever.
    pub times: Option<u64>,
    /// What it does.
    pub effect: Effect,
}

impl TryFrom<Value> for Fault {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        Self::from_plain(&value)
    }
}

impl Fault {
    /// `effect` on every request whose path with query contains `path`.
    pub fn on(path: impl Into<String>, effect: Effect) -> Self {
        Self { method: None, path: path.into(), exact: false, skip: 0, times: None, effect }
    }

    /// `effect` on every request of exactly this path with query.
    pub fn exactly(target: impl Into<String>, effect: Effect) -> Self {
        Self { exact: true, ..Self::on(target, effect) }
    }

    /// A status instead of the answer.
    pub fn status(path: impl Into<String>, status: u16) -> Self {
        Self::on(path, Effect::Status { status, retry_after: None, body: None })
    }

    /// A delay.
    pub fn stall(path: impl Into<String>, delay: Duration) -> Self {
        Self::on(path, Effect::Stall(delay))
    }

    /// This status for whatever is asked about the restrictions of the content `id` alone: not for listings.
    pub fn restriction_of(id: &str, status: u16) -> Self {
        Self::status(format!("/content/{id}/restriction"), status)
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Lets the first `count` matching requests pass.
    #[must_use]
    pub fn skip(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    /// Strikes `count` times.
    #[must_use]
    pub fn times(mut self, count: u64) -> Self {
        self.times = Some(count);
        self
    }

    /// Strikes once.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Sends `Retry-After` with the status.
    #[must_use]
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        if let Effect::Status { retry_after, .. } = &mut self.effect {
            *retry_after = Some(value.into());
        }
        self
    }

    /// A content that spoils every listing on `path` whose answer would hold it.
    pub fn unservable(path: impl Into<String>, id: impl Into<String>) -> Self {
        Self::on(path, Effect::Unservable { id: id.into(), status: 500 })
    }

    /// Reads a fault from plain data: `{"path": "/spaces", "effect": "status", "status": 429, "retry_after": 1, "times": 2}`.
    /// Keys: `method`, `path`, `exact`, `skip`, `times`, `effect` (the words of [`Effect::name`]), and what the effect needs:
    /// `status`, `retry_after`, `body` (also the text that spoils a request), `seconds`, `rows` (also the most bytes of an
    /// address, the bytes that are announced, the depth of the lists and the MiB of blanks), `host`, `id`, `location`,
    /// `headers`, `from`, `to`.
    ///
    /// # Errors
    /// One line that names what is wrong.
    pub fn from_plain(value: &Value) -> Result<Self, String> {
        const KEYS: [&str; 17] = [
            "method",
            "path",
            "exact",
            "skip",
            "times",
            "effect",
            "status",
            "retry_after",
            "body",
            "seconds",
            "rows",
            "host",
            "id",
            "location",
            "headers",
            "from",
            "to",
        ];
        let Value::Object(map) = value else { return Err("a fault is an object".to_owned()) };
        if let Some(unknown) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!("unknown key `{unknown}` in a fault"));
        }
        let plain = Plain(map);
        let effect = Effect::from_plain(plain)?;
        let method = plain.text("method").map(|m| m.to_ascii_uppercase());
        let path = plain.text("path").unwrap_or_default();
        let exact = map.get("exact").and_then(Value::as_bool).unwrap_or(false);
        Ok(Self { method, path, exact, skip: plain.whole("skip")?.unwrap_or(0), times: plain.whole("times")?, effect })
    }
}

/// The faults of a running simulator, with what is left of each.
#[derive(Default)]
pub(super) struct Pending(Vec<Fault>);

impl Pending {
    pub(super) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The effect on this request. Every fault that matches counts it, whether or not it is the one that strikes.
    pub(super) fn strike(&mut self, method: &str, target: &str) -> Option<Effect> {
        let mut struck = None;
        for fault in &mut self.0 {
            let elsewhere = if fault.exact { target != fault.path } else { !target.contains(&fault.path) };
            if fault.method.as_deref().is_some_and(|m| m != method) || elsewhere {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if struck.is_some() || fault.times == Some(0) {
                continue;
            }
            if let Some(left) = &mut fault.times {
                *left -= 1;
            }
            struck = Some(fault.effect.clone());
        }
        struck
    }
}
