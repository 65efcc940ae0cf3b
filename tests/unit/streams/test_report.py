"""The role report: its table, and when it tells."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from signals.domain.account.daily import month_number
from signals.domain.account.leads import Assignment
from signals.domain.account.profile import Profile
from signals.domain.account.reduce import reduce
from signals.domain.account.state import Account
from signals.domain.events.billing import CreditsGranted, TrialSet
from signals.domain.events.described import TraitsReported
from signals.domain.summary import Summary, summary_of
from signals.engine.portfolio.figures import ReportTerms
from signals.engine.portfolio.turns import Seat, TurnTerms
from signals.streams.report import Summaries, encode_summary, gauges

BERLIN = ZoneInfo("Europe/Berlin")


def _summary(org_id: str, day: date) -> bytes:
    return encode_summary(Summary(org_id=org_id, day=day, owner="dana", arr=Decimal(1200)))


def test_each_day_is_told_once() -> None:
    """The newest day of any account; told again only when a day has passed, at its midnight in the business zone."""
    table = Summaries()
    assert table.due(BERLIN, ReportTerms()) is None
    table.take(b"a", _summary("a", date(2026, 7, 1)))
    table.take(b"b", _summary("b", date(2026, 7, 2)))

    due = table.due(BERLIN, ReportTerms())

    assert due is not None
    found, events = due
    assert found["book:dana"]["book_customers"] == 2
    assert {one.at for one in events} == {datetime(2026, 7, 1, 22, tzinfo=UTC)}
    assert table.due(BERLIN, ReportTerms()) is None
    table.take(b"a", _summary("a", date(2026, 7, 3)))
    assert table.due(BERLIN, ReportTerms()) is not None


def test_an_erased_account_counts_no_more_and_junk_is_counted() -> None:
    """A tombstone takes it out; what cannot be read changes nothing."""
    table = Summaries()
    table.take(b"a", _summary("a", date(2026, 7, 1)))
    table.take(b"b", b"{")
    table.take(b"a", None)

    assert (table.accounts, table.unreadable, table.day) == ({}, 1, None)


def test_once_a_week_everyone_is_told_where_the_largest_begin() -> None:
    """Also when the role was away on Monday; a start tells it again, and accounts that heard of the week drop that."""
    table = Summaries()

    def told(day: date) -> list[str | None]:
        for number in range(40):
            table.take(f"o{number}".encode(), encode_summary(Summary(f"o{number}", day, arr=Decimal(1000))))
        due = table.due(BERLIN, ReportTerms())
        assert due is not None
        return [one.id for one in due[1] if one.org_id == "*"]

    assert told(date(2026, 7, 3)) == ["figures 2026-W27"]
    assert told(date(2026, 7, 4)) == []
    assert told(date(2026, 7, 7)) == ["figures 2026-W28"]
    table.told = None
    assert told(date(2026, 7, 8)) == ["figures 2026-W28"]


def test_only_a_day_that_closes_is_waited_for() -> None:
    """Not a new account, nor a lead that moves within the day: or figures would never be told where much happens."""
    table = Summaries()
    assert not table.take(b"a", _summary("a", date(2026, 7, 1)))
    assert not table.take(b"a", _summary("a", date(2026, 7, 1)))
    assert table.take(b"a", _summary("a", date(2026, 7, 2)))
    assert not table.take(b"b", _summary("b", date(2026, 7, 2)))
    assert not table.take(b"a", b"{")
    assert not table.take(b"a", None)


def test_only_numbers_become_metrics() -> None:
    """Texts, lists and what is not known are left out."""
    assert gauges(
        {"all-accounts": {"ndr": "0.9", "signups": 3, "risers": ["x"], "gdr": None, "cross_sell_best": "logs"}}
    ) == {
        "ndr": 0.9,
        "signups": 3.0,
    }


def test_a_summary_says_what_the_account_is() -> None:
    """Of an account nothing is known of it is empty; days are of the business zone."""
    clock = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    account = Account("a", clock=clock, profile=Profile(name="Acme", created_at=clock))

    summary = summary_of(account, BERLIN)

    assert (summary.day, summary.name, summary.created_on) == (date(2026, 7, 2), "Acme", date(2026, 7, 2))
    assert (summary.arr, summary.paid, summary.owner) == (None, (), None)


def test_a_summary_says_what_retention_leaves_out() -> None:
    """One-time credit by month, the months of a trial of ours, and who is only trying us."""
    clock = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    account = Account("a", clock=clock)
    for event in (
        CreditsGranted(org_id="a", at=clock, grant_id="g", amount=Decimal(500), reason="one_time",
                       given_for="Bug Credit", effective_on=date(2026, 5, 9)),
        TrialSet(org_id="a", at=datetime(2026, 5, 20, tzinfo=UTC), until=date(2026, 6, 17)),
        TraitsReported(org_id="a", at=clock, traits={"revenue_trial": True}),
    ):  # fmt: skip
        account = reduce(account, event, BERLIN)

    summary = summary_of(account, BERLIN)

    may = month_number(date(2026, 5, 1))
    assert (summary.corrected, summary.on_trial, summary.tries_us) == ({may: Decimal(500)}, (may, may + 1), True)
    empty = summary_of(Account("b", clock=clock), BERLIN)
    assert (empty.corrected, empty.on_trial, empty.tries_us) == ({}, (), False)


NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TEAM = "tae_round_robin"
TURNS = TurnTerms({TEAM: "TAE"}, (Seat("ann", "TAE"), Seat("bob", "TAE")))


def _lead(org_id: str, **fields: object) -> bytes:
    return encode_summary(Summary(org_id, NOON.date(), **fields))  # type: ignore[arg-type]  # fields by name


def test_a_lead_is_given_once_and_counts_until_its_account_answers() -> None:
    """The next one goes to the other member, though no account has said yet who got what."""
    table = Summaries()
    table.take(b"a", _lead("a", waiting={TEAM: NOON}))

    (first,) = table.turns(BERLIN, TURNS).events
    assert table.turns(BERLIN, TURNS).events == ()
    table.take(b"b", _lead("b", waiting={TEAM: NOON}))
    (second,) = table.turns(BERLIN, TURNS).events

    assert (first.org_id, first.to, second.org_id, second.to) == ("a", "ann", "b", "bob")


def test_what_an_account_says_of_its_leads_replaces_what_was_thought() -> None:
    """Another teller was first: its word counts."""
    table = Summaries()
    table.take(b"a", _lead("a", waiting={TEAM: NOON}))
    table.turns(BERLIN, TURNS)
    table.take(b"a", _lead("a", assigned={TEAM: Assignment("bob", "TAE", NOON)}))
    table.take(b"b", _lead("b", waiting={TEAM: NOON}))

    (event,) = table.turns(BERLIN, TURNS).events
    assert (event.org_id, event.to) == ("b", "ann")


def test_a_lead_of_an_account_that_was_erased_is_nobodys() -> None:
    """Nor is one whose signal was resolved meanwhile."""
    table = Summaries()
    table.take(b"a", _lead("a", waiting={TEAM: NOON}))
    table.take(b"b", _lead("b", waiting={TEAM: NOON}))
    table.take(b"a", None)
    table.take(b"b", _lead("b"))

    assert table.turns(BERLIN, TURNS).events == ()


def test_without_members_nobody_is_asked() -> None:
    """However many wait."""
    table = Summaries()
    table.take(b"a", _lead("a", waiting={TEAM: NOON}))

    assert table.turns(BERLIN, TurnTerms({TEAM: "TAE"})).events == ()
