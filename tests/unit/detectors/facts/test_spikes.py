"""Facts that tell a spike from a plan, and facts about bills."""

from datetime import date, timedelta
from decimal import Decimal

from signals.detectors.facts.spikes import change_noted, change_noted_in_month
from signals.detectors.language.names import UNKNOWN
from signals.domain.events import billing, crm, usage
from signals.domain.events.base import Event
from support.moments import ORG, account_after, ago, at, look_at


def noted(category: str, first: date | None, last: date | None) -> Event:
    """Return a dated note."""
    return crm.NoteAdded(org_id=ORG, at=at(ago(40)), category=category, from_on=first, until_on=last)


def report(days_ago: int, units: int = 5, **top: int) -> Event:
    """Return the report of one day with event types."""
    return usage.UsageReported(
        org_id=ORG, at=at(ago(days_ago - 1), 2), day=ago(days_ago), volumes={"surveys": units}, top_events=top
    )


def test_a_declared_change_covers_a_window() -> None:
    """It ended two days ago: not within two days, today included, but within three."""
    look = look_at(account_after(noted("import", ago(9), ago(2))))
    assert not change_noted(look, timedelta(days=2))
    assert change_noted(look, timedelta(days=3))
    assert change_noted(look_at(account_after(noted("import", ago(0), None))), timedelta(days=1))
    assert not change_noted(look_at(account_after(noted("import", ago(-1), None))), timedelta(days=1))
    assert not change_noted(look_at(account_after(noted("lunch", ago(9), ago(0)))), timedelta(days=9))
    assert not change_noted(look_at(account_after(noted("import", None, None))), timedelta(days=9))


def test_a_declared_change_covers_a_month() -> None:
    """From its first to its last day."""
    look = look_at(account_after(noted("migration", date(2026, 5, 31), date(2026, 6, 1))))
    assert change_noted_in_month(look, date(2026, 5, 1))
    assert change_noted_in_month(look, date(2026, 6, 1))
    assert not change_noted_in_month(look, date(2026, 4, 1))
    assert not change_noted_in_month(look, date(2026, 7, 1))


def test_planned_changes_are_over_the_day_after() -> None:
    """An import and a load test with days; migrations are not announced to the pipeline team."""
    events = [noted("import", ago(3), ago(0)), noted("load_test", ago(1), None), noted("migration", ago(3), ago(0))]
    found = look_at(account_after(*events)).fact("changes.planned")
    assert isinstance(found, tuple)
    assert {one.category: one.over for one in found} == {"import": False, "load_test": True}


def test_the_mix_needs_28_days() -> None:
    """A usual day of an event type is known after 28 days of them before the newest."""
    days = [report(number, click=3) for number in range(29, 0, -1)]
    assert look_at(account_after(*days[1:])).fact("usage.event_types") is UNKNOWN
    found = look_at(account_after(*days)).fact("usage.event_types")
    assert isinstance(found, tuple)
    assert [(one.name, one.label) for one in found] == [("mix:click", "click")]


def test_products_seen_know_their_beginning() -> None:
    """One switched on without usage is there, too, and knows how many others are in use."""
    activated = billing.ProductActivated(org_id=ORG, at=at(), product="logs")
    found = look_at(account_after(report(1), activated)).fact("products.seen")
    assert isinstance(found, tuple)
    assert [(one.name, one.first_at, one.beside) for one in found] == [("logs", at(), 1), ("surveys", None, 0)]


def test_the_last_activity_is_any() -> None:
    """A note, a conversation, a ticket opened or solved."""
    note = noted("call", None, None)
    assert look_at(account_after(report(1))).fact("crm.active_at") is None
    assert look_at(account_after(note)).fact("crm.active_at") == at(ago(40))
    touch = crm.TouchLogged(org_id=ORG, at=at(ago(20)), medium="call", direction="outbound")
    solved = crm.TicketSolved(org_id=ORG, at=at(ago(3)), ticket_id="t")
    assert look_at(account_after(note, touch)).fact("crm.active_at") == at(ago(20))
    assert look_at(account_after(note, touch, solved)).fact("crm.active_at") == at(ago(3))


def bill(number: int, days_ago: int, amount: str, plan: str = "payg") -> Event:
    """Return a bill."""
    return billing.InvoiceIssued(
        org_id=ORG, at=at(ago(days_ago)), invoice_id=f"in_{number}", amount=Decimal(amount),
        plan=plan,  # type: ignore[arg-type]
    )  # fmt: skip


def test_bills_are_for_usage_and_not_void() -> None:
    """Prepaid credit and void ones are left out; the newest counts as the last."""
    void = billing.InvoiceVoided(org_id=ORG, at=at(), invoice_id="in_3")
    look = look_at(
        account_after(bill(1, 40, "10"), bill(2, 9, "900", "credit"), bill(3, 5, "30"), bill(4, 20, "20"), void)
    )
    found = look.fact("bills")
    assert isinstance(found, tuple)
    assert [one.id for one in found] == ["in_1", "in_4"]
    assert look.fact("bills.last_amount") == 20
    assert look_at(account_after(report(1))).fact("bills.last_amount") is None


def revenue(month: date, amount: int, day: date) -> Event:
    """Return a report of revenue."""
    return billing.RevenueReported(org_id=ORG, at=at(day), month=month, amount=Decimal(amount))


def test_a_month_is_closed_when_reported_after_its_end() -> None:
    """May reported in June is closed, June is running, May reported in May is not."""
    april = revenue(date(2026, 4, 1), 1, date(2026, 5, 1))
    may, early = revenue(date(2026, 5, 1), 2, date(2026, 6, 1)), revenue(date(2026, 5, 1), 2, date(2026, 5, 30))
    june = revenue(date(2026, 6, 1), 3, date(2026, 6, 14))
    look = look_at(account_after(april, may, june))
    assert (look.fact("revenue_closed.next"), look.fact("revenue_closed.spike")) == (2, 1)
    assert look.fact("revenue_closed.month") == date(2026, 4, 1)
    assert look.fact("revenue_closed.mean_before") is UNKNOWN
    look = look_at(account_after(april, early, june))
    assert (look.fact("revenue_closed.next"), look.fact("revenue_closed.spike")) == (1, UNKNOWN)


def test_the_last_credit_funded_month() -> None:
    """The newest with something in it."""
    events = [
        billing.CreditsConsumed(org_id=ORG, at=at(), month=date(2026, month, 1), amount=Decimal(amount))
        for month, amount in ((4, 7), (5, 9), (6, 0))
    ]
    assert look_at(account_after(*events)).fact("credits.last_month") == 9
