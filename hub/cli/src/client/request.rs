//! One request to the hub: method, path, query, body, and how long the answer may take.

use std::time::Duration;

use http_body_util::Full;
use hyper::{
    Method,
    body::Bytes,
    header::{ACCEPT, CONTENT_TYPE, HOST},
};
use serde::Serialize;

use super::ClientError;

/// A request to be sent with [`super::Client::send`].
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<(&'static str, Vec<u8>)>,
    pub(super) patience: Option<Duration>,
}

impl Request {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body: None, patience: None }
    }

    /// `GET path`.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// `POST path`.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// `PUT path`.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// `DELETE path`.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds `name=value` to the query when there is a value.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.query.push((name, value.to_string()));
        }
        self
    }

    /// Gives it a JSON body.
    pub fn json(self, body: &impl Serialize) -> Result<Self, ClientError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| ClientError::broken("the request cannot be put into JSON", error))?;
        Ok(self.body("application/json", body))
    }

    /// Gives it a body of another kind.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.body = Some((content_type, body));
        self
    }

    /// How long the answer may take.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    fn target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{}?{query}", self.path)
    }

    pub(super) fn into_http(self) -> Result<hyper::Request<Full<Bytes>>, ClientError> {
        let mut builder = hyper::Request::builder()
            .method(&self.method)
            .uri(self.target())
            .header(HOST, "hub")
            .header(ACCEPT, "application/json");
        if let Some((content_type, _)) = &self.body {
            builder = builder.header(CONTENT_TYPE, *content_type);
        }
        let body = Full::new(Bytes::from(self.body.map(|(_, body)| body).unwrap_or_default()));
        builder.body(body).map_err(|error| ClientError::broken("the request cannot be written", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_parameters_are_left_out_and_others_are_encoded() {
        let request = Request::get("/api/messages").query("status", Some("un known&")).query("limit", None::<u32>);
        assert_eq!(request.target(), "/api/messages?status=un+known%26");
        assert_eq!(Request::get("/api/jobs").query("state", None::<&str>).target(), "/api/jobs");
    }

    #[test]
    fn only_a_request_with_a_body_has_a_content_type() {
        let with = Request::post("/api/x").json(&serde_json::json!({})).unwrap().into_http().unwrap();
        assert_eq!(with.headers()[CONTENT_TYPE], "application/json");
        let without = Request::post("/api/x").into_http().unwrap();
        assert!(!without.headers().contains_key(CONTENT_TYPE));
        assert!(Request::get("/api/a path").into_http().is_err());
    }
}
