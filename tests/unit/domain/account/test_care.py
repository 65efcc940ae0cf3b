"""How we look after an account: at risk since when, messages, touches of ours, visits."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from signals.domain.account.care import MAX_MESSAGES, MAX_TALKS, risk_since
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.crm import AccountDescribed, NoteAdded, TouchLogged

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _after(*events: Event) -> Account:
    account = Account(org_id="o", clock=NOON)
    for event in events:
        account = reduce(account, event, UTC)
    return account


def _segments(after: int, *names: str) -> Event:
    return AccountDescribed(org_id="o", at=NOON + after * DAY, segments=list(names))


def _touch(after: float, direction: str, by: str | None = None, *topics: str) -> Event:
    return TouchLogged(
        org_id="o", at=NOON + after * DAY, medium="chat", direction=direction, shared_channel=True, by=by,  # type: ignore[arg-type]  # one of three
        topics=list(topics),
    )  # fmt: skip


def test_at_risk_counts_from_the_first_description_in_a_row() -> None:
    """Described again it is at risk since the first; out and in again since the second time; out: no more."""
    told = (_segments(0, "Churn Risk"), _segments(3, "Churn Risk", "AM Managed"), _segments(5, "Churn Risk"))
    for order in permutations(told):
        assert risk_since(_after(*order).care) == NOON
    again = _after(*told, _segments(6), _segments(9, "Churn Risk"))
    assert risk_since(again.care) == NOON + 9 * DAY
    assert risk_since(_after(*told, _segments(6)).care) is None


def test_a_late_description_fits_in() -> None:
    """That it was out of the segment in between counts although it is told last."""
    care = _after(_segments(0, "Churn Risk"), _segments(4, "Churn Risk"), _segments(2)).care
    assert risk_since(care) == NOON + 4 * DAY


def test_messages_and_touches_are_bounded_and_kept_once() -> None:
    """The newest stay, in order; one told twice is one."""
    events = [_touch(number / 10, "outbound", "ana", "check_in") for number in range(MAX_MESSAGES + 5)]
    care = _after(*events, *events[-3:]).care
    assert len(care.words) == MAX_MESSAGES
    assert len(care.talks) == MAX_TALKS
    assert care.talks[-1].topics == ("check_in",)


def test_only_touches_of_ours_with_a_name_are_talks() -> None:
    """A message of the customer is a word in the channel, not one of ours."""
    care = _after(_touch(0, "inbound", "ana"), _touch(1, "outbound"), _touch(2, "both", "ana", "lunch")).care
    assert [(one.by, one.topics) for one in care.talks] == [("ana", ())]
    assert [one.theirs for one in care.words] == [True, False, False]


def test_the_newest_visit_is_kept() -> None:
    """Notes of other categories are no visits."""
    notes = [NoteAdded(org_id="o", at=NOON + after * DAY, category=category) for after, category in
             ((1, "On-site"), (0, "On-site"), (5, "call"))]  # fmt: skip
    assert _after(*notes).care.on_site_at == NOON + DAY


def test_the_newest_optimisation_is_kept_with_its_day() -> None:
    """An older note told later changes nothing."""
    notes = [NoteAdded(org_id="o", at=NOON + after * DAY, category="optimisation", from_on=(NOON + 3 * DAY).date())
             for after in (1, 0)]  # fmt: skip
    care = _after(*notes).care
    assert (care.optimised_at, care.optimised_from) == (NOON + DAY, (NOON + 3 * DAY).date())
