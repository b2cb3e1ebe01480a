//! `IncomingPhoneNumbers` and the account itself: what setup and doctor ask for.

use axum::{
    body::to_bytes,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    ACCOUNT,
    faults::Endpoint,
    ledger::Number,
    messages::{authorized, error, faulty},
    server::Routed,
};

fn to_json(number: &Number) -> Value {
    json!({
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "capabilities": { "fax": false, "mms": true, "sms": true, "voice": true },
        "friendly_name": number.phone_number,
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_method": "POST",
        "sms_url": number.sms_url,
        "voice_method": "POST",
        "voice_url": number.voice_url,
        "status_callback": number.status_callback,
        "status_callback_method": "POST",
        "status": "in-use",
        "uri": format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{}.json", number.sid),
    })
}

/// `GET IncomingPhoneNumbers.json`
pub(super) async fn list(State(routed): State<Routed>, Path(account): Path<String>, request: Request) -> Response {
    let fault = routed.shared.faults.next(Endpoint::Numbers);
    if let Some(response) = faulty(&fault) {
        return response;
    }
    let query: Vec<(String, String)> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    routed.shared.with(|of| {
        if let Err(refusal) = authorized(of, &account, request.headers()) {
            return *refusal;
        }
        for (name, _) in &query {
            if !["PhoneNumber", "FriendlyName", "Beta", "Origin", "PageSize", "Page", "PageToken"]
                .contains(&name.as_str())
            {
                of.violations.push(format!("a list of numbers was asked for with the unknown field `{name}`"));
            }
        }
        let wanted = query.iter().find(|(name, _)| name == "PhoneNumber").map(|(_, value)| value.as_str());
        let found: Vec<_> =
            of.numbers.iter().filter(|number| wanted.is_none_or(|wanted| number.phone_number == wanted)).collect();
        let found: Vec<_> = found.into_iter().map(to_json).collect();
        let uri = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?PageSize=50&Page=0");
        axum::Json(json!({
            "end": found.len().saturating_sub(1),
            "first_page_uri": uri,
            "incoming_phone_numbers": found,
            "next_page_uri": null,
            "page": 0,
            "page_size": 50,
            "previous_page_uri": null,
            "start": 0,
            "uri": uri,
        }))
        .into_response()
    })
}

/// `POST IncomingPhoneNumbers/{sid}.json`
pub(super) async fn update(
    State(routed): State<Routed>,
    Path((account, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    let fault = routed.shared.faults.next(Endpoint::Numbers);
    if let Some(response) = faulty(&fault) {
        return response;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    routed.shared.with(|of| {
        if let Err(refusal) = authorized(of, &account, &parts.headers) {
            return *refusal;
        }
        let sid = file.strip_suffix(".json").unwrap_or(&file);
        let mut violations = Vec::new();
        let Some(number) = of.numbers.iter_mut().find(|number| number.sid == sid) else {
            return error(404, 20_404, "The requested resource was not found");
        };
        for (name, value) in form {
            match name.as_str() {
                "SmsUrl" => number.sms_url = value,
                "VoiceUrl" => number.voice_url = value,
                "StatusCallback" => number.status_callback = value,
                "SmsMethod" | "VoiceMethod" | "StatusCallbackMethod" if value == "POST" => {}
                _ => violations.push(format!("a number was changed with `{name}`=`{value}`")),
            }
        }
        let shown = to_json(number);
        of.violations.extend(violations);
        axum::Json(shown).into_response()
    })
}

/// `GET Accounts/{sid}.json`
pub(super) async fn account(State(routed): State<Routed>, Path(file): Path<String>, request: Request) -> Response {
    let fault = routed.shared.faults.next(Endpoint::Account);
    if let Some(response) = faulty(&fault) {
        return response;
    }
    routed.shared.with(|of| {
        let account = file.strip_suffix(".json").unwrap_or(&file);
        if let Err(refusal) = authorized(of, account, request.headers()) {
            return *refusal;
        }
        axum::Json(json!({
            "date_created": "Thu, 24 Aug 2023 05:01:45 +0000",
            "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
            "friendly_name": "Household",
            "owner_account_sid": ACCOUNT,
            "sid": ACCOUNT,
            "status": "active",
            "type": "Full",
            "uri": format!("/2010-04-01/Accounts/{ACCOUNT}.json"),
        }))
        .into_response()
    })
}
