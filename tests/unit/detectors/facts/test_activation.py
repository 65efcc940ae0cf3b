"""First intents: every row of the handbook's table of cases, and what is not known."""

from datetime import timedelta

import pytest

from signals.detectors.facts.activation import Activation
from signals.detectors.language.names import UNKNOWN
from signals.domain.events import usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at

START = 96
"""Day 0 of the table, in days before today."""


def intent(day: int, *, cross_sell: bool = False, product: str = "product_analytics") -> Event:
    """Return an intent on a day of the table."""
    return usage.ProductIntentShown(
        org_id=ORG, at=at(ago(START - day)), product=product, context="set up", cross_sell=cross_sell
    )


def did(day: int, action: str = "insight created", times: int = 4) -> Event:
    """Return an action on a day of the table; four saved insights activate product analytics."""
    return usage.UserActed(org_id=ORG, at=at(ago(START - day)), person_id="p", action=action, times=times)


def reported(used: tuple[int, ...] = (), gap: int = -1, until: int = 95) -> list[Event]:
    """Return a report of each day, product analytics used on some, one left out."""
    return [
        usage.UsageReported(
            org_id=ORG, at=at(ago(START - day), 26), day=ago(START - day),
            volumes={"product_analytics": 9} if day in used else {},
        )
        for day in range(-5, until + 1) if day != gap
    ]  # fmt: skip


def activation(*events: Event, day: int = 96) -> Activation:
    """Return the one activation there is, on a day of the table."""
    found = look_at(account_after(*events), at() + timedelta(days=day - START)).fact("activations")
    assert isinstance(found, tuple)
    (one,) = found
    assert isinstance(one, Activation)
    return one


@pytest.mark.parametrize(
    ("events", "used", "activated", "retained", "within_3m"),
    [
        pytest.param([intent(0), did(30)], (), True, False, None, id="criteria on day 30"),
        pytest.param([intent(0), did(31)], (), False, False, False, id="criteria on day 31"),
        pytest.param([intent(0), intent(20), did(45)], (), False, False, False, id="only the first intent counts"),
        pytest.param([intent(0), intent(5, cross_sell=True), did(32)], (), False, False, False, id="day 0 counts"),
        pytest.param([intent(0), did(10)], (10,), True, False, True, id="last used on the day of activation"),
        pytest.param([intent(0), did(10)], (10, 75), True, True, True, id="used on day 75"),
        pytest.param([intent(0), did(10)], (10, 95), True, False, True, id="used on day 95 only"),
        pytest.param([intent(0)], (75,), False, False, False, id="used but never activated"),
        pytest.param([intent(0), did(10)], (60,), True, False, True, id="day 60 is too early"),
        pytest.param([intent(0), did(10)], (61,), True, True, True, id="day 61"),
        pytest.param([intent(0), did(10)], (90,), True, True, True, id="day 90"),
        pytest.param([intent(0), did(10)], (91,), True, False, None, id="day 91 is too late"),
    ],
)
def test_a_case_of_the_table(
    events: list[Event], used: tuple[int, ...], activated: bool, retained: bool, within_3m: bool | None
) -> None:
    """Activated within 30 days of the first intent, retained by use on the days 61 to 90."""
    one = activation(*reported(used), *events)
    assert (one.activated, one.retained) == (activated, retained)
    assert within_3m is None or one.retained_within_3m is within_3m


def test_a_cross_sell_intent_alone_is_no_intent() -> None:
    """It is left out of the funnel, not counted as one that failed."""
    account = account_after(*reported(), intent(0, cross_sell=True), did(5))
    assert look_at(account).fact("activations") == ()


def test_cross_sell_intents_go_first_then_the_first_counts() -> None:
    """Cross-sell on day 0, the own on day 10: days 10 to 40 are the window."""
    one = activation(*reported(), intent(0, cross_sell=True), intent(10), did(35))
    assert one.activated is True
    assert (one.intent_on, one.deadline_on, one.activated_on) == (ago(86), ago(56), ago(61))


def test_replay_wants_recordings_and_a_filter() -> None:
    """Five recordings analysed and a filter set; retained by one more recording, whatever was recorded."""
    seen = [intent(0, product="session_replay"), did(3, "recording analyzed", 5)]
    assert activation(*reported(), *seen).activated is False
    seen.append(did(9, "recording filter set", 1))
    assert activation(*reported(), *seen).activated is True
    assert activation(*reported(), *seen).retained is False
    assert activation(*reported(), *seen, did(70, "recording analyzed", 1)).retained is True


def test_the_source_may_know_better() -> None:
    """What it judged activated is so, also for a product without criteria; otherwise that one is not known."""
    said = usage.ProductIntentActivated(org_id=ORG, at=at(ago(START - 4)), product="heatmaps")
    assert activation(*reported(), intent(0, product="heatmaps"), said).activated is True
    assert activation(*reported(), intent(0, product="heatmaps")).activated is UNKNOWN


def test_no_needs_a_witness() -> None:
    """With a day of the window not reported, "not activated" is not known; nor is "not retained"."""
    assert activation(*reported(gap=12), intent(0)).activated is UNKNOWN
    assert activation(*reported(gap=70), intent(0), did(3)).retained is UNKNOWN
    assert activation(*reported((75,), gap=70), intent(0), did(3)).retained is True


def test_an_old_intent_is_not_followed_any_more() -> None:
    """For 97 days the days are known one by one."""
    account = account_after(*reported(), intent(0))
    assert look_at(account, at() + timedelta(days=1)).fact("activations") != ()
    assert look_at(account, at() + timedelta(days=2)).fact("activations") == ()
