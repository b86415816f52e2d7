//! An answer between what it says and its bytes.

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::datacenter;
use super::exchange::Api;

/// An answer before it becomes bytes.
pub(super) struct Draft {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Draft {
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from(body.to_string()) }
            .with("content-type", "application/json")
    }

    /// An answer, which may have no body.
    pub(super) fn of(status: u16, body: &Value, text: Option<(&'static str, String)>) -> Self {
        if let Some((media, text)) = text {
            return Self::text(status, media, text);
        }
        if body.is_null() {
            return Self { status, headers: Vec::new(), body: Bytes::new() };
        }
        Self::json(status, body)
    }

    pub(super) fn text(status: u16, media: &str, text: String) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from(text) }.with("content-type", media)
    }

    pub(super) fn html(status: u16, body: &'static str) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::from_static(body.as_bytes()) }
            .with("content-type", "text/html;charset=UTF-8")
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn into_response(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// The error body of an API.
pub(super) fn error(api: Api, status: u16, message: &str) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Error");
    match api {
        Api::V2 => json!({"errors": [{
            "status": status,
            "code": reason.to_uppercase().replace(' ', "_"),
            "title": if message.is_empty() { reason } else { message },
            "detail": null,
        }]}),
        Api::DataCenter => datacenter::error(status, reason, message),
        Api::V1 => json!({
            "statusCode": status,
            "data": {"authorized": status != 403, "valid": status != 400, "allowedInReadOnlyMode": true, "errors": [], "successful": false},
            "message": message,
        }),
    }
}
