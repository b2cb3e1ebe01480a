//! What a capability is: one definition from which everything about it comes: what the grammar leads to, what a language
//! model may ask for, help, lists, counts, and who may use it when.
//!
//! The definitions stand in [`super::capabilities`]. Nothing is carried out here: a capability plans a [`Decision`].

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use xswarm_core::{
    capability::{CapabilityView, Category, EffectClass, Permission},
    message::Channel,
    user::User,
};
use xswarm_language::{
    command::{AgendaRange, Answer, Command, Expecting, Understood, When, Which, understand, understand_answer},
    time::{Context, Span},
};

use super::{
    trust::{Claim, Spoken},
    turn::{Decision, Turn},
};
use crate::{error::Error, llm::Tool, outbox::OurAddresses};

/// One capability, as written down.
pub(super) trait Definition {
    /// Its name: a verb and what it is about, with underscores.
    const NAME: &'static str;
    /// What it is about.
    const CATEGORY: Category;
    /// What it does, for people and for models alike.
    const DESCRIPTION: &'static str;
    /// What to say for it, the plainest first.
    const EXAMPLES: &'static [&'static str];
    /// What it may do to the world.
    const EFFECT: EffectClass;
    /// Who may use it.
    const PERMISSION: Permission = Permission::Household;
    /// What a model has to say to use it.
    type Arguments: DeserializeOwned + JsonSchema;

    /// The command that a model's arguments come to.
    fn command(arguments: Self::Arguments, heard: &Heard<'_>) -> Result<Command, Refusal>;

    /// Plans it; `None` when the command is another capability's.
    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>>;

    /// Whether it can be used as things are.
    fn availability(_around: &Around<'_>) -> Availability {
        Availability::Ready
    }
}

/// A capability in the registry.
#[derive(Clone, Copy)]
pub(crate) struct Capability {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is about.
    pub(crate) category: Category,
    /// What to say for it, the plainest first.
    pub(crate) examples: &'static [&'static str],
    /// What it may do to the world.
    pub(crate) effect: EffectClass,
    /// Who may use it.
    pub(crate) permission: Permission,
    description: &'static str,
    schema: fn() -> Value,
    command: fn(Value, &Heard<'_>) -> Result<Command, Refusal>,
    plan: fn(&Turn<'_>, &Understood) -> Option<Result<Decision, Error>>,
    availability: fn(&Around<'_>) -> Availability,
}

/// What decides whether a capability can be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    /// By whom.
    pub(crate) user: &'a User,
    /// Over which channel.
    pub(crate) channel: Channel,
    /// Over which addresses the Boss can write.
    pub(crate) ours: &'a OurAddresses,
}

/// Whether a capability can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Availability {
    /// It can.
    Ready,
    /// It cannot; why, and what to do about it.
    Not(String),
}

/// Why a model's request comes to nothing, in words for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

impl Capability {
    /// The capability that a definition describes.
    pub(super) const fn of<D: Definition>() -> Self {
        Self {
            name: D::NAME,
            category: D::CATEGORY,
            examples: D::EXAMPLES,
            effect: D::EFFECT,
            permission: D::PERMISSION,
            description: D::DESCRIPTION,
            schema: schema::<D::Arguments>,
            command: command::<D>,
            plan: D::plan,
            availability: D::availability,
        }
    }

    /// Plans what a command asks for; `None` when it is another capability's.
    pub(super) fn plan(&self, turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (self.plan)(turn, understood)
    }

    /// The command that a model's request comes to: its arguments fit the schema, and its times are understood anew.
    pub(super) fn command(&self, arguments: Value, heard: &Heard<'_>) -> Result<Command, Refusal> {
        (self.command)(arguments, heard)
    }

    /// Whether it can be used: by this person, over this channel, as things are.
    pub(crate) fn availability(&self, around: &Around<'_>) -> Availability {
        if !self.permission.is_held_by(around.user.role) {
            return Availability::Not("only an admin may do that".to_owned());
        }
        if !self.effect.is_allowed_on(around.channel) {
            return Availability::Not(
                "that needs a channel of your own: text me, mail me or use the console".to_owned(),
            );
        }
        (self.availability)(around)
    }

    /// As a tool for a model.
    pub(crate) fn tool(&self) -> Tool {
        let examples: Vec<_> = self.examples.iter().map(|example| format!("\"{example}\"")).collect();
        Tool {
            name: self.name.to_owned(),
            description: format!("{} For sentences such as {}.", self.description, examples.join(", ")),
            schema: (self.schema)(),
        }
    }

    /// As shown to people and programs.
    pub(crate) fn view(&self, around: &Around<'_>) -> CapabilityView {
        let unavailable_because = match self.availability(around) {
            Availability::Ready => None,
            Availability::Not(why) => Some(why),
        };
        CapabilityView {
            name: self.name.to_owned(),
            category: self.category,
            description: self.description.to_owned(),
            examples: self.examples.iter().map(|&example| example.to_owned()).collect(),
            permission: self.permission,
            effect: self.effect,
            available: unavailable_because.is_none(),
            unavailable_because,
            arguments: (self.schema)(),
        }
    }
}

/// A model's words against the person's, and what times mean to them.
pub(super) struct Heard<'a> {
    /// Whose words they are.
    pub(super) claim: Claim<'a>,
    /// Against what times are understood.
    pub(super) context: Context<'a>,
}

impl Heard<'_> {
    /// A text; that it was not the person's own is remembered.
    pub(super) fn text(&self, spoken: &Spoken) -> String {
        self.claim.text(spoken)
    }

    /// A text that may be missing.
    pub(super) fn perhaps(&self, spoken: Option<&Spoken>) -> Option<String> {
        spoken.map(|spoken| self.claim.text(spoken)).filter(|text| !text.is_empty())
    }

    /// A time in the person's own words, as they meant it when they said it: no model reckons with dates.
    pub(super) fn when(&self, spoken: &Spoken) -> Result<When, Refusal> {
        let text = self.insist(spoken, "time")?;
        let now = self.context.now;
        let said_at = self.claim.said_at(spoken).map_or(now, |at| at.with_timezone(&now.timezone()));
        let then = Context { now: said_at, ..self.context };
        if let Answer::Time(when) = understand_answer(&text, Expecting::Time, &then) {
            Ok(when)
        } else {
            Err(Refusal(format!("\"{text}\" is no time that I understand. Ask the person when, and use their words.")))
        }
    }

    /// A length of time in the person's own words.
    pub(super) fn length(&self, spoken: &Spoken) -> Result<Span, Refusal> {
        let text = self.insist(spoken, "length of time")?;
        if let Answer::Duration(span) = understand_answer(&text, Expecting::Duration, &self.context) {
            Ok(span)
        } else {
            Err(Refusal(format!("\"{text}\" is no length of time that I understand. Ask the person for how long.")))
        }
    }

    /// A stretch of the calendar to look at, in anybody's words: looking changes nothing.
    pub(super) fn range(&self, text: Option<&str>) -> AgendaRange {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return AgendaRange::Any };
        let sentence = format!("What's on my calendar {text}?");
        if let Command::ShowAgenda { range, .. } = understand(&sentence, &self.context).command {
            range
        } else {
            AgendaRange::Any
        }
    }

    /// Which of the things that are there. Whoever names nothing means what was spoken of last.
    pub(super) fn which(&self, name: Option<&Spoken>, when: Option<&Spoken>) -> Result<Which, Refusal> {
        let title = self.perhaps(name);
        let when = when.map(|when| self.when(when)).transpose()?;
        let pronoun = title.is_none() && when.is_none();
        Ok(Which { title, when, pronoun, ..Which::default() })
    }

    fn insist(&self, spoken: &Spoken, what: &str) -> Result<String, Refusal> {
        if self.claim.is_own(spoken) {
            Ok(self.claim.text(spoken))
        } else {
            Err(Refusal(format!(
                "The {what} must be in the person's own words, exactly as they said it. Ask them for it."
            )))
        }
    }
}

fn schema<A: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(A).to_value();
    if let Some(object) = schema.as_object_mut() {
        // Neither means anything to a model, and both cost tokens.
        object.remove("$schema");
        object.remove("title");
    }
    schema
}

fn command<D: Definition>(arguments: Value, heard: &Heard<'_>) -> Result<Command, Refusal> {
    let arguments = if arguments.is_null() { Value::Object(serde_json::Map::new()) } else { arguments };
    let arguments = serde_path_to_error::deserialize(arguments)
        .map_err(|error| Refusal(format!("The arguments of {} are wrong: {error}.", D::NAME)))?;
    D::command(arguments, heard)
}
