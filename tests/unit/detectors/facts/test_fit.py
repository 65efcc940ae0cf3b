"""The limits of what fits."""

from signals.domain.events import crm, described, usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def limits(*events: Event) -> object:
    """Return the limits seen."""
    return look_at(account_after(*events)).fact("fit.limits")


def reports(units: int) -> list[Event]:
    """Return forty days of reports, the units on the newest."""
    return [
        usage.UsageReported(
            org_id=ORG, at=at(ago(number - 1), 2), day=ago(number), volumes={"product_analytics": units * (number == 1)}
        )
        for number in range(40, 0, -1)
    ]


def test_nothing_seen_is_no_limit() -> None:
    """Of an account nothing is known of there is none."""
    assert limits() == frozenset()


def test_traffic_is_low_only_where_it_is_known() -> None:
    """Below 100,000 events in 30 reported days."""
    assert limits(*reports(99_999)) == {"low_traffic"}
    assert limits(*reports(100_000)) == frozenset()
    assert limits(*reports(5)[-3:]) == frozenset()


def test_words_tools_and_tags() -> None:
    """Each way to see a limit."""
    told = described.TraitsReported(org_id=ORG, at=at(), traits={"tools": ["ServiceNow", "ELK", "Marketo"]})
    tagged = crm.AccountDescribed(org_id=ORG, at=at(), tags=["AI"])
    said = crm.NoteAdded(org_id=ORG, at=at(), category="call", topics=["apm_wanted"])
    assert limits(told, tagged, said) == {"support_core", "own_logs", "email", "ai_product", "apm"}
