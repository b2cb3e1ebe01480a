//! Suggestions from outside: made in an answer, decided over the interface, switched off.

use serde_json::{Value, json};
use xswarm_core::{
    admin::CreatedKey,
    suggestion::{SuggestionState, Suggestions},
    user::User,
};
use xswarm_tests::hub::Hub;

#[tokio::test]
async fn a_habit_is_suggested_once_and_takes_effect_when_it_is_accepted() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    for n in 1..=8 {
        api.ask(&format!("Lunch in {n} days from 12 to 12:45pm")).await;
    }
    let all: Suggestions = api.get("/api/suggestions").await.expect(200).into();
    assert!(all.enabled && all.suggestions.len() == 1, "{all:?}");
    let one = &all.suggestions[0];
    assert_eq!(one.state, SuggestionState::Offered);
    assert_eq!(one.evidence, "You have booked 8 of your last 8 appointments for 45 minutes.");
    let said = hub.cli().run(&["suggestions"]).await.expect(0);
    assert!(said.out.contains(&one.evidence) && said.out.contains("offered"), "{}", said.out);

    let mia: User = api.post("/api/users", &json!({ "name": "Mia" })).await.expect(201).part("user");
    let key: CreatedKey =
        api.post("/api/keys", &json!({ "user_id": mia.id, "name": "phone" })).await.expect(201).into();
    let accept = format!("/api/suggestions/{}/accept", one.id);
    hub.lan(Some(&key.key)).post(&accept, &json!({})).await.problem(404);
    let hers: Suggestions = hub.lan(Some(&key.key)).get("/api/suggestions").await.expect(200).into();
    assert!(hers.suggestions.is_empty());

    api.post(&accept, &json!({})).await.expect(200);
    api.post(&accept, &json!({})).await.problem(409);
    let path = format!("/api/users/{}/calendar-preferences", one.user_id);
    let kept: Value = api.get(&path).await.expect(200).part("calendar_preferences");
    assert_eq!(kept["default_minutes"], 45);
    let undone = hub.cli().run(&["ask", "undo"]).await.expect(0);
    assert!(undone.out.contains("appointments usually take 1 hour again"), "{}", undone.out);

    let said = hub.cli().run(&["suggestions", "decline", &one.id.to_string()]).await.expect(0);
    assert!(said.out.starts_with("Declined."), "{}", said.out);
    let said = hub.cli().run(&["user", "suggestions", xswarm_tests::hub::ADMIN_NAME, "off"]).await.expect(0);
    assert!(said.out.contains("makes no suggestions"), "{}", said.out);
    let off: Suggestions = api.get("/api/suggestions").await.expect(200).into();
    assert!(!off.enabled);
    hub.finish(std::slice::from_ref(&one.evidence)).await;
}
