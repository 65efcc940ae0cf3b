"""Tasks of the CRM, leads and the deals' own times: what is kept, in whatever order it comes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from signals.domain.account.leads import MAX_LEADS, MAX_TASKS, Leads
from signals.domain.account.reduce import reduce
from signals.domain.account.relationship import MAX_REPLIES, Opportunity
from signals.domain.account.state import Account
from signals.domain.account.track import MAX_STATES, Track, tracked
from signals.domain.events.base import Event
from signals.domain.events.crm import OpportunityChanged, TouchLogged
from signals.domain.events.leads import LeadSubmitted, TaskChanged
from signals.domain.lead_sources import domain_kind

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(*happened: Event) -> Account:
    """Return the account after these events, in the order given."""
    account = Account("acme", START)
    for one in happened:
        account = reduce(account, one, UTC)
    return account


def task(day: float, task_id: str = "t", **fields: Any) -> TaskChanged:
    """Return a state of a lead task."""
    return TaskChanged(org_id="acme", at=START + day * DAY, task_id=task_id, task="lead", **fields)


def lead(day: float, **fields: Any) -> LeadSubmitted:
    """Return a lead."""
    return LeadSubmitted(org_id="acme", at=START + day * DAY, **fields)


def deal(day: float, **fields: Any) -> OpportunityChanged:
    """Return a state of one opportunity."""
    wanted = {"type": "new", "stage": "Problem Agreement", "open": True, **fields}
    return OpportunityChanged(org_id="acme", at=START + day * DAY, opportunity_id="o", **wanted)


def opportunity(*happened: OpportunityChanged) -> Opportunity:
    """Return the opportunity after these events, the same in the opposite order."""
    forth, back = (told(*order).relationship.opportunities["o"] for order in (happened, happened[::-1]))
    assert forth == back
    return forth


def test_a_task_keeps_its_own_times() -> None:
    """Opened, last touched, with whom since when, how often passed on, finished."""
    story = (
        task(0, assigned_to="a"), task(1, assigned_to="a", touched=True), task(3, assigned_to="b"),
        task(4, assigned_to="b", status="disqualified", reason="Spam", comment=" x "),
    )  # fmt: skip
    one = told(*story).leads.tasks["t"]

    assert (one.opened_at, one.touched_at, one.assigned_at) == (START, START + DAY, START + 3 * DAY)
    assert (one.reassigned, one.closed_at, one.reason, one.commented) == (1, START + 4 * DAY, "Spam", True)
    assert told(*story, task(5, assigned_to="b")).leads.tasks["t"].closed_at is None


def test_an_older_state_of_a_task_only_adds_times() -> None:
    """Its status is not the newest; that it was opened and touched is true all the same."""
    one = told(task(5, status="nurturing"), task(1, touched=True)).leads.tasks["t"]

    assert (one.status, one.opened_at, one.touched_at) == ("nurturing", START + DAY, START + DAY)
    assert (one.follow_up, one.follow_up_on, one.facts) == (UNSET, UNSET, UNSET)


def test_states_in_between_find_their_place() -> None:
    """A, B, A told as A, A, B: since the second A; and the same for whom a task is with."""
    a, b, c = deal(0, stage="A"), deal(1, stage="B"), deal(2, stage="A")
    for order in ((a, b, c), (c, a, b), (a, c, b)):
        assert told(*order).relationship.opportunities["o"].stage_at == START + 2 * DAY
    given = task(0, assigned_to="a"), task(2, assigned_to="a"), task(1, assigned_to="b")
    assert told(*given).leads.tasks["t"].reassigned == 2


def test_old_states_are_folded_away() -> None:
    """Two weeks back nothing can come in between any more; since when and how often stay known."""
    track = Track()
    for day, value in ((0, "a"), (1, "b"), (2, "b"), (30, "b"), (31, "c"), (60, "c")):
        track = tracked(track, START + day * DAY, value)
    assert (track.value, track.since, track.changes, len(track.recent)) == ("c", START + 31 * DAY, 2, 1)
    assert tracked(track, START + 3 * DAY, "z") == track
    busy = Track()
    for hour in range(100):
        busy = tracked(busy, START + hour * DAY / 24, str(hour // 50))
    assert (len(busy.recent), busy.since, busy.changes) == (MAX_STATES, START + 50 * DAY / 24, 1)


def test_tasks_are_bounded_and_finished_ones_go_first() -> None:
    """Whatever is open stays."""
    finished = [task(0, "finished", status="done")]
    tasks = told(*finished, *(task(-1, f"t{number}") for number in range(MAX_TASKS))).leads.tasks

    assert len(tasks) == MAX_TASKS
    assert "finished" not in tasks


def test_a_lead_told_again_keeps_its_first_time() -> None:
    """One entry by source, person and item, in either order; a source of no table is ignored."""
    first, again = lead(0, source="demo_form", person_id="p"), lead(2, source="demo_form", person_id="p", topics=["x"])
    for order in ((first, again), (again, first)):
        one = told(*order, lead(3, source="hearsay")).leads.submitted
        assert list(one) == ["demo_form|p|"]
        assert (one["demo_form|p|"].first_at, one["demo_form|p|"].at) == (START, START + 2 * DAY)
    assert told(again).heard.topics["x"]
    many = told(*(lead(number, source="event_attendance", item=str(number)) for number in range(MAX_LEADS + 5)))
    assert len(many.leads.submitted) == MAX_LEADS
    assert told(lead(3, source="hearsay")).leads == Leads()


def test_an_opportunity_keeps_since_when_it_is_as_it_is() -> None:
    """First heard of, in its stage, with its order form; closed ones since when."""
    one = opportunity(
        deal(0), deal(2, order_form="sent"), deal(4, order_form="sent", products=["b", "a", "a"], contract_link="x"),
    )  # fmt: skip
    assert (one.opened_at, one.stage_at, one.order_form_at) == (START, START, START + 2 * DAY)
    assert (one.products, one.contract_linked, one.closed_at, one.facts) == (("a", "b"), True, None, UNSET)

    won = opportunity(deal(0), deal(5, stage="Closed Won", open=False), deal(6, stage="Closed Won", open=False))
    assert (won.stage_at, won.closed_at, won.at) == (START + 5 * DAY, START + 5 * DAY, START + 6 * DAY)


def test_what_an_opportunity_does_not_say_is_not_known() -> None:
    """Left out is not known, null is empty."""
    one = opportunity(deal(0, close_on=date(2026, 5, 1), next_step_on=None, discount=Decimal("0.2")))
    assert (one.close_on, one.next_step_on, one.discount) == (date(2026, 5, 1), None, Decimal("0.2"))
    assert (one.forecast, one.trial_ends_on, one.contract_linked) == (UNSET, UNSET, UNSET)


def test_replies_are_kept_by_person() -> None:
    """Of the customer's own words only, the newest fifty people."""
    said = [
        TouchLogged(org_id="acme", at=START + day * DAY, medium="email", direction="inbound", person_id=f"p{day}")
        for day in range(MAX_REPLIES + 1)
    ]
    ours = TouchLogged(org_id="acme", at=START, medium="email", direction="outbound", person_id="x")
    replies = told(ours, *said).relationship.replies
    assert (len(replies), "p0" in replies, "x" in replies) == (MAX_REPLIES, False, False)


@pytest.mark.parametrize(
    ("email", "kind"), [("a@gmail.com", "webmail"), ("A@GMX.De.", "webmail"), ("a@acme.dev", "business")]
)
def test_webmail_says_nothing_of_a_company(email: str, kind: str) -> None:
    """Whatever the case; a trailing dot is the same domain."""
    assert domain_kind(email) == kind
