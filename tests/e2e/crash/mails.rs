//! Somebody who mails while the hub is killed, and SendGrid on both sides: it brings a mail until it is taken, and carries
//! what the hub sends, not always well.

use std::{cell::RefCell, time::Duration};

use fastrand::Rng;
use xswarm_tests::{
    hub::{Builder, Hub},
    inbound_mail::{InboundMail, Signer, post_signed, post_signed_at},
    sendgrid::{FakeSendgrid, MailFault},
    wait::random_moment,
    world::MAIL_FROM,
};

use super::{
    Stream,
    account::{Came, Providers, Went},
};

pub(super) struct Mails {
    sendgrid: FakeSendgrid,
    signer: Signer,
    writers: RefCell<std::iter::Cycle<std::vec::IntoIter<String>>>,
    taken: RefCell<Vec<InboundMail>>,
    /// Those that SendGrid still has to bring.
    waiting: RefCell<Vec<InboundMail>>,
}

impl Mails {
    pub(super) async fn start(writers: Vec<String>) -> Self {
        let sendgrid = FakeSendgrid::start().await;
        let writers = RefCell::new(writers.into_iter().cycle());
        Self { sendgrid, signer: Signer::default(), writers, taken: RefCell::default(), waiting: RefCell::default() }
    }

    /// A hub that mails by this SendGrid.
    pub(super) fn carried(&self, hub: Builder) -> Builder {
        hub.sendgrid(&self.sendgrid).config("sendgrid", "inbound_public_key", self.signer.public_key())
    }

    /// Mails as often as one of those who text, each time as the next of the writers: nobody is answered more often than a
    /// person writes.
    pub(super) async fn write(&self, stream: &Stream<'_>, mut random: Rng) {
        while let Ok(permit) = stream.permits.acquire().await {
            permit.forget();
            if random.u32(0..8) == 0 {
                self.sendgrid.next(fault(&mut random));
            }
            let writer = self.writers.borrow_mut().next().expect("it has no end");
            let mut mail = InboundMail::new("", &stream.wish(&mut random)).from(&writer);
            mail.to = vec![MAIL_FROM.to_owned()];
            self.waiting.borrow_mut().push(mail);
            let mut address = stream.address.subscribe();
            let Ok(address) = address.wait_for(Option::is_some).await.map(|address| address.clone()) else { return };
            random_moment(Duration::from_millis(random.u64(0..300))).await;
            let mails = self.waiting.take();
            for mail in mails {
                let answer = match &address {
                    Some(address) => post_signed_at(address, &self.signer, body(&mail, &mut random)).await,
                    None => None,
                };
                match answer.map(|answer| answer.status.as_u16()) {
                    Some(200) => self.taken.borrow_mut().push(mail),
                    None | Some(500 | 503) => self.waiting.borrow_mut().push(mail),
                    Some(other) => panic!("a genuine mail was answered {other}"),
                }
            }
        }
    }

    /// What was not taken is brought again, and some of the rest too.
    pub(super) async fn bring_the_rest(&self, hub: &Hub) {
        self.sendgrid.with(|account| account.faults.clear());
        let mut waiting = self.waiting.take();
        let again: Vec<_> = self.taken.borrow().iter().step_by(7).cloned().collect();
        for mail in waiting.iter().chain(&again) {
            post_signed(hub, &self.signer, mail.parsed()).await.expect("the hub answers").expect(200);
        }
        self.taken.borrow_mut().append(&mut waiting);
    }

    /// What came and what went.
    pub(super) fn account(&self) -> Providers {
        let came = self
            .taken
            .borrow()
            .iter()
            .map(|mail| Came {
                id: mail.message_id.clone(),
                body: String::from_utf8_lossy(&mail.text).into_owned(),
                accepted: true,
            })
            .collect();
        let went = self
            .sendgrid
            .sent()
            .iter()
            .map(|mail| Went {
                row: mail.row().expect("our id").to_owned(),
                id: mail.id.clone(),
                body: mail.content("text/plain").to_owned(),
            })
            .collect();
        Providers { came, went }
    }

    pub(super) fn take_violations(&self) -> Vec<String> {
        self.sendgrid.take_violations()
    }
}

fn body(mail: &InboundMail, random: &mut Rng) -> Vec<u8> {
    if random.bool() { mail.parsed() } else { mail.raw() }
}

fn fault(random: &mut Rng) -> MailFault {
    match random.u32(0..5) {
        0 => MailFault::Answer { status: 429, retry_after_s: None },
        1 => MailFault::Answer { status: 500, retry_after_s: None },
        2 => MailFault::TakeThenAnswer { status: 502 },
        3 => MailFault::TakeThenHangUp,
        _ => MailFault::HangUp,
    }
}
