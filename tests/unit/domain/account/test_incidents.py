"""Incidents of the account: what is declared later counts, ends and summaries are kept, the list is bounded."""

from datetime import UTC, datetime, timedelta

from signals.domain.account.incidents import MAX_INCIDENTS
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.incidents import IncidentDeclared, IncidentResolved, PostmortemSent

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _after(*events: Event) -> Account:
    account = Account(org_id="o", clock=NOON)
    for event in events:
        account = reduce(account, event, UTC)
    return account


def _declared(hours: int, name: str = "i", severity: int = 1) -> IncidentDeclared:
    return IncidentDeclared(org_id="o", at=NOON + hours * HOUR, incident_id=name, severity=severity)


def _resolved(hours: int, name: str = "i") -> IncidentResolved:
    return IncidentResolved(org_id="o", at=NOON + hours * HOUR, incident_id=name)


def test_order_of_arrival_does_not_matter() -> None:
    """Declared twice and resolved: the later severity, the first start, the end, whatever comes first."""
    events = [_declared(0), _declared(2, severity=0), _resolved(3)]
    one, other = _after(*events), _after(*reversed(events))
    assert one.incidents == other.incidents
    known = one.incidents.known["i"]
    assert (known.severity, known.started_at, known.resolved_at) == (0, NOON, NOON + 3 * HOUR)


def test_declared_again_after_its_end_it_is_open() -> None:
    """An end before the newest declaration does not count."""
    assert _after(_declared(0), _resolved(1), _declared(2)).incidents.known["i"].resolved_at is None


def test_the_first_summary_counts_and_told_again_nothing_moves() -> None:
    """A summary sent twice was sent at the first time."""
    sent = [PostmortemSent(org_id="o", at=NOON + hours * HOUR, incident_id="i") for hours in (5, 4)]
    account = _after(_declared(0), *sent, _declared(0))
    assert account.incidents.known["i"].postmortem_at == NOON + 4 * HOUR


def test_open_ones_are_kept_longest() -> None:
    """Beyond the bound the oldest that is over goes first."""
    over = [(_declared(hours, f"i{hours}"), _resolved(hours + 1, f"i{hours}")) for hours in range(MAX_INCIDENTS)]
    account = _after(_declared(0, "open"), *(event for pair in over for event in pair))
    assert len(account.incidents.known) == MAX_INCIDENTS
    assert "open" in account.incidents.known
    assert "i0" not in account.incidents.known


def test_grave_ones_are_kept_before_others() -> None:
    """A guard asks for severity 0 and 1 until seven days after the end; twelve small ones elsewhere say nothing new."""
    grave = (_declared(0, "grave", 1), _resolved(1, "grave"))
    small = [
        event
        for hours in range(MAX_INCIDENTS)
        for event in (_declared(24 + hours, f"i{hours}", 2), _resolved(25 + hours, f"i{hours}"))
    ]
    account = _after(*grave, *small)
    assert "grave" in account.incidents.known
    assert "i0" not in account.incidents.known


def test_what_is_known_by_its_end_alone_goes_first() -> None:
    """Nobody said that it began."""
    over = [(_declared(hours, f"i{hours}"), _resolved(hours + 1, f"i{hours}")) for hours in range(MAX_INCIDENTS)]
    account = _after(_resolved(30, "end"), *(event for pair in over for event in pair))
    assert "end" not in account.incidents.known
    assert "i0" in account.incidents.known
