//! `[llm]`: which language model is asked, where, and what it may cost. The key is a secret and never stands here.

use std::{net::IpAddr, time::Duration};

use serde::Deserialize;
use url::{Host, Url};
use xswarm_core::{
    llm::LlmProvider,
    spending::{Caps, Microdollars, Price},
};

use super::value;

/// `[llm]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LlmConfig {
    /// Who serves it.
    pub(crate) provider: LlmProvider,
    /// As written; see [`LlmConfig::model`].
    #[serde(deserialize_with = "value::optional_text")]
    model: Option<String>,
    /// As written; see [`LlmConfig::base_url`].
    #[serde(deserialize_with = "value::optional_url")]
    base_url: Option<String>,
    /// What may be spent on a day (UTC).
    #[serde(rename = "daily_cap_usd", deserialize_with = "value::dollars")]
    daily_cap: Microdollars,
    /// What may be spent in a month (UTC).
    #[serde(rename = "monthly_cap_usd", deserialize_with = "value::dollars")]
    monthly_cap: Microdollars,
    /// One answer, repetitions included.
    #[serde(rename = "timeout_s", deserialize_with = "value::seconds")]
    pub(crate) timeout: Duration,
    /// The longest answer, in tokens.
    #[serde(deserialize_with = "value::tokens")]
    pub(crate) max_output_tokens: u32,
    /// What a million tokens read cost, where the hub's own table does not know or is out of date.
    #[serde(default, rename = "price_input_usd_per_million", deserialize_with = "value::given_dollars")]
    price_input: Option<Microdollars>,
    /// The same of tokens written.
    #[serde(default, rename = "price_output_usd_per_million", deserialize_with = "value::given_dollars")]
    price_output: Option<Microdollars>,
}

impl LlmConfig {
    /// The model to ask.
    pub(crate) fn model(&self) -> &str {
        self.model.as_deref().unwrap_or_else(|| self.provider.usual_model())
    }

    /// Where to ask; no slash at the end.
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or_else(|| self.provider.usual_url())
    }

    /// What may be spent.
    pub(crate) const fn caps(&self) -> Caps {
        Caps { daily: self.daily_cap, monthly: self.monthly_cap }
    }

    /// The prices that stand in the file. Of caches it says nothing: reading from one costs no more than reading, writing
    /// into one a quarter more.
    pub(crate) fn price(&self) -> Option<Price> {
        let (input, output) = self.price_input.zip(self.price_output)?;
        let cache_write = Microdollars(input.0 + (input.0 + 3) / 4);
        Some(Price { input, cache_read: input, cache_write, output })
    }

    /// What is wrong with settings that are right by themselves.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        if self.price_input.is_some() != self.price_output.is_some() {
            return Some(
                "`llm.price_input_usd_per_million` and `price_output_usd_per_million` are given both or neither",
            );
        }
        let url = self.base_url.as_deref()?;
        let local = |host: Host<&str>| match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => IpAddr::V4(address).is_loopback(),
            Host::Ipv6(address) => IpAddr::V6(address).is_loopback(),
        };
        let safe = url.starts_with("https://")
            || self.provider.secret().is_none()
            || Url::parse(url).is_ok_and(|url| url.host().is_some_and(local));
        (!safe).then_some(
            "`llm.base_url`: must begin with https:// (http:// is for this machine and for ollama only: a key is sent there)",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(text: &str) -> Result<LlmConfig, String> {
        let text = format!("[llm]\n{text}");
        Config::from_toml(&text, "hub.toml").map(|config| config.llm).map_err(|error| error.context)
    }

    #[test]
    fn without_a_word_nobody_is_asked() {
        let config = read("").unwrap();
        assert_eq!((config.provider, config.model(), config.base_url()), (LlmProvider::Off, "", ""));
        let caps = Caps { daily: Microdollars(1_000_000), monthly: Microdollars(20_000_000) };
        assert_eq!((config.caps(), config.price()), (caps, None));
    }

    #[test]
    fn each_provider_has_a_model_and_an_address_of_its_own() {
        let of = |provider| read(&format!("provider = \"{provider}\"")).unwrap();
        assert_eq!(of("anthropic").base_url(), "https://api.anthropic.com");
        assert_eq!(of("openai").base_url(), "https://api.openai.com/v1");
        assert_eq!(of("ollama").base_url(), "http://127.0.0.1:11434");
        let own = read("provider = \"ollama\"\nmodel = \"m\"\nbase_url = \"http://kitchen.lan:11434\"").unwrap();
        assert_eq!((own.model(), own.base_url()), ("m", "http://kitchen.lan:11434"));
    }

    #[test]
    fn a_key_travels_encrypted_or_not_at_all() {
        for (provider, url, allowed) in [
            ("anthropic", "http://127.0.0.1:1", true),
            ("openai", "http://localhost:1/v1", true),
            ("openai", "http://[::1]:1/v1", true),
            ("openai", "https://gateway.example/v1", true),
            ("anthropic", "http://192.168.1.5", false),
            ("openai", "http://gateway.example/v1", false),
            ("ollama", "http://192.168.1.5:11434", true),
        ] {
            let result = read(&format!("provider = \"{provider}\"\nbase_url = \"{url}\""));
            assert_eq!(result.is_ok(), allowed, "{provider} {url}: {result:?}");
        }
    }

    #[test]
    fn amounts_and_prices_have_bounds_and_come_in_pairs() {
        assert_eq!(read("daily_cap_usd = 0").unwrap().caps().daily, Microdollars::ZERO);
        assert_eq!(read("daily_cap_usd = 0.25").unwrap().caps().daily, Microdollars(250_000));
        assert!(read("daily_cap_usd = -1").unwrap_err().contains("`llm.daily_cap_usd`: must be an amount"));
        assert!(read("price_input_usd_per_million = 1").unwrap_err().contains("both or neither"));
        let priced = read("price_input_usd_per_million = 0.1\nprice_output_usd_per_million = 0.4").unwrap();
        let price = priced.price().unwrap();
        assert_eq!(
            (price.input, price.cache_write, price.output),
            (Microdollars(100_000), Microdollars(125_000), Microdollars(400_000))
        );
        let free = read("price_input_usd_per_million = 0\nprice_output_usd_per_million = 0").unwrap();
        assert_eq!(free.price(), Some(Price::default()));
    }
}
