"""Looking at watchdogs: metrics, log lines and readiness of what they say."""

import logging
from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry

from signals.telemetry.metrics import Metrics
from signals.telemetry.watch import Watch
from signals.telemetry.watchdogs import FINE, UNKNOWN, Look


@dataclass
class Told:
    """A watchdog that says what a test tells it to."""

    name: str
    limit_s: float = 60.0
    answer: Look = FINE

    def look(self, now_s: float) -> Look:  # noqa: ARG002  # a port
        """Return the answer."""
        return self.answer


@pytest.fixture
def metrics() -> Metrics:
    """Metrics on a registry of their own."""
    return Metrics(CollectorRegistry())


def test_ages_limits_and_trips_are_metrics(metrics: Metrics) -> None:
    """The limit is there from the start; a trip counts once for as long as it lasts, and again after a pause."""
    dog = Told("merge_waiting", 120.0)
    watch = Watch(metrics, [dog], monotonic=lambda: 0.0)
    assert metrics.value("signals_watchdog_limit_seconds", watchdog="merge_waiting") == 120.0

    tripped = []
    for answer in (Look(119.0, False), Look(121.0, True, "why"), Look(123.0, True, "why"), FINE, Look(121.0, True, "")):
        dog.answer = answer
        watch.look()
        assert metrics.value("signals_watchdog_age_seconds", watchdog="merge_waiting") == answer.age_s
        tripped.append(metrics.value("signals_watchdog_tripped", watchdog="merge_waiting"))

    dog.answer = UNKNOWN
    watch.look()
    assert metrics.value("signals_watchdog_age_seconds", watchdog="merge_waiting") == 121.0  # not 0

    assert tripped == [0.0, 1.0, 1.0, 0.0, 1.0]
    assert metrics.value("signals_watchdog_trips", watchdog="merge_waiting") == 2.0


def test_the_log_has_one_line_for_each_trip_and_each_end(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    """Not one every two seconds."""
    caplog.set_level(logging.INFO)
    dog = Told("dead_sink_slack")
    watch = Watch(metrics, [dog], monotonic=lambda: 0.0)

    for answer in (FINE, Look(61.0, True, "3 wait"), Look(63.0, True, "4 wait"), FINE, FINE):
        dog.answer = answer
        watch.look()

    assert [(record.message, getattr(record, "because", "")) for record in caplog.records] == [
        ("watchdog tripped", "3 wait"), ("watchdog is quiet again", ""),
    ]  # fmt: skip


def test_only_what_stands_still_itself_makes_a_process_unready(metrics: Metrics) -> None:
    """A dead service is a warning: the deploy that mends it must not wait for it."""
    own, foreign = Told("commit_stalled"), Told("dead_sink_slack")
    watch = Watch(metrics, [own, foreign], unready=("commit_stalled",), monotonic=lambda: 0.0)

    foreign.answer = Look(61.0, True, "3 wait")
    watch.look()
    assert watch.unready() is None
    assert watch.tripped() == {"dead_sink_slack": "3 wait"}

    own.answer = Look(61.0, True, "nothing committed")
    watch.look()
    assert watch.unready() == "nothing committed"

    own.answer = FINE
    watch.look()
    assert watch.unready() is None


async def test_a_watchdog_that_fails_does_not_end_the_watch(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the next look comes all the same."""

    class Broken(Told):
        looks = 0

        def look(self, now_s: float) -> Look:  # noqa: ARG002  # a port
            Broken.looks += 1
            if Broken.looks < 3:
                raise ZeroDivisionError
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await Watch(metrics, [Broken("canary")], monotonic=lambda: 0.0).run(every_s=0.0)

    assert [record.message for record in caplog.records] == ["a watchdog failed"] * 2
