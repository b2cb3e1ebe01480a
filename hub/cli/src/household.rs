//! Who is who: the persons the hub knows, found by id, name or a unique beginning of either.
//!
//! Read once per command; nothing is kept.

use serde::Deserialize;
use xswarm_core::{
    admin::Status,
    id::UserId,
    user::{Role, User},
};

use crate::{
    client::{Client, ClientError},
    failure::Failure,
    ids::{Found, choices, find},
    when::View,
};

/// `GET /api/users`.
#[derive(Debug, Clone, Deserialize)]
pub struct Household {
    /// Everybody.
    pub users: Vec<User>,
}

impl Household {
    /// Asks the hub for everybody.
    pub async fn fetch(hub: &Client) -> Result<Self, ClientError> {
        hub.get("/api/users").await
    }

    /// The person who is meant by an id, a name, or a unique beginning of either.
    pub fn find(&self, wanted: &str) -> Result<&User, Failure> {
        let positions: Vec<usize> = (0..self.users.len()).collect();
        let names = |position: &usize| {
            self.users.get(*position).map(|user| vec![user.id.to_string(), user.name.clone()]).unwrap_or_default()
        };
        let nobody = || {
            let all = self.users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>().join(", ");
            let hint = format!("There are: {all}. `xswarm user add` lets others in.");
            Failure::failed(format!("nobody is called `{wanted}`"), hint)
        };
        match find(wanted, &positions, names) {
            Found::One(position) => self.users.get(position).ok_or_else(nobody),
            Found::None => Err(nobody()),
            Found::Several(several) => Err(Failure::failed(
                format!("`{wanted}` may be {}", choices(&several)),
                "Write more of the name, or the id (`xswarm user list`).",
            )),
        }
    }

    /// The person who speaks when nobody is named: the first admin.
    pub fn admin(&self) -> Option<&User> {
        self.users.iter().filter(|user| user.role == Role::Admin).min_by_key(|user| (user.created_at, user.id))
    }

    /// What somebody is called; "–" for nobody.
    pub fn name_of(&self, id: Option<UserId>) -> String {
        match id {
            Some(id) => self
                .users
                .iter()
                .find(|user| user.id == id)
                .map_or_else(|| "(removed)".to_owned(), |user| user.name.clone()),
            None => "–".to_owned(),
        }
    }
}

/// The id of the person who is meant; a whole id is taken as it is. `None` when nobody is named.
pub async fn user_id(hub: &Client, wanted: Option<&str>) -> anyhow::Result<Option<UserId>> {
    let Some(wanted) = wanted else { return Ok(None) };
    if let Ok(id) = wanted.trim().parse() {
        return Ok(Some(id));
    }
    Ok(Some(Household::fetch(hub).await?.find(wanted)?.id))
}

/// The id of the person on whose behalf something is done: the admin where nobody is named.
pub async fn on_behalf_of(hub: &Client, wanted: Option<&str>) -> anyhow::Result<UserId> {
    if let Some(id) = user_id(hub, wanted).await? {
        return Ok(id);
    }
    let admin = Household::fetch(hub).await?.admin().map(|admin| admin.id);
    Ok(admin.ok_or_else(|| {
        Failure::failed("The hub knows no admin.", "Add one with `xswarm user add --name NAME --admin`.")
    })?)
}

/// What is needed to show things to a person: who is who, what time it is, and their zone.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Who is who.
    pub household: Household,
    /// In whose zone, and when.
    pub view: View,
}

impl Scene {
    /// The scene for a person, or for the admin.
    pub async fn fetch(hub: &Client, user: Option<UserId>) -> Result<Self, ClientError> {
        let household = Household::fetch(hub).await?;
        let status: Status = hub.get("/api/status").await?;
        let named = household.users.iter().find(|person| Some(person.id) == user);
        let zone = named.or(household.admin()).map_or(chrono_tz::UTC, |person| person.timezone);
        Ok(Self { view: View { now: status.now, zone }, household })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn person(seconds: i64, name: &str, role: Role) -> User {
        let at = DateTime::from_timestamp(1_700_000_000 + seconds, 0).unwrap();
        User {
            id: UserId::new(at),
            name: name.to_owned(),
            email: None,
            phone: None,
            timezone: chrono_tz::UTC,
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role,
            created_at: at,
            updated_at: at,
        }
    }

    fn household() -> Household {
        let users =
            vec![person(2, "Anna", Role::Admin), person(1, "Bob", Role::Admin), person(0, "Anton", Role::Member)];
        Household { users }
    }

    #[test]
    fn persons_are_found_by_name_beginning_or_id() {
        let household = household();
        let bob = &household.users[1];
        assert_eq!(household.find("anna").unwrap().name, "Anna");
        assert_eq!(household.find("b").unwrap().name, "Bob");
        assert_eq!(household.find(&bob.id.to_string()).unwrap().name, "Bob");
    }

    #[test]
    fn who_is_not_found_or_not_unique_is_told_with_the_choices() {
        let household = household();
        let unknown = household.find("carol").unwrap_err();
        assert!(matches!(&unknown, Failure::Failed { next, .. } if next.contains("Anna, Bob, Anton")), "{unknown:?}");
        let unclear = household.find("an").unwrap_err().to_string();
        assert!(unclear.contains("Anna") && unclear.contains("Anton"), "{unclear}");
    }

    #[test]
    fn the_first_admin_speaks_when_nobody_is_named() {
        let household = household();
        assert_eq!(household.admin().unwrap().name, "Bob");
        assert_eq!(household.name_of(Some(household.users[0].id)), "Anna");
        assert_eq!(household.name_of(None), "–");
        assert_eq!(household.name_of(Some(UserId::new(DateTime::UNIX_EPOCH))), "(removed)");
    }
}
