//! A client of the hub's REST interface: over the admin socket, or over the LAN with a key.

use std::{net::SocketAddr, path::Path, time::Duration};

use reqwest::{Client, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use xswarm_core::{
    admin::{Agenda, Answered, Ask, AuditReport, Problem, Status},
    event::EventRow,
    id::UserId,
    job::JobRow,
    message::Message,
    reminder::Reminder,
    user::User,
};

/// One way into the hub.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    base: String,
    key: Option<String>,
}

/// An answer of the hub.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The media type.
    pub media_type: String,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body; null when it was not JSON.
    pub json: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// Reads an HTTP response to its end.
    pub async fn read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = response.status();
        let media_type = response.headers().get("content-type").map_or("", |value| value.to_str().unwrap_or_default());
        let media_type = media_type.split(';').next().unwrap_or_default().to_owned();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self { status, media_type, headers, json, text })
    }

    /// The answer, which must have this status.
    #[expect(clippy::return_self_not_must_use, reason = "often the check is all that is wanted")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// A header as text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of ASCII"))
    }

    /// The body as `T`.
    pub fn into<T: DeserializeOwned>(self) -> T {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in: {}", self.text))
    }

    /// The part of the body called `name`.
    pub fn part<T: DeserializeOwned>(self, name: &str) -> T {
        let part = self.json.get(name).unwrap_or_else(|| panic!("no `{name}` in: {}", self.text));
        serde_json::from_value(part.clone()).unwrap_or_else(|error| panic!("{error} in: {}", self.text))
    }

    /// The body as RFC 9457 problem details, checked for its form.
    pub fn problem(self, status: u16) -> Problem {
        let answer = self.expect(status);
        assert_eq!(answer.media_type, "application/problem+json", "{}", answer.text);
        let problem: Problem = answer.into();
        assert_eq!(problem.status, status);
        assert_eq!(problem.kind, "about:blank");
        assert!(!problem.title.is_empty() && !problem.detail.is_empty(), "{problem:?}");
        problem
    }
}

impl Api {
    /// Over the admin socket.
    pub fn socket(path: &Path) -> Self {
        let client = crate::web::builder().unix_socket(path).timeout(Duration::from_secs(90)).build();
        Self { client: client.expect("a client"), base: "http://localhost".to_owned(), key: None }
    }

    /// Over TCP.
    pub fn tcp(address: &str, key: Option<&str>) -> Self {
        let client = crate::web::builder().timeout(Duration::from_secs(90)).build();
        Self { client: client.expect("a client"), base: format!("http://{address}"), key: key.map(str::to_owned) }
    }

    /// By TLS, to a hub that this authority vouches for.
    pub fn tls(address: &str, authority: &str) -> Self {
        let address: SocketAddr = address.parse().expect("an address");
        let client = crate::web::trusting(authority).resolve("xswarm.local", address).timeout(Duration::from_secs(90));
        let base = format!("https://xswarm.local:{}", address.port());
        Self { client: client.build().expect("a client"), base, key: None }
    }

    /// A request, whatever the answer; an error only when there was none.
    pub async fn request<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::read(request.send().await?).await
    }

    /// A request with headers of its own, whatever the answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let mut request = request.build().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        Answer::read(self.client.execute(request).await.expect("an answer")).await.expect("a whole answer")
    }

    async fn answered<B: Serialize>(&self, method: Method, path: &str, body: Option<&B>) -> Answer {
        let what = format!("{method} {path}");
        self.request(method, path, body).await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// GET, whatever the answer.
    pub async fn get(&self, path: &str) -> Answer {
        self.answered::<()>(Method::GET, path, None).await
    }

    /// POST, whatever the answer.
    pub async fn post<B: Serialize>(&self, path: &str, body: &B) -> Answer {
        self.answered(Method::POST, path, Some(body)).await
    }

    /// PUT, whatever the answer.
    pub async fn put<B: Serialize>(&self, path: &str, body: &B) -> Answer {
        self.answered(Method::PUT, path, Some(body)).await
    }

    /// DELETE, whatever the answer.
    pub async fn delete(&self, path: &str) -> Answer {
        self.answered::<()>(Method::DELETE, path, None).await
    }

    /// `GET /api/status`.
    pub async fn status(&self) -> Status {
        self.get("/api/status").await.expect(200).into()
    }

    /// One turn of the console conversation; the Boss's words.
    pub async fn ask(&self, text: &str) -> String {
        self.ask_as(None, text).await
    }

    /// The same as somebody.
    pub async fn ask_as(&self, user_id: Option<UserId>, text: &str) -> String {
        let ask = Ask { text: text.to_owned(), user_id, client_id: None };
        let answered: Answered = self.post("/api/ask", &ask).await.expect(200).into();
        assert!(!answered.replies.is_empty(), "no answer to `{text}`");
        answered.replies.iter().map(|reply| reply.content.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Everybody.
    pub async fn users(&self) -> Vec<User> {
        self.get("/api/users").await.expect(200).part("users")
    }

    /// The first admin.
    pub async fn admin(&self) -> User {
        self.users().await.into_iter().next().expect("there is an admin")
    }

    /// The ledger over everybody, newest first.
    pub async fn messages(&self) -> Vec<Message> {
        self.get("/api/messages?limit=1000").await.expect(200).part("messages")
    }

    /// One row of the ledger.
    pub async fn message(&self, id: &str) -> Message {
        self.get(&format!("/api/messages/{id}")).await.expect(200).part("message")
    }

    /// Reminders of the admin; `status` may be `all`.
    pub async fn reminders(&self, status: &str) -> Vec<Reminder> {
        self.get(&format!("/api/reminders?status={status}")).await.expect(200).part("reminders")
    }

    /// Jobs in a state.
    pub async fn jobs(&self, state: &str) -> Vec<JobRow> {
        self.get(&format!("/api/jobs?state={state}&limit=1000")).await.expect(200).part("jobs")
    }

    /// Facts, oldest first or newest first as the hub gives them.
    pub async fn events(&self) -> Vec<EventRow> {
        self.get("/api/events?limit=1000").await.expect(200).part("events")
    }

    /// Checks the chain of facts.
    pub async fn audit(&self) -> AuditReport {
        self.post("/api/audit/verify", &serde_json::json!({})).await.expect(200).into()
    }

    /// The admin's agenda from a day on.
    pub async fn agenda(&self, from: chrono::NaiveDate, days: u32) -> Agenda {
        self.get(&format!("/api/agenda?from={from}&days={days}")).await.expect(200).into()
    }
}
