"""Who is in touch: named people, the unnamed that leave the answer open, and who is gone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from signals.detectors.facts.vocabulary import VOCABULARY
from signals.detectors.language.names import Partial
from signals.detectors.moment import Look, Moment
from signals.detectors.terms import Terms
from signals.domain.account.contact import MAX_TICKETS, Contact, Touch
from signals.domain.account.leads import Leads, Task
from signals.domain.account.people import People, Person
from signals.domain.account.reduce import reduce
from signals.domain.account.relationship import Opportunity, Relationship
from signals.domain.account.state import Account
from signals.domain.events.crm import TicketOpened

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def look(*touches: Touch, people: People | None = None, dropped_at: datetime | None = None) -> Look:
    """Return a look at an account with these touches."""
    account = Account("acme", NOW, people=people or People(), contact=Contact(touches, dropped_at))
    return Look(Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={}))


def test_the_last_talk_of_each_person() -> None:
    """Both ways and inbound are talks, outbound is not; the family is the person's."""
    seen = look(
        Touch(NOW - 9 * DAY, "both", "call", "amy"),
        Touch(NOW - 8 * DAY, "outbound", "email", "amy"),
        Touch(NOW - 7 * DAY, "outbound", "email", "bob"),
        people=People({"amy": Person(family="data")}),
    ).fact("contact.people")
    assert isinstance(seen, tuple)
    amy, bob = seen
    assert (amy.id, amy.family, amy.two_way_at, amy.outbound_at) == ("amy", "data", NOW - 9 * DAY, NOW - 8 * DAY)
    assert (bob.family, bob.two_way_at) == (None, None)


def test_the_first_talk_known() -> None:
    """The oldest kept, or the newest let go; null while nobody talked."""
    assert look().fact("touches.since") is None
    talks = (Touch(NOW - 9 * DAY, "outbound", "email", "amy"), Touch(NOW - 8 * DAY, "both", "call", "amy"))
    assert look(*talks).fact("touches.since") == NOW - 9 * DAY
    assert look(*talks, dropped_at=NOW - 70 * DAY).fact("touches.since") == NOW - 70 * DAY


def test_who_left_is_gone() -> None:
    """The lost champion and whoever left."""
    people = People({"bob": Person(left_at=NOW)}, lost_champion="amy")
    touches = [Touch(NOW - DAY, "both", "call", name) for name in ("amy", "bob", "cid")]
    seen = look(*touches, people=people).fact("contact.people")
    assert isinstance(seen, tuple)
    assert [one.gone for one in seen] == [True, True, False]


def test_a_talk_with_nobody_named_leaves_it_open() -> None:
    """It could be anyone, while it is recent; so could touches that are no longer kept."""
    recent, old = Touch(NOW - DAY, "inbound", "chat"), Touch(NOW - 61 * DAY, "inbound", "chat")
    assert isinstance(look(recent).fact("contact.people"), Partial)
    assert look(old).fact("contact.people") == ()
    assert isinstance(look(dropped_at=NOW - DAY).fact("touches"), Partial)
    assert look(dropped_at=NOW - 61 * DAY).fact("touches") == ()


def test_tickets_by_when_they_were_first_opened() -> None:
    """One opened again keeps its first time; with too many of them the answer is open."""
    account = Account("acme", NOW)
    for ticket, ago in (("t1", 3), ("t2", 2), ("t1", 1)):
        account = reduce(account, TicketOpened(org_id="acme", at=NOW - ago * DAY, ticket_id=ticket), UTC)
    assert account.contact.tickets == {"t1": NOW - 3 * DAY, "t2": NOW - 2 * DAY}
    for number in range(MAX_TICKETS):
        account = reduce(account, TicketOpened(org_id="acme", at=NOW, ticket_id=f"n{number}"), UTC)
    assert len(account.contact.tickets) == MAX_TICKETS
    assert account.contact.tickets_dropped_at == NOW - 2 * DAY
    moment = Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})
    assert isinstance(Look(moment).fact("tickets.opened"), Partial)


def test_talks_of_open_deals_and_leads() -> None:
    """An answer from before the deal is none; the contact's own answer counts where one is named."""
    opened = NOW - 20 * DAY
    deals = {
        "o1": Opportunity("new", "Discovery", open=True, at=opened, opened_at=opened),
        "o2": Opportunity("new", "Discovery", open=True, at=opened, opened_at=opened, contact_person_id="amy"),
        "o3": Opportunity("new", "Discovery", open=True, at=opened, opened_at=opened, facts=("budget",)),
        "o4": Opportunity("new", "Closed Lost", open=False, at=opened),
    }
    relationship = Relationship(
        opportunities=deals, inbound_at=NOW - 9 * DAY, outbound_at=NOW - DAY, replies={"amy": NOW - 30 * DAY}
    )
    leads = Leads(tasks={"t1": Task("lead", "open", opened, opened), "t2": Task("lead", "done", opened, opened)})
    account = Account("acme", NOW, relationship=relationship, leads=leads)
    moment = Moment(account, NOW, zone=ZoneInfo("UTC"), terms=Terms(), names=VOCABULARY, truths={}, levels={})
    talks = Look(moment).fact("deals.talks")
    assert isinstance(talks, tuple)
    assert [(one.id, one.replied_at, one.followed_up, one.interested) for one in talks] == [
        ("o1", NOW - 9 * DAY, True, True),
        ("o2", None, False, True),
        ("o3", NOW - 9 * DAY, True, False),
        ("t1", NOW - 9 * DAY, True, True),
    ]
