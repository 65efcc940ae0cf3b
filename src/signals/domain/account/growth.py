"""What growth looks like over time: departments seen, products on the bill, people first talked to, periods so far."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal

import msgspec
from msgspec import UNSET

from signals.domain.account.daily import business_day
from signals.domain.account.people import Person
from signals.domain.events.billing import InvoiceIssued, SpendReported
from signals.domain.events.crm import TouchLogged
from signals.domain.events.described import ActivityLogged
from signals.domain.events.periods import PeriodReported

QUIET_DAYS = 90
"""PROPOSED in the catalogue (new_department_users): a department not seen this long is new when it comes back."""

MAX_PRODUCTS = 60
MAX_MET = 60
MAX_PERIODS = 4
# Of each sort: the running one, two closed ones that a rule compares, and one to spare for a late report.


class Department(msgspec.Struct, frozen=True, array_like=True):
    """When people of one role family were seen. Ordinals of business days.

    Parameters
    ----------
    first, last
        Ever.
    came
        First day of the present stay: a stay ends when nobody was seen for ``QUIET_DAYS``.
    before
        Last day of the stay before; None when this is the first.
    """

    first: int
    last: int
    came: int
    before: int | None = None

    def seen(self, day: int) -> "Department":
        """Return it with one more day; days may come in any order."""
        if day > self.last:
            if day - self.last > QUIET_DAYS:
                return Department(self.first, day, day, self.last)
            return Department(self.first, day, self.came, self.before)
        if day >= self.came:
            return self
        first = min(self.first, day)
        if self.came - day > QUIET_DAYS:
            return Department(first, self.last, self.came, max(self.before or day, day))
        if self.before is not None and day - self.before <= QUIET_DAYS:
            return Department(first, self.last, first)  # the two stays were one: how far back is not kept
        return Department(first, self.last, day, self.before)


class Period(msgspec.Struct, frozen=True, omit_defaults=True):
    """One period as last reported."""

    of: str
    start: date
    ends_on: date
    at: datetime
    spend: dict[str, Decimal] = {}
    volumes: dict[str, int] = {}
    price_cut: Decimal = Decimal(0)


class Growth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Growth facts. Departments are the role families, at most fourteen."""

    departments: dict[str, Department] = {}
    billed: dict[str, datetime] = {}
    """Product -> first time it stood on an invoice or in the spend with more than nothing."""
    billed_since: datetime | None = None
    """The first report of spend or invoice lines: what stood on it may have been there before."""
    met: dict[str, datetime] = {}
    """Person -> first conversation with us; of more than ``MAX_MET`` the newest."""
    periods: tuple[Period, ...] = ()
    """Oldest first, the newest few of each sort."""


def person_seen(growth: Growth, person: Person | None, at: datetime, zone: tzinfo) -> Growth:
    """Note the day for the department of a person, as far as that is known."""
    family = None if person is None else person.family
    if family is None or family is UNSET:
        return growth
    day = business_day(at, zone)
    known = growth.departments.get(family)
    department = Department(day, day, day) if known is None else known.seen(day)
    if department == known:
        return growth
    departments = dict(sorted({**growth.departments, family: department}.items()))
    return msgspec.structs.replace(growth, departments=departments)


def invoice_issued(growth: Growth, event: InvoiceIssued) -> Growth:
    """Note products that stand on a bill for the first time."""
    return _billed(growth, event.lines, event.at)


def spend_reported(growth: Growth, event: SpendReported) -> Growth:
    """Note products with spend for the first time."""
    return growth if event.products is UNSET else _billed(growth, event.products, event.at)


def _billed(growth: Growth, amounts: Mapping[str, Decimal], at: datetime) -> Growth:
    charged = [product for product, amount in amounts.items() if amount > 0]
    if not charged:
        return growth
    billed = dict(growth.billed)
    for product in charged:
        if product in billed or len(billed) < MAX_PRODUCTS:
            billed[product] = min(billed.get(product, at), at)
    since = at if growth.billed_since is None else min(growth.billed_since, at)
    if billed == growth.billed and since == growth.billed_since:
        return growth
    return msgspec.structs.replace(growth, billed=dict(sorted(billed.items())), billed_since=since)


def met(growth: Growth, event: TouchLogged | ActivityLogged) -> Growth:
    """Note the first conversation with a person."""
    person = event.person_id
    known = None if person is None else growth.met.get(person)
    if person is None or (known is not None and known <= event.at):
        return growth
    met = {**growth.met, person: event.at}
    if len(met) > MAX_MET:
        del met[min(met, key=lambda one: (met[one], one))]
    return msgspec.structs.replace(growth, met=met)


def period_reported(growth: Growth, event: PeriodReported) -> Growth:
    """Put the period; the last report of it by event time counts."""
    others = [one for one in growth.periods if (one.of, one.start) != (event.of, event.period_start)]
    known = next((one for one in growth.periods if (one.of, one.start) == (event.of, event.period_start)), None)
    if known is not None and event.at < known.at:
        return growth
    period = Period(
        event.of, event.period_start, event.period_ends_on, event.at, dict(sorted(event.spend.items())),
        dict(sorted(event.volumes.items())), event.price_cut,
    )  # fmt: skip
    same = sorted([*(one for one in others if one.of == event.of), period], key=lambda one: one.start)[-MAX_PERIODS:]
    rest = [one for one in others if one.of != event.of]
    return msgspec.structs.replace(growth, periods=tuple(sorted([*same, *rest], key=lambda one: (one.of, one.start))))
