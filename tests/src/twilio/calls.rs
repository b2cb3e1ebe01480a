//! `Calls.json`: calls that are asked for, listed and shown, by Twilio's published rules. Nobody is called: a test plays who
//! takes them ([`crate::callee`]).

use axum::{
    body::to_bytes,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    ACCOUNT,
    faults::{Endpoint, Fault},
    ledger::Account,
    messages::{Refusal, authorized, error, faulty, is_e164},
    server::{Routed, hang_up},
};
use crate::clock;

/// What may stand in the form of a new call ("Create a Call resource", request body parameters).
const CREATE_FIELDS: [&str; 31] = [
    "To",
    "From",
    "Method",
    "FallbackUrl",
    "FallbackMethod",
    "StatusCallback",
    "StatusCallbackEvent",
    "StatusCallbackMethod",
    "SendDigits",
    "Timeout",
    "Record",
    "RecordingChannels",
    "RecordingStatusCallback",
    "RecordingStatusCallbackMethod",
    "SipAuthUsername",
    "SipAuthPassword",
    "MachineDetection",
    "MachineDetectionTimeout",
    "RecordingStatusCallbackEvent",
    "Trim",
    "CallerId",
    "MachineDetectionSpeechThreshold",
    "MachineDetectionSpeechEndThreshold",
    "MachineDetectionSilenceTimeout",
    "AsyncAmd",
    "AsyncAmdStatusCallback",
    "AsyncAmdStatusCallbackMethod",
    "TimeLimit",
    "Url",
    "Twiml",
    "ApplicationSid",
];

/// A call that was asked for.
#[derive(Debug, Clone)]
pub struct PlacedCall {
    /// Its id.
    pub sid: String,
    /// Our number.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// Asked when somebody took it.
    pub url: String,
    /// Where its status is to be posted.
    pub status_callback: String,
    /// Where it is told who took it, while it goes on.
    pub machine_callback: Option<String>,
    /// How far it is.
    pub status: String,
    created: DateTime<Utc>,
}

impl PlacedCall {
    fn to_json(&self) -> Value {
        json!({
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "answered_by": null,
            "date_created": self.created.format("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            "direction": "outbound-api",
            "duration": null,
            "from": self.from,
            "sid": self.sid,
            "start_time": null,
            "status": self.status,
            "to": self.to,
            "uri": format!("/2010-04-01/Accounts/{ACCOUNT}/Calls/{}.json", self.sid),
        })
    }
}

/// `POST Calls.json`
pub(super) async fn create(State(routed): State<Routed>, Path(account): Path<String>, request: Request) -> Response {
    let shared = routed.shared;
    let fault = shared.faults.next(Endpoint::Call);
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
        Ok(call) => faulty(&fault).unwrap_or_else(|| (StatusCode::CREATED, axum::Json(call.to_json())).into_response()),
    }
}

fn create_checked(account: &mut Account, parts: &Parts, body: &[u8]) -> Result<PlacedCall, Refusal> {
    let media_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next() != Some("application/x-www-form-urlencoded") {
        account.violations.push(format!("a new call was posted as `{media_type}`"));
        return Err(Box::new(error(415, 20_415, "Unsupported Media Type")));
    }
    let form: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let all = |name: &str| form.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect();
    let field = |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let mut violation = |words: String| account.violations.push(words);
    for (name, _) in &form {
        let times = form.iter().filter(|(other, _)| other == name).count();
        if !CREATE_FIELDS.contains(&name.as_str()) || times > 1 && name != "StatusCallbackEvent" {
            violation(format!("a new call has the field `{name}` {times} times"));
        }
    }
    let events: Vec<&str> = all("StatusCallbackEvent");
    if events.iter().any(|event| !["initiated", "ringing", "answered", "completed"].contains(event)) {
        violation(format!("there are no such events of a call: {events:?}"));
    }
    if field("MachineDetection").is_some_and(|how| !["Enable", "DetectMessageEnd"].contains(&how)) {
        violation("MachineDetection is Enable or DetectMessageEnd".to_owned());
    }
    let number = |name: &str| field(name).map(|text| text.parse::<u32>().unwrap_or(u32::MAX));
    if number("MachineDetectionTimeout").is_some_and(|s| !(3..=59).contains(&s))
        || number("Timeout").is_some_and(|s| s > 600)
        || number("TimeLimit").is_some_and(|s| s > 86_400)
    {
        violation(format!("a time of a new call is too long: {form:?}"));
    }
    let machine_callback = field("AsyncAmdStatusCallback").filter(|_| field("AsyncAmd") == Some("true"));
    if (field("AsyncAmd") == Some("true")) != machine_callback.is_some() {
        violation("AsyncAmd needs an AsyncAmdStatusCallback".to_owned());
    }
    let mut refuse = |code: u32, message: &str| {
        account.violations.push(format!("a call was refused with {code}: {message}"));
        Err(Box::new(error(400, code, message)))
    };
    let (Some(to), Some(from)) = (field("To"), field("From")) else {
        return refuse(21_201, "No 'To' number is specified");
    };
    let (Some(url), Some(status_callback)) = (field("Url"), field("StatusCallback")) else {
        return refuse(21_205, "Url parameter is required.");
    };
    if !is_e164(to) {
        return refuse(21_211, "Invalid 'To' Phone Number");
    }
    if !account.numbers.iter().any(|number| number.phone_number == from) {
        return refuse(21_210, "'From' phone number not verified");
    }
    if let Some(code) = account.refused.get(to) {
        return Err(Box::new(error(400, *code, &format!("Refused with {code}"))));
    }
    let call = PlacedCall {
        sid: account.next_sid_of("CA"),
        from: from.to_owned(),
        to: to.to_owned(),
        url: url.to_owned(),
        status_callback: status_callback.to_owned(),
        machine_callback: machine_callback.map(str::to_owned),
        status: "queued".to_owned(),
        created: clock::now(),
    };
    account.calls.push(call.clone());
    Ok(call)
}

/// `GET Calls.json`
pub(super) async fn list(State(routed): State<Routed>, Path(account): Path<String>, request: Request) -> Response {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    asked(&routed, &account, request.headers(), |of| {
        let field = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let wanted = |call: &&PlacedCall| {
            field("To").is_none_or(|to| call.to == to) && field("From").is_none_or(|from| call.from == from)
        };
        Some(json!({ "calls": of.calls.iter().rev().filter(wanted).map(PlacedCall::to_json).collect::<Vec<_>>() }))
    })
    .await
}

/// `GET Calls/{sid}.json`
pub(super) async fn show(
    State(routed): State<Routed>,
    Path((account, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    asked(&routed, &account, request.headers(), |of| {
        of.calls.iter().find(|call| format!("{}.json", call.sid) == file).map(PlacedCall::to_json)
    })
    .await
}

async fn asked(
    routed: &Routed,
    account: &str,
    headers: &HeaderMap,
    answer: impl FnOnce(&Account) -> Option<Value>,
) -> Response {
    let fault = routed.shared.faults.next(Endpoint::Calls);
    if let Fault::Hold { .. } = fault {
        routed.shared.faults.held().await;
        return hang_up();
    }
    if let Some(response) = faulty(&fault) {
        return response;
    }
    let answer = routed.shared.with(|of| {
        authorized(of, account, headers)?;
        Ok::<_, Refusal>(answer(of))
    });
    match answer {
        Ok(Some(answer)) => axum::Json(answer).into_response(),
        Ok(None) => error(404, 20_404, "The requested resource was not found"),
        Err(refusal) => *refusal,
    }
}
