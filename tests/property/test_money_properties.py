"""Properties of months, of the payment machine, of the runway, and of the facts under them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from signals.detectors.calendar_months import add_months, after_months, contract_month, months_between
from signals.detectors.payment import PaymentState, view_invoice
from signals.detectors.runway import gap_is_covered, half_time, in_first_half, runway_of
from signals.detectors.terms import Terms
from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.credits import Contract, Credits
from signals.domain.account.daily import month_number
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events import billing as billing_events
from signals.domain.events import crm as crm_events
from signals.domain.events.base import Event

days = st.dates(date(2020, 1, 1), date(2040, 12, 31))
START = datetime(2026, 3, 1, tzinfo=UTC)


# ---- months


@given(days, st.integers(0, 240))
def test_months_between_inverts_add_months(start: date, months: int) -> None:
    """Exactly N months, from any day of a month."""
    assert months_between(start, add_months(start, months)) == months


@given(days, st.integers(0, 1500), st.integers(1, 60))
def test_elapsed_months_grow_with_every_day(start: date, first: int, more: int) -> None:
    """Strictly, so that two ends never look the same."""
    one, two = start + timedelta(days=first), start + timedelta(days=first + more)

    assert months_between(start, one) < months_between(start, two)
    assert months_between(one, start) == -months_between(start, one)


@given(days, st.integers(0, 1500))
def test_after_months_inverts_months_between(start: date, after: int) -> None:
    """A day given as a fraction of months is that day again."""
    day = start + timedelta(days=after)

    assert after_months(start, months_between(start, day)) == day


@given(days, st.integers(0, 1500))
def test_contract_months_run_from_1_to_12(start: date, after: int) -> None:
    """Each is the month begun, and the year begins anew."""
    day = start + timedelta(days=after)
    month = contract_month(start, day)

    assert 1 <= month <= 12
    assert add_months(start, int(months_between(start, day)) // 12 * 12 + month - 1) <= day


# ---- the payment machine

RANK = {
    PaymentState.OPEN: 0, PaymentState.RETRYING: 1, PaymentState.LATE: 2, PaymentState.GRACE: 2,
    PaymentState.SUSPEND_NOTICE: 3, PaymentState.SUSPENDED: 4, PaymentState.CANCEL_NOTICE: 5,
    PaymentState.CANCELLED: 6,
}  # fmt: skip

instants = st.integers(0, 40 * 24).map(lambda hours: START + timedelta(hours=hours))
spans = st.integers(1, 12).map(lambda number: timedelta(days=number))


@st.composite
def unpaid(draw: st.DrawFn) -> Invoice:
    """Return an invoice that nobody pays."""
    attempts = sorted(draw(st.lists(instants, max_size=5, unique=True)))
    credit = draw(st.booleans())
    return Invoice(
        amount=Decimal(100),
        plan="credit" if credit else "payg",
        due_on=draw(instants).date() if credit else None,
        failed=dict(enumerate(attempts, 1)),
        grace_until=draw(st.none() | instants.map(datetime.date)),
        grace_at=draw(st.none() | instants),
        suspended_at=draw(st.none() | instants),
    )


@given(unpaid(), st.none() | instants, spans, spans)
def test_the_state_never_goes_back_while_nobody_pays(
    invoice: Invoice, everywhere_at: datetime | None, suspend_after: timedelta, cancel_after: timedelta
) -> None:
    """Day after day it stays or goes on, whatever is known, and it ends cancelled once it is late."""
    terms = Terms(suspend_after=suspend_after, cancel_after=cancel_after)
    billing = Billing(invoices={"in_1": invoice}, suspended_at=everywhere_at)
    before, late_on = 0, None
    for number in range(120):
        today = START.date() + timedelta(days=number)
        seen = view_invoice("in_1", billing, (), today=today, zone=UTC, terms=terms)
        assert isinstance(seen.state, str)
        rank = RANK[PaymentState(seen.state)]
        assert rank >= before, (today, seen)
        before, late_on = rank, seen.late_on

    assert (before == RANK[PaymentState.CANCELLED]) is (late_on is not None)


@given(unpaid(), instants)
def test_a_payment_ends_the_machine_at_any_step(invoice: Invoice, paid_at: datetime) -> None:
    """Paid is recovered or settled, on every day after."""
    billing = Billing(invoices={"in_1": msgspec.structs.replace(invoice, paid_at=paid_at)})
    for number in (0, 7, 40, 400):
        today = START.date() + timedelta(days=number)
        seen = view_invoice("in_1", billing, (), today=today, zone=UTC, terms=Terms())
        assert seen.state in {PaymentState.RECOVERED, PaymentState.SETTLED}
        assert (seen.recovered_at is not None) is (seen.state == PaymentState.RECOVERED)


@given(unpaid())
def test_the_dates_come_in_order(invoice: Invoice) -> None:
    """Late, then suspended at least as long after as promised, then cancelled."""
    billing = Billing(invoices={"in_1": msgspec.structs.replace(invoice, suspended_at=None)})
    seen = view_invoice("in_1", billing, (), today=START.date(), zone=UTC, terms=Terms())
    if isinstance(seen.late_on, date) and isinstance(seen.suspend_on, date) and isinstance(seen.cancel_on, date):
        assert seen.late_on + Terms().suspend_after <= seen.suspend_on
        assert seen.suspend_on + Terms().cancel_after == seen.cancel_on


# ---- runway

TODAY = date(2026, 6, 15)
burns = st.lists(st.integers(0, 60_000), min_size=3, max_size=3)


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """Return a prepaid contract that runs on 15 June 2026."""
    months = draw(st.integers(1, 48))
    gone = draw(st.integers(0, 27 * months))
    billing = draw(st.sampled_from(["upfront", "yearly"]))
    return Contract(TODAY - timedelta(days=gone), months, START, Decimal(draw(st.integers(1, 10**6))), billing)


def facts(contract: Contract, balance: int, burnt: list[int], balance_on: date) -> Credits:
    """Return credit facts with the burn of the last three months."""
    newest = month_number(TODAY)
    consumed = {newest - 3 + index: Decimal(amount) for index, amount in enumerate(burnt)}
    return Credits(contracts={"c": contract}, balance=Decimal(balance), balance_on=balance_on, consumed=consumed)


@given(contracts(), st.integers(1, 10**6), burns, st.integers(0, 20))
def test_early_by_months_is_early_by_days(contract: Contract, balance: int, burnt: list[int], old: int) -> None:
    """The condition compares months, the card shows days: they say the same."""
    balance_on = max(contract.starts_on, TODAY - timedelta(days=old))
    runway = runway_of(facts(contract, balance, burnt, balance_on), contract, TODAY, Decimal(0))
    assert runway is not None
    if runway.months is None or runway.runout_on is None:
        assert not any(burnt)
        return

    assert (runway.months < runway.months_to_cover_end) is (runway.runout_on < runway.cover_end)
    if runway.months < runway.months_to_cover_end:
        assert runway.case is not None


@given(contracts(), st.integers(1, 10**5), st.integers(0, 10**5), burns)
def test_more_credit_never_ends_sooner(contract: Contract, balance: int, more: int, burnt: list[int]) -> None:
    """And more burn never later."""

    def months(left: int, amounts: list[int]) -> Decimal:
        found = runway_of(facts(contract, left, amounts, TODAY), contract, TODAY, Decimal(0))
        assert found is not None
        return Decimal(10**9) if found.months is None else found.months

    assert months(balance, burnt) <= months(balance + more, burnt)
    assert months(balance, [amount + 1 for amount in burnt]) <= months(balance, burnt)


@given(contracts())
def test_the_discount_window_ends_where_the_first_half_does(contract: Contract) -> None:
    """Its last day is in the first half, and the next day is not."""
    last = half_time(contract, TODAY)

    assert in_first_half(contract, months_between(contract.starts_on, last))
    if contract.starts_on < last:
        assert not in_first_half(contract, months_between(contract.starts_on, last + timedelta(days=1)))


@given(contracts(), st.integers(0, 400), st.integers(0, 400))
def test_a_follow_on_that_covers_an_early_run_out_covers_a_later_one(contract: Contract, first: int, more: int) -> None:
    """More time to the run-out never takes cover away."""
    follow_on = Contract(TODAY + timedelta(days=200), 48, START, contract.credit)
    both = Credits(contracts={"c": contract, "f": follow_on})
    early = gap_is_covered(both, contract, TODAY + timedelta(days=first), UTC)

    assert not early or gap_is_covered(both, contract, TODAY + timedelta(days=first + more), UTC)


# ---- facts do not depend on the order of events

ids = st.sampled_from(["a", "b"])
money = st.integers(0, 10_000).map(Decimal)
calendar_days = st.integers(0, 60).map(lambda number: START.date() + timedelta(days=number))
months_of = st.integers(-14, 0).map(lambda number: add_months(START.date(), number))
MAKERS: tuple[st.SearchStrategy[Callable[[datetime], Event]], ...] = (
    st.builds(
        lambda one, amount, due, plan: lambda at: billing_events.InvoiceIssued(
            org_id="acme", at=at, invoice_id=one, amount=amount, due_on=due, plan=plan
        ),
        ids, money, st.none() | calendar_days, st.sampled_from(["payg", "credit"]),
    ),
    st.builds(
        lambda one, amount: lambda at: billing_events.InvoicePaid(
            org_id="acme", at=at, invoice_id=one, amount=amount
        ),
        ids, money,
    ),
    st.builds(lambda one: lambda at: billing_events.ReceiptMatched(org_id="acme", at=at, invoice_id=one), ids),
    st.builds(lambda one: lambda at: billing_events.InvoiceVoided(org_id="acme", at=at, invoice_id=one), ids),
    st.builds(
        lambda one, amount, attempt, url: lambda at: billing_events.PaymentFailed(
            org_id="acme", at=at, invoice_id=one, amount=amount, attempt=attempt, url=url
        ),
        ids, money, st.integers(1, 4), st.none() | st.sampled_from(["https://x", "https://y"]),
    ),
    st.builds(
        lambda one, until: lambda at: billing_events.PaymentGraceGiven(
            org_id="acme", at=at, invoice_id=one, until=until
        ),
        ids, calendar_days,
    ),
    st.builds(
        lambda one: lambda at: billing_events.AccessSuspended(org_id="acme", at=at, invoice_id=one), st.none() | ids
    ),
    st.just(lambda at: billing_events.AccessRestored(org_id="acme", at=at)),
    st.builds(
        lambda status, interval, items: lambda at: billing_events.SubscriptionChanged(
            org_id="acme", at=at, status=status, interval=interval, items=items
        ),
        st.sampled_from(["active", "past_due", "cancelled"]), st.sampled_from([None, "month", "year"]),
        st.just(msgspec.UNSET) | st.dictionaries(ids, st.just("paid")),
    ),
    st.builds(
        lambda by, replaced: lambda at: billing_events.SubscriptionCancelled(
            org_id="acme", at=at, by=by, replaced_by_offer=replaced
        ),
        st.sampled_from(["customer", "payment_machine", "unknown"]), st.booleans(),
    ),
    st.builds(
        lambda mrr, forecast: lambda at: billing_events.SpendReported(
            org_id="acme", at=at, mrr=mrr, forecasted_mrr=forecast
        ),
        money, st.just(msgspec.UNSET) | money,
    ),
    st.builds(
        lambda month, amount: lambda at: billing_events.RevenueReported(
            org_id="acme", at=at, month=month, amount=amount
        ),
        months_of, money,
    ),
    st.builds(
        lambda product, limit: lambda at: billing_events.BillingLimitSet(
            org_id="acme", at=at, product=product, limit=limit
        ),
        ids, st.none() | money,
    ),
    st.builds(
        lambda one, amount: lambda at: billing_events.CreditsGranted(
            org_id="acme", at=at, grant_id=one, amount=amount
        ),
        ids, money,
    ),
    st.builds(
        lambda amount, day: lambda at: billing_events.CreditBalanceReported(
            org_id="acme", at=at, balance=amount, as_of=day
        ),
        money, calendar_days,
    ),
    st.builds(
        lambda month, amount: lambda at: billing_events.CreditsConsumed(
            org_id="acme", at=at, month=month, amount=amount
        ),
        months_of, money,
    ),
    st.builds(
        lambda one, day, months: lambda at: crm_events.ContractSigned(
            org_id="acme", at=at, contract_id=one, starts_on=day, term_months=months
        ),
        ids, calendar_days, st.integers(1, 24),
    ),
    st.builds(lambda one: lambda at: crm_events.TicketSolved(org_id="acme", at=at, ticket_id=one), ids),
    st.builds(
        lambda one, priority: lambda at: crm_events.TicketOpened(
            org_id="acme", at=at, ticket_id=one, priority=priority
        ),
        ids, st.sampled_from(["normal", "urgent"]),
    ),
    st.builds(
        lambda direction, shared: lambda at: crm_events.TouchLogged(
            org_id="acme", at=at, medium="chat", direction=direction, shared_channel=shared
        ),
        st.sampled_from(["inbound", "outbound", "both"]), st.booleans(),
    ),
    st.builds(
        lambda week, score: lambda at: crm_events.HealthScored(
            org_id="acme", at=at, week=START.date() - timedelta(weeks=week), score=score
        ),
        st.integers(0, 30), st.sampled_from(["poor", "good"]),
    ),
    st.builds(
        lambda one, stage, is_open: lambda at: crm_events.OpportunityChanged(
            org_id="acme", at=at, opportunity_id=one, type="renewal", stage=stage, open=is_open
        ),
        ids, st.sampled_from(["Discovery", "Trial"]), st.booleans(),
    ),
)  # fmt: skip


@given(st.lists(st.one_of(*MAKERS), max_size=14), st.randoms(use_true_random=False), st.data())
def test_the_same_facts_in_whatever_order_the_events_come(
    makers: list[Callable[[datetime], Event]], random: Random, data: st.DataObject
) -> None:
    """Events of a week, each at a time of its own, shuffled, and some of them told twice."""
    hours = data.draw(st.lists(st.integers(0, 7 * 24 - 1), min_size=len(makers), max_size=len(makers), unique=True))
    events = [make(START + timedelta(hours=hour)) for make, hour in zip(makers, hours, strict=True)]
    shuffled = [*events, *random.sample(events, len(events) // 3)]
    random.shuffle(shuffled)

    assert _told(sorted(events, key=lambda event: event.at)) == _told(shuffled)


def _told(events: list[Event]) -> tuple[object, ...]:
    account = Account("acme", START)
    for event in events:
        account = reduce(account, event, UTC)
    return account.billing, account.credits, account.relationship
