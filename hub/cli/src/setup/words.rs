//! What the setup explains: the tunnel, the webhooks, and what carriers want before they let texts through.

use std::io;

use xswarm_core::phone::Phone;

use super::dialogue::Dialogue;

/// At the beginning.
pub(super) const WELCOME: &str = "\
Setting up the Boss. Enter keeps what stands in [brackets], `-` removes it, Ctrl-D ends.
What is done stays done; `xswarm setup` may be run as often as you like.";

/// Before the account is asked for.
pub(super) const ACCOUNT: &str = "\x20 To text with the Boss you need an account at Twilio (https://www.twilio.com) and a number there that can send and
  receive SMS. The account's SID and auth token stand on the console's first page. Without an account the Boss works
  on this machine: `xswarm chat`.";

/// Before it is asked who carries mail.
pub(super) const MAIL: &str = "\x20 The Boss can write mails: answers, reminders, the day in the morning. SendGrid (https://sendgrid.com) can also hand him
  what is mailed to him; a mail server of yours (smtp) only sends. Without either, nothing else is missing.";

/// Before SendGrid's key is asked for.
pub(super) const SENDGRID_KEY: &str =
    "\x20 At SendGrid: Settings → Sender Authentication → authenticate your domain (or verify the single address), then
  Settings → API Keys → Create API Key with the permission Mail Send. To have `xswarm doctor` check the sender too, add
  Sender Authentication, Read Access.";

/// What to set at SendGrid so that it tells what became of mails, and hands over what comes in.
pub(super) fn sendgrid_webhooks(public_url: &str) -> String {
    format!(
        "\x20 To know what arrived: Settings → Mail Settings → Event Webhook → Create new webhook

    Post URL   {public_url}/email/events
    Actions    Processed, Deferred, Delivered, Bounced, Dropped, Spam reports, Unsubscribes
    Security   Enable Signed Event Webhook; it then shows the Verification Key
"
    )
}

/// What to set for mail to come in.
pub(super) fn inbound_parse(public_url: &str) -> String {
    format!(
        "\x20 To receive mail: an MX record of the domain (or of a subdomain such as boss.example.com)

    boss.example.com.   MX   10   mx.sendgrid.net.

  and Settings → Inbound Parse → Add Host & URL

    Receiving domain   boss.example.com
    Destination URL    {public_url}/email/inbound

  What is brought must prove that SendGrid brings it: best by a security policy with a signature (made through SendGrid's
  API, POST /v3/user/webhooks/security/policies, which answers with its public key), else by a password in the URL."
    )
}

/// Before it is asked who serves the language model.
pub(super) const MODEL: &str = "\x20 What no rule of the Boss's understands he can ask a language model: one of Anthropic's or OpenAI's, which costs a little
  (at most one dollar a day and twenty a month, unless hub.toml says otherwise), or one that Ollama serves on a machine of
  yours, which costs nothing. What you say then goes there. Without any, calendar, reminders, lists and contacts work.";

/// Before Anthropic's key is asked for.
pub(super) const ANTHROPIC_KEY: &str =
    "\x20 A key: https://platform.claude.com → API keys → Create key. The account needs credit (Billing).";

/// Before OpenAI's key is asked for.
pub(super) const OPENAI_KEY: &str =
    "\x20 A key: https://platform.openai.com → API keys → Create new secret key. The account needs credit (Billing).";

/// Before Ollama's address is asked for.
pub(super) const OLLAMA: &str = "\x20 On that machine: `ollama pull qwen3:8b`, or another model that calls tools.";

/// Before the public address is asked for.
pub(super) fn tunnel(public_listener: &str) -> String {
    format!(
        "\x20 Twilio hands over texts by calling an https address of yours. A tunnel leads from there to the hub without opening
  your router. It must point to {public_listener}, where only signed calls are answered. With cloudflared:

    cloudflared tunnel login
    cloudflared tunnel create boss
    cloudflared tunnel route dns boss boss.example.com

  and in its config.yml:

    tunnel: boss
    ingress:
      - hostname: boss.example.com
        service: http://{public_listener}
      - service: http_status:404

  Without an address the hub asks Twilio for new texts every few minutes instead."
    )
}

/// What to paste where when the webhook is not set through the API.
pub(super) fn webhook_to_paste(public_url: &str) -> String {
    format!(
        "\x20 In the Twilio console: Phone Numbers → Manage → Active numbers → your number:

    Messaging: A message comes in     Webhook   {public_url}/sms/inbound     HTTP POST
    Voice:     A call comes in        Webhook   {public_url}/voice/inbound   HTTP POST
    Voice:     Call status changes              {public_url}/voice/status    HTTP POST

  Voice is needed where an `engine` is set in [voice] only. Delivery reports of texts need no setting: the hub names
  {public_url}/sms/status with each text."
    )
}

const LONG_CODE: &str = "\
Texts to the United States
  Carriers there block texts from ordinary numbers that are not registered (10DLC); Twilio reports error 30034, and the
  Boss shows such messages as failed. Texts to other countries are not affected.
  What to do, in the Twilio console under Messaging → Regulatory Compliance → A2P 10DLC:
    1. Register a brand. A private person takes \"Sole Proprietor\", which needs no tax number.
    2. Register a campaign for it. Say what the Boss does: an assistant that answers and reminds its own household.
    3. Add your number to the campaign's messaging service.
  A small fee is due once and every month, and approval takes from a few days to a few weeks.
  The alternative is a toll-free number, which is verified instead: one form, no monthly fee, also some days.";

const TOLL_FREE: &str = "\
Texts to the United States and Canada
  A toll-free number sends there only once it is verified; until then carriers block its texts (error 30032), and the
  Boss shows such messages as failed.
  What to do: in the Twilio console open Phone Numbers → Manage → Active numbers → your number → Regulatory
  information, and fill in the verification form. Approval takes some days, and costs nothing.";

/// Says what carriers want registered, when the number is one that they care about.
pub(super) fn registration(number: Option<&Phone>, dialogue: &mut Dialogue<'_, '_>) -> io::Result<()> {
    match number.and_then(carriers_want) {
        Some(words) => {
            dialogue.heading("Registration")?;
            dialogue.show(words)
        }
        None => Ok(()),
    }
}

fn carriers_want(number: &Phone) -> Option<&'static str> {
    const TOLL_FREE_CODES: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];
    let national = number.as_str().strip_prefix("+1")?;
    let toll_free = TOLL_FREE_CODES.iter().any(|code| national.starts_with(code));
    Some(if toll_free { TOLL_FREE } else { LONG_CODE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_care_about_north_american_numbers_by_their_kind() {
        let wanted = |number: &str| carriers_want(&number.parse().unwrap());
        assert!(wanted("+14155550100").unwrap().contains("30034"));
        assert!(wanted("+18885550100").unwrap().contains("30032"));
        assert_eq!(wanted("+4930901820"), None);
    }

    #[test]
    fn addresses_are_ready_to_paste() {
        assert!(webhook_to_paste("https://boss.example.com").contains("https://boss.example.com/sms/inbound "));
        let words = sendgrid_webhooks("https://boss.example.com");
        assert!(words.contains(" https://boss.example.com/email/events\n"));
        let words = inbound_parse("https://boss.example.com");
        assert!(words.contains(" https://boss.example.com/email/inbound\n") && words.contains("mx.sendgrid.net."));
        assert!(tunnel("127.0.0.1:9996").contains("service: http://127.0.0.1:9996\n"));
    }
}
