//! How one reminder, or the reminders of one appointment, differ from what the person usually wants.

use serde::{Deserialize, Serialize};

use super::preferences::{PreferenceError, Repeat, check_channels, check_leads, check_repeat};
use crate::{habit::Glance, id::DeviceId, message::Channel, schema::ToSchema};

/// Where one reminder, or the reminders of one appointment, differ from what the person usually wants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderPlan {
    /// How many minutes before the appointment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_minutes: Option<Vec<u32>>,
    /// What is wanted of single ones of them.
    // A list and not a map: receipts keep plans inside tagged JSON, where numbers as keys do not read back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepPlan>,
    /// Which ways come first; the person's others follow when these fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Channel>>,
    /// It must not wait for the end of quiet hours.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// It is repeated so until it is acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// What it sounds like in the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// In which room it rings, by the device there, before any other way is tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<DeviceId>,
    /// What it tells besides its text, as that is when it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tells: Option<Glance>,
}

/// Where one reminder before an appointment differs from its others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepPlan {
    /// Which: so many minutes before.
    pub lead_minutes: u32,
    /// Which way comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// It must not wait for the end of quiet hours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
}

impl StepPlan {
    const fn is_usual(self) -> bool {
        self.channel.is_none() && !self.urgent
    }
}

impl ReminderPlan {
    /// The plan of the reminder `lead` minutes before.
    #[must_use]
    pub fn of_step(&self, lead: u32) -> Self {
        let step = self.steps.iter().find(|step| step.lead_minutes == lead);
        let first = step.and_then(|step| step.channel).map(|channel| vec![channel]);
        Self {
            lead_minutes: None,
            steps: Vec::new(),
            channels: first.or_else(|| self.channels.clone()),
            urgent: self.urgent || step.is_some_and(|step| step.urgent),
            ..self.clone()
        }
    }

    /// Sets what is wanted of one reminder; what is not said about it stays.
    pub fn set_step(&mut self, wanted: StepPlan) {
        match self.steps.iter_mut().find(|step| step.lead_minutes == wanted.lead_minutes) {
            Some(step) => {
                step.channel = wanted.channel.or(step.channel);
                step.urgent |= wanted.urgent;
            }
            None => self.steps.push(wanted),
        }
    }

    /// Whether it changes nothing.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Checks what types cannot, and puts lead times in order, longest first.
    pub fn checked(mut self) -> Result<Self, PreferenceError> {
        const LONGEST_NAME: usize = 64;
        if let Some(channels) = &self.channels {
            check_channels(channels)?;
        }
        self.lead_minutes = self.lead_minutes.map(check_leads).transpose()?;
        let leads = self.lead_minutes.as_deref();
        self.steps.retain(|step| !step.is_usual() && leads.is_none_or(|leads| leads.contains(&step.lead_minutes)));
        for channel in self.steps.iter().filter_map(|step| step.channel) {
            check_channels(&[channel])?;
        }
        self.repeat.map(check_repeat).transpose()?;
        let plain = |name: &String| {
            (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if self.sound.as_ref().is_some_and(|name| !plain(name)) {
            return Err(PreferenceError("a sound has a short name without spaces".to_owned()));
        }
        Ok(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_of_one_reminder_leaves_the_others_as_they_were() {
        let mut plan = ReminderPlan { lead_minutes: Some(vec![60, 15]), ..ReminderPlan::default() };
        plan.set_step(StepPlan { lead_minutes: 60, channel: Some(Channel::Email), urgent: false });
        plan.set_step(StepPlan { lead_minutes: 60, channel: None, urgent: true });
        plan.set_step(StepPlan { lead_minutes: 15, channel: None, urgent: false });
        plan.set_step(StepPlan { lead_minutes: 5, channel: Some(Channel::Sms), urgent: false });
        let plan = plan.checked().unwrap();
        assert_eq!(plan.of_step(15), ReminderPlan::default());
        let hour = ReminderPlan { channels: Some(vec![Channel::Email]), urgent: true, ..ReminderPlan::default() };
        assert_eq!(plan.of_step(60), hour);
        assert_eq!(plan.steps.len(), 1, "what is usual, or of no reminder, is not kept");
        let wrong = StepPlan { lead_minutes: 60, channel: Some(Channel::ClaudeCode), urgent: false };
        let wrong = ReminderPlan { steps: vec![wrong], ..plan };
        assert!(wrong.checked().is_err());
    }

    #[test]
    fn a_plan_from_before_there_were_steps_reads_back() {
        let kept = r#"{"lead_minutes":[60,15],"channels":["sms"]}"#;
        let plan: ReminderPlan = serde_json::from_str(kept).unwrap();
        assert_eq!(serde_json::to_string(&plan).unwrap(), kept);
        assert_eq!(plan.of_step(60).channels, Some(vec![Channel::Sms]));
    }
}
