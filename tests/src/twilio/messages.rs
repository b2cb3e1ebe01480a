//! `Messages.json`: sending and listing texts, by Twilio's published rules.

use axum::{
    body::{Body, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    ACCOUNT,
    faults::{Endpoint, Fault},
    ledger::{Account, Direction, Resource},
    server::{Routed, hang_up},
};

/// What may stand in the form of a new message ("Create a Message", request body parameters).
const CREATE_FIELDS: [&str; 23] = [
    "To",
    "StatusCallback",
    "ApplicationSid",
    "MaxPrice",
    "ProvideFeedback",
    "Attempt",
    "ValidityPeriod",
    "ForceDelivery",
    "ContentRetention",
    "AddressRetention",
    "SmartEncoded",
    "PersistentAction",
    "TrafficType",
    "ShortenUrls",
    "ScheduleType",
    "SendAt",
    "SendAsMms",
    "ContentVariables",
    "RiskCheck",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
];

/// What may stand in the query of a list ("Read multiple Message resources").
const LIST_FIELDS: [&str; 8] = ["To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"];

/// The longest text, in UTF-16 code units.
const BODY_MOST: usize = 1_600;

/// An answer that says no.
pub(super) type Refusal = Box<Response>;

/// Twilio's error body.
pub(super) fn error(status: u16, code: u32, message: &str) -> Response {
    let body = json!({
        "code": code,
        "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    });
    (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
}

/// What a fault answers, once what was asked is done or not.
pub(super) fn faulty(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::None | Fault::Hold { .. } => None,
        Fault::Answer { status, code, retry_after_s } => {
            let mut response = error(*status, *code, "Scripted by the test");
            if let Some(seconds) = retry_after_s {
                response.headers_mut().insert("retry-after", seconds.to_string().parse().expect("a header"));
            }
            Some(response)
        }
        Fault::DoThenAnswer { status } => Some(error(*status, 20_500, "Scripted by the test, after the deed")),
        Fault::HangUp | Fault::DoThenHangUp => Some(hang_up()),
        Fault::DoThenNonsense => Some((StatusCode::CREATED, "<html>nonsense").into_response()),
    }
}

/// Basic authentication with account and token.
pub(super) fn authorized(account: &mut Account, path_account: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let expected = format!("Basic {}", STANDARD.encode(format!("{ACCOUNT}:{}", account.token)));
    let given = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if path_account == ACCOUNT && given == expected {
        return Ok(());
    }
    account.unauthorized += 1;
    Err(Box::new(error(401, 20_003, "Authenticate")))
}

/// `POST Messages.json`
pub(super) async fn create(State(routed): State<Routed>, Path(account): Path<String>, request: Request) -> Response {
    let shared = routed.shared;
    let fault = shared.faults.next(Endpoint::Send);
    if let Fault::HangUp | Fault::Answer { .. } = fault {
        return faulty(&fault).expect("an answer");
    }
    if let Fault::Hold { done: false } = fault {
        shared.faults.held().await;
        return hang_up();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1 << 20).await else { return hang_up() };
    let taken = shared.with(|of| {
        authorized(of, &account, &parts.headers)?;
        create_checked(of, &parts, &body)
    });
    match taken {
        Err(refusal) => *refusal,
        Ok(_) if matches!(fault, Fault::Hold { .. }) => {
            shared.faults.held().await;
            hang_up()
        }
        Ok(message) => {
            faulty(&fault).unwrap_or_else(|| (StatusCode::CREATED, axum::Json(message.to_json())).into_response())
        }
    }
}

fn create_checked(account: &mut Account, parts: &Parts, body: &[u8]) -> Result<Resource, Refusal> {
    let media_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next() != Some("application/x-www-form-urlencoded") {
        account.violations.push(format!("a new message was posted as `{media_type}`"));
        return Err(Box::new(error(415, 20_415, "Unsupported Media Type")));
    }
    let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    for (name, _) in &form {
        if !CREATE_FIELDS.contains(&name.as_str()) {
            account.violations.push(format!("a new message has the unknown field `{name}`"));
        }
        if form.iter().filter(|(other, _)| other == name).count() > 1 {
            account.violations.push(format!("a new message has the field `{name}` twice"));
        }
    }
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let mut refuse = |code: u32, message: &str| {
        account.violations.push(format!("a message was refused with {code}: {message}"));
        Err(Box::new(error(400, code, message)))
    };
    let (to, from, body) = match (field("To"), field("From"), field("Body")) {
        (None | Some(""), _, _) => return refuse(21_604, "A 'To' phone number is required."),
        (_, None | Some(""), _) => return refuse(21_603, "A 'From' phone number is required."),
        (_, _, None | Some("")) => return refuse(21_602, "Message body is required."),
        (Some(to), Some(from), Some(body)) => (to, from, body),
    };
    if !is_e164(to) {
        return refuse(21_211, "Invalid 'To' Phone Number");
    }
    if !is_e164(from) {
        return refuse(21_212, "Invalid 'From' Phone Number");
    }
    if to == from {
        return refuse(21_266, "'To' and 'From' number cannot be the same");
    }
    if body.encode_utf16().count() > BODY_MOST {
        return refuse(21_617, "The concatenated message body exceeds the 1600 character limit");
    }
    if let Some(url) = field("StatusCallback")
        && !url.starts_with("https://")
        && !url.starts_with("http://")
    {
        return refuse(21_609, "Invalid 'StatusCallback' URL");
    }
    if !account.numbers.iter().any(|number| number.phone_number == from) {
        return refuse(21_606, "The 'From' phone number is not a valid, SMS-capable number of your account");
    }
    // From here on the request is well formed: what is refused now is not the sender's mistake.
    if account.stopped.contains(&(to.to_owned(), from.to_owned())) {
        return Err(Box::new(error(400, 21_610, "Attempt to send to unsubscribed recipient")));
    }
    if let Some(code) = account.refused.get(to) {
        return Err(Box::new(error(400, *code, &format!("Refused with {code}"))));
    }
    Ok(account.take(from, to, body, field("StatusCallback")))
}

/// A plus and up to 15 digits, the first not zero (ITU-T E.164).
pub(super) fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
}

/// `GET Messages.json`
pub(super) async fn list(State(routed): State<Routed>, Path(account): Path<String>, request: Request) -> Response {
    let shared = routed.shared;
    let fault = shared.faults.next(Endpoint::List);
    if let Fault::Hold { .. } = fault {
        shared.faults.held().await;
        return hang_up();
    }
    if let Some(response) = faulty(&fault) {
        return response;
    }
    let (parts, _): (Parts, Body) = request.into_parts();
    let page = shared.with(|of| {
        authorized(of, &account, &parts.headers)?;
        Ok::<_, Refusal>(page(of, parts.uri.query().unwrap_or_default()))
    });
    match page {
        Ok(page) => axum::Json(page).into_response(),
        Err(refusal) => *refusal,
    }
}

fn page(account: &mut Account, query: &str) -> Value {
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (name, _) in &query {
        if !LIST_FIELDS.contains(&name.as_str()) {
            account.violations.push(format!("a list of messages was asked for with the unknown field `{name}`"));
        }
    }
    let field = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let day = |name: &str| {
        field(name).map(|text| text.parse::<chrono::NaiveDate>().map_err(|error| format!("`{text}` ({error})")))
    };
    let bounds = [day("DateSent>"), day("DateSent<"), day("DateSent")];
    for bad in bounds.iter().flatten().filter_map(|bound| bound.as_ref().err()) {
        account.violations.push(format!("{bad} is not a day for DateSent"));
    }
    let [after, before, on] = bounds.map(|bound| bound.and_then(Result::ok));
    let wanted = |message: &&Resource| {
        let sent = message.created.date_naive();
        message.listed
            && field("To").is_none_or(|to| message.to == to)
            && field("From").is_none_or(|from| message.from == from)
            && after.is_none_or(|day| sent >= day)
            && before.is_none_or(|day| sent <= day)
            && on.is_none_or(|day| sent == day)
    };
    let number = |name: &str, default: usize| field(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let size = number("PageSize", 50).clamp(1, 1_000).min(account.page_size_most);
    let page = number("Page", 0);
    // A page token names the last message of the page before, so that new ones do not shift the pages.
    let all = account.messages.iter().rev().filter(wanted);
    let rest: Vec<&Resource> = match field("PageToken") {
        Some(token) => all.skip_while(|message| format!("PA{}", message.sid) != token).skip(1).collect(),
        None => all.collect(),
    };
    let shown: Vec<&Resource> = rest.iter().take(size).copied().collect();
    let uri = |page: usize, token: Option<&str>| {
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(query.iter().filter(|(name, _)| !["Page", "PageToken", "PageSize"].contains(&name.as_str())));
        next.append_pair("PageSize", &size.to_string()).append_pair("Page", &page.to_string());
        if let Some(token) = token {
            next.append_pair("PageToken", &format!("PA{token}"));
        }
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?{}", next.finish())
    };
    let more = rest.len() > shown.len();
    json!({
        "messages": shown.iter().map(|message| listed(message)).collect::<Vec<_>>(),
        "start": page * size,
        "end": (page * size + shown.len()).saturating_sub(1),
        "page": page,
        "page_size": size,
        "first_page_uri": uri(0, None),
        "previous_page_uri": null,
        "next_page_uri": more.then(|| shown.last().map(|last| uri(page + 1, Some(&last.sid)))).flatten(),
        "uri": uri(page, field("PageToken").and_then(|token| token.strip_prefix("PA"))),
    })
}

/// In the list a text that was taken is soon on its way.
fn listed(message: &Resource) -> Value {
    let mut message = message.clone();
    if message.direction == Direction::OutboundApi && message.status == "queued" {
        "sent".clone_into(&mut message.status);
    }
    message.to_json()
}
