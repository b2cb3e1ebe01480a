//! Who speaks in a room that serves several persons: the first of them, unless somebody says who they are.

use xswarm_core::user::User;

use super::Session;
use crate::{
    dialog::{Answer, Input},
    error::Error,
};

/// How somebody says who they are.
const SAYING_SO: [&str; 5] = ["this is ", "i am ", "i'm ", "it's ", "my name is "];

impl Session<'_> {
    /// Whether these words say who speaks; then they are taken for that person from now on, until the conversation ends.
    pub(super) async fn introduced(&mut self, words: &str) -> Result<bool, Error> {
        let Some(user) = who(words, &self.persons).cloned() else { return Ok(false) };
        self.call.user_id = Some(user.id);
        if self.is_kept {
            let (call, person) = (self.call.id, user.id);
            self.store.write(move |tx| tx.call_belongs_to(call, person).map_err(Error::from)).await?;
        }
        let text = format!("Hello {}.", user.name);
        self.user = Some(user);
        let answer = Answer { text, ..Answer::default() };
        Box::pin(self.input(Input::Answer(answer), None)).await?;
        Ok(true)
    }
}

/// Which of these persons somebody says they are, and nothing else.
fn who<'p>(words: &str, persons: &'p [User]) -> Option<&'p User> {
    let said = words.trim().trim_end_matches(['.', '!', ',']).to_lowercase().replace('’', "'");
    let name = SAYING_SO.iter().find_map(|saying| said.strip_prefix(saying))?.trim();
    let is = |user: &&User| {
        let known = user.name.to_lowercase();
        known == name || known.split_whitespace().next() == Some(name)
    };
    let mut all = persons.iter().filter(is);
    let one = all.next();
    // Two of the same first name must say more.
    one.filter(|_| all.next().is_none())
}
