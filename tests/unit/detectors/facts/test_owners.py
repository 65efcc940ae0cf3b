"""Since when somebody owns the account, and who did before."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import UNKNOWN
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.crm import OwnerAssigned

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(*assigned: tuple[int, str | None, str]) -> Look:
    """Return a look after assignments: days ago, owner, role."""
    account = Account("acme", NOW)
    for ago, owner, role in assigned:
        event = OwnerAssigned(org_id="acme", at=NOW - ago * DAY, owner=owner, role=role)  # type: ignore[arg-type]
        account = reduce(account, event, UTC)
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def test_nothing_is_known_before_an_assignment() -> None:
    """Neither since when nor who before."""
    seen = look()
    for name in ("owner.assigned_at", "owner.assigned_on", "owner.role", "owner.previous", "owner.previous_role"):
        assert seen.fact(name) is UNKNOWN


def test_the_first_owner_has_nobody_before() -> None:
    """A daily sync does not move the day."""
    seen = look((9, None, "other"), (5, "ann", "TAE"), (4, "ann", "TAE"))
    assert seen.fact("owner.assigned_at") == NOW - 5 * DAY
    assert seen.fact("owner.assigned_on") == date(2026, 6, 10)
    assert (seen.fact("owner.role"), seen.fact("owner.previous")) == ("TAE", None)


def test_a_handover_keeps_the_previous_owner_and_role() -> None:
    """The time without an owner in between is none."""
    seen = look((90, "ann", "TAE"), (20, None, "other"), (5, "bob", "TAM"))
    assert (seen.fact("owner.previous"), seen.fact("owner.previous_role")) == ("ann", "TAE")
    assert seen.fact("owner.assigned_at") == NOW - 5 * DAY


def test_who_comes_back_has_it_since_the_newest_report() -> None:
    """And nobody owns it when it was taken away."""
    assert look((90, "ann", "TAE"), (20, "bob", "TAM"), (5, "ann", "TAE")).fact("owner.assigned_at") == NOW - 5 * DAY
    seen = look((90, "ann", "TAE"), (5, None, "other"))
    assert (seen.fact("owner.assigned_at"), seen.fact("owner.role"), seen.fact("owner.previous")) == (None, None, "ann")
