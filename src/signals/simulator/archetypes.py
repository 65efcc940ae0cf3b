"""Eleven kinds of customers, as they are when nothing happens to them.

Every number here is chosen well inside the thresholds of the catalogue (growth far below 20 % a month, at least five
people at work, no poor health, credit that outlasts its contract ...), so that what opens on an account was planted.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from signals.domain.events.billing import InvoiceIssued, InvoicePaid
from signals.domain.events.crm import ContractSigned, Family
from signals.domain.ids import derive_id
from signals.simulator.calendar import Calendar, months_later
from signals.simulator.draft import Contract, Draft
from signals.streams.topics import partition_for

FIRST_WORDS = (
    "Alder", "Basalt", "Cobalt", "Dune", "Ember", "Fjord", "Gable", "Harbor", "Iris", "Juniper", "Kestrel", "Linden",
    "Marble", "Nimbus", "Opal", "Pilot", "Quarry", "Ridge", "Sable", "Tundra", "Umber", "Vireo", "Willow", "Yarrow",
    "Zephyr",
)  # fmt: skip
SECOND_WORDS = (
    "Works", "Labs", "Health", "Freight", "Bank", "Studio", "Grid", "Foods", "Mobility", "Games", "Cloud", "Travel",
    "Robotics", "Press", "Energy", "Retail",
)  # fmt: skip
OWNERS = (
    "ana.silva@example.com", "bo.larsen@example.com", "chen.wei@example.com", "dee.okafor@example.com",
    "eli.novak@example.com",
)  # fmt: skip
COUNTRIES = ("USA", "Germany", "UK", "France", "Canada", "Netherlands")

USUAL_FAMILIES: tuple[Family, ...] = (
    "engineering", "product", "engineering", "data", "product", "engineering", "leadership",
)  # fmt: skip
SMALL_FAMILIES: tuple[Family, ...] = ("engineering", "founder", "product", "engineering", "data")


PARTITIONS = 8
"""Account topics of a default installation (``streams/topics.py``)."""


def draft_account(calendar: Calendar, seed: int, number: int, archetype: str | None = None) -> Draft:
    """Return account *number* of a simulation, quiet, of the given archetype or of the one its number falls on."""
    rng = Random(int.from_bytes(derive_id("account", str(seed), str(number)).encode(), "big"))  # noqa: S311 - a story
    name = f"{FIRST_WORDS[number % 25]} {SECOND_WORDS[(number // 25 + number) % 16]}"
    if number >= 400:
        name = f"{name} {number // 400 + 1}"
    chosen = archetype or CYCLE[number % len(CYCLE)]
    draft = Draft(
        calendar=calendar,
        org_id=_org_id(seed, number),
        name=name,
        archetype=chosen,
        rng=rng,
        parity=number % 2,
    )
    ARCHETYPES[chosen](draft)
    return draft


def _org_id(seed: int, number: int) -> str:
    """Return an id whose partition follows from the number, so that a small company fills all partitions alike.

    The embedded broker keeps a few MB per partition; 58 accounts by chance put twice the mean on one of eight.
    """
    attempt = 0
    while True:
        org_id = f"org_{derive_id('org', str(seed), str(number), str(attempt))[:12]}"
        if partition_for(org_id, PARTITIONS) == number % PARTITIONS:
            return org_id
        attempt += 1


def _dollars(rng: Random, low: int, high: int) -> Decimal:
    return Decimal(rng.randrange(low * 100, high * 100)).scaleb(-2)


def _managed(draft: Draft) -> None:
    rng = draft.rng
    draft.owner = OWNERS[rng.randrange(len(OWNERS))]
    draft.role = ("TAM", "CSM", "CSE")[rng.randrange(3)]
    draft.employees = rng.randrange(120, 900)
    draft.country = COUNTRIES[rng.randrange(len(COUNTRIES))]
    draft.segments = [f"{draft.role if draft.role != 'CSE' else 'CSM'} Managed"]
    draft.people_of(USUAL_FAMILIES)
    draft.champion = draft.person(1)
    draft.seats = rng.randrange(12, 60)
    draft.mrr = _dollars(rng, 2200, 6000)
    units = rng.randrange(20_000, 60_000)
    draft.products = {
        "product_analytics": units,
        "feature_flags": units // 2,
        "session_replay": rng.randrange(300, 900),
    }
    if rng.random() < 0.5:
        draft.products["error_tracking"] = rng.randrange(400, 1500)
    draft.subscription = dict.fromkeys(draft.products, "paid")
    if rng.random() < 0.6:
        draft.channel = f"posthog-{draft.name.lower().replace(' ', '-')}"


def _small(draft: Draft) -> None:
    rng = draft.rng
    draft.owner = None
    draft.employees = rng.randrange(8, 45)
    draft.country = COUNTRIES[rng.randrange(len(COUNTRIES))]
    draft.people_of(SMALL_FAMILIES)
    draft.seats = len(draft.people)
    draft.mrr = _dollars(rng, 80, 400)
    # Below the floors of the volume rules (100,000 events a month, 10,000 units a day): a first month is short, and
    # what follows it would look like growth.
    draft.products = {
        "product_analytics": rng.randrange(900, 1800),
        "feature_flags": rng.randrange(400, 900),
        "session_replay": rng.randrange(20, 60),
    }
    draft.subscription = {"product_analytics": "paid", "session_replay": "free"}


def _prepaid(draft: Draft, contract: Contract) -> None:
    _managed(draft)
    draft.monthly = False
    draft.segments = [*draft.segments, "Annual Plan"]
    draft.contract = contract


def _upfront(draft: Draft) -> None:
    credit = Decimal(draft.rng.randrange(24, 60) * 1000)
    ago = draft.rng.randrange(2, 5)
    contract_id = f"of_{draft.org_id[4:]}"
    _prepaid(draft, Contract(contract_id, ago, 12, credit, "upfront", burn=(credit / 15).quantize(Decimal("0.01"))))
    draft.mrr = (credit / 12).quantize(Decimal("0.01"))


def _yearly(draft: Draft) -> None:
    credit = Decimal(draft.rng.randrange(24, 60) * 1000)
    burn = (credit / 15).quantize(Decimal("0.01"))
    ago = 14 + draft.rng.randrange(3)
    contract = Contract(f"of_{draft.org_id[4:]}", ago, 36, credit * 3, "yearly", burn=burn)
    # The third year's tranche is paid and applied a week before the year begins.
    contract.grants[draft.calendar.number(months_later(draft.calendar.start, 24 - ago)) - 7] = credit
    _prepaid(draft, contract)
    draft.mrr = (credit / 12).quantize(Decimal("0.01"))


def _renewing(draft: Draft) -> None:
    """A year's contract that ends three months into the story; its renewal is signed and paid well before."""
    credit = Decimal(draft.rng.randrange(24, 60) * 1000)
    contract_id = f"of_{draft.org_id[4:]}"
    contract = Contract(contract_id, 9, 12, credit, "upfront", burn=(credit / 15).quantize(Decimal("0.01")))
    _prepaid(draft, contract)
    draft.mrr = (credit / 12).quantize(Decimal("0.01"))
    ends_on = months_later(draft.calendar.start, 3)
    signed = draft.calendar.number(ends_on) - 40
    contract.grants[signed + 12] = credit
    org, invoice = draft.org_id, f"in_{draft.org_id[4:]}_renewal"
    draft.script(
        signed,
        ContractSigned(
            org_id=org, at=draft.at(signed, 13), contract_id=f"{contract_id}_2", starts_on=ends_on, term_months=12,
            credit=credit, renewal=True,
        ),
    )  # fmt: skip
    draft.script(
        signed,
        InvoiceIssued(
            org_id=org, at=draft.at(signed, 14), id=draft.moment_id("issued", invoice), invoice_id=invoice,
            amount=credit, plan="credit", due_on=draft.calendar.date_of(signed + 30),
        ),
    )  # fmt: skip
    draft.script(
        signed + 12,
        InvoicePaid(
            org_id=org, at=draft.at(signed + 12, 9), id=draft.moment_id("paid", invoice), invoice_id=invoice,
            amount=credit,
        ),
    )  # fmt: skip


def _startup(draft: Draft) -> None:
    _small(draft)
    draft.segments = ["Startup Plan"]
    draft.subscription = {"product_analytics": "startup", "session_replay": "startup"}
    draft.mrr = Decimal(0)


def _trial(draft: Draft) -> None:
    _small(draft)
    draft.created = min(draft.rng.randrange(10, 60), max(draft.calendar.days - 30, 0))
    draft.status = "trialing"
    draft.known_before_use = True
    draft.mrr = Decimal(0)
    draft.monthly = False
    draft.paying_months = 0


def _new(draft: Draft) -> None:
    _small(draft)
    draft.created = min(draft.rng.randrange(5, 80), max(draft.calendar.days - 20, 0))
    draft.known_before_use = True
    draft.growth_per_week = 0.01
    draft.paying_months = 0


def _growing(draft: Draft) -> None:
    _managed(draft)
    # 3 % a month: with 31 days after 28 it stays below 18 % month over month.
    draft.growth_per_week = 0.007


def _seasonal(draft: Draft) -> None:
    _managed(draft)
    draft.season = 0.08
    draft.tags = ["seasonal"]


def _shrinking(draft: Draft) -> None:
    _managed(draft)
    # With a release in the oldest of four weeks and none in the newest it stays below 10 % (ew_volume_downtrend).
    draft.growth_per_week = -0.004


ARCHETYPES: dict[str, Callable[[Draft], None]] = {
    "steady": _managed,
    "payg": _small,
    "growing": _growing,
    "upfront": _upfront,
    "seasonal": _seasonal,
    "new": _new,
    "yearly": _yearly,
    "renewing": _renewing,
    "startup": _startup,
    "shrinking": _shrinking,
    "trial": _trial,
}

CYCLE = tuple(ARCHETYPES)
"""Quiet accounts take these in turn."""
