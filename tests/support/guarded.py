"""Findings that want out, told day by day: what the scenarios of the guards (catalogue 2.1 and 2.2) are made of.

A cross-sell finding (GX-C) is a marketer becoming known at a company that never opened web analytics; an expansion
finding (GX-E) is a forecast at twice the spend. Both become true at noon of the day that is asked about.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from signals.backtest.examples import ORG, arrivals_of
from signals.domain.events.billing import SpendReported
from signals.domain.events.crm import (
    AccountDescribed,
    ContractSigned,
    CustomerAsked,
    OrganizationCreated,
    OwnerAssigned,
    PersonDescribed,
)
from signals.domain.events.kinds import AnyEvent
from signals.domain.events.usage import UsageReported
from signals.domain.signal import Suppression, Transition
from signals.engine.step import step
from support.packaged import POLICY, catalogue

CROSS_SELL, EXPANSION = "web_analytics_opp_marketing", "mrr_gt1k_forecast_up_50"
BESIDE = (CROSS_SELL, EXPANSION, "churn_health_poor_4w")
LONG_AGO = date(2025, 1, 1)
NEW_YEAR = date(2026, 1, 1)
MONDAY = date(2026, 6, 15)


def at(day: date, hour: float = 12) -> datetime:
    """Return an instant of a day."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour)


@dataclass(frozen=True)
class Outcome:
    """What became of one rule's finding."""

    rule: str
    transitions: tuple[Transition, ...]
    suppressions: tuple[Suppression, ...]

    @property
    def told(self) -> list[date]:
        """Days on which it was opened."""
        return [one.at.date() for one in self.transitions if one.rule == self.rule and one.change == "opened"]

    @property
    def held_by(self) -> list[str]:
        """Guards that held it back, in order."""
        return [one.guard for one in self.suppressions if one.rule == self.rule]

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks it was delivered with."""
        return next(one.notes for one in self.transitions if one.rule == self.rule)


def happens(
    events: Iterable[AnyEvent], *, until: date, rule: str = CROSS_SELL, beside: Iterable[str] = BESIDE
) -> Outcome:
    """Play what happens by the end of a day, with a few other rules in force."""
    ends = at(until + timedelta(days=1), 0) - timedelta(microseconds=1)
    arrivals = arrivals_of(sorted((one for one in events if one.at <= ends), key=lambda one: one.at))
    among = catalogue().around({rule, *beside})
    stepped = step(None, ORG, arrivals, until=ends, catalogue=among, policy=POLICY)
    assert not stepped.dead
    return Outcome(rule, stepped.transitions, stepped.suppressions)


def customer(since: date = LONG_AGO, *, annual: bool = False, owner: str | None = "dana") -> list[AnyEvent]:
    """Return an account that exists since a day, on an annual contract from then on or paying by the month."""
    events: list[AnyEvent] = [
        OrganizationCreated(org_id=ORG, at=at(since, 6), name="Acme"),
        AccountDescribed(org_id=ORG, at=at(since, 7), employees=160),
        OwnerAssigned(org_id=ORG, at=at(since, 8), owner=owner, role="TAM"),
    ]
    if annual:
        events.append(ContractSigned(org_id=ORG, at=at(since, 9), contract_id="c1", starts_on=since, term_months=12))
    return events


def reports(first: date, last: date, units: int = 900) -> list[AnyEvent]:
    """Return one usage report for each day, each in the night after."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        UsageReported(
            org_id=ORG, at=at(day + timedelta(days=1), 2), day=day, volumes={"product_analytics": units}
        )
        for day in days
    ]  # fmt: skip


def opportunity_on(day: date, since: date = LONG_AGO) -> list[AnyEvent]:
    """Return what makes the cross-sell finding true at noon of a day, with the reports that witness it."""
    return [
        *reports(max(since, day - timedelta(days=35)), day - timedelta(days=1)),
        PersonDescribed(org_id=ORG, at=at(day), person_id="mara", family="marketing"),
    ]


def forecast_on(day: date) -> list[AnyEvent]:
    """Return what makes the expansion finding true at noon of a day."""
    return [SpendReported(org_id=ORG, at=at(day), mrr=Decimal(2000), forecasted_mrr=Decimal(4000))]


def asked_on(day: date) -> list[AnyEvent]:
    """Return the customer's own request, in the morning."""
    return [CustomerAsked(org_id=ORG, at=at(day, 9), about="web_analytics")]
