"""Facts about what we launched and repriced, and about the customer's own news: rounds, acquisitions, listings."""

from datetime import date, timedelta
from decimal import Decimal

from signals.detectors.facts.products import ENGAGEMENT, product_name
from signals.detectors.facts.tools import READS as TOOL_READS
from signals.detectors.facts.tools import tools_found
from signals.detectors.facts.windows import Series, total, witnessed
from signals.detectors.language.names import UNKNOWN, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily, business_day, ordinal
from signals.domain.account.market import Launch, PriceChange
from signals.domain.prices import cost

MONTH = timedelta(days=30)
"""What a price change is reckoned with: the last 30 closed days, as one month."""


class LaunchView:
    """One launch as rules see it. ``used`` and ``first_used_on`` look at the days from the launch on."""

    __slots__ = (
        "first_used_on", "fits", "label", "launch", "launched_on", "product", "targeted", "told_at", "used",
    )  # fmt: skip

    def __init__(self, key: str, launch: Launch, look: Look) -> None:
        self.launch, self.product, self.launched_on = key, launch.product, launch.launched_on
        self.label = launch.launch or product_name(launch.product)
        self.targeted, self.told_at = launch.targeted, launch.told_at
        self.fits = _fits(launch, look)
        self.first_used_on = _first_used(launch, look)
        self.used: Truth = UNKNOWN if self.first_used_on is UNKNOWN else self.first_used_on is not None


def _fits(launch: Launch, look: Look) -> Truth:
    if launch.targeted or not tools_found(look).isdisjoint(launch.fits):
        return True
    used = look.fact("products.used")
    if not isinstance(used, frozenset):
        return UNKNOWN if launch.fits else False
    return not used.isdisjoint(launch.fits)


def _first_used(launch: Launch, look: Look) -> object:
    usage, first, today = look.moment.state.usage, ordinal(launch.launched_on), look.moment.today_number
    if first > today:
        return None
    if launch.shown_by is not None:
        series = [usage.actions.get(launch.shown_by)]
    else:
        series = [usage.days.get(launch.product)]
        series += [usage.actions.get(action) for action in ENGAGEMENT.get(launch.product, ())]
    days = [day for one in series if one is not None and (day := _first_day(one, first, today)) is not None]
    if days:
        return date.fromordinal(min(days))
    return None if usage.reported.runs and witnessed(look, first, today - 1) else UNKNOWN


def _first_day(daily: Daily, first: int, last: int) -> int | None:
    return next((first + place for place, units in enumerate(daily.between(first, last)) if units), None)


def _launches(look: Look) -> tuple[LaunchView, ...]:
    return tuple(LaunchView(key, one, look) for key, one in look.moment.state.market.launches.items())


class PriceView:
    """One change of price, reckoned with the account's own volume; money is a month's."""

    __slots__ = ("after", "before", "effective_on", "label", "product", "saving", "told_at", "used", "volume")

    def __init__(self, product: str, change: PriceChange, look: Look) -> None:
        self.product, self.label = product, product_name(product)
        self.effective_on, self.told_at = change.effective_on, change.at
        daily = look.moment.state.usage.days.get(product, Daily())
        units = total(look, Series(product, daily), MONTH)
        known = isinstance(units, int)
        self.used: Truth = True if daily.total(look.moment.today_number - MONTH.days, look.moment.today_number) else (
            False if known else UNKNOWN
        )  # fmt: skip
        volume = (units or change.typical_units) if isinstance(units, int) else None
        self.volume: object = UNKNOWN if volume is None else volume
        self.before: object = UNKNOWN if volume is None else cost(change.old, volume)
        self.after: object = UNKNOWN if volume is None else cost(change.new, volume)
        self.saving = self.before - self.after if isinstance(self.before, Decimal) and isinstance(
            self.after, Decimal) else UNKNOWN  # fmt: skip


def _prices(look: Look) -> tuple[PriceView, ...]:
    return tuple(PriceView(product, one, look) for product, one in look.moment.state.market.prices.items())


FUNDING_NOTES = frozenset({"fundraise", "acquisition", "ipo"})
"""Categories of notes that tell what enrichment does not see: it knows of rounds only."""


def _fundraises(look: Look) -> list[tuple[date, date]]:
    """Return (day of the announcement, day we knew of it) of what is known."""
    found = []
    known = look.moment.state.traits.values.get("last_funding_on")
    announced = look.fact("traits.last_funding_on")
    if known is not None and isinstance(announced, date):
        found.append((announced, date.fromordinal(business_day(known.since, look.zone))))
    for note in look.moment.state.relationship.notes:
        if note.category in FUNDING_NOTES:
            day = date.fromordinal(business_day(note.at, look.zone))
            found.append((note.from_on or day, day))
    return found


def _day0(look: Look) -> date | None:
    return max((day for day, _ in _fundraises(look)), default=None)


def _known_on(look: Look) -> date | None:
    day0 = _day0(look)
    return min((known for day, known in _fundraises(look) if day == day0), default=None)


LAUNCH_FIELDS = {
    "launch": Kind.TEXT, "product": Kind.TEXT, "label": Kind.TEXT, "launched_on": Kind.DATE, "told_at": Kind.INSTANT,
    "targeted": Kind.BOOL, "fits": Kind.BOOL, "used": Kind.BOOL, "first_used_on": Kind.DATE,
}  # fmt: skip
PRICE_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "effective_on": Kind.DATE, "told_at": Kind.INSTANT, "used": Kind.BOOL,
    "volume": Kind.COUNT, "before": Kind.MONEY, "after": Kind.MONEY, "saving": Kind.MONEY,
}  # fmt: skip
_USAGE = ("usage.days", "usage.reported", "profile.created_at")
_FUNDING = ("traits.last_funding_on", "relationship.notes")

FACTS: tuple[Fact, ...] = (
    fact("launches", Kind.LIST, _launches, "market.launches", *_USAGE, *TOOL_READS,
         *(f"usage.actions.{action}" for actions in ENGAGEMENT.values() for action in actions), daily=True,
         fields=LAUNCH_FIELDS, elements_from=("market.launches",),
         doc="Launches told to the account; used and first_used_on look at the days from the launch on. One that is "
         "seen by an action of its own is looked at when a day closes."),
    fact("price_changes", Kind.LIST, _prices, "market.prices", *_USAGE, daily=True, fields=PRICE_FIELDS,
         elements_from=("market.prices",),
         doc="Changes of price, reckoned with the account's units of the last 30 closed days."),
    fact("fundraise.day0", Kind.DATE, _day0, *_FUNDING,
         doc="Day a round, an acquisition or a listing was announced; null when none is known.", label="Announced"),
    fact("fundraise.known_on", Kind.DATE, _known_on, *_FUNDING, doc="Day on which we learned of it."),
)  # fmt: skip
