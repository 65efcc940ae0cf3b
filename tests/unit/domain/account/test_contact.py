"""Touches: the newest forty, once each, in order of their time."""

from datetime import UTC, datetime, timedelta

from signals.domain.account.contact import MAX_TOUCHES, Contact, touch_logged
from signals.domain.events.crm import TouchLogged

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def touch(minutes: int, person: str | None = "amy") -> TouchLogged:
    """Return an inbound email."""
    at = NOON + timedelta(minutes=minutes)
    return TouchLogged(org_id="o", at=at, medium="email", direction="inbound", person_id=person)


def test_a_touch_told_twice_is_one() -> None:
    """A repeat changes nothing, a late one goes to its place."""
    contact = touch_logged(touch_logged(Contact(), touch(5)), touch(0))
    assert [one.at for one in contact.touches] == [NOON, NOON + timedelta(minutes=5)]
    assert touch_logged(contact, touch(0)) is contact


def test_the_newest_are_kept_whatever_the_order() -> None:
    """The bound holds, and ``dropped_at`` says from when on they are whole."""
    events = [touch(number) for number in range(MAX_TOUCHES + 10)]
    in_order = Contact()
    for event in events:
        in_order = touch_logged(in_order, event)
    assert len(in_order.touches) == MAX_TOUCHES
    assert in_order.dropped_at == NOON + timedelta(minutes=9)
    shuffled = Contact()
    for event in sorted(events, key=lambda one: one.at.minute * 37 % 53):
        shuffled = touch_logged(shuffled, event)
    assert shuffled == in_order
