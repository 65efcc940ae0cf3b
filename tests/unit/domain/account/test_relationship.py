"""Relationship facts: tickets, opportunities, touches, health, with reports that come late."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from signals.domain.account.reduce import reduce
from signals.domain.account.relationship import ASK_LASTS, KEEP_WEEKS, Relationship
from signals.domain.account.state import Account
from signals.domain.events import crm as events
from signals.domain.events.base import Event

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(kind: type[Event], day: float, **fields: Any) -> Event:
    """Return one event *day* days after the start, a Monday."""
    return kind(org_id="acme", at=START + timedelta(days=day), **fields)


def told(*happened: Event) -> Relationship:
    """Return the relationship facts after these events, in the order given."""
    account = Account("acme", START)
    for one in happened:
        account = reduce(account, one, UTC)
    return account.relationship


def both_orders(one: Event, two: Event) -> Relationship:
    """Return the facts after two events, the same in either order."""
    facts = told(one, two)
    assert told(two, one) == facts
    return facts


def test_a_ticket_is_open_until_it_is_solved() -> None:
    """The solve may come first."""
    ticket = both_orders(
        event(events.TicketOpened, 0, ticket_id="t", priority="high"), event(events.TicketSolved, 1, ticket_id="t")
    ).tickets["t"]

    assert (ticket.priority, ticket.solved_at) == ("high", START + timedelta(days=1))


def test_a_ticket_opened_again_is_open() -> None:
    """After a solve, in either order; another solve closes it."""
    solved, again = event(events.TicketSolved, 1, ticket_id="t"), event(events.TicketOpened, 2, ticket_id="t")

    assert both_orders(solved, again).tickets["t"].solved_at is None
    assert told(again, event(events.TicketSolved, 3, ticket_id="t"), solved).tickets[
        "t"
    ].solved_at == START + timedelta(days=3)


def test_a_ticket_solved_a_month_ago_is_forgotten() -> None:
    """The guards look back a week."""
    opened = event(events.TicketOpened, 0, ticket_id="old")
    solved = event(events.TicketSolved, 1, ticket_id="old")

    assert set(told(opened, solved, event(events.TicketOpened, 32, ticket_id="new")).tickets) == {"new"}


def test_the_newest_state_of_an_opportunity_counts() -> None:
    """By event time."""
    one = event(events.OpportunityChanged, 0, opportunity_id="o", type="renewal", stage="Discovery", open=True)
    two = event(events.OpportunityChanged, 5, opportunity_id="o", type="renewal", stage="Closed Won", open=False)

    assert both_orders(one, two).opportunities["o"].stage == "Closed Won"


def test_only_the_customers_own_words_are_two_way() -> None:
    """An outbound message is not an answer; a meeting is both."""
    out = event(events.TouchLogged, 3, medium="email", direction="outbound")
    word = event(events.TouchLogged, 1, medium="email", direction="inbound")
    meeting = event(events.TouchLogged, 5, medium="meeting", direction="both")

    assert both_orders(out, word).two_way_at == START + timedelta(days=1)
    assert both_orders(out, meeting).two_way_at == START + timedelta(days=5)
    assert told(out).two_way_at is None


def test_only_chat_in_the_shared_channel_ends_its_silence() -> None:
    """An email or a private chat does not."""
    chat = event(events.TouchLogged, 1, medium="chat", direction="outbound", shared_channel=True)
    mail = event(events.TouchLogged, 2, medium="email", direction="both", shared_channel=True)
    private = event(events.TouchLogged, 3, medium="chat", direction="both")

    assert told(chat, mail, private).channel_message_at == START + timedelta(days=1)


def test_the_last_score_of_a_week_counts_and_old_weeks_go() -> None:
    """Half a year is kept, in whatever order it comes."""
    week = date(2026, 3, 2)
    one = event(events.HealthScored, 0, week=week, score="poor")
    two = event(events.HealthScored, 1, week=week, score="good")
    old = event(events.HealthScored, 0, week=week - timedelta(weeks=KEEP_WEEKS), score="poor")

    assert list(both_orders(one, two).health.values()) == ["good"]
    assert len(both_orders(one, old).health) == 1


def test_a_request_lapses_after_a_month_unless_it_says_when() -> None:
    """The later end counts."""
    one = event(events.CustomerAsked, 0, about="surveys")
    two = event(events.CustomerAsked, 1, about="surveys", until=START + timedelta(days=90))

    assert told(one).asks == {"surveys": START + ASK_LASTS}
    assert both_orders(one, two).asks == {"surveys": START + timedelta(days=90)}
