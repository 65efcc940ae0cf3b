"""What is learnt of an account is the same in whatever order the reports of a day came, until the day is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from signals.domain.account.learnt import SETTLE_DAYS, Learnt
from signals.domain.account.state import Account
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported, UserActed
from signals.domain.update import Arrival
from signals.engine.catalogue import Catalogue
from signals.engine.policy import Policy
from signals.engine.step import step
from support.timeline import START, arrivals_of, catalogue_of

PACK = """
family: expansion
defaults: {source: test, stage: live, severity: notice}
rules:
- id: used
  title: used
  kind: level
  params: {week: {value: 7 d, from: ours}}
  when: total(usage.total, week) > 0
  text: {headline: "used"}
"""

DAYS = 20
MINUTES = 24 * 60
END = START + timedelta(days=DAYS + 20)


@lru_cache
def _catalogue() -> Catalogue:
    with TemporaryDirectory() as folder:
        return catalogue_of(PACK, Path(folder))


def _learnt(timed: Sequence[tuple[datetime, AnyEvent]]) -> Learnt:
    """Return what is learnt when each event arrives at its instant, whatever its own time says."""
    events = [event for _, event in timed]
    account: Account | None = None
    for (reached, _), arrival in zip(timed, arrivals_of(events), strict=True):
        late = Arrival(arrival.position, max(reached, arrival.event.at), arrival.event)
        account = step(account, "acme", (late,), until=None, catalogue=_catalogue(), policy=Policy()).account
    return step(account, "acme", (), until=END, catalogue=_catalogue(), policy=Policy()).account.learnt


def _told(day: int, minute: int, units: int) -> AnyEvent:
    """Return a report of *day*, made *minute* minutes into the next one; an action for every seventh."""
    at = START + timedelta(days=day + 1, minutes=minute)
    if units % 7 == 6:
        return UserActed(org_id="acme", at=at - timedelta(days=1), person_id="p", action="insight created")
    return UsageReported(
        org_id="acme", at=at, day=(START + timedelta(days=day)).date(), volumes={"product_analytics": units}
    )


@given(
    st.lists(
        st.tuples(
            st.integers(0, DAYS), st.integers(0, MINUTES - 2), st.integers(0, 30),
            st.integers(0, (SETTLE_DAYS - 1) * MINUTES),
        ),
        min_size=1, max_size=30, unique_by=lambda one: one[:2],
    )
)  # fmt: skip
def test_late_reports_within_the_settling_time_leave_the_same(told: list[tuple[int, int, int, int]]) -> None:
    """In order of their own times, or each as late as it may be: equal."""
    events = [(_told(day, minute, units), late) for day, minute, units, late in told]
    in_time = sorted(((event.at, event) for event, _ in events), key=lambda one: one[0])
    delayed = sorted(
        ((event.at + timedelta(minutes=late), event) for event, late in events), key=lambda one: one[0]
    )  # fmt: skip

    assert _learnt(delayed) == _learnt(in_time)


def test_a_report_that_comes_after_its_day_is_settled_is_not_learnt() -> None:
    """The check above can fail: one minute later and the day has gone by."""
    first, late = _told(0, 0, 5), _told(1, 0, 5)
    next_ones = [_told(day, 0, 0) for day in range(2, 8)]

    in_time = [(event.at, event) for event in (first, late, *next_ones)]
    settled_at = START + timedelta(days=2 + SETTLE_DAYS, minutes=1)
    too_late = sorted([(settled_at if event is late else at, event) for at, event in in_time], key=lambda one: one[0])

    assert _learnt(too_late) != _learnt(in_time)
