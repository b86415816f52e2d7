//! What a fault makes of an answer.

use std::io::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::Response;
use flate2::write::GzEncoder;
use flate2::{Compression, write::DeflateEncoder};
use futures::stream;
use serde_json::Value;

use super::draft::{Draft, error};
use super::effect::Effect;
use super::exchange::Api;

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Log in to continue - Log in with Atlassian account</title></head>\n\
    <body><form action=\"https://id.example/login\" method=\"post\"><input name=\"username\"/></form></body></html>\n";

/// What a fault answers without asking the site.
pub(super) fn instead(effect: &Effect, api: Api) -> Option<Draft> {
    Some(match effect {
        Effect::Status { status, retry_after, body } => {
            let draft = match body {
                Some(text) => Draft::text(*status, "text/plain", text.clone()),
                None => Draft::json(*status, &error(api, *status, "simulated fault")),
            };
            match retry_after {
                Some(value) => draft.with("retry-after", value.clone()),
                None => draft,
            }
        }
        Effect::LoginPage => Draft::html(200, LOGIN_PAGE),
        Effect::Body(text) => Draft::text(200, "application/json", text.clone()),
        Effect::Redirect(location) => Draft::html(302, "").with("location", location.clone()),
        Effect::Quota(wait) => quota(*wait, api),
        _ => return None,
    })
}

/// What a fault does to an answer.
fn change(draft: &mut Draft, effect: Effect, api: Api) {
    match effect {
        Effect::Truncated => draft.body = draft.body.slice(..draft.body.len() / 2),
        Effect::Headers(headers) => draft.headers.extend(headers),
        Effect::Deep(levels) => {
            // By hand: what writes JSON would run out of stack.
            let text = String::from_utf8_lossy(&draft.body).into_owned();
            if let Some(rest) = text.strip_prefix('{') {
                let (open, close) = ("[".repeat(levels), "]".repeat(levels));
                let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
                draft.body = Bytes::from(format!("{{\"deep\":{open}{close}{comma}{rest}"));
            }
        }
        Effect::Replace { from, to } => {
            let text = String::from_utf8_lossy(&draft.body).replace(from.as_str(), &to);
            draft.body = Bytes::from(text);
        }
        Effect::Unservable { id, status } => {
            let holds = |body: &Value| {
                let rows = body["results"].as_array();
                let named = |row: &Value| ["id", "accountId", "userKey"].iter().any(|name| row[*name] == id.as_str());
                rows.is_some_and(|rows| rows.iter().any(named))
            };
            if serde_json::from_slice(&draft.body).is_ok_and(|body| holds(&body)) {
                *draft = Draft::json(status, &error(api, status, "simulated fault"));
            }
        }
        Effect::Edit(edit) => {
            if let Ok(mut value) = serde_json::from_slice(&draft.body) {
                edit(&mut value);
                draft.body = Bytes::from(value.to_string());
            }
        }
        _ => {}
    }
}

/// The quota of an app is used up.
// Source: https://developer.atlassian.com/cloud/confluence/rate-limiting/
fn quota(wait: Duration, api: Api) -> Draft {
    let seconds = wait.as_secs().max(1);
    let reset = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    Draft::json(429, &error(api, 429, "Rate limit exceeded"))
        .with("retry-after", seconds.to_string())
        .with("x-ratelimit-limit", "65000")
        .with("x-ratelimit-remaining", "0")
        // Without seconds, as documented.
        .with("x-ratelimit-reset", reset.strftime("%Y-%m-%dT%H:%MZ").to_string())
        .with("x-ratelimit-nearlimit", "true")
        .with("ratelimit-reason", "confluence-quota-tenant-based")
        .with("ratelimit-policy", "\"tenant-quota\";q=65000;w=3600")
        .with("ratelimit", format!("\"tenant-quota\";r=0;t={seconds}"))
}

/// The answer as it is sent after `effect`; the status that is written into the log.
pub(super) async fn spoil(mut draft: Draft, effect: Effect, api: Api) -> (Response, Option<u16>) {
    let body = match effect {
        Effect::Stall(delay) => {
            tokio::time::sleep(delay).await;
            Body::from(std::mem::take(&mut draft.body))
        }
        Effect::Drop => return (draft.into_response(broken(None)), None),
        Effect::DropMidBody => {
            let half = draft.body.slice(..draft.body.len() / 2);
            let length = draft.body.len().to_string();
            return (draft.with("content-length", length).into_response(broken(Some(half))), None);
        }
        Effect::Announce(length) => {
            let whole = std::mem::take(&mut draft.body);
            return (draft.with("content-length", length.to_string()).into_response(broken(Some(whole))), None);
        }
        Effect::Dribble(pause) => dribbled(std::mem::take(&mut draft.body), pause),
        Effect::Endless => endless(std::mem::take(&mut draft.body)),
        Effect::Bomb(blanks) => {
            let pieces = bomb(&draft.body, blanks);
            draft = draft.with("content-encoding", "gzip");
            Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)))
        }
        effect => {
            change(&mut draft, effect, api);
            Body::from(std::mem::take(&mut draft.body))
        }
    };
    let status = draft.status;
    (draft.into_response(body), Some(status))
}

/// A byte at a time.
fn dribbled(body: Bytes, pause: Duration) -> Body {
    Body::from_stream(stream::unfold((body, 0), move |(body, at)| async move {
        if at >= body.len() {
            return None;
        }
        if pause.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(pause).await;
        }
        Some((Ok::<_, std::io::Error>(body.slice(at..=at)), (body, at + 1)))
    }))
}

static BLANKS: [u8; 1 << 16] = [b' '; 1 << 16];

/// The answer, and blanks for as long as anybody reads.
fn endless(body: Bytes) -> Body {
    Body::from_stream(stream::unfold(Some(body), |first| async move {
        // Others want to be served too.
        tokio::task::yield_now().await;
        Some((Ok::<_, std::io::Error>(first.unwrap_or_else(|| Bytes::from_static(&BLANKS))), None))
    }))
}

/// `body` and so many MiB of blanks, compressed. What a MiB becomes is made once: it may stand behind itself.
fn bomb(body: &[u8], blanks: usize) -> Vec<Bytes> {
    let packed = |bytes: &[u8]| -> std::io::Result<Vec<u8>> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes)?;
        // Ends on a whole byte, without ending the stream.
        encoder.flush()?;
        Ok(std::mem::take(encoder.get_mut()))
    };
    let head = GzEncoder::new(Vec::new(), Compression::best()).finish().unwrap_or_default();
    let head = Bytes::copy_from_slice(head.get(..10).unwrap_or_default());
    let (body, blank) = (packed(body).unwrap_or_default(), packed(&BLANKS.repeat(16)).unwrap_or_default());
    let blank = Bytes::from(blank);
    [head, Bytes::from(body)].into_iter().chain(std::iter::repeat_n(blank, blanks)).collect()
}

/// A body that breaks off: at once, so that not even the head is sent, or behind `first`.
fn broken(first: Option<Bytes>) -> Body {
    let steps = (first.is_some(), first, false);
    Body::from_stream(stream::unfold(steps, |(begun, first, cut)| async move {
        if cut {
            return None;
        }
        if let Some(first) = first {
            return Some((Ok(first), (begun, None, false)));
        }
        if begun {
            // Time for what was sent to leave before the connection goes.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some((Err(std::io::Error::other("simulated fault")), (begun, None, true)))
    }))
}
