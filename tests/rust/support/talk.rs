//! Plain HTTP to a simulator, for what it answers to anybody.

use std::sync::Once;

use confluence_access::model::Deployment;
use confluence_access::simulator::{Options, Simulator};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::started;

/// A simulator and somebody to talk to it: its caller, or who logged in.
pub struct Talk {
    pub simulator: Simulator,
    pub client: reqwest::Client,
    pub runtime: tokio::runtime::Runtime,
    login: Option<String>,
}

pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text))
    }

    pub fn media(&self) -> &str {
        self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap_or_default());
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

impl Talk {
    pub fn with(options: Options) -> Self {
        // A thread of its own keeps connections going between two requests.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let client = runtime.block_on(async { client() });
        Self { simulator: started(options), client, runtime, login: None }
    }

    /// From now on as this user of a Data Center.
    pub fn login(mut self, name: &str) -> Self {
        self.login = Some(name.to_owned());
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.url())
    }

    fn request_as(&self, login: Option<&str>, method: Method, path: &str) -> RequestBuilder {
        let (request, simulator) = (self.client.request(method, self.url(path)), &self.simulator);
        match (login, simulator.deployment()) {
            (Some(name), _) => request.basic_auth(name, Some(simulator.password())),
            (None, Deployment::Cloud) => request.basic_auth(simulator.username(), Some(simulator.token())),
            (None, Deployment::DataCenter) => request.bearer_auth(simulator.token()),
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_as(self.login.as_deref(), method, path)
    }

    pub fn try_send(&self, request: RequestBuilder) -> Result<Answered, reqwest::Error> {
        self.runtime.block_on(async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok(Answered { status, headers, text: response.text().await? })
        })
    }

    pub fn send(&self, request: RequestBuilder) -> Answered {
        self.try_send(request).expect("an answer")
    }

    fn send_with(&self, request: RequestBuilder, body: Option<&Value>) -> Answered {
        self.send(match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            None => request,
        })
    }

    pub fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answered {
        self.send_with(self.request(method, path), body)
    }

    /// As one user of a Data Center, or as the caller.
    pub fn ask_as(&self, login: Option<&str>, method: Method, path: &str, body: Option<&Value>) -> Answered {
        self.send_with(self.request_as(login, method, path), body)
    }

    pub fn get(&self, path: &str) -> Answered {
        self.ask(Method::GET, path, None)
    }

    pub fn try_get(&self, path: &str) -> Result<Answered, reqwest::Error> {
        self.try_send(self.request(Method::GET, path))
    }

    /// Without a word about who asks.
    pub fn get_bare(&self, path: &str) -> Answered {
        self.send(self.client.get(self.url(path)))
    }

    pub fn ok(&self, path: &str) -> Value {
        let answered = self.get(path);
        assert_eq!(answered.status, 200, "{path}: {}", answered.text);
        answered.json()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answered {
        self.ask(Method::POST, path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answered {
        self.ask(Method::PUT, path, Some(body))
    }

    /// All rows of a listing, and how many pages they took: each next link as it is written.
    pub fn walk(&self, path: &str) -> (Vec<Value>, usize) {
        let cloud = self.simulator.deployment() == Deployment::Cloud;
        let (mut rows, mut next, mut pages) = (Vec::new(), Some(path.to_owned()), 0);
        while let Some(path) = next {
            let body = self.ok(&path);
            rows.extend(body["results"].as_array().expect("results").iter().cloned());
            pages += 1;
            assert!(pages < 10_000, "{path} does not end");
            next = body["_links"]["next"].as_str().map(str::to_owned);
            if cloud {
                // Version 1 leaves out what is in front of every address.
                next = next.map(|link| if link.starts_with("/rest") { format!("/wiki{link}") } else { link });
            } else {
                assert_eq!(body["_links"]["base"], self.simulator.url());
            }
        }
        (rows, pages)
    }

    pub fn understood(&self) {
        super::understood(&self.simulator);
    }
}
