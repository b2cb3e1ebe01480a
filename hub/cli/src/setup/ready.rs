//! The step that looks whether what was asked for works now: what is still missing is a failure, not a silence.

use xswarm_core::admin::CheckOutcome;

use super::{
    Walk,
    config_file::{MailSettings, ModelSettings, Settings},
    dialogue::Dialogue,
};

/// What somebody wanted to set up this time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wished {
    /// Texting.
    pub(super) texting: bool,
    /// Mail.
    pub(super) mail: bool,
    /// A language model.
    pub(super) model: bool,
}

impl Wished {
    /// What is wished for by settings.
    pub(super) fn by(settings: &Settings) -> Self {
        let Settings { account_sid, phone_number, public_url: _, mail, model } = settings;
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let on = |provider: &Option<String>| provider.as_deref() != Some("off");
        Self {
            texting: said(account_sid) || said(phone_number),
            mail: *mail != MailSettings::default() && on(&mail.provider),
            model: *model != ModelSettings::default() && on(&model.provider),
        }
    }
}

/// Says what does not work although it was wished for, and what it lacks.
pub(super) fn check(walk: &Walk<'_>, wished: Wished, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
    let status = &walk.status;
    let families = [
        (
            wished.texting && !status.sms.configured,
            "texting",
            &status.sms.missing,
            "give it with --account-sid, --phone-number or --auth-token-file, or answer when `xswarm setup` asks",
        ),
        (
            wished.mail,
            "mail",
            &status.mail.missing,
            "give it with --mail-from, --sendgrid-key-file, --smtp-host or --smtp-password-file, or answer when `xswarm \
             setup` asks",
        ),
        (
            wished.model,
            "language model",
            &status.llm.missing,
            "give the key with --llm-key-file FILE, or answer when `xswarm setup` asks",
        ),
    ];
    for (wished, name, missing, next) in families {
        if wished && !missing.is_empty() {
            let what = format!("it does not work yet; missing: {}", missing.join(", "));
            dialogue.did(name, CheckOutcome::Failed, what, Some(next))?;
        }
    }
    Ok(())
}
