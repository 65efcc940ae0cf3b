"""Facts about beginning with a product."""

from datetime import timedelta

from signals.detectors.facts.adopting import burst_at, pays_for, reads, used_before, uses_product
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look
from signals.domain.events import usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at

WEEK, DAY = timedelta(days=7), timedelta(days=1)


def act(action: str, days_ago: int, hour: int = 9, person: str = "eve", times: int = 1) -> Event:
    """Return an action about surveys."""
    return usage.UserActed(
        org_id=ORG, at=at(ago(days_ago), hour), person_id=person, action=action, product="surveys", times=times
    )


def report(days_ago: int, **volumes: int) -> Event:
    """Return the report of one day."""
    return usage.UsageReported(org_id=ORG, at=at(ago(days_ago - 1), 2), day=ago(days_ago), volumes=volumes)


def surveys(*events: Event) -> tuple[Look, object]:
    """Return a look, and what it knows of the interest in surveys."""
    look = look_at(account_after(*events))
    found = look.fact("interest")
    assert isinstance(found, tuple)
    return look, found[0]


def test_reads_count_days() -> None:
    """Today and the six days before, pages of every sort, each time."""
    look, item = surveys(act("docs viewed", 7), act("docs viewed", 6, times=2), act("blog viewed", 0))
    assert reads(look, item, WEEK) == 3


def test_a_burst_is_reading_then_making() -> None:
    """Three pages within a week, three objects within a day after; the time is that of the third object."""
    read = [act("docs viewed", 6), act("docs viewed", 1, times=2)]
    look, item = surveys(*read, act("survey launched", 1, 10, times=2), act("survey launched", 0, 9))
    assert burst_at(look, item, 3, WEEK, 3, DAY) == at(ago(0), 9)
    look, item = surveys(*read, act("survey launched", 1, 10, times=2), act("survey launched", 0, 10))
    assert burst_at(look, item, 3, WEEK, 3, DAY) is None
    look, item = surveys(*read, act("survey launched", 1, 8, times=3))
    assert burst_at(look, item, 3, WEEK, 3, DAY) is None


def test_a_burst_is_one_persons() -> None:
    """What another person makes does not count."""
    look, item = surveys(act("docs viewed", 1, times=3), act("survey launched", 1, 10, "bob", 3))
    assert burst_at(look, item, 3, WEEK, 3, DAY) is None


def test_use_before_a_moment() -> None:
    """Thirty days that end two days before; without reports not known."""
    used = [report(number, surveys=1 if number == 10 else 0, product_analytics=5) for number in range(40, 0, -1)]
    look = look_at(account_after(*used))
    assert used_before(look, "surveys", at(ago(0))) is True
    assert used_before(look, "surveys", at(ago(9))) is False
    assert used_before(look, "logs", at(ago(0))) is False
    assert used_before(look_at(account_after(act("docs viewed", 0))), "logs", at(ago(0))) is UNKNOWN


def test_products_by_name() -> None:
    """The same as the facts by product; a name nobody knows is not known."""
    look = look_at(account_after(report(1, surveys=3)))
    assert uses_product(look, "surveys") is True
    assert uses_product(look, "brand_new") is UNKNOWN
    assert pays_for(look, "surveys") is UNKNOWN
