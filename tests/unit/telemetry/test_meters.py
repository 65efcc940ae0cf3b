"""The meters: each report of a role becomes the metric that is declared for it."""

from prometheus_client import CollectorRegistry

from signals.domain.reasons import Change, ChartOutcome, DeadReason, FailReason, FamilyName, HeldReason
from signals.engine.stepped import Tally
from signals.ingest.meter import IngestMeter
from signals.streams.desk import DeliverMeter
from signals.streams.detect import DetectMeter
from signals.telemetry.deliver_meter import DeliverMetrics, charts_counted
from signals.telemetry.detect_meter import DetectMetrics
from signals.telemetry.ingest_meter import IngestMetrics
from signals.telemetry.metrics import Metrics


def test_ingest_reports_arrive() -> None:
    """Records, dead letters, packs, lag, age and waits are counted under closed labels."""
    metrics = Metrics(CollectorRegistry())
    meter: IngestMeter = IngestMetrics(metrics)

    meter.records("usage", "taken", 7)
    meter.records("crm", "control", 1)
    meter.dead(DeadReason.FUTURE)
    meter.message([1, 40])
    meter.lag("billing", 12)
    meter.age(3.5)
    meter.waits("crm", 0.25)
    meter.commit_failed()

    assert metrics.value("signals_records", topic="usage", outcome="taken") == 7
    assert metrics.value("signals_records", topic="crm", outcome="control") == 1
    assert metrics.value("signals_dead_letters", stage="ingest", reason="future") == 1
    assert metrics.registry.get_sample_value("signals_combined_events_sum") == 41
    assert metrics.value("signals_updates") == 1
    assert metrics.value("signals_lag_records", topic="billing") == 12
    assert metrics.value("signals_event_age_seconds") == 3.5
    assert metrics.value("signals_merge_waiting_seconds", topic="crm") == 0.25
    assert metrics.value("signals_commits_failed") == 1


def test_detect_reports_arrive() -> None:
    """Evaluation, events, transitions, suppressions, open signals, lag and watchdogs are counted."""
    metrics = Metrics(CollectorRegistry())
    meter: DetectMeter = DetectMetrics(metrics)

    meter.evaluated(0.02, 50)
    meter.events(Tally(applied=5, duplicates=2, late=1, evaluated=9, unowned=3))
    meter.transition(FamilyName.SPIKE, Change.OPENED)
    meter.suppressed(HeldReason.GUARDED)
    meter.dead(DeadReason.TOO_LATE)
    meter.open_signals(FamilyName.PAYMENT, 4)
    meter.lag(2)
    meter.watchdog_age("commit_stalled", 1.5)
    meter.watchdog("offset_gap")

    assert metrics.value("signals_evaluations") == 50
    assert [metrics.value("signals_events", outcome=one) for one in ("applied", "duplicate", "late", "dead")] == [
        5, 2, 1, 1,
    ]  # fmt: skip
    assert metrics.value("signals_unowned") == 3
    assert metrics.value("signals_transitions", family="spike", change="opened") == 1
    assert metrics.value("signals_suppressed", reason="guarded") == 1
    assert metrics.value("signals_dead_letters", stage="detect", reason="too_late") == 1
    assert metrics.value("signals_open_signals", family="payment") == 4
    assert metrics.value("signals_lag_records", topic="account_updates") == 2
    assert metrics.value("signals_watchdog_age_seconds", watchdog="commit_stalled") == 1.5
    assert metrics.value("signals_watchdog_trips", watchdog="offset_gap") == 1


def test_deliver_reports_arrive() -> None:
    """Outcomes, latency, dead letters and lag are counted by sink."""
    metrics = Metrics(CollectorRegistry())
    meter: DeliverMeter = DeliverMetrics(metrics)

    meter.delivery("slack", "sent", None)
    meter.delivery("crm", "retried", FailReason.RATE_LIMITED)
    meter.event_to_card("slack", 0.75)
    meter.dead(DeadReason.UNDELIVERABLE)
    meter.lag("webhook", 3)
    meter.oldest("crm", 61.0)
    meter.oldest("slack", -0.2)

    assert metrics.value("signals_deliveries", sink="slack", outcome="sent", reason="") == 1
    assert metrics.value("signals_deliveries", sink="crm", outcome="retried", reason="rate_limited") == 1
    assert metrics.registry.get_sample_value("signals_event_to_card_seconds_sum", {"sink": "slack"}) == 0.75
    assert metrics.value("signals_dead_letters", stage="deliver", reason="undeliverable") == 1
    assert metrics.value("signals_lag_records", topic="deliveries_webhook") == 3
    assert [metrics.value("signals_oldest_delivery_seconds", sink=one) for one in ("crm", "slack")] == [61.0, 0.0]


def test_charts_are_counted_from_nothing() -> None:
    """Each outcome is on the page before the first, so that its increase is seen."""
    metrics = Metrics(CollectorRegistry())

    counted = charts_counted(metrics)
    counted(ChartOutcome.FAILED)

    assert [metrics.value("signals_charts", outcome=one.value) for one in ChartOutcome] == [0, 1, 0]
