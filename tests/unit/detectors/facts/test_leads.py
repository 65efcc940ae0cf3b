"""Facts about leads and deals: score, territory, open tasks, motions, bills, working days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signals.detectors.facts.leads import day_of, into_cycle, joined, lacking, workdays_since
from signals.detectors.language.names import UNKNOWN
from signals.domain.events import billing, crm
from signals.domain.events.base import Event
from signals.domain.events.described import TraitsReported
from signals.domain.events.leads import LeadSubmitted, TaskChanged
from support.moments import ORG, account_after, ago, at, look_at


def _task(status: str = "open", **fields: object) -> TaskChanged:
    return TaskChanged(org_id=ORG, at=at(), task_id="t", status=status, **{"task": "lead", **fields})  # type: ignore[arg-type]


def _deal(**fields: object) -> crm.OpportunityChanged:
    wanted = {"opportunity_id": "o", "type": "cross_sell", "stage": "Trial", "open": True, **fields}
    return crm.OpportunityChanged(org_id=ORG, at=at(), **wanted)  # type: ignore[arg-type]


def _fact(name: str, *events: Event) -> object:
    return look_at(account_after(*events)).fact(name)


def _only(name: str, *events: Event) -> Any:
    """Return the one element of a list."""
    found = _fact(name, *events)
    assert isinstance(found, tuple)
    assert len(found) == 1
    return found[0]


def test_the_lead_score_takes_the_named_role_else_the_best_known() -> None:
    """Employees, country and people are facts; revenue and roles are traits."""
    known = (
        crm.AccountDescribed(org_id=ORG, at=at(), employees=1001, country="USA"),
        crm.PersonDescribed(org_id=ORG, at=at(), person_id="a", family="marketing"),
        crm.PersonDescribed(org_id=ORG, at=at(), person_id="b", family="engineering"),
    )
    named = TraitsReported(
        org_id=ORG, at=at(), traits={"revenue": "100000000", "lead_role": "other", "lead_sub_role": "ceo"}
    )
    assert _fact("lead.score") == 0
    assert _fact("lead.score", *known) == 40
    assert _fact("lead.score", *known, named) == 60


def test_the_territory_is_never_unknown() -> None:
    """A country nobody told is Territory 3."""
    there = crm.AccountDescribed(org_id=ORG, at=at(), country="USA")
    assert (_fact("lead.territory"), _fact("lead.territory", there)) == ("Territory 3", "Territory 1")
    state = TraitsReported(org_id=ORG, at=at(), traits={"us_state": "Oregon"})
    assert _fact("lead.territory", there, state) == "US West"


@pytest.mark.parametrize(
    ("events", "is_open"),
    [([], False), ([_task()], True), ([_task("nurturing")], True), ([_task("done")], False),
     ([_task(task="handover")], False)],
)  # fmt: skip
def test_a_lead_is_open_while_its_task_is_not_finished(events: list[Event], is_open: bool) -> None:
    """Of lead tasks alone."""
    assert _fact("lead.open", *events) is is_open


def test_a_motion_joins_recommendation_opportunity_and_the_line() -> None:
    """One for each product; what the opportunity expects counts before what the task does."""
    told = _task("in_progress", task="recommendation", product="surveys", expected_mrr=Decimal(100))
    only = _only("motions", told)
    assert (only.product, only.started, only.has_opp, only.expected_mrr, only.mrr) == (
        "surveys", True, False, Decimal(100), UNKNOWN,
    )  # fmt: skip
    spend = billing.SpendReported(org_id=ORG, at=at(), mrr=Decimal(5), products={"surveys": Decimal(5)})
    both = _only("motions", told, _deal(product="surveys", expected_mrr=Decimal(80)), spend)
    assert (both.open, both.expected_mrr, both.mrr, both.label) == (True, Decimal(80), Decimal(5), "Surveys")
    other = _only("motions", _deal(product="logs"), spend)
    assert (other.started, other.mrr) == (True, Decimal(0))


def test_bills_are_the_newest_invoices_that_stand() -> None:
    """In order of their issue; void ones do not count, fewer leave the rest unknown."""
    issued = [
        billing.InvoiceIssued(
            org_id=ORG, at=at(ago(30 * number)), invoice_id=f"i{number}", amount=Decimal(100 + number)
        )
        for number in range(3)
    ]
    void = billing.InvoiceVoided(org_id=ORG, at=at(), invoice_id="i0")
    assert [_fact(f"bills.{name}", *issued) for name in ("last", "before", "before_that")] == [100, 101, 102]
    assert [_fact(f"bills.{name}", *issued, void) for name in ("last", "before_that")] == [101, UNKNOWN]


def test_the_leading_contact_of_an_opportunity_replied() -> None:
    """Unknown while nobody is named, null when they never did."""
    reply = crm.TouchLogged(org_id=ORG, at=at(), medium="email", direction="inbound", person_id="p")
    for events, replied in (
        ([_deal()], UNKNOWN),
        ([_deal(contact_person_id="p")], None),
        ([_deal(contact_person_id="p"), reply], at()),
    ):
        one = _only("opportunities", *events)
        assert one.contact_replied_at == replied


@pytest.mark.parametrize(
    ("since", "days"),
    [
        (date(2026, 6, 15), 0),
        (date(2026, 6, 14), 0),
        (date(2026, 6, 12), 0),
        (date(2026, 6, 11), 1),
        (date(2026, 6, 8), 4),
    ],
)
def test_working_days_are_counted_whole(since: date, days: int) -> None:
    """Today is Monday the 15th: a day counts when it is over, weekends never do."""
    assert workdays_since(look_at(account_after()), at(since)) == days


def test_small_words() -> None:
    """Keys of two parts, what a set lacks, the day of an instant, the day of the week."""
    look = look_at(account_after())
    assert joined(look, "a", "b") == "a|b"
    assert lacking(look, frozenset({"economic_buyer", "champion"}), frozenset()) == "champion, economic buyer"
    assert lacking(look, frozenset({"a"}), frozenset({"a", "b"})) is None
    assert [into_cycle(look, Decimal(number), 6) for number in (5, 6, 13)] == [None, Decimal(0), Decimal(1)]
    assert into_cycle(look, Decimal(5), 0) is UNKNOWN
    assert day_of(look, at() + timedelta(hours=13)) == date(2026, 6, 16)
    assert look.fact("today.weekday") == "Monday"


def test_leads_and_tasks_are_seen_as_they_are() -> None:
    """Idle since it was last worked on; the reader's words of a source."""
    task = _only("tasks", _task(touched=True, facts=["pain"]))
    assert (task.type, task.finished, task.idle_since, task.facts) == ("lead", False, at(), frozenset({"pain"}))
    lead = _only("leads", LeadSubmitted(org_id=ORG, at=at(), source="demo_form"))
    assert (lead.label, lead.source, lead.topics) == ("form to book a demo", "demo_form", frozenset())
