"""The tier of a sensitive country: any source raises it, the gravest counts, legal goes before all."""

import pytest

from signals.detectors.language.names import UNKNOWN
from signals.domain.events import crm, described
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def _country(name: str | None) -> Event:
    return crm.AccountDescribed(org_id=ORG, at=at(ago(9)), country=name)


def _traits(**values: bool | str) -> Event:
    return described.TraitsReported(org_id=ORG, at=at(ago(8)), traits=dict(values))


def _said(topic: str, kind: str = "note") -> Event:
    if kind == "note":
        return crm.NoteAdded(org_id=ORG, at=at(ago(7)), category="call", topics=[topic])
    return crm.TicketOpened(org_id=ORG, at=at(ago(7)), ticket_id="t1", topics=[topic])


@pytest.mark.parametrize(
    ("events", "tier"),
    [
        ([], UNKNOWN),
        ([_country(None)], UNKNOWN),
        ([_country("Germany")], None),
        ([_country("Germany"), _traits(sanctions_listed=True)], "banned"),
        ([_country("Germany"), _traits(billing_country="Russia")], "russia"),
        ([_country("Ukraine"), _traits(geoip_country="IR")], "banned"),
        ([_country("Germany"), _said("territory_watch")], "watch"),
        ([_country("Germany"), _said("territory_watch", "ticket")], None),
        ([_traits(harmful_conduct=True)], "conduct"),
        ([_country("Serbia"), _traits(legal_tier="none")], None),
        ([_country("Germany"), _traits(legal_tier="banned")], "banned"),
        ([_country("Iran"), _traits(legal_tier="to be discussed")], "banned"),
    ],
)
def test_the_gravest_tier_counts(events: list[Event], tier: object) -> None:
    """Null only where some country is known; a word of legal that is no tier changes nothing."""
    assert look_at(account_after(*events)).fact("sensitive.tier") is tier or (
        look_at(account_after(*events)).fact("sensitive.tier") == tier
    )


def test_a_clearance_is_recorded_by_its_day() -> None:
    """Without one the account is not cleared."""
    assert look_at(account_after(_country("Ukraine"))).fact("sensitive.cleared") is False
    cleared = _traits(sanctions_cleared_on="2026-05-01")
    assert look_at(account_after(_country("Ukraine"), cleared)).fact("sensitive.cleared") is True
