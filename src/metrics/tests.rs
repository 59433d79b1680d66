//! What is recorded and sampled, as it is read.

use super::*;

fn value(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name).filter(|rest| rest.starts_with(' ')));
    line.map(|rest| rest.trim().parse().unwrap())
}

#[test]
fn what_was_recorded_and_what_is_sampled_are_in_the_text() {
    let all = Metrics::new("1.2.3");
    for _ in 0..2 {
        all.begun();
    }
    all.ended("s/M", "OK", "", Duration::from_millis(7));
    all.ended("s/M", "UNAVAILABLE", "OVERLOADED", Duration::from_millis(1));
    all.begun();
    all.over_quota("analyses");
    all.analysed("fast", 1000, Duration::from_millis(300));
    let sample = Sample { changes: [9, 4], audit_lost: 3, ready: true, ..Sample::default() };
    let text = all.text(&sample).unwrap();
    let known = [
        ("dictum_build_info{version=\"1.2.3\"}", 1.0),
        ("dictum_requests_total{method=\"s/M\",code=\"OK\"}", 1.0),
        ("dictum_requests_total{method=\"s/M\",code=\"UNAVAILABLE\"}", 1.0),
        ("dictum_request_duration_seconds_bucket{le=\"0.01\",method=\"s/M\"}", 2.0),
        ("dictum_request_duration_seconds_bucket{le=\"0.005\",method=\"s/M\"}", 1.0),
        ("dictum_requests_in_flight", 1.0),
        ("dictum_shed_total{reason=\"OVERLOADED\"}", 1.0),
        ("dictum_quota_exceeded_total{quota=\"analyses\"}", 1.0),
        ("dictum_analysis_bytes_total{analyzer=\"fast\"}", 1000.0),
        ("dictum_index_lag_changes", 5.0),
        ("dictum_ready", 1.0),
        ("dictum_audit_lost_total", 3.0),
    ];
    for (name, expected) in known {
        assert_eq!(value(&text, name), Some(expected), "{name} in\n{text}");
    }
    for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"] {
        assert!(value(&text, name).unwrap() > 0.0, "{name}");
    }
    let again = all.text(&sample).unwrap();
    assert_eq!(value(&again, "dictum_audit_lost_total"), Some(3.0), "counted once");
    assert!(again.ends_with("# EOF\n"));
}
