//! The composition root: makes every service, wires them, runs them until told to stop, and takes them down in order.
//!
//! Start: lock and open the store, settle what a crash left behind, listen, tell systemd. Stop: accept nothing new, let
//! what runs finish, join everything, note that the end was in order, close the store.

use std::{
    net::AddrParseError,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use mdns_sd::ServiceInfo;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Notify, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use xswarm_core::{
    admin::Listeners,
    device::authority_letters,
    event::Event,
    id::UserId,
    job::Job,
    time,
    user::{Role, User},
};
use xswarm_store::{Key, Options, Store, Tx};

use crate::{
    about::About,
    announcement,
    assistant::Assistant,
    authority::Authority,
    blobs::Blobs,
    channels::{
        call::{self, Calls},
        letterbox::Letterbox,
        mail::{self, Carrier, Mail},
        room::Rooms,
        sms::{Settings, Sms},
    },
    clock::Clock,
    config::{AdminConfig, Config, MailProvider, Secrets, VoiceMode, VoiceRecord},
    database_key::database_key,
    error::{Error, Result},
    http::{
        self, App,
        bearer::Tokens,
        listener::{Limits, Listener},
        mail_gate::{MailGate, Proof},
        supervisor::Supervisor,
        unsigned_limit::UnsignedLimit,
        webhooks::Webhooks,
    },
    jobs::Runner,
    llm::Llm,
    outbox::OurAddresses,
    people,
    recordings::Recordings,
    retention::Retention,
    sendgrid, smtp,
    system::{self, Door, HandedSockets},
    twilio::{
        client::Client,
        signature::{SigningKey, Verifier},
    },
    voice::Engines,
};

/// Where the instant of the very first start is kept: nothing older is ever taken in.
pub(crate) const INSTALLED_AT: &str = "installed_at";

/// Where it is kept whether the last end was in order.
const CLEAN: &str = "stopped_in_order";

/// Requests without a valid signature that one network may make in a minute.
const UNSIGNED_PER_MINUTE: NonZeroU32 = match NonZeroU32::new(30) {
    Some(most) => most,
    None => NonZeroU32::MIN,
};

/// What the hub is started with.
pub(crate) struct Start {
    /// Its configuration.
    pub(crate) config: Config,
    /// Which file that came from.
    pub(crate) config_path: Option<PathBuf>,
    /// Secrets from outside the database.
    pub(crate) secrets: Secrets,
    /// Sockets that were there first.
    pub(crate) handed: Arc<HandedSockets>,
}

/// Runs the hub until `stop`. It rings `reload` when somebody asks it to read its configuration again.
pub(crate) async fn run(start: Start, stop: CancellationToken, reload: Arc<Notify>) -> Result<()> {
    let clock = Clock::system();
    let (store, blobs) = open_store(&start)?;
    let (store, blobs) = (Arc::new(store), Arc::new(blobs));
    let ended = serve(&start, clock, (&store, &blobs), stop, reload).await;
    let now = clock.now();
    let noted = store
        .write(move |tx| {
            tx.event_append(&Event::HubStopped {}, None, now)?;
            tx.meta_set(CLEAN, "1").map_err(Error::from)
        })
        .await;
    if let Err(error) = noted {
        log::warn!("the end could not be noted: {}", error.chain());
    }
    match Arc::try_unwrap(store) {
        Ok(store) => store.close(),
        Err(_) => log::warn!("something still held the store at the end"),
    }
    ended
}

async fn serve(
    start: &Start,
    clock: Clock,
    (store, blobs): (&Arc<Store>, &Arc<Blobs>),
    stop: CancellationToken,
    reload: Arc<Notify>,
) -> Result<()> {
    let config = &start.config;
    let now = clock.now();
    let admin = config.admin.clone();
    store.write(move |tx| begin(tx, &admin, now)).await?;
    let sms = Arc::new(texting(start, clock, store).await?);
    sms.recover().await?;
    let mail = Arc::new(mailing(start, clock, store).await?);
    mail.recover().await?;
    let llm = Arc::new(thinking(start, clock, store).await?);
    let client = sms.shared_client();
    let calls = client.is_some() && config.server.public_url.is_some();
    let ours = OurAddresses { phone: sms.number(), mail: mail.address(), calls };
    let recordings = Arc::new(Recordings::open(&config.server.state_dir, Arc::clone(store))?);
    let calls = Arc::new(calling(start, clock, store, &ours, client, Arc::clone(&recordings)));
    calls.recover().await?;

    let handed = &start.handed;
    let tcp = |door, address| Listener::tcp(address, handed.tcp(door)?);
    let public = tcp(Door::Public, config.server.public_listen)?;
    let lan = tcp(Door::Lan, config.server.lan_listen)?;
    let authority = Authority::open(store, clock).await?;
    let secure = Listener::tls(config.server.secure_listen, handed.tcp(Door::Secure)?, authority.tls()?)?;
    let announced = announced(config, &secure, &authority)?;
    let supervisor = tcp(Door::Supervisor, config.server.supervisor_listen)?;
    let voice = tcp(Door::Voice, config.server.voice_listen)?;
    let admin = Listener::unix(&config.server.admin_socket_path(), handed.unix(Door::Admin)?)?;
    let about = Arc::new(About {
        started_at: now,
        state_dir: absolute(&config.server.state_dir),
        config_path: start.config_path.as_deref().map(absolute),
        listeners: Listeners {
            public: public.address(),
            lan: lan.address(),
            secure: secure.address(),
            supervisor: supervisor.address(),
            voice: voice.address(),
            admin: absolute(Path::new(&admin.address())),
            public_url: config.server.public_url.clone(),
        },
        reload,
    });
    let stopping = CancellationToken::new();
    let rooms = Arc::new(Rooms::new(Arc::clone(store), clock, ours.clone(), Arc::clone(&calls)));
    let app = App {
        store: Arc::clone(store),
        clock,
        sms: Arc::clone(&sms),
        mail: Arc::clone(&mail),
        calls: Arc::clone(&calls),
        rooms: Arc::clone(&rooms),
        ours: ours.clone(),
        llm: Arc::clone(&llm),
        letterbox: Arc::new(Letterbox {
            store: Arc::clone(store),
            blobs: Arc::clone(blobs),
            clock,
            ours: ours.clone(),
        }),
        webhooks: Arc::new(webhooks(start, store).await?),
        about: Arc::clone(&about),
        authority,
        supervisor: Arc::new(Supervisor::new(Arc::clone(store), clock, Arc::clone(&about), config.supervisor)),
        stopping: stopping.clone(),
    };
    let jobs_stopping = CancellationToken::new();
    let runner = Arc::new(Runner {
        store: Arc::clone(store),
        clock,
        assistant: Assistant::new(Arc::clone(store), clock, ours.clone(), Arc::clone(&llm), jobs_stopping.clone()),
        sms,
        mail,
        calls: Arc::clone(&calls),
        rooms,
        ours,
        blobs: Arc::clone(blobs),
        retention: Retention {
            store: Arc::clone(store),
            blobs: Arc::clone(blobs),
            recordings,
            clock,
            kept_recordings: chrono::Duration::days(i64::from(config.retention.recordings_days)),
            texts: chrono::Duration::days(i64::from(config.retention.texts_days)),
            jobs: chrono::Duration::days(i64::from(config.retention.jobs_days)),
        },
    });

    let limits = Limits::with_connections(config.server.connections_max);
    let mut tasks = JoinSet::new();
    tasks.spawn(listen(public, http::public(app.clone()), limits, stopping.clone()));
    tasks.spawn(listen(lan, http::lan(app.clone()), limits, stopping.clone()));
    tasks.spawn(listen(secure, http::lan(app.clone()), limits, stopping.clone()));
    tasks.spawn(Arc::clone(&app.supervisor).run(stopping.clone()));
    tasks.spawn(listen(supervisor, http::supervisor(app.clone()), limits, stopping.clone()));
    tasks.spawn(listen(voice, http::voice(app.clone()), limits, stopping.clone()));
    tasks.spawn(listen(admin, http::admin(app), limits, stopping.clone()));
    tasks.spawn(runner.run(jobs_stopping.clone()));
    tasks.spawn(Arc::clone(calls.engines()).run(stopping.clone()));
    if let Some(record) = announced {
        tasks.spawn(announcement::announce(record, stopping.clone()));
    }
    tasks.spawn(watchdog(Arc::clone(store), stopping.clone()));
    log::info!(
        public = about.listeners.public.as_str(),
        lan = about.listeners.lan.as_str(),
        secure = about.listeners.secure.as_str(),
        admin = about.listeners.admin.as_str();
        "the hub serves"
    );
    system::ready();

    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        Some(task) = tasks.join_next() => Err(unexpected(task)),
    };
    system::stopping();
    log::info!("the hub stops: no new work, finishing what runs");
    stopping.cancel();
    jobs_stopping.cancel();
    while let Some(task) = tasks.join_next().await {
        if let Err(error) = task.unwrap_or_else(|panic| Err(Error::internal("a task panicked").with_source(panic))) {
            log::error!("a task ended badly: {}", error.chain());
        }
    }
    calls.close().await;
    ended
}

/// What other machines are told of where the hub listens.
fn announced(config: &Config, secure: &Listener, authority: &Authority) -> Result<Option<ServiceInfo>> {
    if !config.server.announce {
        return Ok(None);
    }
    let unknown = |error: AddrParseError| Error::internal("where the hub listens is not known").with_source(error);
    let address = secure.address().parse().map_err(unknown)?;
    announcement::record(address, &system::host_name(), &authority_letters(authority.certificate()))
}

/// A path that means the same to whoever reads it elsewhere.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

async fn listen(listener: Listener, router: axum::Router, limits: Limits, stop: CancellationToken) -> Result<()> {
    let cut = listener.serve(router, limits, stop).await;
    if cut > 0 {
        log::warn!(connections = cut; "connections did not finish in time and were cut");
    }
    Ok(())
}

/// Pings systemd's watchdog while the store answers.
async fn watchdog(store: Arc<Store>, stop: CancellationToken) -> Result<()> {
    system::watchdog(stop, || {
        let store = Arc::clone(&store);
        async move { store.write(|tx| tx.meta(INSTALLED_AT).map(drop).map_err(Error::from)).await.is_ok() }
    })
    .await;
    Ok(())
}

fn unexpected(task: std::result::Result<Result<()>, tokio::task::JoinError>) -> Error {
    match task {
        Ok(Ok(())) => Error::internal("a task of the hub ended by itself"),
        Ok(Err(error)) => error,
        Err(panic) => Error::internal("a task of the hub panicked").with_source(panic),
    }
}

/// The database, and the files whose key comes from its key.
fn open_store(start: &Start) -> Result<(Store, Blobs)> {
    let state_dir = &start.config.server.state_dir;
    system::make_state_dir(state_dir)?;
    let key = database_key(&start.secrets, state_dir, &state_dir.join("xswarm.db"))?;
    let key = Key::from_hex(key.expose_secret())?;
    let options = Options { group_commit: start.config.store.group_commit, ..Options::new(state_dir) };
    let store = Store::open(&options, &key)?;
    Ok((store, Blobs::open(state_dir, &key)?))
}

/// The first transaction of a run: the very first start makes the admin; every start settles what a crash left.
fn begin(tx: &Tx<'_>, admin: &AdminConfig, now: DateTime<Utc>) -> Result<()> {
    if tx.meta(INSTALLED_AT)?.is_none() {
        tx.meta_set(INSTALLED_AT, &time::to_text(now))?;
    }
    if tx.user_first_admin()?.is_none() {
        let first = User {
            id: UserId::new(now),
            name: admin.name.clone(),
            email: admin.email.clone(),
            phone: admin.phone.clone(),
            timezone: admin.zone(),
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: true,
            role: Role::Admin,
            created_at: now,
            updated_at: now,
        };
        people::add(tx, &first, now)?;
    }
    let recovered = tx.jobs_recover(now)?;
    tx.model_calls_recover(now)?;
    let clean = tx.meta(CLEAN)?.as_deref() != Some("0");
    tx.meta_set(CLEAN, "0")?;
    if !clean {
        log::warn!(jobs = recovered; "the hub was not stopped in order; its jobs are taken up again");
    }
    for periodic in [Job::CatchUpInbound {}, Job::Sweep {}] {
        tx.job_enqueue(&periodic, None, now, now)?;
    }
    tx.job_hasten(&Job::CatchUpInbound {}, now)?;
    let started = Event::HubStarted { version: env!("CARGO_PKG_VERSION").to_owned(), clean };
    Ok(tx.event_append(&started, None, now)?)
}

/// A secret from outside, else the one that setup stored.
async fn secret(start: &Start, store: &Store, name: &'static str) -> Result<Option<SecretString>> {
    if let Some(secret) = start.secrets.find(name)? {
        return Ok(Some(secret));
    }
    let stored = store.read(move |rows| rows.secret(name).map_err(Error::from)).await?;
    Ok(stored.map(SecretString::from))
}

async fn texting(start: &Start, clock: Clock, store: &Arc<Store>) -> Result<Sms> {
    let twilio = &start.config.twilio;
    let token = secret(start, store, "twilio_auth_token").await?;
    let mut missing = Vec::new();
    if twilio.account_sid.is_none() {
        missing.push("twilio.account_sid".to_owned());
    }
    if twilio.phone_number.is_none() {
        missing.push("twilio.phone_number".to_owned());
    }
    if token.is_none() {
        missing.push("the secret twilio_auth_token".to_owned());
    }
    let client = match (&twilio.account_sid, token) {
        (Some(account_sid), Some(token)) if missing.is_empty() => {
            Some(Arc::new(Client::new(twilio, account_sid, token)))
        }
        _ => None,
    };
    let settings = Settings {
        number: twilio.phone_number.clone(),
        public_url: start.config.server.public_url.clone(),
        per_second: twilio.sends_per_second,
        catch_up: chrono::Duration::from_std(twilio.catch_up).unwrap_or(chrono::Duration::minutes(10)),
        takes_calls: !start.config.voice.engines.is_empty(),
        missing,
    };
    Ok(Sms::new(Arc::clone(store), clock, client, settings))
}

fn calling(
    start: &Start,
    clock: Clock,
    store: &Arc<Store>,
    ours: &OurAddresses,
    client: Option<Arc<Client>>,
    recordings: Arc<Recordings>,
) -> Calls {
    let (voice, tasks) = (&start.config.voice, TaskTracker::new());
    let engines = Arc::new(Engines::new(voice, &start.config.server.state_dir, &tasks));
    let settings = call::Settings {
        number: ours.phone.clone(),
        public_url: start.config.server.public_url.clone(),
        at_once: voice.sessions,
        longest: voice.longest_s,
        converses: voice.mode == VoiceMode::Duplex,
        record: voice.record == VoiceRecord::Announced,
        client,
        tells_mailboxes: voice.voicemail_details,
    };
    Calls::new(Arc::clone(store), clock, engines, ours.clone(), settings, (recordings, tasks))
}

async fn mailing(start: &Start, clock: Clock, store: &Arc<Store>) -> Result<Mail> {
    let Config { mail, sendgrid, smtp, .. } = &start.config;
    let (from, per_second) = match mail.provider {
        MailProvider::Sendgrid => (sendgrid.from.as_ref().or(mail.from.as_ref()), sendgrid.sends_per_second),
        MailProvider::Smtp | MailProvider::Off => (mail.from.as_ref(), smtp.sends_per_second),
    };
    let mut missing = Vec::new();
    if from.is_none() {
        missing.push("mail.from".to_owned());
    }
    let carrier = match mail.provider {
        MailProvider::Off => {
            missing.clear();
            Carrier::Nobody
        }
        MailProvider::Sendgrid => {
            if let Some(key) = secret(start, store, "sendgrid_api_key").await? {
                Carrier::Sendgrid(sendgrid::client::Client::new(sendgrid, &mail.from_name, key))
            } else {
                missing.push("the secret sendgrid_api_key".to_owned());
                Carrier::Nobody
            }
        }
        MailProvider::Smtp => {
            let password = secret(start, store, "smtp_password").await?;
            if smtp.username.is_some() && password.is_none() {
                missing.push("the secret smtp_password".to_owned());
            }
            smtp::Client::new(smtp, &mail.from_name, password).map_or_else(
                || {
                    missing.push("smtp.host".to_owned());
                    Carrier::Nobody
                },
                Carrier::Smtp,
            )
        }
    };
    let carrier = if missing.is_empty() { carrier } else { Carrier::Nobody };
    let settings = mail::Settings { from: from.cloned(), per_second, missing };
    Ok(Mail::new(store, clock, carrier, settings))
}

async fn thinking(start: &Start, clock: Clock, store: &Arc<Store>) -> Result<Llm> {
    let llm = &start.config.llm;
    let key = match llm.provider.secret() {
        Some(name) => secret(start, store, name).await?,
        None => None,
    };
    Llm::new(Arc::clone(store), clock, llm, key)
}

async fn webhooks(start: &Start, store: &Store) -> Result<Webhooks> {
    let mut keys = Vec::new();
    for name in ["twilio_auth_token", "twilio_auth_token_previous"] {
        keys.extend(secret(start, store, name).await?.as_ref().and_then(SigningKey::new));
    }
    let public_url = start.config.server.public_url.as_deref();
    let verifier = public_url.filter(|_| !keys.is_empty()).map(|url| Verifier::new(url, keys));
    let mail_key = start.config.sendgrid.webhook_public_key.clone();
    let mail = mail_gate(start, store).await?;
    Ok(Webhooks { verifier, mail_key, mail, unsigned: UnsignedLimit::per_minute(UNSIGNED_PER_MINUTE) })
}

/// What inbound mail is asked to prove itself by: the strongest that is set up.
async fn mail_gate(start: &Start, store: &Store) -> Result<MailGate> {
    let sendgrid = &start.config.sendgrid;
    let proof = if let Some(key) = sendgrid.inbound_public_key.clone() {
        Some(Proof::Signature(key))
    } else if let Some(client_secret) = secret(start, store, "sendgrid_inbound_client_secret").await? {
        Some(Proof::Bearer(Tokens::new(client_secret)))
    } else {
        secret(start, store, "sendgrid_inbound_password").await?.map(Proof::Password)
    };
    Ok(MailGate::new(proof))
}
