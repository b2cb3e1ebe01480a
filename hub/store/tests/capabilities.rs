//! How often capabilities were used.

use chrono::Duration;
use xswarm_core::{capability::CapabilityUse, receipt::AskedBy};

use crate::scratch::{Scratch, at};

#[tokio::test]
async fn uses_are_counted_by_person_and_whole_days_and_go_with_the_person() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let day = Duration::days(1);
    scratch
        .write(move |tx| {
            tx.capability_used("show_agenda", ada, AskedBy::Words, at(0) - day * 3)?;
            tx.capability_used("show_agenda", ada, AskedBy::Words, at(0))?;
            tx.capability_used("show_agenda", ada, AskedBy::Words, at(5))?;
            tx.capability_used("show_agenda", ada, AskedBy::Model, at(3))?;
            tx.capability_used("undo", ada, AskedBy::Words, at(1))?;
            tx.capability_used("undo", bob, AskedBy::Words, at(2))
        })
        .await;
    let used = |name: &str, by_words, by_model, seconds| CapabilityUse {
        capability: name.into(),
        by_words,
        by_model,
        last_used_at: at(seconds),
    };
    let hers = scratch.read(move |rows| rows.capability_uses(Some(ada), at(0))).await;
    assert_eq!(hers, [used("show_agenda", 2, 1, 5), used("undo", 1, 0, 1)]);
    let since_morning = scratch.read(move |rows| rows.capability_uses(Some(ada), at(3_600))).await;
    assert_eq!(since_morning, hers, "days count whole");
    let all = scratch.read(move |rows| rows.capability_uses(None, at(0) - day * 3)).await;
    assert_eq!(all, [used("show_agenda", 3, 1, 5), used("undo", 2, 0, 2)]);
    scratch.write(move |tx| tx.user_delete(ada, at(9))).await;
    let left = scratch.read(move |rows| rows.capability_uses(None, at(0) - day * 3)).await;
    assert_eq!(left, [used("undo", 1, 0, 2)]);
}
