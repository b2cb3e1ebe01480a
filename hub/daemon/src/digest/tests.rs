//! Digests against a real database, at times of our choosing.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use xswarm_core::{admin::MailPreferencesChange, job::JobState, mail::Letter, message::Message, user::Role};
use xswarm_store::{Key, MessageFilter, Options, Store};

use super::*;

/// Anna in Berlin, who may want a digest, in a fresh database.
struct Household {
    store: Store,
    user: User,
    runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn ours() -> OurAddresses {
    OurAddresses { phone: None, mail: Some("boss@example.com".parse().unwrap()), calls: false }
}

impl Household {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Options::new(dir.path()), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap();
        let now = at("2026-11-24T09:00:00Z");
        let user = User {
            id: UserId::new(now),
            name: "Anna".into(),
            email: Some("anna@example.com".into()),
            phone: None,
            timezone: chrono_tz::Europe::Berlin,
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Member,
            created_at: now,
            updated_at: now,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let this = Self { store, user: user.clone(), runtime, _dir: dir };
        this.write(move |tx| tx.user_insert(&user).map_err(Error::from));
        this
    }

    fn write<T: Send + 'static>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static) -> T {
        self.runtime.block_on(self.store.write(work)).unwrap()
    }

    /// She wants it at this time, or "off", or lives elsewhere now.
    fn wants(&mut self, time: &str, zone: chrono_tz::Tz, now: &str) {
        let change = MailPreferencesChange { daily_digest: Some(time.into()), ..MailPreferencesChange::default() };
        let user = User { timezone: zone, ..MailPreferences::changed(&self.user, &change).unwrap() };
        self.user = user.clone();
        let now = at(now);
        self.write(move |tx| {
            tx.user_update(&user)?;
            schedule(tx, &user, now)
        });
    }

    /// The digests that wait, with their hours.
    fn waiting(&self) -> Vec<String> {
        let jobs = self.write(|tx| Ok(tx.jobs(Some(JobState::Ready), 9)?));
        let digests = jobs.into_iter().filter(|job| job.kind == "send_digest");
        digests
            .map(|job| format!("{} {}", job.key.rsplit('/').next().unwrap(), job.due_at.format("%dT%H:%M")))
            .collect()
    }

    /// Does what the runner does when the first waiting digest is due.
    fn run(&self, now: &str) -> Sent {
        let now = at(now);
        let id = self.user.id;
        self.write(move |tx| {
            let job =
                tx.job_claim_due(9, now)?.into_iter().find(|one| matches!(one.job, Job::SendDigest { .. })).unwrap();
            let Job::SendDigest { date, .. } = job.job else { unreachable!() };
            let sent = send(tx, id, date, &ours(), now)?;
            match sent {
                Sent::Settled => tx.job_finish(job.id, now)?,
                Sent::NotYet(due) => tx.job_again(job.id, due, now)?,
            }
            Ok(sent)
        })
    }

    fn mails(&self) -> Vec<Message> {
        let filter = MessageFilter { user_id: Some(self.user.id), channel: None, status: None, limit: 99 };
        self.write(move |tx| Ok(tx.messages(&filter)?))
    }
}

const BERLIN: chrono_tz::Tz = chrono_tz::Europe::Berlin;

#[test]
fn a_digest_goes_out_once_a_day_at_the_persons_time_also_across_daylight_saving() {
    let mut anna = Household::new();
    anna.wants("07:00", BERLIN, "2027-03-26T09:00:00Z");
    assert_eq!(anna.waiting(), ["2027-03-27 27T06:00"]);
    assert_eq!(anna.run("2027-03-27T06:00:01Z"), Sent::Settled);
    assert_eq!(anna.waiting(), ["2027-03-28 28T05:00"], "the clocks went forward in the night");
    assert_eq!(anna.run("2027-03-28T05:00:00Z"), Sent::Settled);
    let mails = anna.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails[0].content.starts_with("Sunday, 28 March 2027\n"), "{}", mails[0].content);
    let letter = Letter::of_metadata(&mails[0].metadata);
    assert_eq!(letter.subject, "Sunday, 28 March 2027: nothing on your calendar");
    assert!(matches!(letter.layout, Layout::Own { html: Some(html) } if html.contains("Sunday, 28 March 2027")));
}

#[test]
fn no_day_has_two_digests_whatever_is_switched_or_moved() {
    let mut anna = Household::new();
    anna.wants("07:00", BERLIN, "2026-11-25T05:00:00Z");
    anna.run("2026-11-25T06:00:00Z");
    anna.wants("off", BERLIN, "2026-11-25T07:00:00Z");
    assert!(anna.waiting().is_empty());
    anna.wants("18:00", BERLIN, "2026-11-25T08:00:00Z");
    assert_eq!(anna.waiting(), ["2026-11-26 26T17:00"]);
    anna.wants("18:00", chrono_tz::America::New_York, "2026-11-25T08:00:00Z");
    assert_eq!(anna.waiting(), ["2026-11-26 26T23:00"], "and only one waits");
    assert_eq!(anna.mails().len(), 1);
}

#[test]
fn a_clock_that_went_back_waits_and_a_day_that_is_over_is_passed_over() {
    let mut anna = Household::new();
    anna.wants("07:00", BERLIN, "2026-11-24T09:00:00Z");
    let due = at("2026-11-25T06:00:00Z");
    let id = anna.user.id;
    let early = anna.write(move |tx| send(tx, id, date("2026-11-25"), &ours(), due - Duration::hours(1)));
    assert_eq!(early, Sent::NotYet(due));
    assert_eq!(anna.run("2026-11-28T12:00:00Z"), Sent::Settled, "the box was off for three days");
    assert!(anna.mails().is_empty());
    assert_eq!(anna.waiting(), ["2026-11-29 29T06:00"]);
    assert_eq!(anna.run("2026-11-29T20:00:00Z"), Sent::Settled, "late, but still that day");
    assert_eq!(anna.mails().len(), 1);
}

#[test]
fn a_wish_that_cannot_be_met_is_refused_with_what_to_do() {
    let anna = Household::new();
    let change =
        |time: &str| MailPreferencesChange { daily_digest: Some(time.into()), ..MailPreferencesChange::default() };
    let refused = MailPreferences::changed(&anna.user, &change("7 o'clock")).unwrap_err();
    assert!(refused.context.contains("such as 07:00, or off"), "{refused}");
    let nowhere = User { email: None, ..anna.user.clone() };
    let refused = MailPreferences::changed(&nowhere, &change("07:00")).unwrap_err();
    assert!(refused.context.contains("--email ADDRESS"), "{refused}");
    assert!(MailPreferences::changed(&nowhere, &change("off")).is_ok());
}
