//! What the Boss can do, as a table; and how often it was used.

use chrono::Duration;
use serde_json::json;
use xswarm_core::capability::{
    Capabilities, CapabilityUse, CapabilityUses, CapabilityView, Category, EffectClass, Permission,
};

use crate::{
    rows::{household, now},
    shell::line,
};

fn capability(name: &str, category: Category, effect: EffectClass, why_not: Option<&str>) -> CapabilityView {
    CapabilityView {
        name: name.into(),
        category,
        description: "Does it.".into(),
        examples: vec![format!("Please {name}"), "Another way".into()],
        permission: Permission::Household,
        effect,
        available: why_not.is_none(),
        unavailable_because: why_not.map(str::to_owned),
        arguments: json!({ "type": "object" }),
    }
}

#[test]
fn capabilities_are_listed_by_category_with_what_to_say_and_why_not() {
    let (hub, ..) = household();
    let capabilities = vec![
        capability("set_timer", Category::Scheduling, EffectClass::WriteOwn, None),
        capability("tell_time", Category::Monitoring, EffectClass::Read, None),
        capability("send_text", Category::Communication, EffectClass::Spend, Some("texting is not set up")),
    ];
    hub.answers("GET /api/capabilities", &Capabilities { capabilities });
    assert_eq!(
        line(&hub.socket(), "capabilities").ok(),
        "Communication\n\
         NAME       EFFECT       AVAILABLE  SAY\n\
         send_text  costs money  no         Please send_text\n\
         send_text is not available: texting is not set up.\n\
         \n\
         Scheduling\n\
         NAME       EFFECT                 AVAILABLE  SAY\n\
         set_timer  changes what is yours  yes        Please set_timer\n\
         \n\
         The Boss itself\n\
         NAME       EFFECT  AVAILABLE  SAY\n\
         tell_time  tells   yes        Please tell_time\n"
    );
}

#[test]
fn usage_counts_rules_and_model_apart_with_a_bar() {
    let (hub, ..) = household();
    let used = |name: &str, by_words, by_model, hours| CapabilityUse {
        capability: name.into(),
        by_words,
        by_model,
        last_used_at: now() - Duration::hours(hours),
    };
    let uses = vec![used("show_agenda", 9, 1, 1), used("undo", 5, 0, 30)];
    hub.answers("GET /api/capabilities/usage", &CapabilityUses { days: 7, uses });
    assert_eq!(
        line(&hub.socket(), "capabilities --usage --days 7").ok(),
        "CAPABILITY   BY RULE  BY MODEL  LAST USED (Europe/Berlin)\n\
         show_agenda  9        1         today 12:00                ████████████████████\n\
         undo         5        0         yesterday 07:00            ██████████\n"
    );
    assert_eq!(hub.asked_once("GET /api/capabilities/usage").query, "days=7");
    assert_eq!(line(&hub.socket(), "capabilities --days 7").code, 2, "days of what?");
}

#[test]
fn a_quiet_month_says_so() {
    let (hub, ..) = household();
    hub.answers("GET /api/capabilities/usage", &CapabilityUses { days: 30, uses: Vec::new() });
    assert_eq!(line(&hub.socket(), "capabilities --usage").ok(), "Nothing was used in that time.\n");
}
