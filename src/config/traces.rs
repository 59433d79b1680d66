//! The table `[traces]`, and the variables of OpenTelemetry that stand in for what it leaves open: those are meant for every program of a
//! machine, so that whatever is said to Dictum alone goes over them.

use super::ConfigError;
use serde::{Deserialize, Serialize};

/// What a service is called in traces where nobody says otherwise.
const SERVICE_NAME: &str = "dictum";

/// Where spans go, in falling order of rank; only OTLP over gRPC is spoken.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The table `[traces]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceSettings {
    /// Where a collector takes OTLP over gRPC, `http://collector:4317`. Empty: nowhere, whatever the environment says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Of calls that are no part of a caller's trace, the share that is traced, 0 to 1.
    pub sample: f64,
    /// What the service is called in traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_name: Option<String>,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self { endpoint: None, sample: 0.1, service_name: None }
    }
}

impl TraceSettings {
    /// Takes from OpenTelemetry's variables what is left open.
    pub(super) fn fill(&mut self, variable: impl Fn(&str) -> Option<String>) {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_disabled = said("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if self.endpoint.is_none() && !is_disabled {
            self.endpoint = ENDPOINTS.into_iter().find_map(said);
        }
        if self.service_name.is_none() {
            self.service_name = said("OTEL_SERVICE_NAME");
        }
    }

    /// Where spans go, if anywhere.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty())
    }

    /// What the service is called.
    pub fn service_name(&self) -> &str {
        self.service_name.as_deref().unwrap_or(SERVICE_NAME)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason: String| Err(ConfigError::Value { key, reason });
        if let Some(endpoint) = self.endpoint().filter(|endpoint| !is_url(endpoint)) {
            let reason = format!("{endpoint:?} is no address of a collector; try http://127.0.0.1:4317");
            return refuse("traces.endpoint", reason);
        }
        if !(0.0..=1.0).contains(&self.sample) {
            return refuse("traces.sample", "must lie between 0 and 1; try 0.1".into());
        }
        if self.service_name().trim().is_empty() {
            return refuse("traces.service_name", "must not be empty; try dictum".into());
        }
        Ok(())
    }
}

/// Whether there is a host behind the scheme. The rest is the client's to judge.
fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        !host.starts_with(['/', ':']) && !host.is_empty() && !host.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(endpoint: Option<&str>, variables: &[(&str, &str)]) -> TraceSettings {
        let mut settings =
            TraceSettings { endpoint: endpoint.map(str::to_owned), ..TraceSettings::default() };
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        settings.fill(|name| find(name).map(|(_, value)| (*value).to_owned()));
        settings
    }

    #[test]
    fn opentelemetrys_variables_fill_what_is_left_open_and_nothing_else() {
        let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:4317");
        let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4317");
        assert_eq!(filled(None, &[]).endpoint(), None);
        assert_eq!(filled(None, &[general]).endpoint(), Some("http://general:4317"));
        assert_eq!(filled(None, &[general, own]).endpoint(), Some("http://traces:4317"));
        assert_eq!(filled(Some("http://file:4317"), &[general]).endpoint(), Some("http://file:4317"));
        assert_eq!(filled(Some(""), &[general]).endpoint(), None, "off is said");
        assert_eq!(filled(None, &[general, ("OTEL_SDK_DISABLED", "true")]).endpoint(), None);
        assert_eq!(filled(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]).endpoint, None);
        assert_eq!(filled(None, &[]).service_name(), "dictum");
        assert_eq!(filled(None, &[("OTEL_SERVICE_NAME", "quotes")]).service_name(), "quotes");
    }

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for right in ["http://collector:4317", "https://[::1]:4317/", "http://a"] {
            assert!(filled(Some(right), &[]).check().is_ok(), "{right}");
        }
        for wrong in ["collector:4317", "http://", "http://:4317", "grpc://a:1", "http://a b"] {
            let error = filled(Some(wrong), &[]).check().unwrap_err().to_string();
            assert!(error.starts_with("traces.endpoint: "), "{error}");
        }
    }
}
