//! What a fault does to a request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

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
    /// The body comes in pieces of one byte, each this much later than the one before it.
    Dribble(Duration),
    /// The body goes on behind its end with blanks, and never ends.
    Endless,
    /// The head announces a body of so many bytes, of which no more than the answer comes.
    Announce(u64),
    /// Besides what it holds, the answer holds lists inside one another, so many.
    Deep(usize),
    /// The body is compressed, with so many MiB of blanks behind it, and breaks off there.
    Bomb(usize),
    /// Every connection is cut and nobody listens for so long; then all is as before.
    Restart(Duration),
    /// The token has ended: from this request on it is not accepted.
    Expire,
    /// The quota of an app is used up: 429 with the headers Atlassian documents, which ask to wait for so long.
    Quota(Duration),
    /// Since its first page, so many rows have gone from the front of a listing by offset, and all behind them have moved up.
    /// Less than none: so many have come in front of it.
    Shift(i64),
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
            Self::Dribble(_) => "dribble",
            Self::Endless => "endless",
            Self::Announce(_) => "announce",
            Self::Deep(_) => "deep",
            Self::Bomb(_) => "bomb",
            Self::Restart(_) => "restart",
            Self::Expire => "expire",
            Self::Quota(_) => "quota",
            Self::Shift(_) => "shift",
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

/// The members of a fault in plain data.
#[derive(Clone, Copy)]
pub(super) struct Plain<'a>(pub(super) &'a Map<String, Value>);

impl Plain<'_> {
    pub(super) fn text(self, key: &str) -> Option<String> {
        let number = |v: &Value| v.is_number().then(|| v.to_string());
        self.0.get(key).and_then(|v| v.as_str().map(str::to_owned).or_else(|| number(v)))
    }

    pub(super) fn whole(self, key: &str) -> Result<Option<u64>, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(v) => v.as_u64().map(Some).ok_or_else(|| format!("`{key}` of a fault is not a whole number")),
        }
    }

    fn needed(self, key: &str) -> Result<String, String> {
        self.text(key).ok_or_else(|| format!("this effect needs `{key}`"))
    }

    /// `rows`, as far as it is a size.
    fn rows(self) -> Result<Option<usize>, String> {
        Ok(self.whole("rows")?.and_then(|rows| usize::try_from(rows).ok()))
    }

    fn seconds(self, otherwise: f64) -> Result<Duration, String> {
        let seconds = self.0.get("seconds").and_then(Value::as_f64).unwrap_or(otherwise);
        Duration::try_from_secs_f64(seconds).map_err(|e| format!("`seconds` of a fault: {e}"))
    }
}

impl Effect {
    /// Reads the effect of a fault.
    pub(super) fn from_plain(plain: Plain<'_>) -> Result<Self, String> {
        Ok(match plain.0.get("effect").and_then(Value::as_str).unwrap_or("status") {
            "status" => {
                let status =
                    plain.whole("status")?.and_then(|s| u16::try_from(s).ok()).filter(|s| (100..600).contains(s));
                let status = status.ok_or("this effect needs `status`, a number from 100 to 599")?;
                Self::Status { status, retry_after: plain.text("retry_after"), body: plain.text("body") }
            }
            "login_page" => Self::LoginPage,
            "body" => Self::Body(plain.needed("body")?),
            "truncated" => Self::Truncated,
            "drop" => Self::Drop,
            "drop_mid_body" => Self::DropMidBody,
            "stall" => Self::Stall(plain.seconds(3600.0)?),
            "empty_page" => Self::EmptyPage,
            "looping_next" => Self::LoopingNext,
            "short_page" => Self::ShortPage(plain.rows()?.unwrap_or(1)),
            "jumping_next" => Self::JumpingNext(plain.rows()?.unwrap_or(1)),
            "unservable" => {
                let status = plain.whole("status")?.and_then(|s| u16::try_from(s).ok()).unwrap_or(500);
                Self::Unservable { id: plain.needed("id")?, status }
            }
            "foreign_next" => Self::ForeignNext(plain.needed("host")?),
            "long_address" => Self::LongAddress(plain.rows()?.ok_or("this effect needs `rows`")?),
            "spoilt" => Self::Spoilt(plain.needed("body")?),
            "redirect" => Self::Redirect(plain.needed("location")?),
            "headers" => {
                let Some(Value::Object(headers)) = plain.0.get("headers") else {
                    return Err("this effect needs `headers`, an object".to_owned());
                };
                let value = |v: &Value| v.as_str().map(str::to_owned).unwrap_or_else(|| v.to_string());
                Self::Headers(headers.iter().map(|(k, v)| (k.clone(), value(v))).collect())
            }
            "replace" => Self::Replace { from: plain.needed("from")?, to: plain.needed("to")? },
            "dribble" => Self::Dribble(plain.seconds(0.001)?),
            "endless" => Self::Endless,
            "announce" => Self::Announce(plain.whole("rows")?.unwrap_or(2 << 30)),
            "deep" => Self::Deep(plain.rows()?.unwrap_or(100_000)),
            "bomb" => Self::Bomb(plain.rows()?.unwrap_or(1024)),
            "restart" => Self::Restart(plain.seconds(0.5)?),
            "expire" => Self::Expire,
            "quota" => Self::Quota(plain.seconds(60.0)?),
            "shift" => {
                let rows = plain.0.get("rows").map_or(Some(1), Value::as_i64);
                Self::Shift(rows.ok_or("`rows` of a fault is not a whole number")?)
            }
            other => return Err(format!("unknown effect `{other}` of a fault")),
        })
    }
}
