//! (d) 10,000 reminders due in the same second: how long until the provider has the last.

use std::time::{Duration, Instant};

use xswarm_core::time::to_text;
use xswarm_tests::{
    clock,
    database::Database,
    twilio::{Endpoint, SECOND_NUMBER},
    world::World,
};

/// How many are due at once.
const COUNT: usize = 10_000;

/// Prints a line for a household with two numbers, and one for a household with one.
pub(crate) async fn reminding(binary: &std::path::Path) {
    println!("\n(d) {COUNT} reminders due in the same second, handed over to the provider");
    println!("{:>10}{:>22}{:>16}{:>16}", "numbers", "provider takes/s", "all said s", "handed over s");
    for (numbers, per_second) in [(2, 500.0), (1, 1_000.0)] {
        let (fired, handed) = remind(binary, numbers, per_second).await;
        let capacity = per_second * f64::from(numbers);
        println!("{numbers:>10}{capacity:>22.0}{:>16.1}{:>16.1}", fired.as_secs_f64(), handed.as_secs_f64());
    }
}

async fn remind(binary: &std::path::Path, numbers: u32, per_second: f64) -> (Duration, Duration) {
    let mut world =
        World::start_with(|builder| builder.binary(binary).config("twilio", "sends_per_second", per_second)).await;
    for n in 0..10 {
        let member = world.add_member(&format!("Member {n}"), &format!("+1415555{:04}", 3_000 + n)).await;
        if n % numbers == 1 {
            let own = serde_json::json!({ "boss_phone": SECOND_NUMBER });
            world.api().put(&format!("/api/users/{}", member.id), &own).await.expect(200);
        }
    }
    world.hub.stop().await;
    let due = clock::now() + chrono::Duration::seconds(3);
    insert(&Database::open(&world.hub.state_dir()), &to_text(due));
    world.hub.start().await;
    let mut fired = None;
    tokio::time::sleep((due - clock::now()).to_std().unwrap_or_default()).await;
    let began = Instant::now();
    while world.twilio.requests(Endpoint::Send) < COUNT {
        if fired.is_none() {
            let waiting: Vec<_> = world.api().reminders("pending").await;
            let none = waiting.is_empty() && world.hub.api().status().await.counts.reminders == 0;
            fired = none.then(|| began.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let handed = began.elapsed();
    world.hub.kill();
    world.hub.abandon();
    (fired.unwrap_or(handed), handed)
}

/// Rows and jobs as the hub writes them, spread over all members.
fn insert(database: &Database, due: &str) {
    database.execute_batch(&format!(
        "CREATE TEMP TABLE wanted AS
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT} - 1),
              members AS (SELECT id, row_number() OVER (ORDER BY created_at, id) - 1 AS nth FROM users
                          WHERE role = 'member')
         SELECT i, printf('019abcde-0000-7000-8000-%012x', i) AS id,
                (SELECT id FROM members WHERE nth = i % (SELECT count(*) FROM members)) AS user_id FROM n;
         INSERT INTO appointment_reminders (id, user_id, reminder_time, method, status, created_at, kind, text,
             timezone, series, series_start, recurrence_id)
         SELECT id, user_id, '{due}', 'sms', 'pending', '{due}', 'reminder', printf('item %05d', i), 'Europe/Berlin',
             id, '{due}', '{due}' FROM wanted ORDER BY i;
         INSERT INTO jobs (kind, key, payload, due_at, state, created_at, updated_at)
         SELECT 'fire_reminder', 'fire_reminder/' || id, json_object('reminder', id), '{due}', 'ready', '{due}',
             '{due}' FROM wanted ORDER BY i;"
    ));
}
