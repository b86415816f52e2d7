//! Things that go wrong on the way, on request.
//!
//! A [`Fault`] says which requests it touches (method, part of the path or query, how many pass before it, how often it
//! strikes) and what happens to them (an [`Effect`]). Faults are tried in order; the first that strikes is the only one.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// What happens to a request.
#[derive(Clone)]
pub enum Effect {
    /// This status, instead of the answer.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, as it is to be sent: seconds or a date.
        retry_after: Option<String>,
        /// Body; `None`: the error body of the API.
        body: Option<String>,
    },
    /// 200 with a login page in HTML.
    LoginPage,
    /// 200 with exactly this body, sent as JSON.
    Body(String),
    /// The first half of the answer's body, as a complete HTTP answer.
    Truncated,
    /// The connection closes before a byte of the answer.
    Drop,
    /// The connection closes after half of the body was sent.
    DropMidBody,
    /// The answer comes this much later than it would have.
    Stall(Duration),
    /// A page without rows and with a next link that goes on where this one should have begun.
    EmptyPage,
    /// The next link leads to this very page again, for ever.
    LoopingNext,
    /// At most this many rows on the page; the next link goes on behind them.
    ShortPage(usize),
    /// At most this many rows on the page; the next link goes on behind as many as were asked for.
    JumpingNext(usize),
    /// The next link leads to this host; the answer is right otherwise.
    ForeignNext(String),
    /// This status wherever the answer would hold a row with this id: one content the server cannot serve.
    Unservable {
        /// The id.
        id: String,
        /// The status.
        status: u16,
    },
    /// 414 where path and query are longer than this.
    LongAddress(usize),
    /// 400 where the request holds this text: one item of a list the server refuses.
    Spoilt(String),
    /// 302 to this address.
    Redirect(String),
    /// These headers on top of the answer's own.
    Headers(Vec<(String, String)>),
    /// The answer with one text in place of another, byte for byte.
    Replace {
        /// What is replaced.
        from: String,
        /// What stands there instead.
        to: String,
    },
    /// The answer after this edit, where it is JSON.
    Edit(Arc<dyn Fn(&mut Value) + Send + Sync>),
}

impl Effect {
    /// An edit of the answer.
    pub fn edit(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Edit(Arc::new(edit))
    }

    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::LoginPage => "login_page",
            Self::Body(_) => "body",
            Self::Truncated => "truncated",
            Self::Drop => "drop",
            Self::DropMidBody => "drop_mid_body",
            Self::Stall(_) => "stall",
            Self::EmptyPage => "empty_page",
            Self::LoopingNext => "looping_next",
            Self::ShortPage(_) => "short_page",
            Self::JumpingNext(_) => "jumping_next",
            Self::ForeignNext(_) => "foreign_next",
            Self::Unservable { .. } => "unservable",
            Self::LongAddress(_) => "long_address",
            Self::Spoilt(_) => "spoilt",
            Self::Redirect(_) => "redirect",
            Self::Headers(_) => "headers",
            Self::Replace { .. } => "replace",
            Self::Edit(_) => "edit",
        }
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
    /// address), `host`, `id`, `location`, `headers`, `from`, `to`.
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
        let text = |key: &str| map.get(key).and_then(|v| v.as_str().map(str::to_owned).or_else(|| plain_number(v)));
        let whole = |key: &str| -> Result<Option<u64>, String> {
            match map.get(key) {
                None | Some(Value::Null) => Ok(None),
                Some(v) => v.as_u64().map(Some).ok_or_else(|| format!("`{key}` of a fault is not a whole number")),
            }
        };
        let needed = |key: &str| text(key).ok_or_else(|| format!("this effect needs `{key}`"));
        let effect = match map.get("effect").and_then(Value::as_str).unwrap_or("status") {
            "status" => {
                let status = whole("status")?.and_then(|s| u16::try_from(s).ok()).filter(|s| (100..600).contains(s));
                let status = status.ok_or("this effect needs `status`, a number from 100 to 599")?;
                Effect::Status { status, retry_after: text("retry_after"), body: text("body") }
            }
            "login_page" => Effect::LoginPage,
            "body" => Effect::Body(needed("body")?),
            "truncated" => Effect::Truncated,
            "drop" => Effect::Drop,
            "drop_mid_body" => Effect::DropMidBody,
            "stall" => {
                let seconds = map.get("seconds").and_then(Value::as_f64).unwrap_or(3600.0);
                Effect::Stall(Duration::try_from_secs_f64(seconds).map_err(|e| format!("`seconds` of a fault: {e}"))?)
            }
            "empty_page" => Effect::EmptyPage,
            "looping_next" => Effect::LoopingNext,
            "short_page" => Effect::ShortPage(whole("rows")?.and_then(|r| usize::try_from(r).ok()).unwrap_or(1)),
            "jumping_next" => Effect::JumpingNext(whole("rows")?.and_then(|r| usize::try_from(r).ok()).unwrap_or(1)),
            "unservable" => {
                let status = whole("status")?.and_then(|s| u16::try_from(s).ok()).unwrap_or(500);
                Effect::Unservable { id: needed("id")?, status }
            }
            "foreign_next" => Effect::ForeignNext(needed("host")?),
            "long_address" => Effect::LongAddress(
                whole("rows")?.and_then(|r| usize::try_from(r).ok()).ok_or("this effect needs `rows`")?,
            ),
            "spoilt" => Effect::Spoilt(needed("body")?),
            "redirect" => Effect::Redirect(needed("location")?),
            "headers" => {
                let Some(Value::Object(headers)) = map.get("headers") else {
                    return Err("this effect needs `headers`, an object".to_owned());
                };
                let value = |v: &Value| v.as_str().map(str::to_owned).unwrap_or_else(|| v.to_string());
                Effect::Headers(headers.iter().map(|(k, v)| (k.clone(), value(v))).collect())
            }
            "replace" => Effect::Replace { from: needed("from")?, to: needed("to")? },
            other => return Err(format!("unknown effect `{other}` of a fault")),
        };
        let method = text("method").map(|m| m.to_ascii_uppercase());
        let path = text("path").unwrap_or_default();
        let exact = map.get("exact").and_then(Value::as_bool).unwrap_or(false);
        Ok(Self { method, path, exact, skip: whole("skip")?.unwrap_or(0), times: whole("times")?, effect })
    }
}

fn plain_number(value: &Value) -> Option<String> {
    value.is_number().then(|| value.to_string())
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
