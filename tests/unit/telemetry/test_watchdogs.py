"""The conditions of the alarms: silent below and at their limit, tripped above it, quiet again after."""

import pytest

from signals.telemetry.watchdogs import (
    DEAD_IN_A_ROW,
    OTHERS_FLOW_WITHIN_S,
    Canary,
    DeadLetters,
    DeadSink,
    Look,
    MergeWaiting,
    SilentDetector,
    SilentSource,
    Sources,
    Stall,
    Watchdog,
)

LIMIT_S = 60.0


def trips(watchdog: Watchdog, *times_s: float) -> list[bool]:
    """Return whether it has tripped at each of *times_s*."""
    return [watchdog.look(now_s).tripped for now_s in times_s]


# -- silent source ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sources() -> Sources:
    """Billing was heard at 100 s; usage at 150 s."""
    sources = Sources()
    sources.heard("billing", 100.0)
    sources.heard("usage", 150.0)
    return sources


def test_a_source_is_silent_above_its_limit_only(sources: Sources) -> None:
    """At 59, 60 and 61 s after its last usable record, while usage flows."""
    assert trips(SilentSource(sources, "billing", LIMIT_S), 159.0, 160.0, 161.0) == [False, False, True]
    assert SilentSource(sources, "billing", LIMIT_S).look(161.0).said == (
        "no usable record on billing for 61 s (limit 60 s)"
    )


def test_a_record_ends_the_silence(sources: Sources) -> None:
    """The age starts anew."""
    watchdog = SilentSource(sources, "billing", LIMIT_S)
    assert watchdog.look(200.0).tripped

    sources.heard("billing", 200.0)

    assert watchdog.look(201.0).age_s == 1.0
    assert not watchdog.look(201.0).tripped


def test_when_all_are_silent_none_is(sources: Sources) -> None:
    """Nobody was heard within a quarter of an hour: that is ours or the broker's fault, not one source's."""
    watchdog = SilentSource(sources, "billing", LIMIT_S)

    assert trips(watchdog, 150.0 + OTHERS_FLOW_WITHIN_S, 151.0 + OTHERS_FLOW_WITHIN_S) == [True, False]


def test_records_that_wait_are_no_silence(sources: Sources) -> None:
    """With lag the source speaks; that nobody listens is told by others."""
    sources.lag["billing"] = 1

    assert trips(SilentSource(sources, "billing", LIMIT_S), 200.0) == [False]


def test_a_source_never_heard_is_not_watched(sources: Sources) -> None:
    """An installation without a CRM has no silent CRM, and no age that would look young."""
    assert SilentSource(sources, "crm", LIMIT_S).look(10_000.0) == Look(None, tripped=False)


def test_a_restart_does_not_make_a_silent_source_fresh(sources: Sources) -> None:
    """The newest record is 40 s older than the process, and a record heard since is never moved back."""
    sources.known("crm", -40.0)
    sources.known("usage", -40.0)
    sources.heard("usage", 20.0)
    sources.known("usage", -40.0)

    assert trips(SilentSource(sources, "crm", LIMIT_S), 20.0, 21.0) == [False, True]
    assert SilentSource(sources, "usage", LIMIT_S).look(151.0).age_s == 131.0


# -- merge, stall ----------------------------------------------------------------------------------------------------


def test_the_merge_waits_too_long() -> None:
    """The wait is told once a second and goes on counting when nobody tells it any more."""
    watchdog = MergeWaiting(LIMIT_S)
    watchdog.waits("crm", 10.0, 100.0)
    watchdog.waits("usage", 0.0, 100.0)

    assert trips(watchdog, 149.0, 150.0, 151.0) == [False, False, True]
    assert watchdog.look(151.0).said == "the merge waits for crm for 61 s (limit 60 s)"

    watchdog.waits("crm", 0.0, 152.0)
    assert watchdog.look(1000.0) == watchdog.look(152.0)
    assert not watchdog.look(1000.0).tripped


def test_records_wait_and_nothing_is_committed() -> None:
    """Counts from when something first waited, or from the last progress."""
    watchdog = Stall(LIMIT_S)
    watchdog.told(0, 0.0)
    for now_s in range(100, 200):
        watchdog.told(5, float(now_s))

    assert trips(watchdog, 159.0, 160.0, 161.0) == [False, False, True]

    watchdog.progress(161.0)
    assert trips(watchdog, 199.0) == [False]
    assert watchdog.look(199.0).age_s == 38.0


def test_nothing_waiting_is_no_stall() -> None:
    """An idle night is not a fault."""
    watchdog = Stall(LIMIT_S)
    for now_s in range(1000):
        watchdog.told(0, float(now_s))

    assert watchdog.look(999.5).age_s == 0.0


def test_a_loop_that_says_nothing_is_a_stall() -> None:
    """It told that nothing waits, and then hung: its silence is the fault."""
    watchdog = Stall(LIMIT_S)
    assert trips(watchdog, 1000.0) == [False]
    watchdog.told(0, 1000.0)

    assert trips(watchdog, 1060.0, 1061.0) == [False, True]
    assert "the loop has not come round" in watchdog.look(1061.0).said


# -- silent detector -------------------------------------------------------------------------------------------------


def test_events_without_a_look_at_any_rule() -> None:
    """From the first event that touched no rule on, when there were enough of them."""
    watchdog = SilentDetector(LIMIT_S, least=10)
    watchdog.stepped(5, 3, 0.0)
    watchdog.stepped(5, 0, 100.0)
    watchdog.stepped(5, 0, 120.0)

    assert trips(watchdog, 159.0, 160.0, 161.0) == [False, False, True]

    watchdog.stepped(1, 1, 162.0)
    assert watchdog.look(1000.0).age_s == 0.0


def test_a_few_events_may_touch_no_rule() -> None:
    """Nine of the ten that are needed."""
    watchdog = SilentDetector(LIMIT_S, least=10)
    watchdog.stepped(9, 0, 0.0)

    assert trips(watchdog, 1000.0) == [False]
    watchdog.stepped(1, 0, 1000.0)
    assert trips(watchdog, 1000.0) == [True]


# -- dead sink -------------------------------------------------------------------------------------------------------


def test_deliveries_wait_and_none_arrives() -> None:
    """Counts from when something began to wait; a success begins anew; nothing waiting ends it."""
    watchdog = DeadSink("slack", LIMIT_S)
    watchdog.waiting(0, 0.0)
    watchdog.waiting(3, 100.0)
    watchdog.ended("retried", 130.0)

    assert trips(watchdog, 159.0, 160.0, 161.0) == [False, False, True]
    assert watchdog.look(161.0).said == "3 deliveries wait and none arrived for 61 s (limit 60 s)"

    watchdog.ended("sent", 162.0)
    assert trips(watchdog, 222.0, 223.0) == [False, True]
    watchdog.waiting(0, 224.0)
    assert watchdog.look(224.0).age_s == 0.0


def test_an_idle_sink_is_alive() -> None:
    """Nothing was due for a week."""
    watchdog = DeadSink("crm", LIMIT_S)
    watchdog.ended("sent", 0.0)
    watchdog.waiting(0, 1.0)

    assert trips(watchdog, 600_000.0) == [False]


def test_a_sink_that_refuses_everything_is_dead_though_nothing_waits() -> None:
    """A revoked token makes dead letters at once; a single bad card does not."""
    watchdog = DeadSink("crm", LIMIT_S)
    for number in range(DEAD_IN_A_ROW):
        watchdog.ended("dead", 100.0 + number)
        watchdog.waiting(0, 100.5 + number)
        assert trips(watchdog, 1000.0) == [number == DEAD_IN_A_ROW - 1]

    watchdog.ended("sent", 1001.0)
    assert trips(watchdog, 2000.0) == [False]


# -- dead letters ----------------------------------------------------------------------------------------------------


def dead_letters(dead: int, taken: int) -> DeadLetters:
    """Return a watchdog (1 %, at least 20, in 150 s) after *dead* and *taken* within one second."""
    watchdog = DeadLetters(window_s=150.0, share=0.01, least=20)
    watchdog.taken(taken, 1000.0)
    for _ in range(dead):
        watchdog.dead("invalid", 1000.5)
    return watchdog


@pytest.mark.parametrize(
    ("dead", "taken", "tripped"),
    [
        (19, 0, False), (20, 0, True),  # the floor
        (20, 1981, False), (20, 1980, False), (20, 1979, True),  # the share: 20 of 2,000 is exactly 1 %
    ],
)  # fmt: skip
def test_dead_letters_need_a_floor_and_a_share(dead: int, taken: int, tripped: bool) -> None:
    """Strays are not alarming, and neither is a small share of much."""
    assert trips(dead_letters(dead, taken), 1001.0) == [tripped]


def test_dead_letters_leave_the_window() -> None:
    """They count for as long as the window is, to a tenth; the age says for how long it has been so."""
    watchdog = dead_letters(20, 0)

    assert watchdog.look(1001.0).said == "20 dead letters beside 0 used in 150 s, most for invalid (20)"
    assert watchdog.look(1140.0).age_s == 139.0
    assert trips(watchdog, 1140.0, 1165.0) == [True, False]


# -- canary ----------------------------------------------------------------------------------------------------------


def test_the_canary_is_as_old_as_the_partition_worst_off() -> None:
    """Its age is the time since it was sent, not since it arrived."""
    watchdog = Canary(LIMIT_S, lambda: frozenset({0, 1}))
    watchdog.look(0.0)
    watchdog.arrived(0, 102.0, latency_s=2.0)
    watchdog.arrived(1, 150.0, latency_s=0.5)

    assert watchdog.look(155.0).age_s == 55.0
    assert trips(watchdog, 159.0, 160.0, 161.0) == [False, False, True]
    assert "partition 0" in watchdog.look(161.0).said


def test_a_partition_without_a_canary_ages_from_its_assignment() -> None:
    """The first canary must come within the limit too, and one that was stuck for long is as old as it is."""
    watchdog = Canary(LIMIT_S, lambda: frozenset({3}))

    assert watchdog.look(100.0).age_s == 0.0
    assert trips(watchdog, 160.0, 161.0) == [False, True]

    watchdog.arrived(3, 162.0, latency_s=300.0)
    assert watchdog.look(162.0).age_s == 300.0


def test_a_partition_given_away_is_forgotten() -> None:
    """What another process does with it is not ours to tell; given back, it starts anew."""
    served = {0, 1}
    watchdog = Canary(LIMIT_S, lambda: frozenset(served))
    watchdog.look(0.0)
    watchdog.arrived(1, 90.0, latency_s=0.0)
    served.discard(0)

    assert watchdog.look(100.0).age_s == 10.0
    served.add(0)
    assert watchdog.look(110.0).age_s == 20.0
    served.clear()
    assert watchdog.look(1000.0).age_s == 0.0
    served.add(1)
    assert watchdog.look(1010.0).age_s == 0.0


def test_an_older_canary_after_a_newer_one_changes_nothing() -> None:
    """Deliveries may be repeated."""
    watchdog = Canary(LIMIT_S, lambda: frozenset({0}))
    watchdog.look(0.0)
    watchdog.arrived(0, 100.0, latency_s=1.0)
    watchdog.arrived(0, 101.0, latency_s=50.0)

    assert watchdog.look(101.0).age_s == 2.0
