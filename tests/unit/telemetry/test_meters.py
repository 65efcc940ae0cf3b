"""The meters: each report of a role becomes the metric that is declared for it."""

from prometheus_client import CollectorRegistry

from signals.domain.reasons import DeadReason
from signals.ingest.meter import IngestMeter
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
    assert metrics.value("signals_commits_failed", role="ingest") == 1
