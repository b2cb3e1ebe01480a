//! Mail that comes in: signed posts to the real hub, and what it records, understands, answers and keeps.

use serde_json::{Value, json};
use xswarm_core::{
    admin::PairingRow,
    message::{Channel, Direction, MessageStatus},
    user::User,
};
use xswarm_tests::{
    api::Answer,
    inbound_mail::{ANNA, BOSS, InboundMail, Signer, post, post_signed},
    post::Post,
    wait::wait_for,
};

/// Somebody whom nobody knows at first.
const MIA: &str = "mia@friends.example";

#[tokio::test]
async fn a_conversation_by_mail_books_asks_and_undoes_in_its_thread() {
    let post = Post::start().await;
    let mail = InboundMail::new("Dinner", "Hi Boss,\n\nSchedule dinner with Mia tomorrow at 7pm\n\nThanks,\nAnna\n");
    let inbound = post.recorded(&mail).await;
    assert_eq!(inbound.content, "Schedule dinner with Mia tomorrow at 7pm");
    assert_eq!((inbound.sender.as_deref(), inbound.recipient.as_deref()), (Some(ANNA), Some(BOSS)));
    let booked = post.answer(&inbound).await;
    assert!(booked.content.contains("inner with Mia"), "{}", booked.content);
    assert_eq!((booked.channel, booked.recipient.as_deref()), (Channel::Email, Some(ANNA)));
    let letter = &booked.metadata["mail"];
    assert_eq!((&letter["subject"], &letter["in_reply_to"]), (&json!("Re: Dinner"), &json!(mail.message_id)));
    assert_eq!(post.appointments().await, 1);

    let asked = post.say(&InboundMail::new("More", "cancel dinner with Mia")).await;
    assert!(asked.content.contains('?'), "{}", asked.content);
    let quoted = format!(
        "yes\n\nOn Mon, Mar 3, 2025 at 10:00 AM Boss <{BOSS}> wrote:\n> {}\n> remind me to cancel it\n",
        asked.content
    );
    let done = post.say(&InboundMail::answering(&asked, &quoted)).await;
    assert!(done.content.to_lowercase().contains("cancelled"), "{}", done.content);
    let undone = post.say(&InboundMail::answering(&done, "undo")).await;
    assert!(!undone.content.contains("nothing"), "{}", undone.content);
    let agenda = post.say(&InboundMail::new("", "what's on my calendar tomorrow?")).await;
    assert!(agenda.content.contains("inner with Mia"), "{}", agenda.content);
    post.finish().await;
}

#[tokio::test]
async fn a_question_is_answered_in_its_own_thread_only() {
    let post = Post::start().await;
    let first = post.say(&InboundMail::new("", "Schedule dinner with Mia tomorrow at 7pm")).await;
    let asked = post.say(&InboundMail::new("", "cancel dinner with Mia")).await;
    let elsewhere = post.say(&InboundMail::answering(&first, "yes")).await;
    assert!(!elsewhere.content.to_lowercase().contains("cancelled"), "{}", elsewhere.content);
    let done = post.say(&InboundMail::answering(&asked, "no")).await;
    assert!(!done.content.is_empty());
    let agenda = post.say(&InboundMail::new("", "what's on my calendar tomorrow?")).await;
    assert!(agenda.content.contains("inner with Mia"), "{}", agenda.content);
    post.finish().await;
}

#[tokio::test]
async fn a_mail_brought_again_changes_nothing() {
    let post = Post::start().await;
    let mail = InboundMail::new("", "Schedule dinner with Mia tomorrow at 7pm");
    let inbound = post.recorded(&mail).await;
    post.answer(&inbound).await;
    for _ in 0..3 {
        post.bring(mail.parsed()).await;
        post.bring(mail.raw()).await;
    }
    let mut anonymous = InboundMail::new("", "Schedule lunch with Tom tomorrow at noon");
    anonymous.message_id = String::new();
    for _ in 0..3 {
        post.bring(anonymous.parsed()).await;
    }
    wait_for("both to be booked", async || (post.appointments().await == 2).then_some(())).await;
    assert_eq!((post.inbound().await.len(), post.answers(&inbound).await.len()), (2, 1));
    post.finish().await;
}

#[tokio::test]
async fn both_modes_of_the_provider_say_the_same() {
    let post = Post::start().await;
    let mail = InboundMail::new("", "Schedule dinner with Mia tomorrow at 7pm").file(
        "a.pdf",
        "application/pdf",
        b"%PDF-1.4 x",
    );
    let parsed = post.recorded(&mail).await;
    let again = InboundMail { message_id: "<raw@mail.example.com>".to_owned(), ..mail };
    post.bring(again.raw()).await;
    let rows = post.inbound().await;
    let raw =
        rows.iter().find(|row| row.metadata["received"]["message_id"] == "<raw@mail.example.com>").expect("recorded");
    assert_eq!((&raw.content, &raw.sender, raw.user_id), (&parsed.content, &parsed.sender, parsed.user_id));
    let [one, other] = [post.files(&parsed).await, post.files(raw).await];
    assert_eq!((one[0].name.as_str(), one[0].bytes, one.len()), (other[0].name.as_str(), other[0].bytes, other.len()));
    post.finish().await;
}

#[tokio::test]
async fn what_is_not_signed_is_refused_unread() {
    let post_office = Post::start().await;
    let hub = &post_office.hub;
    let body = InboundMail::new("", "Schedule dinner with Mia tomorrow at 7pm").parsed();
    let now = xswarm_tests::clock::now().timestamp();
    let (signature, timestamp) = ("x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp");
    let sign = |at: i64, body: &[u8]| (post_office.signer.sign(&at.to_string(), body), at.to_string());

    post(hub, body.clone(), &[]).await.expect("an answer").problem(403);
    post(hub, body.clone(), &[("authorization", "Basic Ojo=")]).await.expect("an answer").problem(403);
    for (at, signed) in [(now - 80 * 3_600, &body), (now + 3_600, &body), (now, &b"something else".to_vec())] {
        let (value, at) = sign(at, signed);
        post(hub, body.clone(), &[(signature, &value), (timestamp, &at)]).await.expect("an answer").problem(403);
    }
    let other = Signer::default();
    post_signed(hub, &other, body.clone()).await.expect("an answer").problem(403);
    // 30 MB without a signature are refused at once; with one that is too large they are not read to the end.
    let huge = vec![b'x'; 40 << 20];
    if let Some(answer) = post(hub, huge.clone(), &[]).await {
        answer.problem(403);
    }
    let (value, at) = sign(now, b"x");
    if let Some(answer) = post(hub, huge, &[(signature, &value), (timestamp, &at)]).await {
        answer.problem(413);
    }
    for _ in 0..60 {
        post(hub, b"x".to_vec(), &[]).await.expect("an answer");
    }
    post(hub, b"x".to_vec(), &[]).await.expect("an answer").problem(429);
    // Whoever signs is never turned away.
    post_office.bring(body).await;
    assert_eq!(post_office.inbound().await.len(), 1);
    post_office.finish().await;
}

#[tokio::test]
async fn without_a_way_to_prove_itself_nothing_is_there_and_a_password_or_token_is_one() {
    let mut post_office = Post::start_with(|hub| hub.config("sendgrid", "inbound_public_key", "")).await;
    let hub = &mut post_office.hub;
    let body = InboundMail::new("", "what time is it?").parsed();
    post(hub, body.clone(), &[("authorization", "Basic Ojo=")]).await.expect("an answer").problem(404);

    hub.credential("sendgrid_inbound_password", Some("s3cret"));
    hub.restart().await;
    post(hub, body.clone(), &[("authorization", "Basic Ojo=")]).await.expect("an answer").problem(403);
    // boss:s3cret
    post(hub, body.clone(), &[("authorization", "Basic Ym9zczpzM2NyZXQ=")]).await.expect("an answer").expect(200);

    hub.credential("sendgrid_inbound_client_secret", Some("another"));
    hub.restart().await;
    post(hub, body.clone(), &[("authorization", "Basic Ym9zczpzM2NyZXQ=")]).await.expect("an answer").problem(403);
    let url = format!("http://{}/email/token", hub.status().listeners.public);
    let client = xswarm_tests::web::builder().build().expect("a client");
    let form = "grant_type=client_credentials&client_id=xswarm&client_secret=another";
    let asked = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form).send().await;
    let token: Value = Answer::read(asked.expect("an answer")).await.expect("an answer").expect(200).json;
    let bearer = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let body = InboundMail::new("", "what day is it?").parsed();
    post(hub, body, &[("authorization", bearer.as_str())]).await.expect("an answer").expect(200);
    assert_eq!(post_office.inbound().await.len(), 2);
    post_office.finish().await;
}

#[tokio::test]
async fn whoever_is_not_proven_to_be_the_sender_is_unknown_and_hears_nothing() {
    let post = Post::start().await;
    let command = "Schedule dinner with Mia tomorrow at 7pm";
    let spf_of_another = InboundMail {
        verdicts: ("pass".into(), "none".into()),
        envelope_from: "evil@evil.example".into(),
        ..InboundMail::new("", command)
    };
    let nothing =
        InboundMail { verdicts: ("softfail".into(), "{@example.com : fail}".into()), ..InboundMail::new("", command) };
    let dkim_of_another =
        InboundMail { verdicts: ("fail".into(), "{@evil.example : pass}".into()), ..InboundMail::new("", command) };
    let two = InboundMail { from: format!("{ANNA}, evil@evil.example"), ..InboundMail::new("", command) };
    let shown = InboundMail { from: format!("\"{ANNA}\" <evil@example.com>"), ..InboundMail::new("", command) };
    let group = InboundMail { from: format!("Home: {ANNA};"), ..InboundMail::new("", command) };
    let elsewhere = InboundMail { to: vec!["other@home.example".into()], ..InboundMail::new("", command) };
    for mail in [spf_of_another, nothing, dkim_of_another, two, shown, group, elsewhere] {
        let row = post.silent(&mail).await;
        assert_eq!(row.metadata["provenance"], "unknown", "{row:#?}");
    }
    let unaligned = InboundMail {
        verdicts: ("fail".into(), "none".into()),
        ..InboundMail::new("", command).from("eve@evil.example")
    };
    post.silent(&unaligned).await;
    post.hub.settle().await;
    assert_eq!(post.appointments().await, 0);
    assert!(
        post.hub.api().messages().await.iter().all(|row| row.direction == Direction::Inbound),
        "nobody is answered"
    );
    post.finish().await;
}

#[tokio::test]
async fn a_proven_stranger_gets_a_code_once_and_may_be_let_in() {
    let post = Post::start().await;
    let hello = post.recorded(&InboundMail::new("Hello", "Schedule dinner with me tomorrow at 7pm").from(MIA)).await;
    let answer = post.answer(&hello).await;
    let pairings: Vec<PairingRow> = post.hub.api().get("/api/pairings").await.expect(200).part("pairings");
    assert_eq!(pairings[0].address.as_str(), MIA);
    assert!(answer.content.contains(&pairings[0].code) && !answer.content.contains("dinner"), "{}", answer.content);
    let again = post.recorded(&InboundMail::new("Hello", "Hello?").from(MIA)).await;
    post.hub.settle().await;
    assert!(post.answers(&again).await.is_empty());

    let approve = format!("/api/pairings/{}/approve", pairings[0].code);
    let user: User = post.hub.api().post(&approve, &json!({ "name": "Mia" })).await.expect(200).part("user");
    assert_eq!(user.email.as_deref(), Some(MIA));
    let known = post.recorded(&InboundMail::new("", "what time is it?").from(MIA)).await;
    assert_eq!(known.user_id, Some(user.id));
    post.answer(&known).await;
    assert_eq!(post.appointments().await, 0, "what she wrote as a stranger was never understood");

    let stop = post.recorded(&InboundMail::new("", "STOP").from("tom@friends.example")).await;
    post.hub.settle().await;
    assert!(post.answers(&stop).await.is_empty(), "who wants no mail gets none");
    post.finish().await;
}

#[tokio::test]
async fn what_was_quoted_passed_on_or_attached_has_no_effect() {
    let post = Post::start().await;
    let command = "Schedule dinner with Mia tomorrow at 7pm";
    let forwarded =
        format!("---------- Forwarded message ---------\nFrom: Eve <eve@evil.example>\nSubject: x\n\n{command}\n");
    let mails = [
        InboundMail::new("Fwd: do it", &forwarded),
        InboundMail::new("WG: do it", command),
        InboundMail::new("Re: x", &format!("On Mon, Mar 3, 2025 Eve <eve@evil.example> wrote:\n> {command}\n")),
        InboundMail::new(&format!("Re: {command}"), ""),
        InboundMail {
            html: Some(format!("<div><br></div><div class=gmail_quote>{command}</div>")),
            ..InboundMail::new("Re: x", "")
        },
        InboundMail::new("Re: see file", "").file("todo.txt", "text/plain", command.as_bytes()),
    ];
    for mail in mails {
        let inbound = post.recorded(&mail).await;
        assert_eq!(inbound.content, "", "{inbound:#?}");
        let answer = post.answer(&inbound).await;
        assert!(answer.content.contains("your own words"), "{}", answer.content);
        assert!(!answer.content.contains("Mia"), "{}", answer.content);
    }
    assert_eq!(post.appointments().await, 0);
    let subject = post.say(&InboundMail::new(command, "")).await;
    assert!(subject.content.contains("Dinner"), "a subject of one's own is one's own words: {}", subject.content);
    post.finish().await;
}

#[tokio::test]
async fn files_are_kept_encrypted_and_given_back_as_they_came() {
    let mut post = Post::start().await;
    let secret = b"the secret clause of the contract ".repeat(50);
    // A zip bomb is bytes like any other.
    let bomb = [b"PK\x03\x04".as_slice(), &[0; 5_000]].concat();
    let mail = InboundMail::new("", "what time is it?")
        .file("../../contract.txt", "text/plain", &secret)
        .file("bomb.zip", "application/zip", &bomb)
        .file("setup.exe", "image/png", b"MZ\x90\x00");
    let inbound = post.recorded(&mail).await;
    let files = post.files(&inbound).await;
    let listed: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.not_kept.is_some())).collect();
    assert_eq!(listed, [("contract.txt", false), ("bomb.zip", false), ("setup.exe", true)]);
    let api = post.hub.api();
    let found = api.get(&format!("/api/attachments/{}", files[0].id)).await.expect(200);
    assert_eq!((found.text.as_bytes(), found.media_type.as_str()), (secret.as_slice(), "application/octet-stream"));
    api.get(&format!("/api/attachments/{}", files[2].id)).await.problem(404);
    for file in walk(&post.hub.state_dir()) {
        let bytes = std::fs::read(&file).expect("a file");
        assert!(!bytes.windows(17).any(|window| window == b"the secret clause"), "in the clear in {}", file.display());
    }

    let shown = post.hub.cli().run(&["messages", "show", &inbound.id.to_string()]).await.expect(0).out;
    assert!(shown.contains("contract.txt") && shown.contains("not kept"), "{shown}");
    let target = post.hub.state_dir().join("saved.txt");
    let arguments = ["messages", "attachment", &files[0].id.to_string(), "-o", target.to_str().expect("UTF-8")];
    post.hub.cli().run(&arguments).await.expect(0);
    assert_eq!(std::fs::read(&target).expect("it was saved"), secret);

    // A member of the household sees none of it.
    let mia: User = api.post("/api/users", &json!({ "name": "Mia" })).await.expect(201).part("user");
    let key: Value = api.post("/api/keys", &json!({ "user_id": mia.id, "name": "x" })).await.expect(201).json;
    let hers = post.hub.lan(key["key"].as_str());
    hers.get(&format!("/api/messages/{}/attachments", inbound.id)).await.problem(404);
    hers.get(&format!("/api/attachments/{}", files[0].id)).await.problem(404);
    post.hub.restart().await;
    post.hub.api().get(&format!("/api/attachments/{}", files[0].id)).await.expect(200);
    post.finish().await;
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else if path.is_file() {
                vec![path]
            } else {
                Vec::new()
            }
        })
        .collect()
}

#[tokio::test]
async fn a_genuine_mail_that_cannot_be_used_is_kept_and_explained() {
    let post = Post::start().await;
    let mail = InboundMail::new("Re: x", "");
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
    let raw = format!(
        "From: {}\r\nSubject: Re: x\r\nMessage-ID: <bomb@mail.example.com>\r\nDKIM-Signature: d=example.com\r\n{nested}",
        mail.from
    );
    post.bring(mail.raw_of(raw.as_bytes())).await;
    let row = wait_for("it to be recorded", async || post.inbound().await.into_iter().next()).await;
    let answer = post.answer(&row).await;
    assert!(answer.content.contains("could not read"), "{}", answer.content);
    let files = post.files(&row).await;
    assert!(
        files.last().is_some_and(|file| file.bytes > 1_000_000 && file.blob.is_none() && file.not_kept.is_none()),
        "{files:#?}"
    );

    // Nothing of these can be answered, and none is refused.
    for body in [&b"--xYzZY\r\nbroken"[..], b"", b"\0\xff", b"--xYzZY--\r\n"] {
        post.bring(body.to_vec()).await;
    }
    let lie = InboundMail { text: b"Erinnere Gr\xfc\xdfe".to_vec(), ..InboundMail::new("", "") };
    assert_eq!(post.recorded(&lie).await.content, "Erinnere Gr\u{fc}\u{df}e");
    let unknown = InboundMail { charset: "x-klingon".into(), ..InboundMail::new("", "what time is it?") };
    assert_eq!(post.recorded(&unknown).await.content, "what time is it?");

    let recipients = (0..1_000).map(|n| format!("friend{n}@friends.example")).chain([BOSS.to_owned()]).collect();
    let many = InboundMail { to: recipients, ..InboundMail::new("", "what time is it?") };
    let answer = post.say(&many).await;
    assert_eq!(answer.recipient.as_deref(), Some(ANNA), "only who wrote is answered");

    let smuggling = InboundMail::new("=?utf-8?q?Hi=0D=0ABcc:_all@evil.example?=", "what time is it?");
    let answer = post.say(&smuggling).await;
    let subject = answer.metadata["mail"]["subject"].as_str().expect("a subject");
    assert!(!subject.contains(['\r', '\n']), "{subject:?}");
    post.finish().await;
}

#[tokio::test]
async fn programs_are_recorded_and_never_answered() {
    let post = Post::start().await;
    let text = "what time is it?";
    let mails = [
        InboundMail::new("Away", text).header("Auto-Submitted: auto-replied"),
        InboundMail::new("News", text).header("List-Id: <news.example.com>"),
        InboundMail::new("News", text).header("Precedence: bulk"),
        InboundMail::new("Out of office: x", text),
        InboundMail { envelope_from: String::new(), ..InboundMail::new("Away", text) },
        InboundMail { from: "MAILER-DAEMON@example.com".into(), ..InboundMail::new("Undelivered", text) },
        InboundMail::new("Hi", text).from(BOSS),
    ];
    for mail in mails {
        let row = post.silent(&mail).await;
        assert_eq!(row.metadata["provenance"], "automatic", "{row:#?}");
    }
    post.finish().await;
}

#[tokio::test]
async fn two_programs_that_answer_each_other_come_to_an_end() {
    let post = Post::start().await;
    let mut last = post.say(&InboundMail::new("Hello", "I am away until Monday")).await;
    let mut answered = 1;
    for _ in 0..60 {
        let inbound = post.recorded(&InboundMail::answering(&last, "I am away until Monday")).await;
        if inbound.status == MessageStatus::Processed && inbound.metadata["unanswered"].is_string() {
            break;
        }
        last = post.answer(&inbound).await;
        answered += 1;
    }
    assert!((10..=40).contains(&answered), "{answered} answers");
    post.finish().await;
}

#[tokio::test]
async fn a_kill_after_200_loses_nothing() {
    let mut post = Post::start().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        for m in 0..4 {
            let mail = InboundMail::new("", &format!("remind me to feed cat {n}{m} tomorrow at {}pm", m + 1)).file(
                "list.txt",
                "text/plain",
                format!("content {n}{m}").as_bytes(),
            );
            post.bring(mail.parsed()).await;
            ids.push(mail.message_id.clone());
        }
        post.hub.kill();
        post.hub.start().await;
    }
    let rows = post.inbound().await;
    for id in &ids {
        let row = rows.iter().find(|row| row.metadata["received"]["message_id"] == *id.as_str());
        let row = row.unwrap_or_else(|| panic!("{id} is lost"));
        assert_eq!(post.answer(row).await.in_reply_to, Some(row.id));
        let files = post.files(row).await;
        let found = post.hub.api().get(&format!("/api/attachments/{}", files[0].id)).await.expect(200);
        assert!(found.text.starts_with("content "), "{}", found.text);
    }
    assert_eq!(rows.len(), ids.len());
    assert_eq!(post.hub.api().reminders("pending").await.len(), ids.len(), "each once");
    post.finish().await;
}
