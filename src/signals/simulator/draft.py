"""An account while its story is being written: base parameters that plots change, scripted events, truth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Literal

from signals.domain.events.base import Event
from signals.domain.events.crm import Family
from signals.domain.ids import derive_id
from signals.simulator.calendar import Calendar
from signals.simulator.truth import Expect, Planted

Role = Literal["TAM", "CSM", "CSE", "AE", "TAE", "BDR", "Onboarding", "other"]


@dataclass
class Member:
    """A person at the customer."""

    person_id: str
    family: Family | None
    described: int = 0
    """Day number on which the CRM learns the family."""
    absent: list[tuple[int, int]] = field(default_factory=list)
    """Ranges of day numbers, both included, on which the person does nothing."""

    def is_there(self, day: int) -> bool:
        """Say whether the person may act on a day."""
        return not any(first <= day <= last for first, last in self.absent)


@dataclass
class Contract:
    """A running order form. Amounts are dollars; months are reported on the first of the next one."""

    contract_id: str
    months_ago: int
    """Contract start: that many months before the simulation's start, on the first of the month."""
    term_months: int
    credit: Decimal | None
    billing: Literal["upfront", "yearly", "drip"] = "upfront"
    burn: Decimal = Decimal(0)
    """Credit used in a month."""
    burns: dict[int, Decimal] = field(default_factory=dict)
    """Month index (0 = the start's month) -> credit used instead of ``burn``."""
    grants: dict[int, Decimal] = field(default_factory=dict)
    """Day number -> further credit that arrives on it."""

    def burn_of(self, month: int) -> Decimal:
        """Return the credit used in a month, 0 = the month of the simulation's start."""
        return self.burns.get(month, self.burn)


@dataclass
class Draft:
    """One account's parameters. Plots change them before the first event is made; nothing changes them afterwards."""

    calendar: Calendar
    org_id: str
    name: str
    archetype: str
    rng: Random
    parity: int
    """0 or 1: in which of two weeks the account's release Wednesday falls."""
    created: int = 0
    known_before_use: bool = False
    """The organization is created before its first usage report: its first uses are news."""
    owner: str | None = None
    role: Role = "CSM"
    employees: int = 40
    country: str = "USA"
    company_type: Literal["B2B", "B2C"] | None = "B2B"
    describes_company_type: bool = True
    segments: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    products: dict[str, int] = field(default_factory=dict)
    """Product key -> units on an average day."""
    activated: dict[str, int] = field(default_factory=dict)
    """Product key -> day number of its first usage, where it is not the account's first day."""
    growth_per_week: float = 0.0
    season: float = 0.0
    """Half the distance between the best and the worst day of the year, as a share."""
    people: list[Member] = field(default_factory=list)
    seats: int = 8
    group_types: list[tuple[int, int]] = field(default_factory=lambda: [(0, 2)])
    """(from day number, group types configured)."""
    avoided: set[str] = field(default_factory=set)
    """Actions nobody takes unless scripted."""
    mrr: Decimal = Decimal(2000)
    monthly: bool = True
    """Billed monthly to a card."""
    subscription: dict[str, str] = field(default_factory=dict)
    status: Literal["active", "trialing"] = "active"
    paying_months: int = 14
    spend: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)
    """Day number from which (MRR, forecast) are these."""
    revenue: dict[int, Decimal] = field(default_factory=dict)
    """Day number -> revenue of the current month reported on it, instead of the running one until the month's end."""
    contract: Contract | None = None
    champion: str | None = None
    channel: str | None = None
    channel_live: bool = True
    silences: list[tuple[int, int]] = field(default_factory=list)
    """Ranges of day numbers without a word in the shared channel."""
    poor_weeks: set[int] = field(default_factory=set)
    """Day numbers of Mondays whose health score is poor."""
    ended: int | None = None
    """Day number from which nobody uses anything; reports of zero go on."""
    levels: list[float] | None = None
    product_levels: dict[str, list[float]] = field(default_factory=dict)
    calm: list[tuple[int, int]] = field(default_factory=list)
    """Ranges without a release Wednesday, so that a planted slope is a slope in every week."""
    scripted: dict[int, list[tuple[datetime, Event]]] = field(default_factory=dict)
    planted: list[Planted] = field(default_factory=list)
    plots: list[str] = field(default_factory=list)

    # -- usage ---------------------------------------------------------------------------------------------------

    def _levels(self, product: str | None) -> list[float]:
        if product is None:
            if self.levels is None:
                self.levels = [1.0] * self.calendar.days
            return self.levels
        return self.product_levels.setdefault(product, [1.0] * self.calendar.days)

    def scale(self, first: int, last: int | None, factor: float, product: str | None = None) -> None:
        """Multiply usage by *factor* on the days *first* .. *last*, both included; None: to the end."""
        levels = self._levels(product)
        stop = len(levels) if last is None else min(last + 1, len(levels))
        for day in range(max(first, 0), stop):
            levels[day] *= factor

    def slope(self, first: int, last: int, per_day: float) -> None:
        """Multiply usage by *per_day* once more each day of *first* .. *last*; the level reached stays."""
        levels = self._levels(None)
        factor = 1.0
        for day in range(first, len(levels)):
            if day <= last:
                factor *= per_day
            levels[day] *= factor

    # -- events and truth ----------------------------------------------------------------------------------------

    def at(self, day: int, hours: float) -> datetime:
        """Return an instant of a day number, in UTC."""
        return self.calendar.at(day, hours)

    def script(self, day: int, event: Event) -> None:
        """Add one event to the story; *day* is where it is delivered. Days outside the simulation are left out."""
        if 0 <= day < self.calendar.days:
            self.scripted.setdefault(day, []).append((event.at, event))

    def moment_id(self, *parts: str) -> str:
        """Return a natural key, as billing services give to their events."""
        return f"evt_{derive_id(self.org_id, *parts)}"

    def plant(
        self,
        rule: str,
        day: int,
        why: str,
        *,
        within: int = 2,
        until: int | None = None,
        key: str = "",
        expect: Expect = "opened",
    ) -> None:
        """Write one line of truth: *rule* holds from *day* on and is open at most *within* days later.

        What begins after the simulation, or could still be to come at its end, is not claimed.
        """
        if day < 0 or (expect in ("opened", "held") and day + within > self.calendar.days) or day >= self.calendar.days:
            if 0 <= day < self.calendar.days:
                expect = "companion"
            else:
                return
        end = None if until is None or until >= self.calendar.days else self.calendar.midnight(until)
        self.planted.append(
            Planted(
                rule=rule,
                org_id=self.org_id,
                key=key,
                start=self.calendar.midnight(day),
                by=self.calendar.midnight(min(day + within, self.calendar.days)),
                until=end,
                expect=expect,
                plot=self.plots[-1] if self.plots else "",
                why=why,
            )
        )

    def allow(self, rules: Iterable[str], day: int, why: str) -> None:
        """Name legitimate companions of what was planted: they may open from *day* on."""
        for rule in rules:
            self.plant(rule, day, why, expect="companion")

    # -- people --------------------------------------------------------------------------------------------------

    def person(self, number: int) -> str:
        """Return the id of the *number*-th person, whether or not it is a member yet."""
        return f"p_{derive_id(self.org_id, 'person', str(number))[:10]}"

    def people_of(self, families: Iterable[Family | None]) -> None:
        """Replace the members by one per family; all known from the first day."""
        self.people = [Member(self.person(number), family) for number, family in enumerate(families)]

    def described_late(self, member: Member, day: int) -> Member:
        """Let the CRM learn a member's family on *day* only."""
        member.described = day
        return member

    def group_types_on(self, day: int) -> int:
        """Return the group types configured on a day number."""
        return next((count for first, count in reversed(self.group_types) if first <= day), 0)
