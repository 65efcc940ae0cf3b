"""Facts about the startup programme: credit granted and used, roll-off, and the offer at its end (catalogue 3.5)."""

from datetime import date, timedelta
from decimal import Decimal

from msgspec import UNSET

from signals.detectors.calendar_months import months_between
from signals.detectors.facts.contracts import emptied_on
from signals.detectors.language.names import UNKNOWN, Fact, Kind
from signals.detectors.moment import Look, fact
from signals.detectors.offers import startup_free_credit, startup_offer_until
from signals.detectors.runway import burn_of
from signals.domain.account.credits import Grant

YEAR = 12


def _grants(look: Look) -> tuple[Grant, ...]:
    return tuple(one for one in look.moment.state.credits.grants.values() if one.reason == "startup")


def _trait(look: Look, name: str) -> object:
    return look.fact(f"traits.{name}")


def _expires_on(look: Look) -> object:
    """Return the roll-off: the latest expiry of startup credit, else start + the shortest valid_days of the prices."""
    days = [one.expires_on for one in _grants(look) if one.expires_on is not None]
    if days:
        return max(days)
    start, length = _trait(look, "startup_price_from"), _trait(look, "startup_price_days")
    if isinstance(start, date) and isinstance(length, int):
        return start + timedelta(days=length)
    return None


def _on_plan(look: Look) -> object:
    """Say whether the programme runs: as billing says, else as long as startup credit has not expired."""
    told, end = _trait(look, "startup_plan"), _expires_on(look)
    over = isinstance(end, date) and end <= look.today
    if told is UNKNOWN:
        return isinstance(end, date) and not over
    return told is True and not over


def _granted(look: Look) -> object:
    grants = _grants(look)
    return sum((one.amount for one in grants), Decimal(0)) if grants else None


def _used_share(look: Look) -> object:
    granted, balance = _granted(look), look.moment.state.credits.balance
    if not isinstance(granted, Decimal) or granted <= 0:
        return None
    return UNKNOWN if balance is UNSET else 1 - min(balance, granted) / granted


def _months_left(look: Look) -> object:
    end = _expires_on(look)
    return months_between(look.today, end) if isinstance(end, date) else None


def _burnt_share(look: Look) -> object:
    """Return the share of the credit left that will be used by its expiry at today's burn."""
    credits = look.moment.state.credits
    burn, months = burn_of(credits, look.today), _months_left(look)
    if months is None:
        return None
    if burn is None or credits.balance is UNSET or credits.balance <= 0 or not isinstance(months, Decimal):
        return UNKNOWN
    return burn * months / credits.balance


def _started_on(look: Look) -> object:
    days = [one.effective_on or one.at.astimezone(look.zone).date() for one in _grants(look)]
    return min(days, default=None)


def _late_by(look: Look) -> object:
    """Return how long after its first credit a startup began to send events; null when it did before, or never."""
    started, uses = _started_on(look), look.moment.state.intents.first_use.values()
    days = [use.at.astimezone(look.zone).date() for use in uses]
    if not isinstance(started, date) or not days:
        return None
    return min(days) - started if min(days) > started else None


def _offer_until(look: Look) -> object:
    end = _expires_on(look)
    if not isinstance(end, date):
        return None
    day = _trait(look, "billing_day")
    found = startup_offer_until(end, emptied_on(look), day if isinstance(day, int) and 1 <= day <= 31 else None)
    return UNKNOWN if found is None else found


def _offer_open(look: Look) -> object:
    """Say whether the offer of free credit holds today; it is made once."""
    end = _expires_on(look)
    if not isinstance(end, date) or _trait(look, "startup_offer_used") is True:
        return False
    if look.today <= end:
        return True
    until = _offer_until(look)
    return look.today <= until if isinstance(until, date) else UNKNOWN


def _free_credit(look: Look) -> object:
    burn = burn_of(look.moment.state.credits, look.today)
    return UNKNOWN if burn is None else startup_free_credit(burn * YEAR)


_TRAITS = tuple(
    f"traits.{name}"
    for name in ("startup_plan", "startup_price_from", "startup_price_days", "startup_offer_used", "billing_day")
)
READS = ("credits.grants", "credits.balance", "credits.empties", "credits.consumed", *_TRAITS)

FACTS: tuple[Fact, ...] = (
    fact("startup.on_plan", Kind.BOOL, _on_plan, *READS, daily=True,
         doc="The startup programme runs: billing says so, or startup credit has not expired."),
    fact("startup.granted", Kind.MONEY, _granted, "credits.grants", unit="USD",
         doc="Startup credit granted; null without any.", label="Startup credit"),
    fact("startup.used_share", Kind.SHARE, _used_share, "credits.grants", "credits.balance", unit="share",
         doc="Share of the startup credit that is used.", label="Startup credit used"),
    fact("startup.expires_on", Kind.DATE, _expires_on, *READS,
         doc="Day the programme ends: expiry of its credit, else of its prices; null when neither is known.",
         label="Roll-off"),
    fact("startup.months_left", Kind.NUMBER, _months_left, *READS, unit="months", daily=True,
         doc="Elapsed months from today to the roll-off.", label="Months to roll-off"),
    fact("startup.burnt_share", Kind.SHARE, _burnt_share, *READS, unit="share", daily=True,
         doc="Share of the credit left that will be used by the roll-off at today's burn.", label="Used by roll-off"),
    fact("startup.started_on", Kind.DATE, _started_on, "credits.grants", doc="First day of startup credit.",
         label="Startup credit since"),
    fact("startup.late_by", Kind.DURATION, _late_by, "credits.grants", "intents.first_use",
         doc="From the first day of startup credit to the first event ever; null when events came before, or never.",
         label="Began after"),
    fact("startup.offer_until", Kind.DATE, _offer_until, *READS, daily=True,
         doc="Last day of the offer of free credit (catalogue 3.5).", label="Offer ends"),
    fact("startup.offer_open", Kind.BOOL, _offer_open, *READS, daily=True,
         doc="The offer of free credit holds today and was not used."),
    fact("startup.free_credit", Kind.MONEY, _free_credit, "credits.consumed", unit="USD", daily=True,
         doc="Free credit beside twelve months bought at today's burn: a sixth of it.", label="Free credit"),
)  # fmt: skip
