"""Facts about first intents: activated within 30 days, used again on the days 61 to 90 (catalogue 9)."""

from datetime import date, datetime

from signals.detectors.activation import (
    ACTIVATE_WITHIN,
    CRITERIA,
    FOLLOWED,
    RETAINED_BY,
    RETAINED_FROM,
    RETAINED_TO,
    met_on,
)
from signals.detectors.facts.products import ENGAGEMENT, product_name
from signals.detectors.facts.windows import witnessed
from signals.detectors.language.names import UNKNOWN, AtLeast, Fact, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.daily import Daily, business_day
from signals.domain.account.intents import Intent


class Activation:
    """One first intent as rules see it."""

    __slots__ = (
        "activated", "activated_on", "deadline_on", "intent_at", "intent_on", "label", "met_on", "over", "product",
        "retained", "retained_within_3m", "used_late",
    )  # fmt: skip

    def __init__(self, product: str, intent: Intent, at: datetime, look: Look) -> None:
        self.product, self.label, self.intent_at = product, product_name(product), at
        first, today = business_day(at, look.zone), look.moment.today_number
        deadline = first + ACTIVATE_WITHIN
        self.intent_on, self.deadline_on = date.fromordinal(first), date.fromordinal(deadline)
        self.over = today > deadline
        met = _met(product, intent, first, today, look)
        self.met_on = None if met is None else date.fromordinal(met)
        in_time = met is not None and met <= deadline
        self.activated_on = self.met_on if in_time else None
        judged = product in CRITERIA and witnessed(look, first, min(deadline, today - 1))
        self.activated: Truth = True if in_time else False if judged else UNKNOWN
        self.used_late = _used(look, product, first + RETAINED_FROM, first + RETAINED_TO)
        self.retained = _both(self.activated, self.used_late)
        self.retained_within_3m = _both(self.activated, _used(look, product, first, first + RETAINED_TO))


def _both(activated: Truth, used: object) -> Truth:
    if activated is not True:
        return activated
    return used > 0 if isinstance(used, int | AtLeast) else UNKNOWN


def _daily(look: Look, action: str) -> Daily:
    return look.moment.state.usage.actions.get(action, Daily())


def _met(product: str, intent: Intent, first: int, today: int, look: Look) -> int | None:
    """Return the day the criteria were met, by our count or by the source's word, from the intent on."""
    said = None if intent.activated_at is None else business_day(intent.activated_at, look.zone)
    criteria = CRITERIA.get(product, ())
    counted = met_on(criteria, lambda action, *days: _daily(look, action).between(*days), first, today)
    return min((day for day in (said, counted) if day is not None and day >= first), default=None)


def _used(look: Look, product: str, first: int, last: int) -> object:
    """Return the units or actions of a span of days, as far as it has come; "at least" with a day not reported."""
    last = min(last, look.moment.today_number)
    actions = RETAINED_BY.get(product)
    series = [_daily(look, action) for action in actions or ENGAGEMENT.get(product, ())]
    if actions is None:
        series.append(look.moment.state.usage.days.get(product, Daily()))
    units = sum(daily.total(first, last) for daily in series) if first <= last else 0
    closed = min(last, look.moment.today_number - 1)
    return units if first > closed or witnessed(look, first, closed) else AtLeast(units)


def _activations(look: Look) -> tuple[Activation, ...]:
    found = []
    for product, intent in look.moment.state.intents.intents.items():
        at = intent.first_own_at
        if at is not None and look.moment.today_number - business_day(at, look.zone) <= FOLLOWED:
            found.append(Activation(product, intent, at, look))
    return tuple(found)


_ACTIONS = sorted(
    {one.action for criteria in CRITERIA.values() for one in criteria}
    | {action for table in (ENGAGEMENT, RETAINED_BY) for actions in table.values() for action in actions}
)
_FIELDS = {
    "product": Kind.TEXT, "label": Kind.TEXT, "intent_at": Kind.INSTANT, "intent_on": Kind.DATE,
    "deadline_on": Kind.DATE, "met_on": Kind.DATE, "activated_on": Kind.DATE, "over": Kind.BOOL,
    "activated": Kind.BOOL, "used_late": Kind.COUNT, "retained": Kind.BOOL, "retained_within_3m": Kind.BOOL,
}  # fmt: skip

FACTS: tuple[Fact, ...] = (
    fact("activations", Kind.LIST, _activations, "intents.intents", "usage.days", "usage.reported",
         "profile.created_at", *(f"usage.actions.{action}" for action in _ACTIONS), daily=True, fields=_FIELDS,
         elements_from=("intents.intents",),
         doc="First intents of the last 97 days, cross-sell ones left out: over after 30 days; activated by criteria "
         "or the source's word; retained by use on the days 61 to 90, retained_within_3m by any use until then."),
)  # fmt: skip
