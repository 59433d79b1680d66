//! How much may be used.

use super::*;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(START.parse().unwrap()))
}

fn principal(id: &str, limits: Limits) -> Principal {
    Principal { id: id.into(), limits, ..Principal::local() }
}

fn limits(text: &str) -> Limits {
    toml::from_str(text).unwrap()
}

fn over(quota: Quota, limit: u64, wait: Option<Duration>) -> Result<(), OverQuota> {
    Err(OverQuota { quota, limit, retry_after: wait })
}

#[test]
fn calls_go_through_at_their_rate_after_a_burst() {
    let clock = clock();
    let quotas = Quotas::new(QuotaSettings::default(), clock.clone());
    let ada = principal("ada", limits("requests_per_second = 4\nrequest_burst = 10"));
    let bob = principal("bob", limits("requests_per_second = 4"));
    assert_eq!((0..12).filter(|_| quotas.meter(&ada).request().is_ok()).count(), 10);
    assert_eq!((0..12).filter(|_| quotas.meter(&bob).request().is_ok()).count(), 4);
    let wait = Duration::from_millis(250);
    assert_eq!(quotas.meter(&ada).request(), over(Quota::Requests, 4, Some(wait)));
    clock.advance(wait);
    assert_eq!(quotas.meter(&ada).request(), Ok(()));
    assert_eq!(quotas.meter(&ada).request(), over(Quota::Requests, 4, Some(wait)));
    clock.advance(Duration::from_secs(10));
    assert_eq!((0..99).filter(|_| quotas.meter(&ada).request().is_ok()).count(), 10);
}

#[test]
fn bytes_go_through_at_their_rate_and_too_long_a_message_never() {
    let clock = clock();
    let quotas = Quotas::new(QuotaSettings::default(), clock.clone());
    let meter = quotas.meter(&principal("ada", limits("bytes_per_minute = 6000")));
    assert_eq!(meter.bytes(6001), over(Quota::Bytes, 6000, None));
    assert_eq!(meter.bytes(5000), Ok(()));
    assert_eq!(meter.bytes(2000), over(Quota::Bytes, 6000, Some(Duration::from_secs(10))));
    assert_eq!(meter.bytes(1000), Ok(()));
    clock.advance(Duration::from_secs(10));
    assert_eq!(meter.bytes(1000), Ok(()));
    assert_eq!(meter.bytes(0), Ok(()));
    let said = meter.bytes(7000).unwrap_err().to_string();
    assert_eq!(said, "the limit bytes_per_minute of 6000 is reached");
}

#[test]
fn analyses_are_counted_while_they_are_under_way_even_when_limits_change() {
    let quotas = Quotas::new(QuotaSettings::default(), clock());
    let two = principal("ada", limits("analyses = 2"));
    let meter = quotas.meter(&two);
    let slots = [meter.analysis().unwrap(), meter.analysis().unwrap()];
    assert_eq!(meter.analysis().map(drop), over(Quota::Analyses, 2, Some(Duration::from_secs(1))));
    let three = quotas.meter(&principal("ada", limits("analyses = 3")));
    let third = three.analysis().unwrap();
    assert!(three.analysis().is_err());
    drop(slots);
    let _more = [three.analysis().unwrap(), three.analysis().unwrap()];
    assert!(three.analysis().is_err());
    drop(third);
    assert!(three.analysis().is_ok());
    let none = quotas.meter(&principal("bob", limits("analyses = 0")));
    assert_eq!(none.analysis().map(drop), over(Quota::Analyses, 0, None));
}

#[test]
fn documents_are_held_against_what_is_stored_and_nobody_is_limited_without_limits() {
    let quotas = Quotas::new(QuotaSettings::default(), clock());
    let meter = quotas.meter(&principal("ada", limits("documents = 10")));
    let first = meter.document().unwrap();
    assert_eq!(first.fits(9), Ok(()));
    assert_eq!(first.fits(u64::MAX), over(Quota::Documents, 10, None));
    // What others are about to store counts, until it is stored.
    let second = meter.document().unwrap();
    assert_eq!((second.fits(8), second.fits(9)), (Ok(()), over(Quota::Documents, 10, None)));
    drop((first, second));
    assert_eq!(meter.document().unwrap().fits(9), Ok(()));
    let free = quotas.meter(&Principal::local());
    assert!(
        (0..1000)
            .all(|_| free.request().is_ok() && free.bytes(u64::MAX).is_ok() && free.document().is_none())
    );
    let slots: Vec<_> = (0..1000).map(|_| free.analysis().unwrap()).collect();
    assert_eq!(slots.len(), 1000);
}

#[test]
fn those_who_do_not_call_are_forgotten_and_never_more_are_kept_than_may_be() {
    let clock = clock();
    let settings = QuotaSettings { principals: 32, idle: Duration::from_secs(60) };
    let quotas = Quotas::new(settings, clock.clone());
    let once = limits("requests_per_second = 1\nanalyses = 1");
    let busy = principal("busy", once);
    let slot = quotas.meter(&busy).analysis().unwrap();
    for number in 0..31 {
        clock.advance(Duration::from_millis(10));
        assert_eq!(quotas.meter(&principal(&format!("p{number}"), once)).request(), Ok(()));
    }
    assert_eq!(quotas.principals(), 32);
    // The ones that called last are kept when room is made.
    assert!(quotas.meter(&principal("p30", once)).request().is_err());
    quotas.meter(&principal("one more", once)).request().unwrap();
    assert!(quotas.principals() <= 32);
    assert!(quotas.meter(&principal("p30", once)).request().is_err());
    // What is under way keeps its principal in mind.
    assert!(quotas.meter(&busy).analysis().is_err());
    clock.advance(Duration::from_secs(61));
    quotas.meter(&principal("much later", once)).request().unwrap();
    assert!(quotas.principals() <= 2, "{}", quotas.principals());
    assert!(quotas.meter(&busy).analysis().is_err());
    drop(slot);
    assert!(quotas.meter(&busy).analysis().is_ok());
}

#[test]
fn calls_at_once_take_no_more_than_there_is() {
    let quotas = Quotas::new(QuotaSettings::default(), clock());
    let ada = principal("ada", limits("requests_per_second = 100"));
    let passed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..100).filter(|_| quotas.meter(&ada).request().is_ok()).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(passed, 100);
}
