"""How far into a limit a product is: spend limits, volumes agreed for a term, free tiers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from msgspec import UNSET, UnsetType

from signals.detectors.facts.forecast import expected_use
from signals.detectors.facts.products import product_name
from signals.detectors.facts.windows import Series, total
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.detectors.runway import ends_on
from signals.detectors.usage_outlook import Forecast, dated, gone_on, rests_on, too_little, used_since, within
from signals.domain.account.credits import Contract
from signals.domain.account.daily import ordinal
from signals.domain.account.growth import Period
from signals.learning.depletion import course

FREE_TIERS: Mapping[str, int] = {
    "product_analytics": 1_000_000,
    "feature_flags": 1_000_000,
    "session_replay": 5_000,
    "error_tracking": 100_000,
    "ai_observability": 100_000,
    "data_warehouse": 1_000_000,
    "batch_exports": 1_000_000,
}
"""Product -> units a month that cost nothing (catalogue 11.1)."""

WEEK = timedelta(days=7)


def allowed(limit: Decimal, price_cut: Decimal) -> Decimal:
    """Return the spend at list price that a limit lets through: it applies to discounted dollars (catalogue 8.4).

    >>> int(allowed(Decimal(200), Decimal("0.2")))
    250
    """
    return limit / (1 - price_cut)


NO_FORECAST = Forecast(None, None, None, "no period is running, or nothing was spent in it", known=False)


@dataclass(frozen=True)
class LimitUse:
    """One product with a spend limit. Shares are of what the limit lets through; unknown without a report.

    The days on which it is reached are by daily use, and null where that is not before the period ends.
    """

    product: str
    label: str
    limit: Decimal
    allowed: Decimal | UnsetType
    spent: Decimal | UnsetType
    share: Decimal | UnsetType
    left: Decimal | UnsetType
    """Share of the running period that lies ahead, today included."""
    share_before: Decimal | UnsetType
    """At the end of the period before the running one."""
    share_before_that: Decimal | UnsetType
    forecast: Callable[[], Forecast] = field(default=lambda: NO_FORECAST, repr=False, compare=False)
    """Made when first asked for: most limits are far away."""

    @property
    def reached_early_on(self) -> date | None | UnsetType:
        """The near end of the band."""
        return self._of("early")

    @property
    def reached_on(self) -> date | None | UnsetType:
        """The middle."""
        return self._of("likely")

    @property
    def reached_late_on(self) -> date | None | UnsetType:
        """The far end."""
        return self._of("late")

    @property
    def rests_on(self) -> str:
        """What the forecast was made from, or why there is none."""
        return self.forecast().rests_on

    def _of(self, end: str) -> date | None | UnsetType:
        found = self.forecast()
        day: date | None = getattr(found, end)
        return day if found.known else UNSET


@dataclass(frozen=True)
class AgreedVolume:
    """One product of a flat contract."""

    product: str
    label: str
    agreed: int
    used: int | UnsetType
    share: Decimal | UnsetType
    projected: Decimal | UnsetType
    """Share at the end of the term if use goes on as it did."""
    days: int | UnsetType
    """Days of the term that the report covers."""


@dataclass(frozen=True)
class FreeTier:
    """One product with a free tier that was ever used."""

    product: str
    label: str
    tier: int
    week: object
    """Units of the last seven closed days, first historical syncs left out."""
    paid: Truth


def _share(period: Period, product: str, limit: Decimal) -> Decimal | UnsetType:
    if period.price_cut >= 1:
        return UNSET
    return period.spend.get(product, Decimal(0)) / allowed(limit, period.price_cut)


def _limits(look: Look) -> tuple[LimitUse, ...]:
    state, today = look.moment.state, look.today
    periods = [one for one in state.growth.periods if one.of == "billing" and one.start <= today]
    running = next((one for one in periods if today < one.ends_on), None)
    closed = sorted((one for one in periods if one.ends_on <= today), key=lambda one: one.start, reverse=True)
    last = closed[0] if closed and (running is None or closed[0].ends_on == running.start) else None
    before = closed[1] if len(closed) > 1 and last is not None and closed[1].ends_on == last.start else None
    found = []
    for product, limit in state.billing.limits.items():
        if limit <= 0:
            continue
        lets: Decimal | UnsetType = UNSET
        left: Decimal | UnsetType = UNSET
        share: list[Decimal | UnsetType] = [
            UNSET if one is None else _share(one, product, limit) for one in (running, last, before)
        ]
        if running is not None and running.price_cut < 1:
            lets = allowed(limit, running.price_cut)
            left = Decimal((running.ends_on - today).days) / (running.ends_on - running.start).days
        spent = UNSET if running is None else running.spend.get(product, Decimal(0))
        reach = partial(_reached, look, product, running, limit)
        label = product_name(product)
        found.append(LimitUse(product, label, limit, lets, spent, share[0], left, share[1], share[2], reach))
    return tuple(found)


def _reached(look: Look, product: str, running: Period | None, limit: Decimal) -> Forecast:
    """Return when the running period's spend comes to what the limit lets through, by the product's daily use.

    A unit costs what it cost so far in the period.
    """

    def make() -> Forecast:
        if running is None or running.price_cut >= 1:
            return NO_FORECAST
        spent, left = running.spend.get(product, Decimal(0)), allowed(limit, running.price_cut)
        told = running.at.astimezone(look.zone).date()
        if spent >= left:
            return Forecast(told, told, told, "what was spent")
        expected = expected_use(look, product)
        if expected is None or expected.outlook is None:
            return Forecast(None, None, None, too_little(None if expected is None else expected.known), known=False)
        units = look.moment.state.usage.days[product].total(ordinal(running.start), ordinal(told) - 1)
        if units <= 0 or spent <= 0:
            return NO_FORECAST
        rest = float((left - spent) * units / spent)
        gone = gone_on(expected.outlook, expected.known, expected.last, rest, ordinal(told))
        if gone is None:
            return NO_FORECAST
        found = dated(expected.last, gone, rests_on(expected.outlook))
        return within(found, running.ends_on)

    found = look.moment.cached(f"reached:{product}", make)
    return found if isinstance(found, Forecast) else NO_FORECAST


def spend_course(look: Look, product: str, running: Period) -> list[tuple[date, float, float, float]]:
    """Return (day, low, middle, high) of a product's spend in the running period, by its daily use; for a picture.

    From the newest known day to the period's end. Empty while nothing can be said; a unit costs what it cost so far.
    """
    expected, spent = expected_use(look, product), running.spend.get(product, Decimal(0))
    if expected is None or expected.outlook is None:
        return []
    told = ordinal(running.at.astimezone(look.zone).date())
    units = look.moment.state.usage.days[product].total(ordinal(running.start), told - 1)
    used = used_since(expected.outlook, expected.known, expected.last, told)
    if units <= 0 or spent <= 0 or used is None:
        return []
    a_unit, days = float(spent) / units, range(expected.last + 1, ordinal(running.ends_on) + 1)
    begun = float(spent) + used * a_unit
    return [
        (date.fromordinal(day), begun + little * a_unit, begun + some * a_unit, begun + much * a_unit)
        for day, (little, some, much) in zip(days, course(expected.outlook), strict=False)
    ]


def _flat_contract(look: Look) -> Contract | None:
    running = [
        one
        for one in look.moment.state.credits.contracts.values()
        if one.volumes and one.starts_on <= look.today < ends_on(one)
    ]
    return max(running, key=lambda one: (ends_on(one), one.starts_on), default=None)


def _agreed(look: Look) -> tuple[AgreedVolume, ...]:
    contract = _flat_contract(look)
    if contract is None:
        return ()
    periods = (one for one in look.moment.state.growth.periods if one.of == "contract")
    period = next((one for one in periods if one.start == contract.starts_on), None)
    return tuple(
        _agreed_volume(look, contract, period, product, agreed)
        for product, agreed in sorted(contract.volumes.items())
        if agreed > 0
    )


def _agreed_volume(look: Look, contract: Contract, period: Period | None, product: str, agreed: int) -> AgreedVolume:
    label = product_name(product)
    if period is None:
        return AgreedVolume(product, label, agreed, UNSET, UNSET, UNSET, UNSET)
    units = period.volumes.get(product, 0)
    days = _days(contract.starts_on, period.at.astimezone(look.zone).date())
    term = _days(contract.starts_on, ends_on(contract))
    share = Decimal(units) / agreed
    return AgreedVolume(product, label, agreed, units, share, share * term / days if days > 0 else UNSET, max(days, 0))


def _days(first: date, last: date) -> int:
    return (last - first).days


def _free_tiers(look: Look) -> tuple[FreeTier, ...]:
    days = look.moment.state.usage.days
    return tuple(
        FreeTier(product, product_name(product), tier, _week(look, product), _pays(look, product))
        for product, tier in FREE_TIERS.items()
        if product in days
    )


def _week(look: Look, product: str) -> object:
    units = total(look, Series(product, look.moment.state.usage.days[product]), WEEK)
    historical = look.moment.state.usage.measures.get("historical_sync_rows")
    if product != "data_warehouse" or historical is None:
        return units  # billable rows: a source that counts first syncs among them says how many they are
    first = look.moment.today_number - WEEK.days
    rows = historical.total(first, look.moment.today_number - 1)
    return (
        units - rows if isinstance(units, int) else AtLeast(units.value - rows) if isinstance(units, AtLeast) else units
    )


def _pays(look: Look, product: str) -> Truth:
    value = look.fact(f"pays.{product}")
    return value if isinstance(value, bool) else UNKNOWN


_TEXTS = {"product": Kind.TEXT, "label": Kind.TEXT}
_REACHED = {"reached_early_on": Kind.DATE, "reached_on": Kind.DATE, "reached_late_on": Kind.DATE, "rests_on": Kind.TEXT}
_LIMIT_FIELDS = {
    **_TEXTS, "limit": Kind.MONEY, "allowed": Kind.MONEY, "spent": Kind.MONEY, "share": Kind.SHARE, "left": Kind.SHARE,
    "share_before": Kind.SHARE, "share_before_that": Kind.SHARE, **_REACHED,
}  # fmt: skip
_AGREED_FIELDS = {
    **_TEXTS, "agreed": Kind.COUNT, "used": Kind.COUNT, "share": Kind.SHARE, "projected": Kind.SHARE,
    "days": Kind.COUNT,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("billing.limits", Kind.LIST, _limits, "billing.limits", "growth.periods", daily=True, fields=_LIMIT_FIELDS,
         timed=True,  # its elements ask the look for the outlook when they are asked themselves
         elements_from=("billing.limits",),
         parts=dict.fromkeys(_REACHED, frozenset({"usage.days", "usage.reported", "profile.created_at"})),
         doc="Products with a spend limit: what of it is used, of the running period and of the two before."),
    fact("contract.volumes", Kind.LIST, _agreed, "credits.contracts", "growth.periods", daily=True,
         fields=_AGREED_FIELDS, doc="Products of a running flat contract: units agreed for the term, and used so far."),
    fact("usage.free_tiers", Kind.LIST, _free_tiers, "usage.days", "usage.reported",
         "usage.measures.historical_sync_rows",
         "profile.created_at", "billing.product_mrr", "billing.items", "traits.plan_type", daily=True,
         elements_from=("usage.days",), fields={**_TEXTS, "tier": Kind.COUNT, "week": Kind.COUNT, "paid": Kind.BOOL},
         doc="Products ever used that have a free tier: its units a month, and those of the last seven closed days."),
)  # fmt: skip
