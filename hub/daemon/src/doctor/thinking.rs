//! Whether the language model can be asked, and how much of what may be spent on it is left. Asks the provider which models
//! it has, which costs nothing; never the model itself.

use xswarm_core::{
    admin::{Check, CheckOutcome},
    spending::Cap,
};

use super::check;
use crate::{error::Error, http::App, llm::Found};

/// From how much of a cap on there is something to say, in hundredths.
const NEAR_PERCENT: i64 = 80;

/// Every check of the language model.
pub(super) async fn checks(app: &App) -> Vec<Check> {
    let name = "language model";
    let Some(found) = app.llm.check().await else {
        return vec![not_asked(app, name)];
    };
    let model = app.llm.state().model.unwrap_or_default();
    let mut checks = vec![match found {
        Found::Model => check(name, CheckOutcome::Ok, format!("the provider accepts us and has {model}"), None),
        Found::NoSuchModel => {
            let fix = "set [llm] model in hub.toml to one that it has (with Ollama: `ollama pull MODEL`), or to \"\"";
            check(name, CheckOutcome::Failed, format!("the provider has no model {model}"), Some(fix))
        }
        Found::NotAccepted(status) => {
            let fix = "store a new key: `xswarm setup`";
            check(name, CheckOutcome::Failed, format!("the provider does not accept the key ({status})"), Some(fix))
        }
        Found::InTrouble(status) => {
            let cause = format!("the provider is there, but overloaded or in trouble of its own: it answers {status}");
            let fix = "nothing is wrong here: look again later; until then the Boss understands by himself only";
            check(name, CheckOutcome::Warning, cause, Some(fix))
        }
        Found::NotThere(words) => {
            let fix = "see the Internet connection, and [llm] base_url in hub.toml; until then the Boss understands by himself \
                       only";
            check(name, CheckOutcome::Failed, format!("the provider cannot be reached: {words}"), Some(fix))
        }
    }];
    if !app.llm.price_is_known() {
        let cause = format!("the price of {model} is not known; it is counted as the dearest that is");
        let fix = "set [llm] price_input_usd_per_million and price_output_usd_per_million in hub.toml";
        checks.push(check("language model price", CheckOutcome::Warning, cause, Some(fix)));
    }
    checks.push(caps(app).await);
    checks
}

fn not_asked(app: &App, name: &str) -> Check {
    let missing = app.llm.missing();
    if missing.is_empty() {
        let cause = "none is set up: the Boss understands what is said about calendar, reminders, lists and contacts, \
                     and answers no other questions";
        let fix = "run `xswarm setup`: with a key of Anthropic or OpenAI, or with Ollama on a machine of yours";
        return check(name, CheckOutcome::Skipped, cause, Some(fix));
    }
    let cause = format!("it is not set up ({} missing)", missing.join(", "));
    check(name, CheckOutcome::Failed, cause, Some("run `xswarm setup`"))
}

async fn caps(app: &App) -> Check {
    let name = "language model spending";
    let (caps, now) = (app.llm.caps(), app.clock.now());
    let states = match app.store.read(move |rows| rows.model_caps(caps, now).map_err(Error::from)).await {
        Ok(states) => states,
        Err(error) => return check(name, CheckOutcome::Failed, error.chain(), None),
    };
    let said: Vec<_> = states
        .iter()
        .map(|state| {
            let period = match state.cap {
                Cap::Daily => "today",
                Cap::Monthly => "this month",
            };
            format!("{} of {} {period}", state.spent, state.limit)
        })
        .collect();
    let said = said.join(", ");
    let most = states.iter().map(|state| state.spent.percent_of(state.limit)).max().unwrap_or(0);
    let fix = Some("see where it goes with `xswarm spending`; raise daily_cap_usd or monthly_cap_usd in [llm]");
    if most >= 100 {
        check(name, CheckOutcome::Warning, format!("a cap is reached, no model is asked: {said}"), fix)
    } else if most >= NEAR_PERCENT {
        check(name, CheckOutcome::Warning, format!("a cap is near: {said}"), fix)
    } else {
        check(name, CheckOutcome::Ok, said, None)
    }
}
