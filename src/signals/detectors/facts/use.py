"""Which products an account uses and pays for, and which teams are active: words that half of the catalogue needs."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from msgspec import UNSET

from signals.detectors.facts.products import ENGAGEMENT, PRODUCTS, product_name
from signals.detectors.facts.windows import witnessed
from signals.detectors.language.moving import midnight
from signals.detectors.language.names import UNKNOWN, AtLeast, Close, Fact, Function, Kind, Truth
from signals.detectors.moment import Look, fact
from signals.domain.account.people import DOING_DAYS, Person
from signals.domain.account.reduce import COVERED, DOINGS, RESUMED, RETURNED, USED

LAG_DAYS = 2
# A day's report comes in the night after; one that is missing for longer is a source that stands still.

TEAMS: dict[str, frozenset[str]] = {
    "engineering": frozenset({"engineering"}),
    "product": frozenset({"product", "design"}),
    "growth": frozenset({"growth", "marketing"}),
    "data": frozenset({"data"}),
    "support": frozenset({"customer_success", "customer_service"}),
}
"""Team -> role families (catalogue 11.10); founders and leaders are in none."""


def _uses(product: str) -> Callable[[Look], object]:
    return lambda look: look.moment.cached(f"uses:{product}", lambda: used(look, product))


def used(look: Look, product: str) -> Truth:
    """Return whether the product had billable or engagement usage in the last 30 days, today included.

    True as soon as anything was seen; False only where the usage source reported every day up to the newest, which may
    be two days old: the report of yesterday comes some time today.
    """
    today = look.moment.today_number
    first = today - look.moment.terms.used_within.days + 1
    usage = look.moment.state.usage
    daily = usage.days.get(product)
    if daily is not None and daily.total(first, today) > 0:
        return True
    for action in ENGAGEMENT.get(product, ()):
        series = usage.actions.get(action)
        if series is not None and series.total(first, today) > 0:
            return True
    newest = usage.reported.newest()
    if newest is None or newest < today - LAG_DAYS:
        return UNKNOWN
    return False if witnessed(look, first, min(newest, today - 1)) else UNKNOWN


def _pays(product: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        billing = look.moment.state.billing
        plan = look.moment.state.traits.values.get("plan_type")
        upfront = plan is not None and plan.value in ("upfront_first_tier", "flat_unmetered")
        if billing.items is not UNSET and product in billing.items and upfront:
            return True
        if billing.product_mrr is UNSET:
            return UNKNOWN
        return billing.product_mrr.get(product, 0) > 0

    return get


def _mrr(product: str) -> Callable[[Look], object]:
    def get(look: Look) -> object:
        known = look.moment.state.billing.product_mrr
        return UNKNOWN if known is UNSET else known.get(product, Decimal(0))

    return get


def _products_used(look: Look) -> object:
    if not look.moment.state.usage.reported.runs:
        return UNKNOWN
    return frozenset(product for product in PRODUCTS if look.fact(f"uses.{product}") is True)


def active_persons(look: Look) -> tuple[Person, ...]:
    """Return the people seen in the last 30 days."""

    def make() -> object:
        first = look.moment.today_number - look.moment.terms.active_within.days + 1
        begin = midnight(date.fromordinal(first), look)
        persons = look.moment.state.people.persons.values()
        return tuple(one for one in persons if one.seen_at is not None and one.seen_at >= begin)

    found = look.moment.cached("active people", make)
    return found if isinstance(found, tuple) else ()


def roles_known(look: Look) -> Truth:
    """Return whether at least half of the active people have a role we know; unknown where nobody was ever seen."""
    return cast("Truth", look.moment.cached("roles known", lambda: _roles_known(look)))


def _roles_known(look: Look) -> Truth:
    active = active_persons(look)
    if not active:
        return True if any(one.seen_at is not None for one in look.moment.state.people.persons.values()) else UNKNOWN
    known = sum([isinstance(one.family, str) for one in active])
    return 2 * known >= len(active)


def _team(team: str) -> Callable[[Look], object]:
    families = TEAMS[team]

    def get(look: Look) -> object:
        if roles_known(look) is not True:
            return UNKNOWN
        seen = sum([one.family in families for one in active_persons(look)])
        return AtLeast(seen) if look.moment.state.people.dropped else seen

    return get


def _teams_active(look: Look) -> object:
    if roles_known(look) is not True:
        return UNKNOWN
    families = {one.family for one in active_persons(look)}
    return frozenset(team for team, members in TEAMS.items() if families & members)


def did(look: Look, person: object, action: str, window: timedelta) -> object:
    """Return how often a person did a dated action in the last *window* days, today included; at most 31 days."""
    one = getattr(person, "person", None)
    days = window.days
    if not isinstance(one, Person) or days > DOING_DAYS:
        return UNKNOWN
    return one.times(action, look.moment.today_number - days + 1)


def last_did(look: Look, person: object, action: str) -> object:
    """Return the business day a person last did a dated action; null when never."""
    del look
    one = getattr(person, "person", None)
    if not isinstance(one, Person):
        return UNKNOWN
    day = one.last(action)
    return None if day is None else date.fromordinal(day)


_USAGE = (COVERED, "profile.created_at")
USED_READS = (*(f"{USED}.{product}" for product in PRODUCTS), *_USAGE)
"""What ``uses.*`` of any product depends on, engagement apart."""
ENGAGED_READS = tuple(f"{RESUMED}.{action}" for actions in ENGAGEMENT.values() for action in actions)
"""The engagement it depends on."""
PEOPLE_READS = ("people.persons", RETURNED, "people.dropped")

FACTS: tuple[Fact, ...] = (
    *(fact(f"uses.{product}", Kind.BOOL, _uses(product), f"{USED}.{product}", *_USAGE,
           *(f"{RESUMED}.{action}" for action in ENGAGEMENT.get(product, ())), daily=True, sinks=True,
           doc=f"{product_name(product)} was used in the last 30 days, today included.")
      for product in PRODUCTS),
    *(fact(f"pays.{product}", Kind.BOOL, _pays(product), "billing.product_mrr", "billing.items", "traits.plan_type",
           doc=f"The account pays for {product_name(product)}, or has it on an up-front plan.")
      for product in PRODUCTS),
    *(fact(f"mrr.{product}", Kind.MONEY, _mrr(product), "billing.product_mrr", unit="USD/month",
           doc=f"MRR of {product_name(product)}; zero when spend was reported without it.",
           label=f"MRR of {product_name(product)}")
      for product in PRODUCTS),
    fact("products.used", Kind.SET, _products_used, *USED_READS, *ENGAGED_READS, daily=True,
         doc="Products used in the last 30 days.", label="Products in use"),
    *(fact(f"team.{team}", Kind.COUNT, _team(team), *PEOPLE_READS, unit="people", daily=True, bounded=True,
           doc=f"Active people in {team}; not known while most active people have no known role.",
           label=f"Active in {team}")
      for team in TEAMS),
    fact("team.active", Kind.SET, _teams_active, *PEOPLE_READS, daily=True,
         doc="Teams with an active person: engineering, product, growth, data, support.", label="Active teams"),
)  # fmt: skip

FUNCTIONS: tuple[Function, ...] = (
    Function(name="did", takes=(Kind.RECORD, Kind.TEXT, Kind.DURATION), gives=Kind.COUNT, call=did,
             doc=did.__doc__ or "", daily=True, closes=Close.DAY, state=frozenset({DOINGS})),
    Function(name="last_did", takes=(Kind.RECORD, Kind.TEXT), gives=Kind.DATE, call=last_did,
             doc=last_did.__doc__ or "", state=frozenset({DOINGS})),
)  # fmt: skip
