"""Drafts, short payments, and what grants, balances and trials remember."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations

from msgspec import UNSET

from signals.domain.account.billing import MAX_TRIALS
from signals.domain.account.paperwork import MAX_DRAFTS, MAX_SHORT
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.base import Event
from signals.domain.events.billing import CreditBalanceReported, CreditsGranted, TrialSet
from signals.domain.events.paperwork import InvoiceDrafted, InvoiceUnderpaid

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def after(*events: Event) -> Account:
    """Return the account after the events."""
    account = Account("o", clock=NOON)
    for event in events:
        account = reduce(account, event, UTC)
    return account


def drafted(days: int, amount: int = 100, invoice: str = "in_1") -> InvoiceDrafted:
    """Return a draft."""
    return InvoiceDrafted(org_id="o", at=NOON + days * DAY, invoice_id=invoice, amount=Decimal(amount))


def balance(days: int, amount: int) -> CreditBalanceReported:
    """Return a balance of the day it is told."""
    at = NOON + days * DAY
    return CreditBalanceReported(org_id="o", at=at, balance=Decimal(amount), as_of=at.date())


def test_a_draft_keeps_its_newest_wording_and_its_first_time() -> None:
    """In whatever order they come."""
    for events in permutations([drafted(0, 100), drafted(1, 200)]):
        draft = after(*events).paperwork.drafts["in_1"]
        assert (draft.amount, draft.at, draft.first_at) == (Decimal(200), NOON + DAY, NOON)


def test_drafts_and_short_payments_are_bounded() -> None:
    """The newest few are kept."""
    state = after(*(drafted(number, invoice=f"in_{number}") for number in range(MAX_DRAFTS + 3)))
    assert len(state.paperwork.drafts) == MAX_DRAFTS
    assert "in_0" not in state.paperwork.drafts
    short = after(
        *(
            InvoiceUnderpaid(org_id="o", at=NOON + number * DAY, invoice_id=f"in_{number}", missing=Decimal(1))
            for number in range(MAX_SHORT + 3)
        )
    )
    assert len(short.paperwork.short) == MAX_SHORT


def test_the_newest_report_of_a_short_payment_counts() -> None:
    """A late one changes nothing."""
    new = InvoiceUnderpaid(org_id="o", at=NOON, invoice_id="in_1", missing=Decimal(5), cause="withholding")
    old = InvoiceUnderpaid(org_id="o", at=NOON - DAY, invoice_id="in_1", missing=Decimal(9))
    assert after(new, old).paperwork.short["in_1"].missing == 5


def test_since_when_nothing_is_left() -> None:
    """The first empty balance since there last was credit, in whatever order reports come."""
    reports = [balance(0, 0), balance(1, 50), balance(2, 0), balance(3, 0)]
    for events in permutations(reports):
        empties = after(*events).credits.empties
        assert min(day for _, day in empties) == date(2026, 6, 17)
    assert after(balance(0, 0), balance(1, 50)).credits.empties == ()


def test_a_grant_says_what_was_written_down() -> None:
    """What the source leaves out is not known."""
    grant = CreditsGranted(org_id="o", at=NOON, grant_id="g", amount=Decimal(5), reason="one_time", noted=True)
    known = after(grant).credits.grants["g"]
    assert known.noted is True
    assert known.given_for is UNSET
    assert known.referenced is UNSET
    assert known.put_back is False


def test_trials_are_bounded_and_keep_the_first_word() -> None:
    """Of each last day the earliest time it was said."""
    twice = after(
        TrialSet(org_id="o", at=NOON, until=date(2026, 6, 29)),
        TrialSet(org_id="o", at=NOON + DAY, until=date(2026, 6, 29)),
    )
    assert twice.billing.trials == {date(2026, 6, 29).toordinal(): NOON}
    many = after(*(TrialSet(org_id="o", at=NOON, until=date(2026, 6, day)) for day in range(1, MAX_TRIALS + 4)))
    assert len(many.billing.trials) == MAX_TRIALS
