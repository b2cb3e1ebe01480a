//! What tokens cost: the table of models that the hub knows. What was charged is the provider's bill; this is what the
//! caps count by.

use std::collections::BTreeMap;

use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;
use xswarm_core::spending::{Microdollars, Price};

use crate::{
    config::{LlmConfig, LlmProvider},
    error::{Error, Result},
};

/// The table as it is shipped.
const TABLE: &str = include_str!("prices.toml");

/// What is known of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// What its tokens cost.
    pub(crate) price: Price,
    /// Whether that is more than a guess on the safe side.
    pub(crate) certain: bool,
    /// Whether it must be told not to think first.
    pub(crate) thinks: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    input: f64,
    cache_read: f64,
    cache_write: f64,
    output: f64,
    #[serde(default)]
    thinks: bool,
}

impl Row {
    fn price(&self) -> Price {
        #[expect(clippy::cast_possible_truncation, reason = "a price is a few dollars; a cast of a float saturates")]
        let amount = |dollars: f64| Microdollars((dollars * 1e6).ceil() as i64);
        Price {
            input: amount(self.input),
            cache_read: amount(self.cache_read),
            cache_write: amount(self.cache_write),
            output: amount(self.output),
        }
    }
}

/// What the model that is configured costs: by the configuration, else by the table, else as the dearest in the table.
/// Models of the household's own machines cost nothing.
pub(crate) fn known(config: &LlmConfig) -> Result<Known> {
    let rows: BTreeMap<String, Row> = Figment::from(Toml::string(TABLE))
        .extract()
        .map_err(|error| Error::internal("the table of prices cannot be read").with_source(error))?;
    let row = rows.get(undated(config.model()));
    let thinks = config.provider == LlmProvider::Ollama || row.is_some_and(|row| row.thinks);
    let certain = |price| Known { price, certain: true, thinks };
    if let Some(price) = config.price() {
        return Ok(certain(price));
    }
    if matches!(config.provider, LlmProvider::Off | LlmProvider::Ollama) {
        return Ok(certain(Price::default()));
    }
    let dearest = || rows.values().map(Row::price).fold(Price::default(), dearer);
    Ok(row.map_or_else(|| Known { price: dearest(), certain: false, thinks }, |row| certain(row.price())))
}

fn dearer(one: Price, other: Price) -> Price {
    Price {
        input: one.input.max(other.input),
        cache_read: one.cache_read.max(other.cache_read),
        cache_write: one.cache_write.max(other.cache_write),
        output: one.output.max(other.output),
    }
}

/// A model's name without the date of its snapshot: `-20251001` or `-2026-09-22`.
fn undated(model: &str) -> &str {
    let mut name = model;
    let mut digits = 0;
    while let Some((before, last)) = name.rsplit_once('-').filter(|_| digits < 8) {
        if !last.bytes().all(|byte| byte.is_ascii_digit()) || ![2, 4, 8].contains(&last.len()) {
            break;
        }
        digits += last.len();
        name = before;
    }
    if digits == 8 { name } else { model }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn of(text: &str) -> Known {
        let config = Config::from_toml(&format!("[llm]\n{text}"), "x").unwrap();
        known(&config.llm).unwrap()
    }

    #[test]
    fn every_usual_model_has_a_price() {
        for provider in LlmProvider::ALL {
            assert!(of(&format!("provider = \"{provider}\"")).certain, "{provider}");
        }
        let haiku = of("provider = \"anthropic\"");
        assert_eq!((haiku.price.input.0, haiku.price.cache_write.0, haiku.price.output.0), (100_000, 125_000, 500_000));
        assert!(haiku.thinks);
        assert_eq!(of("provider = \"ollama\"").price, Price::default());
    }

    #[test]
    fn a_snapshot_costs_what_its_model_costs() {
        assert_eq!(undated("claude-haiku-4-5-20251001"), "claude-haiku-4-5");
        assert_eq!(undated("gpt-6-luna-2026-09-22"), "gpt-6-luna");
        for name in ["claude-haiku-4-5", "gpt-6", "a-12-34", "x-2026", ""] {
            assert_eq!(undated(name), name);
        }
        assert!(of("provider = \"anthropic\"\nmodel = \"claude-haiku-4-5-20251001\"").certain);
    }

    #[test]
    fn an_unknown_model_costs_as_much_as_the_dearest_unless_its_price_is_given() {
        let unknown = of("provider = \"openai\"\nmodel = \"somebody-elses\"");
        assert!(!unknown.certain);
        assert_eq!((unknown.price.input.0, unknown.price.output.0), (10_000_000, 50_000_000));
        let given = of(
            "provider = \"openai\"\nmodel = \"x\"\nprice_input_usd_per_million = 0\nprice_output_usd_per_million = 0",
        );
        assert_eq!((given.certain, given.price), (true, Price::default()));
    }
}
