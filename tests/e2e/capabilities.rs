//! What the Boss can do and how often it did, as seen from outside.

use serde_json::json;
use xswarm_core::{
    admin::CreatedKey,
    capability::{Capabilities, CapabilityUses},
    user::User,
};
use xswarm_tests::hub::Hub;

#[tokio::test]
async fn everybody_sees_what_they_can_say_and_how_often_they_did() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let mia: User = hub.api().post("/api/users", &json!({ "name": "Mia" })).await.expect(201).part("user");
    let key: CreatedKey =
        hub.api().post("/api/keys", &json!({ "user_id": mia.id, "name": "phone" })).await.expect(201).into();
    let lan = hub.lan(Some(&key.key));

    for api in [hub.api(), &lan] {
        let all: Capabilities = api.get("/api/capabilities").await.expect(200).into();
        let agenda = all.capabilities.iter().find(|one| one.name == "show_agenda").expect("it is there");
        assert!(agenda.available && agenda.unavailable_because.is_none(), "{agenda:?}");
        assert_eq!(agenda.arguments["type"], "object");
        assert!(all.capabilities.iter().all(|one| one.available != one.unavailable_because.is_some()));
    }
    let said = hub.cli().run(&["capabilities"]).await.expect(0);
    for part in ["Scheduling", "set_timer", "Set a pasta timer for 9 minutes", "changes what is yours"] {
        assert!(said.out.contains(part), "`{part}` is not in {}", said.out);
    }

    let nothing: CapabilityUses = hub.api().get("/api/capabilities/usage").await.expect(200).into();
    assert_eq!((nothing.days, nothing.uses), (30, Vec::new()));
    for _ in 0..2 {
        hub.cli().run(&["ask", "what's on today?"]).await.expect(0);
    }
    let household: CapabilityUses = hub.api().get("/api/capabilities/usage?days=1").await.expect(200).into();
    let counts: Vec<_> =
        household.uses.iter().map(|one| (one.capability.as_str(), one.by_words, one.by_model)).collect();
    assert_eq!(counts, [("show_agenda", 2, 0)]);
    let hers: CapabilityUses = lan.get("/api/capabilities/usage").await.expect(200).into();
    assert!(hers.uses.is_empty(), "an admin's use is none of hers: {hers:?}");
    let said = hub.cli().run(&["capabilities", "--usage"]).await.expect(0);
    assert!(said.out.contains("show_agenda  2        0") && said.out.contains("█"), "{}", said.out);
    lan.get("/api/capabilities/usage?days=0").await.problem(400);
    hub.finish(&[]).await;
}
