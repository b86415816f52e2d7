//! One request: sent, repeated where that helps, answered or turned into an error that says what to do.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LINK};
use ring::digest::{SHA256, digest};
use tokio::time::Instant;
use url::Url;

use super::attempt::{Attempt, Failure, RetryDecision};
use super::{Answer, RetryBudget, Transport};
use crate::apis::{Method, Request};
use crate::fetch::checkpoint::{Kept, Key};
use crate::fetch::credentials::Signature;
use crate::fetch::journal::{Event, EventKind, Waiting};
use crate::fetch::limit::Permit;
use crate::fetch::retry::{chosen_wait, stated_time};
use crate::fetch::target::HostKind;
use crate::fetch::{Error, ErrorKind, Result};

/// Hops within the site that are followed.
const HOPS: usize = 5;

/// A request on its way, and what was tried so far.
struct Sending<'a> {
    transport: &'a Transport,
    request: &'a Request,
    budget: RetryBudget,
    route: String,
    began: Instant,
    /// Standing in line behind one's own requests is not the server's time.
    in_line: Duration,
    attempts: u32,
    /// Whether an attempt was repeated that is repeated only once.
    repeated_once: bool,
    /// One new token for one request: a second refusal is not about its age.
    renewed: Option<Signature>,
}

impl Sending<'_> {
    async fn run(mut self) -> Result<Answer> {
        loop {
            if let Some(left) = self.transport.limiter.is_shut(&self.route) {
                return Err(self.too_long(left));
            }
            let signature = match &self.renewed {
                _ if !self.budget.signed => None,
                Some(renewed) => Some(renewed.clone()),
                None => Some(self.transport.credentials.signature().await?),
            };
            let permit = self.turn().await?;
            self.attempts += 1;
            let Failure { mut error, retry } = match self.attempt(signature.as_ref()).await {
                Ok(answer) => return Ok(self.answered(answer, signature.is_some())),
                Err(failure) => failure,
            };
            error.parts_mut().attempts = self.attempts;
            // What was served as to anonymous was served: only what changes nothing is asked again.
            let refused = error.status() == Some(401) || (error.is_of_stranger() && self.request.route.idempotent);
            if let Some(signature) = signature.filter(|_| self.budget.renew && refused) {
                drop(permit);
                let event = self.event(EventKind::NewToken, &error, Duration::ZERO);
                self.renew(&signature, error).await?;
                self.transport.journal.add(event);
                continue;
            }
            let limited = error.kind() == ErrorKind::RateLimited;
            let wait = self.wait(error, retry)?;
            drop(permit);
            tokio::time::sleep(wait).await;
            let why = if limited { Waiting::RateLimit } else { Waiting::Retry };
            self.transport.journal.waited_for(why, wait);
        }
    }

    /// Waits for this request's turn.
    async fn turn(&mut self) -> Result<Permit> {
        let since = Instant::now();
        let permit = self.transport.limiter.acquire(self.transport.deadline, self.budget.line).await;
        let waited = since.elapsed();
        self.in_line += waited;
        if let Ok(permit) = &permit {
            let journal = &self.transport.journal;
            journal.waited_for(Waiting::RateLimit, permit.paused);
            journal.waited_for(Waiting::Slot, waited.saturating_sub(permit.paused));
        }
        permit.map_err(|left| self.too_long(left))
    }

    /// The server wants a longer wait than a call may take.
    fn too_long(&self, left: Duration) -> Error {
        let mut error = self.transport.error(ErrorKind::RateLimited, self.request, too_long(left));
        error.parts_mut().retry_after = Some(left);
        error.parts_mut().attempts = self.attempts;
        error
    }

    /// Time left until the deadline.
    fn left(&self) -> Duration {
        self.transport.deadline.saturating_sub(self.began.elapsed().saturating_sub(self.in_line))
    }

    async fn attempt(&self, signature: Option<&Signature>) -> Attempt {
        let attempt = self.transport.attempt(self.request, signature);
        match tokio::time::timeout(self.left(), attempt).await {
            Ok(attempt) => attempt,
            Err(_) => {
                let text = format!(
                    "no complete answer within {} s: try again later, or ask for less at once",
                    seconds(self.transport.deadline)
                );
                Err(self.transport.error(ErrorKind::Timeout, self.request, text).into())
            }
        }
    }

    fn answered(self, mut answer: Answer, signed: bool) -> Answer {
        self.transport.limiter.went_well();
        let journal = &self.transport.journal;
        if journal.clock_ahead().is_none()
            && let Some(time) = stated_time(&answer.headers)
        {
            journal.told_time(time, jiff::Timestamp::now());
        }
        if near_limit(&answer.headers) {
            self.transport.limiter.slow_down(Duration::ZERO);
        }
        if signed {
            self.transport.credentials.accepted();
        }
        answer.attempts = self.attempts;
        answer
    }

    /// A new token after a refusal, or the refusal.
    async fn renew(&mut self, refused: &Signature, error: Error) -> Result<()> {
        let credentials = &self.transport.credentials;
        if self.renewed.is_some() {
            credentials.refused_anyway(&self.route);
        } else if credentials.renews(&self.route, error.says("scope")) {
            // Who was refused was not served: nothing was changed.
            self.renewed = credentials.renewed(refused).await?;
            if self.renewed.is_some() {
                return Ok(());
            }
        }
        Err(error)
    }

    /// How long to wait before the next attempt, or `error` where there is none.
    fn wait(&mut self, mut error: Error, retry: RetryDecision) -> Result<Duration> {
        let (limiter, left, repeated) = (&self.transport.limiter, self.left(), self.attempts - 1);
        let named = matches!(retry, RetryDecision::Asked(_) | RetryDecision::TooMany);
        let limited = error.kind() == ErrorKind::RateLimited;
        let wait = match retry {
            RetryDecision::Never => return Err(error),
            RetryDecision::Once(_) if self.repeated_once => return Err(error),
            RetryDecision::Once(wait) => {
                self.repeated_once = true;
                wait
            }
            RetryDecision::Asked(wait) => wait,
            RetryDecision::Backoff | RetryDecision::TooMany => chosen_wait(self.transport.backoff, repeated),
        };
        if named && wait > left {
            // A wait no call can keep holds up this route alone: the others are asked as before.
            if limited {
                limiter.shut(&self.route, wait);
            }
            self.transport.journal.add(self.event(EventKind::TooLong, &error, wait));
            error.append(&format!("; {}", too_long(wait)));
            return Err(error);
        }
        if named && limited {
            limiter.slow_down(wait);
        }
        let most = if named { self.transport.max_retries } else { self.budget.retries };
        // A request that has to come back later was not served: nothing was changed.
        let harmless = self.request.route.idempotent || error.status() == Some(429);
        if !harmless || repeated >= most || wait > left {
            if self.attempts > 1 {
                error.append(&format!(" (tried {} times)", self.attempts));
            }
            return Err(error);
        }
        let kind = if named && limited { EventKind::RateLimit } else { EventKind::Retry };
        self.transport.journal.add(self.event(kind, &error, wait));
        Ok(wait)
    }

    /// What happened to this request.
    fn event(&self, kind: EventKind, error: &Error, wait: Duration) -> Event {
        Event {
            kind,
            route: self.route.clone(),
            status: error.status(),
            cause: error.kind().as_str(),
            request_id: error.request_id().map(str::to_owned),
            attempt: self.attempts,
            wait,
        }
    }
}

impl Transport {
    /// Sends `request` and returns an answer of 2xx.
    pub(in crate::fetch) async fn send(&self, request: &Request, budget: RetryBudget) -> Result<Answer> {
        let sending = Sending {
            transport: self,
            request,
            budget,
            route: request.route.to_string(),
            began: Instant::now(),
            in_line: Duration::ZERO,
            attempts: 0,
            repeated_once: false,
            renewed: None,
        };
        tokio::select! {
            biased;
            () = self.closed.cancelled() => Err(self.closed_error()),
            answer = self.kept_or(sending) => {
                if let Err(error) = &answer
                    && error.is_of_stranger()
                    && error.status() != Some(401)
                {
                    self.estranged.send_replace(Some(error.clone()));
                }
                answer
            }
        }
    }

    /// The answer of the checkpoint, or a new one, which is kept there.
    async fn kept_or(&self, sending: Sending<'_>) -> Result<Answer> {
        let asks = sending.request.route.method == Method::Get
            || (sending.request.route.method == Method::Post && sending.request.route.idempotent);
        let Some(checkpoint) = self.checkpoint.as_deref().filter(|_| asks) else { return sending.run().await };
        let key = self.key(sending.request)?;
        if let Some(kept) = checkpoint.answer(&key) {
            let link = kept.link.and_then(|link| HeaderValue::from_str(&link).ok());
            let headers = link.map(|link| (LINK, link)).into_iter().collect();
            return Ok(Answer { body: kept.body, headers, status: kept.status, attempts: 1 });
        }
        let answer = sending.run().await?;
        let link = answer.link().map(str::to_owned);
        let kept = Kept { status: answer.status, link, body: answer.body };
        checkpoint.keep(&key, &kept);
        Ok(Answer { body: kept.body, ..answer })
    }

    /// The digest of a request: everything that decides about its answer but the credentials.
    fn key(&self, request: &Request) -> Result<Key> {
        let mut text = format!("{} {}\n", request.route.method.as_str(), self.url(request)?);
        for (name, value) in &self.marks {
            text.push_str(&format!("{name}: {value}\n"));
        }
        for (name, value) in &request.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        if let Some(body) = &request.body {
            text.push_str(&body.to_string());
        }
        let mut key = Key::default();
        key.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
        Ok(key)
    }

    pub(in crate::fetch) fn closed_error(&self) -> Error {
        Error::new(ErrorKind::Closed, "this client is closed: make a new one")
    }

    /// Asks once, without credentials, for an answer of whatever kind: its body, where the status is 200.
    pub(in crate::fetch) async fn peek(&self, request: &Request) -> Option<Vec<u8>> {
        let url = self.url(request).ok()?;
        self.count(request);
        let asked = async {
            let response =
                self.http.get(url).header(ACCEPT, HeaderValue::from_static("application/json")).send().await.ok()?;
            if response.status().as_u16() != 200 {
                return None;
            }
            self.body(request, response).await.ok()
        };
        tokio::select! {
            biased;
            () = self.closed.cancelled() => None,
            () = tokio::time::sleep(Duration::from_secs(5)) => None,
            body = asked => body,
        }
    }

    async fn attempt(&self, request: &Request, signature: Option<&Signature>) -> Attempt {
        let mut url = self.url(request)?;
        for _ in 0..=HOPS {
            self.count(request);
            let sent = self.built(request, url.clone(), signature).send().await;
            let response = sent.map_err(|error| self.unanswered(request, error))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                url = self.hop(request, &url, status, &headers)?;
                continue;
            }
            let body = self.body(request, response).await?;
            return self.judge(request, status, headers, body, signature.is_some());
        }
        let text = "redirected in a circle: check the address and whether a login stands in front of it";
        Err(self.error(ErrorKind::NotConfluence, request, text).into())
    }

    fn built(&self, request: &Request, url: Url, signature: Option<&Signature>) -> reqwest::RequestBuilder {
        let method = match request.route.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, url).header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(signature) = signature {
            builder = builder.header(AUTHORIZATION, signature.header.clone());
        }
        for (name, value) in &self.marks {
            builder = builder.header(*name, *value);
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            None => builder,
        }
    }

    async fn body(&self, request: &Request, mut response: reqwest::Response) -> std::result::Result<Vec<u8>, Failure> {
        // What stands in the body of a refusal is only a remark; the status is enough.
        let remark = response.status().as_u16() >= 400;
        let most = self.config.max_answer;
        let mut body = Vec::new();
        let too_long = |length: u64| {
            let text = format!("the answer is larger than {} MiB: is this address a Confluence?", most >> 20);
            (length > most as u64).then(|| Failure::from(self.error(ErrorKind::Unreadable, request, text)))
        };
        if let Some(failure) = too_long(response.content_length().unwrap_or(0)) {
            return if remark { Ok(body) } else { Err(failure) };
        }
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => match too_long((body.len() + chunk.len()) as u64) {
                    None => body.extend_from_slice(&chunk),
                    Some(_) if remark => return Ok(body),
                    Some(failure) => return Err(failure),
                },
                Ok(None) => return Ok(body),
                Err(_) if remark => return Ok(body),
                Err(error) => return Err(self.unanswered(request, error)),
            }
        }
    }

    fn url(&self, request: &Request) -> Result<Url> {
        let mut url = self.at().origin.clone();
        let text = format!("{}{}{}", url.as_str().trim_end_matches('/'), self.at().context, request.path);
        url = Url::parse(&text)
            .map_err(|e| self.error(ErrorKind::Configuration, request, format!("no address ({e})")))?;
        // A path that was meant as one must not have become another host.
        if url.origin() != self.at().origin.origin() {
            return Err(self.error(ErrorKind::Configuration, request, "the path leads to another host"));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(request.query.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        }
        Ok(url)
    }

    fn count(&self, request: &Request) {
        self.meter.count(request, self.at().kind != HostKind::Organization);
    }
}

fn near_limit(headers: &HeaderMap) -> bool {
    headers.get("x-ratelimit-nearlimit").and_then(|v| v.to_str().ok()).is_some_and(|v| v.eq_ignore_ascii_case("true"))
}

fn too_long(wait: Duration) -> String {
    format!("the server asks to wait {} s, longer than this call may take: try again then", seconds(wait))
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 10.0 || seconds.fract() == 0.0 { format!("{seconds:.0}") } else { format!("{seconds:.1}") }
}
