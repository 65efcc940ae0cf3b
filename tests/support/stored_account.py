"""One account with something in every list, stored by the versions there were: bytes that must stay readable."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from signals.domain.account.billing import Billing, Invoice
from signals.domain.account.care import Care, Word
from signals.domain.account.contact import Contact, Touch
from signals.domain.account.daily import Daily
from signals.domain.account.interest import Interest, Mark
from signals.domain.account.life import Episode, Life
from signals.domain.account.past import WEEK, Past
from signals.domain.account.people import People, Person
from signals.domain.account.profile import Profile
from signals.domain.account.relationship import Relationship, Ticket
from signals.domain.account.state import Account
from signals.domain.account.usage import Usage
from signals.domain.ids import signal_id
from signals.domain.reasons import Change, FamilyName, Severity
from signals.domain.signal import Evidence, Owner, Transition

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
MONDAY = date(2026, 7, 20).toordinal()

FROZEN = Path(__file__).parent / "stored_values"
"""A file for each version and dictionary that values were ever written with: ``encode_account(the_account())``.

Those whose names end with ``small`` are of ``the_small_account()``.
"""


def the_account() -> Account:
    """Return it. Never change it: what is frozen says this."""
    return Account(
        org_id="acme",
        clock=NOON,
        wake=NOON + timedelta(hours=12),
        profile=Profile(created_at=NOON - timedelta(days=400), name="Acme", owner="ana@example.com", owner_role="CSM"),
        usage=_usage(),
        people=People(persons={f"p{n}": _person(n) for n in range(14)}, champion="p3", champion_at=NOON),
        billing=Billing(
            mrr=Decimal("1200.50"),
            invoices={
                f"in_{n}": Invoice(Decimal("1200.50"), issued_at=NOON - n * timedelta(days=30)) for n in range(3)
            },
        ),
        relationship=Relationship(
            tickets={"t9": Ticket("high", NOON - timedelta(days=2))},
            health={MONDAY + WEEK * n: "good" if n % 3 else "fair" for n in range(15)},
            health_at={MONDAY + WEEK * n: NOON - timedelta(weeks=15 - n) for n in range(15)},
        ),
        care=Care(words=tuple(Word(NOON - timedelta(days=40 - n), n % 3 == 0) for n in range(20))),
        contact=Contact(
            touches=tuple(_touch(n) for n in range(20)),
            tickets={f"t{n}": NOON - timedelta(days=90 - 9 * n, seconds=n) for n in range(10)},
        ),
        interest=Interest(products={f"product_{n}": _marks(n) for n in range(9)}),
        life=_life(),
    )


def the_small_account() -> Account:
    """Return the account with two people: such are written in another way."""
    account = the_account()
    persons = dict(list(account.people.persons.items())[:2])
    return msgspec.structs.replace(account, people=msgspec.structs.replace(account.people, persons=persons))


def _usage() -> Usage:
    days = {name: _series(level) for name, level in (("replay", 40_000), ("flags", 700), ("surveys", 2))}
    total = Daily(
        MONDAY,
        tuple(map(sum, zip(*(one.values for one in days.values()), strict=True))),
        Past(MONDAY - 4 * WEEK, tuple(7 * 40_702 + 9 * n for n in range(4)), ((24318, 407_020), (24319, 488_424))),
    )
    actions = {"insight viewed": Daily(MONDAY + 3, (0, 2, 1, 0, 5)), "page viewed": Daily(MONDAY, (1, 0, 30_000))}
    return Usage(days={"total": total, **days}, actions=actions, members=14, latest_at=NOON)


def _series(level: int) -> Daily:
    values = tuple(level + level * (n * 7919 % 31 - 15) // 400 - (level // 2 if n % 7 > 4 else 0) for n in range(100))
    months = ((24318, 10 * level), (24319, 12 * level))
    return Daily(MONDAY, values, Past(MONDAY - 4 * WEEK, tuple(7 * level + 3 * n for n in range(4)), months))


def _person(number: int) -> Person:
    seen = NOON - timedelta(days=number, milliseconds=number)
    doings = {"insight viewed": (MONDAY + 100 - number, 2, 3, 1), "funnel viewed": (MONDAY + number, 1)}
    family = "engineering" if number % 3 else None
    return Person(family=family, seen_at=seen, doings=doings if number else {}, weeks=27_062_000 + number)


def _touch(number: int) -> Touch:
    at, direction = NOON - timedelta(days=40 - number), ("inbound", "outbound", "both")[number % 3]
    return Touch(at, direction, "chat", f"p{number % 5}" if number % 4 else None, channel=True)


def _marks(number: int) -> tuple[Mark, ...]:
    return tuple(Mark(NOON - timedelta(hours=n * number), "made", f"p{n}", n + 1) for n in range(number % 4))


def _life() -> Life:
    episodes = {
        f"{rule}|{key}": _episode(rule, key, number)
        for number, (rule, key) in enumerate((("usage_jump_10x", "replay"), ("path_any_data", ""), ("own_id", "")))
    }
    known = [episode.signal_id for episode in episodes.values()]
    return Life(
        positions={"usage:0": (1, 55_164), "crm:0": (1, 3_983)},
        episodes=episodes,
        pitches={known[1]: NOON},
        timers={"usage_jump_10x": NOON + timedelta(days=1), "path_any_data": NOON + timedelta(days=3)},
        told=(f"{known[0]}\tslack\t#sales-alerts", "59cq4dqkb42xfwzw\tslack\t#sales-alerts\tcrm\ttask", known[1]),
    )


def _episode(rule: str, key: str, number: int) -> Episode:
    since = NOON - timedelta(days=30 + number)
    signal = "an_id_of_its_own" if rule == "own_id" else signal_id("acme", rule, key, since)
    draft = Transition(
        id="", signal_id="", seq=number + 1, change=Change.OPENED, at=NOON, org_id="", account_name="Acme", rule=rule,
        rule_version="", family=FamilyName.SPIKE, severity=Severity.NOTICE, key=key, since=NOON, headline="Acme: more",
        decisive="ten times", status="open", owner=Owner(name="ana@example.com", role="CSM"), arr=Decimal("14406.00"),
        evidence=(Evidence(name="now_volume", label="", value=str(400 + number)),),
    )  # fmt: skip
    return Episode(
        signal_id=signal, since=since, state="open", seq=number + 1, opened_at=since, severity="notice",
        destinations=(("slack", "#sales-alerts"), ("crm", "task")), draft=draft, grouped="" if number else "elsewhere",
    )  # fmt: skip
